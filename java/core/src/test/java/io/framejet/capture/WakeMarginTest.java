package io.framejet.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class WakeMarginTest {
  private final WakeMargin margin = new WakeMargin();

  @Test
  void shouldGoBackToTheLeastWhenSleepsEndOnTime() {
    for (int i = 0; i < 12_000; i++) {
      margin.slept(50_000);
    }
    assertThat(margin.nanos()).isEqualTo(WakeMargin.LEAST);
  }

  @Test
  void shouldTakeSeveralDelaysToGrowFar() {
    long before = margin.nanos();
    margin.slept(before + 4);
    assertThat(margin.nanos()).isEqualTo(before + 4 + (before + 4) / 4);
    before = margin.nanos();
    margin.slept(9_000_000_000L);
    assertThat(margin.nanos()).isEqualTo(2 * before);
    for (int i = 0; i < 10; i++) {
      margin.slept(9_000_000_000L);
    }
    assertThat(margin.nanos()).isEqualTo(WakeMargin.MOST);
  }

  @Test
  void shouldCoverAllButTheRarestDelays() {
    Random random = new Random(11);
    int[] tooLate = new int[2];
    for (int i = 0; i < 200_000; i++) {
      // A tail as heavy as seen: one in a hundred is above 100 us, one in a thousand above 1 ms.
      long late = (long) (1_000 / (random.nextDouble() + 1e-9));
      tooLate[late > margin.nanos() ? 0 : 1] += i < 20_000 ? 0 : 1;
      margin.slept(late);
    }
    assertThat(tooLate[0]).isBetween(180_000 / 4_000, 180_000 / 1_000);
    assertThat(tooLate[0] + tooLate[1]).isEqualTo(180_000);
  }

  @Test
  void shouldTrySleepAgainAfterWaitsThatWereAllTooShortForIt() {
    for (int i = 0; i < 10; i++) {
      margin.slept(9_000_000);
    }
    int waits = 0;
    while (margin.nanos() > 2_000_000 && waits < 10_000) {
      margin.stayedAwake(2_000_000);
      waits++;
    }
    assertThat(waits).isBetween(2_000, 6_000);
  }

  @Test
  void shouldNotCountWaitsThatNoSleepWouldFitInto() {
    long before = margin.nanos();
    for (int i = 0; i < 10_000; i++) {
      margin.stayedAwake(WakeMargin.LEAST);
      margin.stayedAwake(-5);
    }
    assertThat(margin.nanos()).isEqualTo(before);
  }
}
