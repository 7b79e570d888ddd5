package io.framejet.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A load, and the trials that were made of it. The median of an even number of trials is the mean
 * of the two in the middle.
 *
 * @param load what was injected, and how
 * @param trials in the order in which they were made; none when it was cancelled before
 * @param warmUpFrames frames injected before the first trial, which no figure has in it
 */
public record Measurement(Load load, List<Trial> trials, long warmUpFrames) {
  /** Copies the list. */
  public Measurement {
    trials = List.copyOf(trials);
  }

  /** The median, the smallest and the largest of some values. */
  public record Spread(double median, double min, double max) {
    /** Of one value or more; all zeros of none. */
    public static Spread of(double... values) {
      if (values.length == 0) {
        return new Spread(0, 0, 0);
      }
      final double[] sorted = values.clone();
      Arrays.sort(sorted);
      final int middle = sorted.length / 2;
      final double median =
          sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
      return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
  }

  /** Frames per second that left, by trial. */
  public Spread pps() {
    return spread(Trial::pps);
  }

  /** Any figure, by trial. */
  public Spread spread(ToDoubleFunction<Trial> figure) {
    return Spread.of(trials.stream().mapToDouble(figure).toArray());
  }

  /** All trials added up. */
  public Trial total() {
    long[] sums = new long[13];
    CpuTime cpu = new CpuTime(0, 0, 0);
    List<Long> perCore = new ArrayList<>(Collections.nCopies(load.cores(), 0L));
    boolean complete = !trials.isEmpty();
    for (Trial trial : trials) {
      final long[] counts = {
        trial.accepted(),
        trial.unconfirmed(),
        trial.rejected(),
        trial.queueFull(),
        trial.calls(),
        trial.linkFrames(),
        trial.linkDropped(),
        trial.linkErrors(),
        trial.peerFrames(),
        trial.arrived(),
        trial.overflowed(),
        trial.reordered(),
        trial.nanos()
      };
      for (int i = 0; i < sums.length; i++) {
        sums[i] = add(sums[i], counts[i]);
      }
      cpu =
          new CpuTime(
              add(cpu.user(), trial.cpu().user()),
              add(cpu.system(), trial.cpu().system()),
              add(cpu.softirq(), trial.cpu().softirq()));
      for (int i = 0; i < trial.perCore().size(); i++) {
        perCore.set(i, perCore.get(i) + trial.perCore().get(i));
      }
      complete &= trial.complete();
    }
    return new Trial(
        sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], sums[8], sums[9],
        sums[10], sums[11], sums[12], cpu, perCore, complete);
  }

  /** Where counts disagreed, each trial by its number. */
  public List<String> disagreements() {
    final List<String> all = new ArrayList<>();
    for (int i = 0; i < trials.size(); i++) {
      for (String each : trials.get(i).disagreements()) {
        all.add(trials.size() == 1 ? each : "repetition " + (i + 1) + ": " + each);
      }
    }
    return List.copyOf(all);
  }

  private static long add(long sum, long count) {
    return sum == Trial.UNKNOWN || count == Trial.UNKNOWN ? Trial.UNKNOWN : sum + count;
  }
}
