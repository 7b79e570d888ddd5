package io.framejet.inject;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many frames to send per second, or as many as the kernel takes.
 *
 * @param pps frames per second, positive; infinite for {@link #MAX}
 */
public record Rate(double pps) {
  /** As fast as the kernel takes frames. */
  public static final Rate MAX = new Rate(Double.POSITIVE_INFINITY);

  private static final Pattern TEXT =
      Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kKmMgG]?)\\s*(?:pps)?", Pattern.CASE_INSENSITIVE);

  /** Checks that the rate is positive. */
  public Rate {
    if (!(pps > 0)) {
      throw new IllegalArgumentException("pps=" + pps + ": a rate is more than 0");
    }
  }

  /** A rate in frames per second. */
  public static Rate of(double pps) {
    return new Rate(pps);
  }

  /**
   * Reads {@code 10000}, {@code 10k}, {@code 2.5M}, {@code 1M pps} or {@code max}.
   *
   * @throws IllegalArgumentException with a sentence for the user when it is none of these
   */
  public static Rate parse(String text) {
    String trimmed = text.strip();
    if (trimmed.equalsIgnoreCase("max")) {
      return MAX;
    }
    Matcher matcher = TEXT.matcher(trimmed);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a rate: write frames per second as 500, 10k, 2.5M, or max");
    }
    double scale =
        switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
          case "k" -> 1e3;
          case "m" -> 1e6;
          case "g" -> 1e9;
          default -> 1;
        };
    return new Rate(Double.parseDouble(matcher.group(1)) * scale);
  }

  /** Whether there is no limit. */
  public boolean isMax() {
    return Double.isInfinite(pps);
  }

  /** This rate times {@code factor}; {@link #MAX} stays what it is. */
  public Rate times(double factor) {
    return isMax() ? this : new Rate(pps * factor);
  }

  /** {@code max}, or {@code 10,000 pps}. */
  @Override
  public String toString() {
    if (isMax()) {
      return "max";
    }
    return String.format(Locale.ROOT, pps == Math.rint(pps) ? "%,.0f pps" : "%,.2f pps", pps);
  }
}
