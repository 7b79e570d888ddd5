package io.framejet.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One axis of a plot: where values lie between its two ends, and what is written beside it.
 *
 * @param label what it shows, with its unit
 * @param ticks in the order of their values
 */
record Axis(String label, double min, double max, boolean logarithmic, List<Tick> ticks) {
  private static final int TICKS = 5;

  /** A place on the axis that has a text. */
  record Tick(double value, String text) {}

  /** Names side by side, at 0, 1, 2, with room for half a step at both ends. */
  static Axis ofNames(String label, List<String> names) {
    List<Tick> ticks = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      ticks.add(new Tick(i, names.get(i)));
    }
    return new Axis(label, -0.5, Math.max(0, names.size() - 1) + 0.5, false, ticks);
  }

  /** From 0 to a round number that is no less than {@code highest}. */
  static Axis fromZero(String label, double highest) {
    double step = roundStep(Math.max(highest, 1e-9) / TICKS);
    int steps = (int) Math.max(1, Math.ceil(highest / step - 1e-9));
    List<Tick> ticks = new ArrayList<>();
    for (int i = 0; i <= steps; i++) {
      ticks.add(new Tick(i * step, text(i * step)));
    }
    return new Axis(label, 0, steps * step, false, ticks);
  }

  /** Whole powers of ten around what is shown; all values are more than 0. */
  static Axis logarithmic(String label, double lowest, double highest) {
    int from = (int) Math.floor(Math.log10(lowest) + 1e-9);
    int to = (int) Math.max(from + 1, Math.ceil(Math.log10(highest) - 1e-9));
    List<Tick> ticks = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      ticks.add(new Tick(Math.pow(10, i), text(Math.pow(10, i))));
    }
    return new Axis(label, Math.pow(10, from), Math.pow(10, to), true, ticks);
  }

  /** Where a value lies: 0 at the one end, 1 at the other. */
  double at(double value) {
    double share =
        logarithmic
            ? (Math.log10(value) - Math.log10(min)) / (Math.log10(max) - Math.log10(min))
            : (value - min) / (max - min);
    return Math.max(0, Math.min(1, share));
  }

  /** The smallest of 1, 2, 2.5, 5 times a power of ten that is no less. */
  private static double roundStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : new double[] {1, 2, 2.5, 5}) {
      if (factor * power >= least * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** Without zeros that say nothing. */
  static String text(double value) {
    if (value != 0 && Math.abs(value) < 1e-4) {
      return String.format(Locale.ROOT, "%.0e", value);
    }
    if (value >= 10_000 && value == Math.rint(value)) {
      return value >= 1e6 ? trimmed(value / 1e6) + "M" : trimmed(value / 1e3) + "k";
    }
    return trimmed(value);
  }

  private static String trimmed(double value) {
    String text = String.format(Locale.ROOT, "%.4f", value);
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
  }
}
