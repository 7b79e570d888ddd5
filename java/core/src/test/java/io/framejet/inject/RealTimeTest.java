package io.framejet.inject;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.FramejetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RealTimeTest {
  private static final int FIFO = 1;

  /** Policy and timer slack of this thread: proc(5). */
  private static List<Long> state() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    // The name, in parentheses, may hold spaces; the policy is the 41st field, the first behind it
    // the third.
    String policy = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[41 - 3];
    String thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString();
    String slack = Files.readString(Path.of("/proc", thread, "timerslack_ns")).strip();
    return List.of(Long.parseLong(policy), Long.parseLong(slack));
  }

  @Test
  void shouldLastAsLongAsItIsOpen() throws IOException {
    List<Long> before = state();
    boolean granted;
    try (RealTime realTime = RealTime.begin()) {
      granted = realTime.isGranted();
      assertThat(state().get(0)).isEqualTo(granted ? FIFO : before.get(0));
      assertThat(state().get(1)).isLessThanOrEqualTo(1);
    }
    assertThat(state()).isEqualTo(before);
    try (RealTime realTime = RealTime.begin()) {
      realTime.suspend();
      realTime.suspend();
      assertThat(state()).isEqualTo(before);
      realTime.resume();
      realTime.resume();
      assertThat(state().get(0)).isEqualTo(granted ? FIFO : before.get(0));
      realTime.suspend();
    }
    assertThat(state()).isEqualTo(before);
    if (granted) {
      // It is not inherited by what is opened within: the outer one goes on.
      try (RealTime outer = RealTime.begin()) {
        try (RealTime inner = RealTime.begin()) {
          assertThat(inner.isGranted()).isTrue();
        }
        assertThat(outer.isGranted()).isTrue();
        assertThat(state().get(0)).isEqualTo(FIFO);
      }
      assertThat(state()).isEqualTo(before);
    }
  }

  @Test
  void shouldBeGivenBackOnce() throws FramejetException, IOException {
    List<Long> before = state();
    RealTime first = RealTime.begin();
    first.close();
    try (RealTime second = RealTime.begin()) {
      first.close();
      assertThat(state().get(0)).isEqualTo(second.isGranted() ? FIFO : before.get(0));
    }
    assertThat(state()).isEqualTo(before);
  }
}
