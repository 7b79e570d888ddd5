package io.framejet.inject;

import io.framejet.FramejetException;

/**
 * Says how many frames may go now, so that they leave at a given rate.
 *
 * <p>The schedule is absolute: frame {@code k} is due {@code k / rate} after the first, so sleeping
 * too long now and then does not lower the average. Frames that are due go together, for a system
 * call per frame and a timer per frame cost more than they are worth; but never more than 1 ms
 * worth at a time (one frame below 1,000 pps). A sender that has fallen behind catches up at no
 * more than twice the rate, and one that is more than {@value #MAX_DEBT_MILLIS} ms late lets the
 * excess go instead of flooding the link.
 *
 * <p>Not thread-safe. All times are nanoseconds of one clock that never goes back, such as {@link
 * System#nanoTime()}.
 */
public final class Pacer {
  /** The lowest rate, in pps, that the kernel keeps by itself where it can. */
  public static final int LEAST_IN_KERNEL = 1000;

  private static final double MOST_IN_KERNEL = 4e9;
  private static final double TWO_TO_32 = 0x1p32;

  /** What one send takes, where the kernel keeps the rate. */
  private static final long SEND_NANOS = 5_000_000;

  private static final long BURST_NANOS = 1_000_000;
  private static final long MAX_DEBT_MILLIS = 100;

  // Waking up costs more than sending: it is done for a whole burst at a time. A timer that is late
  // delays frames, but takes none away, for the schedule is absolute.
  private static final int MAX_QUANTUM = 128;

  private final boolean unlimited;
  private final double interval;
  private final int burst;
  private final int quantum;

  private boolean started;
  private long origin;
  private long sent;
  private long notBefore;

  private Pacer(Rate rate, boolean inKernel) {
    unlimited = rate.isMax() || inKernel;
    interval = rate.isMax() ? 0 : 1e9 / rate.pps();
    burst =
        rate.isMax()
            ? Integer.MAX_VALUE
            : (int)
                Math.max(1, Math.min((inKernel ? SEND_NANOS : BURST_NANOS) / interval, 1 << 30));
    quantum = Math.min(burst, MAX_QUANTUM);
  }

  /** A pacer for {@code rate}; its schedule begins at the first call of {@link #due}. */
  public static Pacer at(Rate rate) {
    return new Pacer(rate, false);
  }

  /**
   * A pacer for a rate that the kernel keeps ({@link Injector#pace}): {@link #due} always answers
   * what it takes in one send.
   */
  public static Pacer kept(Rate rate) {
    return new Pacer(rate, true);
  }

  /**
   * A pacer for what an injector sends: it has the kernel keep the rate where that can.
   *
   * @throws FramejetException CLOSED
   */
  public static Pacer of(Injector injector, Rate rate) throws FramejetException {
    return injector.pace(rate) ? kept(rate) : at(rate);
  }

  static boolean isForKernel(Rate rate) {
    return rate.pps() >= LEAST_IN_KERNEL && rate.pps() <= MOST_IN_KERNEL;
  }

  /** From one departure to the next, in units of 2^-32 ns. */
  static long interval(Rate rate) {
    return Math.round(1e9 * TWO_TO_32 / rate.pps());
  }

  /** Most frames that {@link #due} ever answers: 1 ms worth, at least 1; in the kernel 5 ms. */
  public int burst() {
    return burst;
  }

  /** How many frames may be sent at {@code now}; 0 when it is too early. */
  public int due(long now) {
    if (unlimited) {
      return burst;
    }
    if (!started) {
      started = true;
      origin = now;
      notBefore = now;
    }
    if (now < notBefore) {
      return 0;
    }
    final double behind = (now - origin) - sent * interval;
    if (behind > MAX_DEBT_MILLIS * 1e6) {
      origin += (long) (behind - MAX_DEBT_MILLIS * 1e6);
    }
    final long due = (long) ((now - origin) / interval) + 1 - sent;
    return due < quantum && !(sent == 0 && due > 0) ? 0 : (int) Math.min(due, burst);
  }

  /**
   * Notes that {@code count} frames were sent.
   *
   * @param now when their sending began: counted from its end, a send that takes long would lower
   *     the highest rate that can be kept
   */
  public void sent(int count, long now) {
    if (unlimited) {
      return;
    }
    sent += count;
    // Behind schedule, bursts would follow each other at once: keep them half their length apart.
    notBefore = now + (long) (Math.min(count, burst) * interval / 2);
  }

  /**
   * Nanoseconds from {@code now} until {@link #due} will answer more than 0; 0 when it does
   * already.
   */
  public long nanosToNext(long now) {
    if (unlimited || !started) {
      return 0;
    }
    final long next = origin + (long) Math.ceil((sent + quantum - 1) * interval);
    return Math.max(0, Math.max(next, notBefore) - now);
  }
}
