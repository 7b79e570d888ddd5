package io.framejet.cli.bench;

import io.framejet.bench.ArrivalListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.jspecify.annotations.Nullable;

/** Latencies, and gaps between arrivals, of a case. Filled by one thread, read after its end. */
final class Timings implements ArrivalListener {
  private static final long LONGEST_NANOS = 60_000_000_000L;
  private static final int DIGITS = 3;
  private static final double NANOS_PER_MICRO = 1000;

  /** Bins of a histogram: ten to a decade, as the Renard series R10 (ISO 3) rounds them. */
  private static final double[] DECADE = {1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8};

  private static final double[] PERCENTILES = {
    0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100
  };

  private final Histogram latencies = new Histogram(LONGEST_NANOS, DIGITS);
  private final Histogram gaps = new Histogram(LONGEST_NANOS, DIGITS);

  @Override
  public void onArrival(long latencyNanos, long gapNanos) {
    latencies.recordValue(Math.min(latencyNanos, LONGEST_NANOS));
    if (gapNanos != NONE) {
      gaps.recordValue(Math.min(gapNanos, LONGEST_NANOS));
    }
  }

  /** Adds what was measured to a case. */
  void addTo(Map<String, @Nullable Object> out, double askedPps) {
    if (latencies.getTotalCount() > 0) {
      Map<String, @Nullable Object> latency = summary(latencies);
      List<Object> percentiles = new ArrayList<>();
      for (double each : PERCENTILES) {
        Map<String, @Nullable Object> point = Json.object();
        point.put("percentile", each);
        point.put("latency_us", micros(latencies.getValueAtPercentile(each)));
        percentiles.add(point);
      }
      latency.put("percentiles", percentiles);
      out.put("latency_us", latency);
    }
    if (gaps.getTotalCount() > 0) {
      Map<String, @Nullable Object> gap = summary(gaps);
      gap.put("asked", askedPps > 0 ? Cases.round(1e6 / askedPps, 3) : null);
      gap.put("stddev", Cases.round(gaps.getStdDeviation() / NANOS_PER_MICRO, 3));
      gap.put("histogram", bins(gaps));
      out.put("gaps_us", gap);
    }
  }

  private static Map<String, @Nullable Object> summary(Histogram of) {
    Map<String, @Nullable Object> out = Json.object();
    out.put("count", of.getTotalCount());
    out.put("min", micros(of.getMinValue()));
    out.put("mean", Cases.round(of.getMean() / NANOS_PER_MICRO, 3));
    out.put("p50", micros(of.getValueAtPercentile(50)));
    out.put("p99", micros(of.getValueAtPercentile(99)));
    out.put("p99_9", micros(of.getValueAtPercentile(99.9)));
    out.put("max", micros(of.getMaxValue()));
    return out;
  }

  /** Those that hold anything and all between them; their counts add up to all there is. */
  static List<Object> bins(Histogram of) {
    List<Object> bins = new ArrayList<>();
    long from = 0;
    int index = 0;
    long to = edge(index);
    long count = 0;
    long rest = of.getTotalCount();
    for (HistogramIterationValue value : of.recordedValues()) {
      while (value.getValueIteratedTo() >= to) {
        if (count > 0 || !bins.isEmpty()) {
          bins.add(bin(from, to, count));
        }
        from = to;
        to = edge(++index);
        count = 0;
      }
      count += value.getCountAtValueIteratedTo();
      rest -= value.getCountAtValueIteratedTo();
      if (rest == 0) {
        bins.add(bin(from, to, count));
      }
    }
    return bins;
  }

  private static Map<String, @Nullable Object> bin(long from, long to, long count) {
    Map<String, @Nullable Object> bin = Json.object();
    bin.put("from_us", micros(from));
    bin.put("to_us", micros(to));
    bin.put("count", count);
    return bin;
  }

  /** 100 ns, 125 ns, 160 ns, and so on. */
  private static long edge(int index) {
    double decade = Math.pow(10, 2 + index / DECADE.length);
    return Math.round(decade * DECADE[index % DECADE.length]);
  }

  private static double micros(long nanos) {
    return nanos / NANOS_PER_MICRO;
  }
}
