package io.framejet.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlarmTest {
  private static final long SECOND = 1_000_000_000L;

  /** A bucket of time used with real-time priority. */
  private static final int BUCKET = 1_000_000;

  private static final int SECONDS = 20;

  /** A thread on a clock that goes on by 1 us each time it is read, and by what is slept. */
  private static final class MadeUpThread implements Alarm.Sleeper {
    private final long start = -3 * SECOND - 12_345;
    private final Random random = new Random(5);
    private final int[] used = new int[(SECONDS + 1) * (int) (SECOND / BUCKET)];
    private long now = start;
    private boolean realTime;
    private int changes;
    private int sleeps;

    @Override
    public long nanoTime() {
      return pass(1_000);
    }

    @Override
    public void spin() {
      pass(1_000);
    }

    @Override
    public void sleep(long nanos) {
      assertThat(nanos).isPositive();
      now += nanos + (random.nextInt(4) == 0 ? 4_000_000 : 10_000);
      sleeps++;
    }

    @Override
    public void realTime(boolean wanted) {
      assertThat(wanted).as("for a change only").isNotEqualTo(realTime);
      realTime = wanted;
      changes++;
    }

    private long pass(int nanos) {
      now += nanos;
      if (realTime) {
        used[(int) ((now - start) / BUCKET)] += nanos;
      }
      return now;
    }

    /** The most of any second, wherever it begins. */
    private long mostOfASecond() {
      long sum = 0;
      long most = 0;
      for (int i = 0; i < used.length; i++) {
        sum += used[i] - (i < 1_000 ? 0 : used[i - 1_000]);
        most = Math.max(most, sum);
      }
      return most;
    }

    private long allOfIt() {
      long sum = 0;
      for (int nanos : used) {
        sum += nanos;
      }
      return sum;
    }
  }

  private final MadeUpThread thread = new MadeUpThread();
  private final Alarm alarm = new Alarm(thread);

  private void takePriority() {
    thread.realTime = true;
    alarm.realTime(true);
  }

  /** Frames that are so far apart. */
  private void run(long gap) {
    long due = thread.now;
    while (thread.now - thread.start < SECONDS * SECOND) {
      due += gap;
      while (!alarm.await(due, SECOND / 20)) {
        // Again, until it has come.
      }
      assertThat(thread.now).isGreaterThanOrEqualTo(due);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {10_000, 1_020_000, 4_900_000, 5_100_000, 17_000_000, 95_000_000})
  void shouldNeverUseUpWhatTheKernelLeavesARealTimeThread(long gap) {
    takePriority();
    run(gap);
    assertThat(thread.mostOfASecond()).isLessThan(940_000_000);
  }

  @Test
  void shouldKeepThePriorityForNineTenthsOfTheTimeItDoesNotSleep() {
    takePriority();
    run(20_000);
    assertThat(thread.sleeps).isZero();
    assertThat(thread.allOfIt())
        .isBetween(SECONDS * SECOND / 100 * 89, SECONDS * SECOND / 100 * 91);
    assertThat(thread.changes).isBetween(SECONDS * 20 - 2, SECONDS * 20 + 1);
  }

  @Test
  void shouldKeepThePriorityWhenItSleepsEnough() {
    takePriority();
    run(17_000_000);
    assertThat(thread.sleeps).isGreaterThan(1_000);
    assertThat(thread.changes).isZero();
    assertThat(thread.realTime).isTrue();
  }

  @Test
  void shouldGiveThePriorityUpWhenItWaitsForNothing() {
    takePriority();
    while (thread.now - thread.start < SECONDS * SECOND) {
      alarm.runs(thread.nanoTime());
    }
    assertThat(thread.mostOfASecond()).isBetween(890_000_000L, 940_000_000L);
  }

  @Test
  void shouldSleepWithThePriorityAfterItWasGivenUp() {
    takePriority();
    while (thread.realTime) {
      alarm.runs(thread.nanoTime());
    }
    long due = thread.now + SECOND / 200;
    assertThat(alarm.await(due, SECOND)).isFalse();
    assertThat(thread.realTime).as("to wake in time").isTrue();
    assertThat(alarm.await(due, SECOND)).isTrue();
    assertThat(thread.realTime).as("before it watches the clock").isFalse();
  }

  @Test
  void shouldLeaveAThreadAloneThatHasNoPriority() {
    alarm.realTime(false);
    run(1_020_000);
    assertThat(thread.changes).isZero();
  }
}
