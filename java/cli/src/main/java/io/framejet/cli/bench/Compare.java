package io.framejet.cli.bench;

import io.framejet.cli.output.Format;
import io.framejet.cli.output.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Two runs side by side. A case of the one is compared with the case of the other that was measured
 * in the same way, whatever the links are called.
 *
 * <p>A difference is more than noise when the repetitions of both runs do not overlap: with three
 * of each, that happens by chance in one of ten pairs of equal runs; with five, in one of 126.
 */
public final class Compare {
  /** Fewer repetitions than this tell nothing about noise. */
  private static final int ENOUGH = 2;

  private static final List<String> SAME =
      List.of("test", "backend", "frame_size", "batch", "cores", "qdisc_bypass", "rate_asked_pps");

  /** What of the environment is worth a word when it differs. */
  private static final List<String> NOTED =
      List.of(
          "kernel",
          "cpu",
          "cpus",
          "governor",
          "jvm",
          "jvm_options",
          "framejet_version",
          "link_kind",
          "driver",
          "mtu_bytes",
          "qdisc",
          "offloads",
          "tx_queues",
          "duration_seconds");

  private final Map<?, ?> before;
  private final Map<?, ?> after;

  private Compare(Map<?, ?> before, Map<?, ?> after) {
    this.before = before;
    this.after = after;
  }

  /**
   * Reads two files that {@code --json} wrote.
   *
   * @throws IOException if one cannot be read or is no such file
   */
  public static Compare of(Path before, Path after) throws IOException {
    return new Compare(run(before), run(after));
  }

  private static Map<?, ?> run(Path file) throws IOException {
    Map<?, ?> run = Json.read(file);
    if (!(run.get("cases") instanceof List<?>)) {
      throw new IOException(
          file + " has no \"cases\": it is not what 'framejet bench --json' writes");
    }
    return run;
  }

  /** What a pair of cases says. */
  enum Verdict {
    /** The repetitions do not overlap, and the second run is the faster one. */
    FASTER,
    /** The repetitions do not overlap, and the second run is the slower one. */
    SLOWER,
    /** The repetitions overlap. */
    NOISE,
    /** There are too few repetitions to tell. */
    UNKNOWN;

    String label() {
      return switch (this) {
        case FASTER -> "faster";
        case SLOWER -> "slower";
        case NOISE -> "within the noise";
        case UNKNOWN -> "too few repetitions";
      };
    }
  }

  /** Prints the table, and in a table for people what differs between the machines. */
  public void print(Format format) throws IOException {
    Table table =
        new Table(
            "case", "mpps_a", "min_a", "max_a", "mpps_b", "min_b", "max_b", "ratio", "verdict");
    List<String> alone = fill(table);
    table.print(format);
    if (format == Format.TABLE) {
      alone.forEach(System.out::println);
      differences().forEach(System.out::println);
      System.out.flush();
    }
  }

  private List<String> fill(Table table) {
    Map<String, Map<?, ?>> others = new LinkedHashMap<>();
    Json.maps(after, "cases").forEach(each -> others.put(key(each), each));
    List<String> alone = new ArrayList<>();
    for (Map<?, ?> one : Json.maps(before, "cases")) {
      Map<?, ?> other = others.remove(key(one));
      if (other == null) {
        alone.add("only in A: " + Tables.name(one));
      } else {
        row(table, one, other);
      }
    }
    others.values().forEach(each -> alone.add("only in B: " + Tables.name(each)));
    return alone;
  }

  private static void row(Table table, Map<?, ?> one, Map<?, ?> other) {
    double a = Json.number(one, "mpps", 0);
    double b = Json.number(other, "mpps", 0);
    table.row(
        Tables.name(one),
        Tables.decimal(one, "mpps", 4),
        Tables.decimal(one, "mpps_min", 4),
        Tables.decimal(one, "mpps_max", 4),
        Tables.decimal(other, "mpps", 4),
        Tables.decimal(other, "mpps_min", 4),
        Tables.decimal(other, "mpps_max", 4),
        a > 0 ? String.format(Locale.ROOT, "%.3f", b / a) : "",
        verdict(one, other).label());
  }

  /** Whether the second is another than the first, beyond what repetitions differ by. */
  static Verdict verdict(Map<?, ?> one, Map<?, ?> other) {
    if (repetitions(one) < ENOUGH || repetitions(other) < ENOUGH) {
      return Verdict.UNKNOWN;
    }
    if (Json.number(other, "mpps_min", 0) > Json.number(one, "mpps_max", 0)) {
      return Verdict.FASTER;
    }
    return Json.number(other, "mpps_max", 0) < Json.number(one, "mpps_min", 0)
        ? Verdict.SLOWER
        : Verdict.NOISE;
  }

  /** A search is made once: what was repeated at the rate it found says nothing of its noise. */
  private static int repetitions(Map<?, ?> one) {
    return Json.text(one, "test").equals(Request.Test.THROUGHPUT.label())
        ? 1
        : Json.numbers(one, "mpps_repetitions").length;
  }

  private static String key(Map<?, ?> one) {
    StringBuilder key = new StringBuilder();
    SAME.forEach(name -> key.append(Json.text(one, name)).append('|'));
    return key.toString();
  }

  private List<String> differences() {
    Map<?, ?> a = Json.map(before, "environment");
    Map<?, ?> b = Json.map(after, "environment");
    return NOTED.stream()
        .filter(name -> !Objects.equals(Json.text(a, name), Json.text(b, name)))
        .map(name -> name + ": " + Json.text(a, name) + " in A, " + Json.text(b, name) + " in B")
        .toList();
  }
}
