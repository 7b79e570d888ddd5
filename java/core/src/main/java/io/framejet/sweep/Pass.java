package io.framejet.sweep;

import io.framejet.probe.Probe;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One pass over targets: asking all with one kind of probe.
 *
 * @param phase what it is for, in words: {@code probing}
 * @param table takes what is found; own addresses, and hosts that nobody has, are in it already
 * @param hops where the probes go; null when the probe's template says it (ARP, NDP), or the kernel
 *     or the link does
 * @param hostPacer a limit for each host; null for none
 * @param log takes all frames; null for none
 * @param grace how long to listen on when all have answered
 */
record Pass(
    SweepPlan plan,
    String phase,
    Probe probe,
    TargetSpace space,
    TargetTable table,
    @Nullable NextHops hops,
    @Nullable HostPacer hostPacer,
    @Nullable FrameLog log,
    SweepListener listener,
    Cancellation cancellation,
    Duration grace) {

  /** Bytes of the longest probe. */
  int longestFrame() {
    int longest = probe.template().length();
    for (int port : space.ports()) {
      longest = Math.max(longest, probe.template(port).length());
    }
    return longest;
  }
}
