package io.framejet.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.framejet.FramejetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where threads run, as the kernel tells it (proc(5)). */
@Timeout(30)
class CoresTest {
  private static final int PROCESSOR = 39;

  private final ExecutorService one = Executors.newSingleThreadExecutor();
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @AfterEach
  void end() {
    one.shutdownNow();
    other.shutdownNow();
  }

  @Test
  void shouldWakeUpAThreadElsewhere() throws Exception {
    assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
    final int thread = one.submit(Cores::self).get();
    for (int i = 0; i < 50; i++) {
      final int elsewhere = other.submit(() -> wakeUp(thread)).get();
      assertThat(elsewhere).isNotEqualTo(other.submit(CoresTest::processor).get());
    }
    assertThat(one.submit(() -> allowed("thread-self")).get()).isEqualTo(allowed("self"));
  }

  /** By a thread that stays where it is: where the other was. */
  private int wakeUp(int thread) throws Exception {
    Cores.pin(0);
    try (Cores.KeptOff kept = Cores.keepOff(thread)) {
      assertThat(kept).isNotNull();
      return one.submit(CoresTest::processor).get();
    }
  }

  private static int processor() throws IOException {
    final String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    // The second field may contain blanks.
    return Integer.parseInt(
        stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[PROCESSOR - 3]);
  }

  private static String allowed(String whose) throws IOException {
    return Files.readAllLines(Path.of("/proc", whose, "status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed:"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldDoNothingForAThreadThatIsGone() throws FramejetException {
    final Cores.KeptOff kept = Cores.keepOff(Integer.MAX_VALUE);
    kept.close();
    kept.close();
  }

  @Test
  void shouldRefuseWhatIsNoThread() {
    assertThatThrownBy(() -> Cores.keepOff(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldRefuseANegativeIndex() {
    assertThatThrownBy(() -> Cores.pin(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldPinToACpuOfThoseAllowed() throws Exception {
    final int cpu = one.submit(() -> Cores.pin(1)).get();
    assertThat(one.submit(CoresTest::processor).get()).isEqualTo(cpu);
    assertThat(one.submit(() -> Cores.pin(0)).get()).isEqualTo(cpu);
  }
}
