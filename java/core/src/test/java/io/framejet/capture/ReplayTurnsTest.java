package io.framejet.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.testing.Threads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReplayTurnsTest {
  private final ReplayTurns turns = new ReplayTurns();

  @Test
  void shouldGiveAFrameToWhoComesFirst() {
    assertThat(turns.isTaken(0)).isFalse();
    assertThat(turns.take(0)).isTrue();
    assertThat(turns.isTaken(0)).isTrue();
    assertThat(turns.take(0)).isFalse();
    assertThat(turns.isTaken(1)).isFalse();
    assertThat(turns.take(1)).isTrue();
  }

  @Test
  void shouldHaveFramesLeaveInTheirOrder() {
    List<Long> left = Collections.synchronizedList(new ArrayList<>());
    List<Threads.Task<Integer>> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      both.add(Threads.start("sender-" + i, () -> take(20_000, left)));
    }
    int taken = both.get(0).get() + both.get(1).get();
    assertThat(taken).isEqualTo(20_000);
    assertThat(left).containsExactlyElementsOf(LongStream.range(0, 20_000).boxed().toList());
  }

  private int take(int count, List<Long> left) {
    int taken = 0;
    for (long number = 0; number < count; number++) {
      if (turns.take(number)) {
        taken++;
        while (!turns.isNext(number)) {
          Thread.onSpinWait();
        }
        left.add(number);
        turns.sent(number + 1);
      }
    }
    return taken;
  }

  @Test
  void shouldGiveNoFrameAwayWhenItIsClosed() {
    assertThat(turns.take(0)).isTrue();
    turns.close();
    assertThat(turns.take(1)).isFalse();
    assertThat(turns.isTaken(1)).isFalse();
    assertThat(turns.isClosed()).isTrue();
    assertThat(turns.isOver()).as("what is taken leaves").isFalse();
    turns.end();
    assertThat(turns.isClosed()).isTrue();
    assertThat(turns.isOver()).isTrue();
  }

  @Test
  void shouldTellOfTheFirstFault() throws Exception {
    turns.check();
    turns.end();
    turns.check();
    turns.end(new IllegalStateException("first"));
    turns.end(new IllegalArgumentException("second"));
    assertThatThrownBy(turns::check).hasMessage("first");
  }

  @Test
  void shouldHaveALoopBeginForBothAsForTheFirstOfThem() {
    assertThat(turns.origin(0, () -> 5)).isEqualTo(5);
    assertThat(turns.origin(0, () -> 6)).isEqualTo(5);
    assertThat(turns.origin(1, () -> 7)).isEqualTo(7);
    assertThat(turns.origin(0, () -> 8)).isEqualTo(7);
    assertThat(turns.origin(1, () -> 9)).isEqualTo(7);
  }
}
