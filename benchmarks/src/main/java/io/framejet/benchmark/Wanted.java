package io.framejet.benchmark;

import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.util.Statistics;

/** What is wanted of a benchmark. It is shown, and never fails anything: machines differ. */
record Wanted(String prefix, boolean atLeast, double score, String text, boolean noBytes) {
  /**
   * Bytes per operation that count as none: what JMH itself allocates, shared by many operations.
   */
  private static final double NO_BYTES = 0.5;

  private static final List<Wanted> ALL =
      List.of(
          new Wanted("FrameBenchmark.template", false, 10, "at most 10 ns, 0 B", true),
          new Wanted("FrameBenchmark.apply", false, 7, "at most 7 ns, 0 B", true),
          new Wanted("DemuxBenchmark.walk", true, 10e6, "at least 10 M/s, 0 B", true),
          new Wanted("SweepBenchmark.sweep", false, 400, "at most 400 ms", false));

  static Optional<Wanted> of(String name) {
    return ALL.stream().filter(wanted -> name.startsWith(wanted.prefix)).findFirst();
  }

  /**
   * Whether it holds: a rate or a time of a call by its median, what is wanted of each sweep by the
   * slowest.
   */
  String verdict(Statistics measured, double bytes) {
    final boolean fast;
    if (atLeast) {
      fast = measured.getPercentile(50) >= score;
    } else {
      fast = (noBytes ? measured.getPercentile(50) : measured.getMax()) <= score;
    }
    final boolean lean = !noBytes || bytes < NO_BYTES;
    return text + (fast && lean ? ": holds" : ": NOT MET");
  }
}
