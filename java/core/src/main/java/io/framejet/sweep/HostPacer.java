package io.framejet.sweep;

import io.framejet.inject.Rate;
import java.util.Arrays;

/**
 * Sees to it that no host gets more than so many probes per second. It never drops one: whoever
 * comes too early is waited for. {@link TargetSpace} has a host's probes as far apart as can be, so
 * that waiting is the exception.
 *
 * <p>Numbered by the cells of the hosts; all times are those of {@link System#nanoTime()}.
 */
final class HostPacer {
  private final long interval;

  /** When the next probe of each host may be sent. */
  private final long[] next;

  HostPacer(Rate rate, int hosts, long now) {
    this.interval = (long) Math.ceil(1e9 / rate.pps());
    this.next = new long[hosts];
    Arrays.fill(next, now);
  }

  /** Nanoseconds until a host may get a probe; 0 or less when it may now. */
  long nanosToNext(int host, long now) {
    return next[host] - now;
  }

  /** Notes that a host's probe was written, or has left: no other before the interval is over. */
  void sent(int host, long now) {
    next[host] = now + interval;
  }
}
