package io.framejet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuClockTest {
  private static final String STAT =
      "17500 (a (b) c) R 17489 17489 12340 0 -1 4194304 99 0 0 0 %d %d 0 0 20 0 1 0 2434974 3133440";
  private static final String MACHINE =
      "cpu  10 0 20 3000 4 5 %d 7 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n";

  private static CpuClock at(long user, long system, String exact, long softirq) {
    return CpuClock.of(STAT.formatted(user, system), exact, MACHINE.formatted(softirq));
  }

  @Test
  void shouldShareOutTheExactTimeByTicks() {
    CpuTime time = at(30, 110, "1400000000 5 6", 9).since(at(10, 50, "600000000 1 2", 4));
    assertThat(time).isEqualTo(new CpuTime(200_000_000, 600_000_000, 50_000_000));
  }

  @Test
  void shouldCountTicksWhereThereIsNoExactTime() {
    CpuTime time = at(30, 110, "", 4).since(at(10, 50, "", 4));
    assertThat(time).isEqualTo(new CpuTime(200_000_000, 600_000_000, 0));
  }

  @Test
  void shouldNotGuessWithoutATick() {
    assertThat(at(10, 50, "604000000 1 2", 4).since(at(10, 50, "600000000 1 2", 4)).user())
        .isEqualTo(CpuTime.UNKNOWN);
    CpuTime none = CpuClock.of("", "", "").since(CpuClock.of("", "", ""));
    assertThat(none).isEqualTo(new CpuTime(-1, -1, -1));
  }

  @Test
  void shouldReadThisMachine() {
    CpuClock before = CpuClock.now();
    long end = System.nanoTime() + 200_000_000;
    long turns = 0;
    while (System.nanoTime() < end) {
      turns++;
    }
    CpuTime spent = CpuClock.now().since(before);
    assertThat(turns).isPositive();
    assertThat(spent.user() + spent.system()).isPositive();
    assertThat(spent.softirq()).isNotNegative();
  }
}
