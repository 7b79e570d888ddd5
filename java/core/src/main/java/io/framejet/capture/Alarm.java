package io.framejet.capture;

import io.framejet.inject.RealTime;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a time more exactly than sleeping can: sleeps until shortly before, then watches the
 * clock.
 *
 * <p>How shortly before is learnt. A sleep ends some 60 us late on bare metal, and several times
 * that on a virtual machine whose core was given to another meanwhile. The margin jumps to what was
 * seen, and goes back by little, so that all but the rarest delays fit into it.
 */
final class Alarm {
  private static final long LEAST_MARGIN = 80_000;
  private static final long MOST_MARGIN = 1_000_000;

  /** With real-time priority sleeps end on time. */
  private static final long MOST_REAL_TIME_MARGIN = 150_000;

  /**
   * Without a sleep for that long, a thread has no real-time priority until its next one: the
   * kernel would stop it for 50 ms of each second.
   */
  private static final long LONGEST_AWAKE = 300_000_000;

  /** Goes back by this part of itself at each sleep that ends well within it. */
  private static final int RELAX = 256;

  private @Nullable RealTime realTime;
  private long most = MOST_MARGIN;
  private long margin = 3 * LEAST_MARGIN;
  private long awakeSince;

  /** For a thread that has real-time priority, or for one that has not: null. */
  void realTime(@Nullable RealTime granted) {
    realTime = granted;
    most = granted == null ? MOST_MARGIN : MOST_REAL_TIME_MARGIN;
    margin = Math.min(margin, most);
    awakeSince = System.nanoTime();
  }

  /**
   * Waits until {@code due}, but sleeps once at most.
   *
   * @param due a time of {@link System#nanoTime()}
   * @param longestSleep in nanoseconds
   * @return whether the time has come; else it is to be called again
   */
  boolean await(long due, long longestSleep) {
    final long now = System.nanoTime();
    final long left = due - now;
    if (left > margin) {
      final long sleep = Math.min(left - margin, longestSleep);
      LockSupport.parkNanos(sleep);
      awakeSince = System.nanoTime();
      learn(awakeSince - now - sleep);
      if (realTime != null) {
        realTime.resume();
      }
      return false;
    }
    if (realTime != null && now - awakeSince > LONGEST_AWAKE) {
      realTime.suspend();
    }
    while (due - System.nanoTime() > 0) {
      Thread.onSpinWait();
    }
    return true;
  }

  private void learn(long late) {
    if (late > margin) {
      margin = Math.min(late + late / 4, most);
    } else {
      margin = Math.max(margin - margin / RELAX, LEAST_MARGIN);
    }
  }
}
