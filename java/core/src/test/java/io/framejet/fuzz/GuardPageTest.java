package io.framejet.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.testing.ChildJvm;
import io.framejet.testing.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No parser of received frames reads beyond the frame, into memory that may not be there. */
class GuardPageTest {
  @TempDir Path folder;
  private Path library;

  @BeforeEach
  void findLibrary() {
    library =
        Path.of(System.getProperty("fj.root", "."), "target", "native", "libframejet_guard.so");
    if (!Files.exists(library)) {
      assertThat(System.getenv("CI")).as("CI without " + library).isNotEqualTo("true");
      Assumptions.abort("not built: " + library);
    }
  }

  private Command.Result run(String what) {
    List<String> options =
        List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + folder.resolve("hs_err.log"));
    return ChildJvm.running(GuardPageProgram.class, options, library.toString(), what).run();
  }

  @Test
  void shouldNotReadBeyondAFrame() throws Exception {
    Path seeds =
        Path.of(Objects.requireNonNull(getClass().getResource("FrameFuzzTestInputs")).toURI());
    Command.Result result = run(Objects.requireNonNull(seeds.getParent()).toString());
    assertThat(result.exitCode()).as(result.toString()).isZero();
    assertThat(result.output()).contains("decoded ");
  }

  @Test
  void shouldNoticeAReadBeyondAFrame() {
    Command.Result result = run("overread");
    assertThat(result.exitCode()).as(result.toString()).isNotZero();
    assertThat(result.output()).doesNotContain("read 0");
  }
}
