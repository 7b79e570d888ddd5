package io.framejet.bench;

import io.framejet.inject.Rate;
import java.util.List;

/**
 * What the throughput search of RFC 2544 found (section 26.1), and the loss at the rates that it
 * tried (section 26.3).
 *
 * @param load what was injected, and how
 * @param pps the highest rate without a loss, in frames per second as achieved; 0 when every rate
 *     had losses
 * @param points all rates that were tried, in the order in which that was done
 * @param complete whether the search came to its end
 */
public record Throughput(Load load, double pps, List<Point> points, boolean complete) {
  /** Copies the list. */
  public Throughput {
    points = List.copyOf(points);
  }

  /**
   * One rate.
   *
   * @param rate that was asked for
   * @param trial what came of it
   */
  public record Point(Rate rate, Trial trial) {
    /** Whether every frame has been delivered. */
    public boolean lossless() {
      return trial.lost() == 0 && trial.accepted() > 0;
    }

    /** The part of the frames that was lost, 0 to 1. */
    public double loss() {
      return trial.accepted() == 0 ? 0 : (double) trial.lost() / trial.accepted();
    }

    /** Frames per second that the injectors sent. */
    public double pps() {
      return trial.nanos() == 0 ? 0 : trial.accepted() * 1e9 / trial.nanos();
    }
  }
}
