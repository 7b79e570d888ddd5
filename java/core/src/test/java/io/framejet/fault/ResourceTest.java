package io.framejet.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.FramejetException;
import io.framejet.testing.ChildJvm;
import io.framejet.testing.Command;
import io.framejet.testing.VethLab;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults 13 and 19: no memory for a ring, no descriptors. */
class ResourceTest {
  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.takingXdpFrames();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private Command.Result run(String what) throws FramejetException {
    return ChildJvm.running(
            ResourceProgram.class, List.of("-Xint", "-Xms64m", "-Xmx64m"), what, VethLab.NEAR)
        .in(lab.nearNamespace())
        .run();
  }

  @Test
  void shouldMakeDoWithASmallerRingAndThenSaySo() throws FramejetException {
    Command.Result result = run("memory");
    assertThat(result.exitCode()).as(result.toString()).isZero();
    List<String> lines = result.output().lines().toList();
    assertThat(lines.get(0)).isEqualTo("plenty: 16");
    // 1,024 slots of 128 KiB were wanted, 40 MiB were to be had: 256, less what was used meanwhile.
    assertThat(lines.get(1)).isIn("less: 256", "less: 128", "less: 64");
    assertThat(lines.get(2)).isEqualTo("less: opened 0");
    assertThat(lines.get(3)).isEqualTo("none: OUT_OF_MEMORY");
    assertThat(lines.get(4)).isEqualTo("none: OUT_OF_MEMORY");
    assertThat(lines.get(5)).isEqualTo("again: 16");
    assertThat(lines.get(6)).isEqualTo("done");
  }

  @Test
  void shouldLeakNothingWhenDescriptorsRunOut() throws FramejetException {
    Command.Result result = run("descriptors");
    assertThat(result.exitCode()).as(result.toString()).isZero();
    assertThat(result.output()).contains("rehearsed").endsWith("done\n").doesNotContain("wrong");
  }
}
