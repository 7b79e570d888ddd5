package io.framejet.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.FramejetException;
import io.framejet.testing.ChildJvm;
import io.framejet.testing.Command;
import io.framejet.testing.VethLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fault 11, as an ordinary user in a JVM of its own. */
class PermissionTest {
  private static final String NOBODY = "65534";

  @TempDir private Path folder;
  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.answering();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  /**
   * A sweep as an ordinary user who has these capabilities, by the names of setpriv(1), and no
   * others.
   */
  private Command.Result sweep(String capabilities) throws IOException {
    Path temp = Files.createDirectory(folder.resolve("temp"));
    List<Path> entries = new ArrayList<>(Library.entries());
    entries.add(Library.home(SweepProgram.class));
    List<Path> copies = Library.copyTo(folder, entries);
    Library.openToAll(temp, "rwxrwxrwx");
    Command.Result result =
        ChildJvm.running(
                Library.classPath(copies),
                SweepProgram.class.getName(),
                List.of("-Djava.io.tmpdir=" + temp),
                VethLab.NEAR,
                "10.77.1.0/28",
                "max")
            .by(
                "setpriv",
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "--inh-caps=-all" + capabilities,
                "--ambient-caps=-all" + capabilities,
                "--bounding-set=-all" + capabilities,
                "--")
            .in(lab.nearNamespace())
            .run();
    assertThat(Library.list(temp)).isEmpty();
    return result;
  }

  @Test
  void shouldNameTheMissingCapabilityAndHowToGrantIt() throws IOException {
    Command.Result result = sweep("");
    assertThat(result.exitCode()).as(result.toString()).isEqualTo(3);
    assertThat(result.output())
        .contains("code=PERMISSION_DENIED")
        .contains("errno=1 ")
        .contains("CAP_NET_RAW")
        .containsAnyOf("setcap", "setpriv");
  }

  @Test
  void shouldSweepWithNothingButCapNetRaw() throws IOException {
    Command.Result result = sweep(",+net_raw");
    assertThat(result.exitCode()).as(result.toString()).isZero();
    assertThat(result.output()).isEqualTo("up=16 backend=ring\n");
  }
}
