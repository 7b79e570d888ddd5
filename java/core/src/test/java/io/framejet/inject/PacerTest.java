package io.framejet.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schedule, by a clock that the test turns. */
class PacerTest {
  private static final long SECOND = 1_000_000_000;
  private static final long MILLI = 1_000_000;

  /** Frames that were sent together. */
  private record Burst(long time, int frames) {}

  /**
   * Sends as the pacer says, sleeping as long as it says, and waking up to {@code latest} ns late.
   */
  private static List<Burst> run(double pps, long duration, long latest) {
    Pacer pacer = Pacer.at(Rate.of(pps));
    Random random = new Random(42);
    List<Burst> bursts = new ArrayList<>();
    // Far from 0, and soon to overflow 2^62: only differences count.
    long begin = (1L << 62) - 12345;
    long now = begin;
    while (now - begin < duration) {
      int due = pacer.due(now);
      if (due > 0) {
        assertThat(due).isLessThanOrEqualTo(pacer.burst());
        bursts.add(new Burst(now - begin, due));
        pacer.sent(due, now);
      }
      long wait = pacer.nanosToNext(now);
      if (latest == 0) {
        // The advice is exact, but for rounding to whole nanoseconds.
        assertThat(wait < 2 ? 0 : pacer.due(now + wait - 2)).isZero();
        assertThat(pacer.due(now + wait + 1)).isPositive();
      }
      now += Math.max(1, wait) + (latest == 0 ? 0 : random.nextLong(latest));
    }
    return bursts;
  }

  private static long frames(List<Burst> bursts) {
    return bursts.stream().mapToLong(Burst::frames).sum();
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {1, 7, 100, 999, 1_000, 1_001, 10_000, 100_000, 300_000, 1_000_000, 14_880_952})
  void shouldKeepTheAverage(double pps) {
    long duration = pps < 100 ? 60 * SECOND : SECOND;
    double expected = pps * duration / SECOND;
    assertThat((double) frames(run(pps, duration, 0)))
        .isBetween(expected * 0.999 - 1, expected * 1.001 + 1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {100, 1_000, 10_000, 100_000, 300_000})
  void shouldKeepTheAverageAlsoWhenTheTimerIsLate(double pps) {
    double expected = pps * 4;
    assertThat((double) frames(run(pps, 4 * SECOND, 200_000)))
        .isBetween(expected * 0.99 - 1, expected * 1.01 + 1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 100, 999, 1_000, 2_500, 10_000, 100_000, 300_000, 1_000_000})
  void shouldNeverSendMoreThanAMillisecondsWorthAtOnce(double pps) {
    int most = (int) Math.max(1, pps / 1000);
    assertThat(Pacer.at(Rate.of(pps)).burst()).isEqualTo(most);
    assertThat(run(pps, SECOND, 0))
        .allSatisfy(burst -> assertThat(burst.frames()).isBetween(1, most));
    assertThat(run(pps, SECOND, 5 * MILLI))
        .allSatisfy(burst -> assertThat(burst.frames()).isBetween(1, most));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 100, 1_000})
  void shouldSendSingleFramesAtLowRates(double pps) {
    List<Burst> bursts = run(pps, 10 * SECOND, 0);
    for (int i = 0; i < bursts.size(); i++) {
      assertThat(bursts.get(i).frames()).isEqualTo(1);
      assertThat(bursts.get(i).time()).isCloseTo((long) Math.ceil(i * 1e9 / pps), within(1L));
    }
  }

  @Test
  void shouldBeDueAtOnceAndThenNotBeforeItsTime() {
    Pacer pacer = Pacer.at(Rate.of(1_000));
    assertThat(pacer.due(5)).isEqualTo(1);
    pacer.sent(1, 5);
    assertThat(pacer.due(6)).isZero();
    assertThat(pacer.nanosToNext(6)).isEqualTo(MILLI - 1);
    assertThat(pacer.due(5 + MILLI - 1)).isZero();
    assertThat(pacer.due(5 + MILLI)).isEqualTo(1);
  }

  @Test
  void shouldBeginItsScheduleWithTheFirstQuestion() {
    Pacer pacer = Pacer.at(Rate.of(1_000));
    // An hour passed since it was made.
    assertThat(pacer.nanosToNext(3600 * SECOND)).isZero();
    assertThat(pacer.due(3600 * SECOND)).isEqualTo(1);
  }

