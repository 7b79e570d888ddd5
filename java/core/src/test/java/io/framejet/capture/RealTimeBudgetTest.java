package io.framejet.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RealTimeBudgetTest {
  private static final long MS = 1_000_000;

  /** Any time but 0: the clock of the JVM begins anywhere, below 0 as well. */
  private static final long START = -7_123_456_789L;

  private final RealTimeBudget budget = new RealTimeBudget(START);

  @Test
  void shouldAllowNinetyOfAHundredMilliseconds() {
    budget.run(START);
    assertThat(budget.allows(START, 90 * MS)).isTrue();
    assertThat(budget.allows(START + 85 * MS, 5 * MS)).isTrue();
    assertThat(budget.allows(START + 85 * MS, 5 * MS + 1)).isFalse();
  }

  @Test
  void shouldAllowNoMoreUntilTheNextSpan() {
    budget.run(START);
    assertThat(budget.allows(START + 91 * MS, 0)).isFalse();
    budget.pause(START + 91 * MS);
    assertThat(budget.allows(START + 100 * MS - 1, 0)).isFalse();
    assertThat(budget.allows(START + 100 * MS, 90 * MS)).isTrue();
    assertThat(budget.allows(START + 100 * MS, 91 * MS)).as("also what was asked for").isFalse();
    assertThat(budget.allows(START + 200 * MS, 0)).isTrue();
  }

  @Test
  void shouldNotForgetWhatRanBeforeAShortPause() {
    long now = START;
    for (int i = 0; i < 8; i++) {
      budget.run(now);
      assertThat(budget.allows(now, 11 * MS)).isTrue();
      budget.pause(now += 11 * MS);
      now += MS / 100;
    }
    budget.run(now);
    assertThat(budget.allows(now, 2 * MS)).isTrue();
    assertThat(budget.allows(now, 3 * MS)).isFalse();
  }

  @Test
  void shouldLeaveOutWhatPaused() {
    for (long now = START; now < START + 1000 * MS; now += 10 * MS) {
      budget.run(now);
      budget.run(now + MS); // it runs already
      budget.pause(now + 8 * MS);
      budget.pause(now + 9 * MS);
      assertThat(budget.allows(now + 9 * MS, 0)).isTrue();
    }
  }

  @Test
  void shouldCountWhatReachesIntoTheNextSpan() {
    budget.run(START + 95 * MS);
    assertThat(budget.allows(START + 150 * MS, 40 * MS)).isTrue();
    assertThat(budget.allows(START + 150 * MS, 41 * MS)).isFalse();
  }

  @Test
  void shouldForgetOldSpansAtOnce() {
    budget.run(START);
    assertThat(budget.allows(START + 95 * MS, 0)).isFalse();
    budget.pause(START + 95 * MS);
    long later = START + 1_000_000 * MS;
    budget.run(later + 10 * MS);
    assertThat(budget.allows(later + 10 * MS, 90 * MS)).isTrue();
  }
}
