package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over outboxes that are made up: which probes have left is known. */
class CrewTest {
  private final MadeOutbox one = new MadeOutbox();
  private final MadeOutbox other = new MadeOutbox();
  private final int[] pending = new int[16];

  /** As a sweep does it. */
  private static void fill(Crew crew, int[] pending, int from, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(crew.add(0, 0, from + i, 0)).isTrue();
      pending[crew.size() - 1] = from + i;
    }
  }

  private static void drop(int[] pending, int count) {
    System.arraycopy(pending, count, pending, 0, pending.length - count);
  }

  @Test
  void shouldDealProbesOutAndCountThemByCore() throws FramejetException {
    try (Crew crew = new Crew(List.of(one, other))) {
      fill(crew, pending, 0, 7);
      assertThat(crew.capacity()).isEqualTo(16);
      assertThat(crew.send()).isEqualTo(7);
      crew.arrange(pending, 7);
      assertThat(one.left).containsExactly(0L, 2L, 4L, 6L);
      assertThat(other.left).containsExactly(1L, 3L, 5L);
      assertThat(pending).startsWith(0, 2, 4, 6, 1, 3, 5);
      assertThat(crew.framesPerCore()).containsExactly(4L, 3L);
      assertThat(crew.statistics().frames()).isEqualTo(7);
      int[] micros = new int[7];
      crew.departures(micros, 7);
      assertThat(micros).containsExactly(1000, 1010, 1020, 1030, 1000, 1010, 1020);
    }
    assertThat(one.closed && other.closed).isTrue();
  }

  @Test
  void shouldKnowWhichWereNotTaken() throws FramejetException {
    try (Crew crew = new Crew(List.of(one, other))) {
      one.takes = 1;
      fill(crew, pending, 0, 6);
      assertThat(crew.send()).isEqualTo(4);
      crew.arrange(pending, 6);
      assertThat(pending).startsWith(0, 1, 3, 5, 2, 4);
      drop(pending, 4);
      assertThat(crew.size()).isEqualTo(2);
      one.takes = 8;
      fill(crew, pending, 6, 2);
      assertThat(crew.send()).isEqualTo(4);
      crew.arrange(pending, 4);
      assertThat(Arrays.copyOf(pending, 4)).containsExactlyInAnyOrder(2, 4, 6, 7);
      assertThat(pending).startsWith(2, 4);
    }
  }

  @Test
  void shouldTellOfAFaultOnceWhatLeftIsCounted() throws FramejetException {
    try (Crew crew = new Crew(List.of(one, other))) {
      fill(crew, pending, 0, 6); // 0 2 4 and 1 3 5
      other.breaks = true;
      other.loses = 2;
      assertThat(crew.send()).isEqualTo(3);
      crew.arrange(pending, 6);
      assertThat(pending).startsWith(0, 2, 4, 1, 3, 5);
      drop(pending, 3);
      assertThat(crew.size()).isEqualTo(3); // two of which are gone
      fill(crew, pending, 6, 1);
      assertThatThrownBy(crew::send).isInstanceOf(FramejetException.class);
      crew.arrange(pending, 4);
      assertThat(4 - crew.size()).isEqualTo(2);
      drop(pending, 2);
      other.breaks = false;
      assertThat(crew.send()).isEqualTo(2);
      crew.arrange(pending, 2);
      assertThat(Arrays.copyOf(pending, 2)).containsExactlyInAnyOrder(5, 6);
    }
  }

  @Test
  void shouldTellOfAFaultAtOnceWhenNoneLeft() {
    try (Crew crew = new Crew(List.of(one, other))) {
      fill(crew, pending, 0, 4);
      one.breaks = true;
      other.breaks = true;
      other.loses = 1;
      assertThatThrownBy(crew::send).isInstanceOf(FramejetException.class);
      crew.arrange(pending, 4);
      assertThat(pending).startsWith(1, 0, 2, 3);
      assertThat(crew.size()).isEqualTo(3);
    }
  }

  @Test
  @Timeout(20)
  void shouldNotWaitForACoreThatFailed() throws FramejetException {
    try (Crew crew = new Crew(List.of(one, other))) {
      fill(crew, pending, 0, 2);
      other.runsOutOfMemory = true;
      assertThat(crew.send()).isEqualTo(1);
      crew.arrange(pending, 2);
      drop(pending, 1);
      assertThatThrownBy(crew::send).isInstanceOf(OutOfMemoryError.class);
      other.runsOutOfMemory = false;
      assertThat(crew.send()).isEqualTo(1);
      assertThat(other.left).containsExactly(1L);
    }
  }

  @Test
  void shouldAccountForEveryProbeWhateverIsTaken() throws FramejetException {
    final Random random = new Random(11);
    try (Crew crew = new Crew(List.of(one, other))) {
      final List<Long> departed = new ArrayList<>();
      int next = 0;
      for (int round = 0; round < 2000; round++) {
        final int room = Math.min(crew.capacity() - crew.size(), random.nextInt(6));
        for (int i = 0; i < room && crew.add(0, 0, next, 0); i++) {
          pending[crew.size() - 1] = next++;
        }
        one.losesEverySecond = random.nextBoolean();
        one.takes = random.nextInt(5);
        other.takes = random.nextInt(5);
        final int count = crew.size();
        final List<Long> now = new ArrayList<>();
        final int leftOfOne = one.left.size();
        final int leftOfOther = other.left.size();
        final int taken = crew.send();
        crew.arrange(pending, count);
        for (int i = 0; i < taken; i++) {
          now.add((long) pending[i]);
        }
        departed.addAll(now);
        now.removeAll(one.left.subList(leftOfOne, one.left.size()));
        now.removeAll(other.left.subList(leftOfOther, other.left.size()));
        assertThat(now).as("said to have left, and have not").isEmpty();
        drop(pending, taken);
      }
      final List<Long> both = new ArrayList<>(one.left);
      both.addAll(other.left);
      assertThat(departed).containsExactlyInAnyOrderElementsOf(both);
      assertThat(departed).hasSizeGreaterThan(1000);
    }
  }

  @Test
  void shouldHaveEachKeepItsPartOfTheRate() throws FramejetException {
    try (Crew crew = new Crew(List.of(one, other))) {
      assertThat(crew.pace(Rate.of(10_000))).isTrue();
      assertThat(one.rate).isEqualTo(Rate.of(5000));
      assertThat(crew.pace(Rate.of(1500))).isFalse();
      assertThat(other.rate).isEqualTo(Rate.MAX);
    }
  }
}
