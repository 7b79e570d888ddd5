package io.framejet.capture;

/**
 * How long a thread may run with real-time priority. The kernel leaves such threads 950 ms of each
 * second (sched_rt_runtime_us, sched_rt_period_us: sched(7)), and stops them for the other 50 ms at
 * one go, or lets those go on that waited so long. A thread that never uses up as much is not
 * stopped: it gives its priority up for the rest of a span of 100 ms after 90 ms of that. Then any
 * second has at most 920 ms of it, wherever it begins.
 *
 * <p>Times are of any clock, in nanoseconds.
 */
final class RealTimeBudget {
  static final long SPAN = 100_000_000;
  static final long MOST = 90_000_000;

  private long spanBegin;
  private long used;
  private long since;
  private boolean running;
  private boolean spent;

  /** The first span begins {@code now}. */
  RealTimeBudget(long now) {
    spanBegin = now;
  }

  /** The thread runs with real-time priority from {@code now} on. */
  void run(long now) {
    advance(now);
    if (!running) {
      running = true;
      since = now;
    }
  }

  /** From {@code now} on it sleeps, or has no such priority. */
  void pause(long now) {
    advance(now);
    if (running) {
      running = false;
      used += now - since;
    }
  }

  /**
   * Whether it may run until {@code ahead} after {@code now}. After it may not, it may again in the
   * next span.
   */
  boolean allows(long now, long ahead) {
    advance(now);
    final long ran = used + (running ? now - since : 0);
    spent |= ahead > MOST - ran;
    return !spent;
  }

  private void advance(long now) {
    final long passed = now - spanBegin;
    if (passed < SPAN) {
      return;
    }
    spanBegin = now - passed % SPAN;
    used = 0;
    spent = false;
    if (running && spanBegin - since > 0) {
      since = spanBegin;
    }
  }
}
