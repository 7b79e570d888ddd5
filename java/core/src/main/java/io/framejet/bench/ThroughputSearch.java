package io.framejet.bench;

import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Searches for the highest rate without a loss. From the highest rate there is it goes down by
 * tenths of it until two rates in a row have no loss (RFC 2544, section 26.3), which gives the
 * curve of losses; then it halves the step between the lowest rate with a loss and the highest
 * without.
 */
final class ThroughputSearch {
  /** One rate, tried. */
  @FunctionalInterface
  interface Attempt {
    Trial at(Rate rate) throws FramejetException;
  }

  private static final int STEPS = 10;

  /** Where the search ends: a hundredth of the highest rate. */
  private static final double RESOLUTION = 0.01;

  private final Load load;
  private final Attempt attempt;
  private final BooleanSupplier cancelled;
  private final List<Throughput.Point> points = new ArrayList<>();
  private double lossless;
  private double achieved;
  private double lossy = Double.POSITIVE_INFINITY;

  ThroughputSearch(Load load, Attempt attempt, BooleanSupplier cancelled) {
    this.load = load;
    this.attempt = attempt;
    this.cancelled = cancelled;
  }

  Throughput run() throws FramejetException {
    final double highest = highest();
    curve(highest);
    while (lossy < Double.POSITIVE_INFINITY
        && lossy - lossless > highest * RESOLUTION
        && !cancelled.getAsBoolean()) {
      attempt(Rate.of((lossless + lossy) / 2));
    }
    return new Throughput(load, achieved, points, !cancelled.getAsBoolean());
  }

  private double highest() throws FramejetException {
    final Throughput.Point first = attempt(load.rate());
    return load.rate().isMax() ? first.pps() : load.rate().pps();
  }

  private void curve(double highest) throws FramejetException {
    int inARow = points.get(0).lossless() ? 1 : 0;
    for (int i = STEPS - 1; i > 0 && inARow < 2 && highest > 0; i--) {
      if (cancelled.getAsBoolean()) {
        return;
      }
      inARow = attempt(Rate.of(highest * i / STEPS)).lossless() ? inARow + 1 : 0;
    }
  }

  private Throughput.Point attempt(Rate rate) throws FramejetException {
    final Throughput.Point point = new Throughput.Point(rate, attempt.at(rate));
    points.add(point);
    if (!point.lossless()) {
      lossy = Math.min(lossy, asked(point));
    }
    lossless = 0;
    achieved = 0;
    // One that happened to lose nothing above a rate that did lose is no proof of anything.
    for (Throughput.Point each : points) {
      if (each.lossless() && asked(each) < lossy && asked(each) > lossless) {
        lossless = asked(each);
        achieved = each.pps();
      }
    }
    return point;
  }

  private static double asked(Throughput.Point point) {
    return point.rate().isMax() ? point.pps() : point.rate().pps();
  }
}
