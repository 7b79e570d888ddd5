package io.framejet.capture;

import java.util.concurrent.locks.LockSupport;

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

  /** Goes back by this part of itself at each sleep that ends well within it. */
  private static final int RELAX = 256;

  private long margin = 3 * LEAST_MARGIN;

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
      learn(System.nanoTime() - now - sleep);
      return false;
    }
    while (due - System.nanoTime() > 0) {
      Thread.onSpinWait();
    }
    return true;
  }

  private void learn(long late) {
    if (late > margin) {
      margin = Math.min(late + late / 4, MOST_MARGIN);
    } else {
      margin = Math.max(margin - margin / RELAX, LEAST_MARGIN);
    }
  }
}
