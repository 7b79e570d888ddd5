package io.framejet.cli.output;

/**
 * Numbers and times as people read them. By hand: the formatter of the JDK takes some 30 ms to come
 * to life, which is a tenth of a short sweep.
 */
public final class Numbers {
  private Numbers() {}

  /** {@code 65,534}. */
  public static String grouped(long number) {
    StringBuilder text = new StringBuilder().append(number);
    int first = number < 0 ? 1 : 0;
    for (int i = text.length() - 3; i > first; i -= 3) {
      text.insert(i, ',');
    }
    return text.toString();
  }

  /** {@code 0.164 s}, {@code 12.3 s}, {@code 4 min 5 s}, {@code 3 h 20 min}. */
  public static String duration(long nanos) {
    long millis = Math.max(0, (nanos + 500_000) / 1_000_000);
    if (millis < 10_000) {
      return decimal(millis, 3) + " s";
    }
    if (millis < 60_000) {
      return decimal((millis + 50) / 100, 1) + " s";
    }
    long seconds = (millis + 500) / 1000;
    if (seconds < 3600) {
      return seconds / 60 + " min " + seconds % 60 + " s";
    }
    long minutes = seconds / 60;
    if (minutes < 48 * 60) {
      return minutes / 60 + " h " + minutes % 60 + " min";
    }
    return minutes / (24 * 60) + " days " + minutes / 60 % 24 + " h";
  }

  /**
   * {@code part} of {@code whole} in percent, rounded down so that 100 means all: {@code 99.9 %}.
   */
  public static String percent(long part, long whole) {
    return whole == 0 ? "100.0 %" : decimal((long) Math.floor(part * 1000.0 / whole), 1) + " %";
  }

  /** {@code count noun}, with the plural's s. */
  public static String count(long count, String noun) {
    return grouped(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /** Frames per second: {@code 10,000 pps}, {@code 0.5 pps}. */
  public static String rate(double pps) {
    if (pps >= 100) {
      return grouped(Math.round(pps)) + " pps";
    }
    long thousandths = Math.round(pps * 1000);
    if (thousandths == 0 && pps > 0) {
      return pps + " pps"; // slow as it is, it is not nothing
    }
    String text = decimal(thousandths, 3);
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end) + " pps";
  }

  private static String decimal(long scaled, int digits) {
    StringBuilder text = new StringBuilder().append(scaled);
    while (text.length() <= digits) {
      text.insert(0, '0');
    }
    return text.insert(text.length() - digits, '.').toString();
  }
}