  @Test
  void shouldCatchUpAtNoMoreThanTwiceTheRate() {
    Pacer pacer = Pacer.at(Rate.of(100_000));
    long now = 0;
    int sent = pacer.due(now);
    pacer.sent(sent, now);
    // The thread did not run for 50 ms: 5,000 frames are late.
    now = 50 * MILLI;
    long first = now;
    int late = 0;
    while (late < 5_000) {
      int due = pacer.due(now);
      if (due > 0) {
        late += due;
        pacer.sent(due, now);
      }
      assertThat(late)
          .isLessThanOrEqualTo((int) (2 * 100_000L * (now - first) / SECOND) + pacer.burst());
      now += 1000;
    }
    assertThat(now - first).isLessThan(60 * MILLI);
  }

  @Test
  void shouldLetGoWhatIsMoreThanATenthOfASecondLate() {
    Pacer pacer = Pacer.at(Rate.of(10_000));
    pacer.sent(pacer.due(0), 0);
    // A laptop that slept for an hour: 36 million frames are late, and 1,000 of them are made up
    // for.
    long wake = 3600 * SECOND;
    long now = wake;
    int sent = 0;
    while (now < wake + SECOND) {
      int due = pacer.due(now);
      if (due > 0) {
        sent += due;
        pacer.sent(due, now);
      }
      now += 10_000;
    }
    assertThat(sent).isBetween(10_900, 11_110);
  }

  @Test
  void shouldGoOnWhenFewerWereTakenThanWereDue() {
    Pacer pacer = Pacer.at(Rate.of(100_000));
    long now = 0;
    long sent = 0;
    while (now < SECOND) {
      int due = pacer.due(now);
      if (due > 0) {
        int taken = Math.min(due, 3); // a narrow queue
        sent += taken;
        pacer.sent(taken, now);
      }
      now += 1_000;
    }
    assertThat(sent).isBetween(99_000L, 100_001L);
  }

  @Test
  void shouldNotLimitTheUnlimited() {
    Pacer pacer = Pacer.at(Rate.MAX);
    for (int i = 0; i < 10; i++) {
      assertThat(pacer.due(i)).isEqualTo(Integer.MAX_VALUE);
      pacer.sent(1 << 20, i);
      assertThat(pacer.nanosToNext(i)).isZero();
    }
    assertThat(pacer.burst()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void shouldReadRates() {
    assertThat(Rate.parse("500")).isEqualTo(Rate.of(500));
    assertThat(Rate.parse("10k")).isEqualTo(Rate.of(10_000));
    assertThat(Rate.parse(" 2.5M ")).isEqualTo(Rate.of(2_500_000));
    assertThat(Rate.parse("1M pps")).isEqualTo(Rate.of(1_000_000));
    assertThat(Rate.parse("1g")).isEqualTo(Rate.of(1e9));
    assertThat(Rate.parse("MAX")).isEqualTo(Rate.MAX);
    assertThat(Rate.parse("10000").toString()).isEqualTo("10,000 pps");
    assertThat(Rate.MAX).hasToString("max");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "-1", "fast", "1e5", "10kk", "1.k", "k", "NaN", "Infinity", "maximum"})
  void shouldRefuseWhatIsNoRate(String text) {
    assertThatThrownBy(() -> Rate.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldRefuseRatesThatAreNone() {
    assertThatThrownBy(() -> Rate.of(0)).hasMessageContaining("more than 0");
    assertThatThrownBy(() -> Rate.of(Double.NaN)).hasMessageContaining("more than 0");
  }

  @Test
  void shouldAlwaysAllowASendOfWhatTheKernelPaces() {
    Pacer pacer = Pacer.kept(Rate.of(100_000));
    assertThat(pacer.due(5)).isEqualTo(500);
    pacer.sent(500, 5);
    assertThat(pacer.due(5)).isEqualTo(500);
    assertThat(pacer.nanosToNext(5)).isZero();
    assertThat(Pacer.kept(Rate.of(1)).due(0)).isEqualTo(1);
  }

  @Test
  void shouldTellTheKernelAnExactInterval() {
    assertThat(Pacer.isForKernel(Rate.of(999.9))).isFalse();
    assertThat(Pacer.isForKernel(Rate.of(1000))).isTrue();
    assertThat(Pacer.isForKernel(Rate.MAX)).isFalse();
    assertThat(Pacer.interval(Rate.of(1000))).isEqualTo(1_000_000L << 32);
    assertThat(Pacer.interval(Rate.of(4e9))).isEqualTo(1L << 30);
    // In a day at 3 Mpps, less than a frame is gained or lost.
    double frames = 3e6 * 86_400;
    assertThat(Pacer.interval(Rate.of(3e6)) / 0x1p32 * frames)
        .isCloseTo(86_400e9, within(1e9 / 3e6));
  }
}
