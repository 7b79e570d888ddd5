package io.framejet.cli.bench;

import io.framejet.cli.output.Format;
import io.framejet.cli.output.Numbers;
import io.framejet.cli.output.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results for people. */
final class Tables {
  private Tables() {}

  /** One line for each case, and below what does not agree. */
  static void print(Map<?, ?> run) throws IOException {
    Table table =
        new Table(
            "test",
            "backend",
            "size",
            "batch",
            "cores",
            "bypass",
            "asked_pps",
            "Mpps",
            "min_-_max",
            "Gbit/s",
            "on_the_wire",
            "line_rate",
            "user_+_sys,_softirq",
            "lost",
            "p50/p99/p99.9");
    List<Map<?, ?>> cases = Json.maps(run, "cases");
    cases.forEach(each -> table.row(row(each)));
    if (!cases.isEmpty()) {
      table.print(Format.TABLE);
    }
    List<String> notes = notes(run);
    if (!notes.isEmpty()) {
      System.out.println("What did not agree, or was left out:");
      notes.forEach(note -> System.out.println("  " + note));
    } else if (!cases.isEmpty()) {
      System.out.println("All counts agree: frames said to be sent are frames that were counted.");
    }
    if (!cases.isEmpty()) {
      explain(Json.map(run, "environment"));
    }
    System.out.flush();
  }

  private static void explain(Map<?, ?> environment) {
    if (environment.get("link_kind") != null && environment.get("speed_mbps") != null) {
      System.out.println(
          "The line rate is a claim of "
              + Json.text(environment, "link")
              + "'s driver: a virtual link has none.");
    }
    System.out.println(
        "Times are ns of CPU per frame: of the sending threads in and outside of the kernel, and of"
            + " all cores in softirqs; latencies are us.");
  }

  private static Object[] row(Map<?, ?> one) {
    double asked = Json.number(one, "rate_asked_pps", 0);
    return new Object[] {
      Json.text(one, "test"),
      Json.text(one, "backend"),
      Json.text(one, "frame_size"),
      Json.text(one, "batch"),
      Json.text(one, "cores"),
      Boolean.TRUE.equals(one.get("qdisc_bypass")) ? "yes" : "no",
      asked > 0 ? Numbers.grouped(Math.round(asked)) : "max",
      decimal(one, "mpps", 4),
      decimal(one, "mpps_min", 4) + " - " + decimal(one, "mpps_max", 4),
      decimal(one, "gbps", 3),
      decimal(one, "gbps_wire", 3),
      one.get("line_rate_percent") == null ? "" : decimal(one, "line_rate_percent", 1) + " %",
      nanos(one, "user") + " + " + nanos(one, "system") + ", " + nanos(one, "softirq"),
      Numbers.grouped((long) Json.number(one, "lost", 0)),
      latency(Json.map(one, "latency_us"))
    };
  }

  private static String nanos(Map<?, ?> one, String kind) {
    String text = decimal(one, "cpu_" + kind + "_ns_per_frame", 0);
    return text.isEmpty() ? "?" : text;
  }

  private static String latency(Map<?, ?> latency) {
    return latency.isEmpty()
        ? ""
        : decimal(latency, "p50", 1)
            + "/"
            + decimal(latency, "p99", 1)
            + "/"
            + decimal(latency, "p99_9", 1);
  }

  /** Disagreements of cases, and what was left out, in sentences. */
  static List<String> notes(Map<?, ?> run) {
    List<String> notes = new ArrayList<>();
    for (Map<?, ?> one : Json.maps(run, "cases")) {
      if (one.get("disagreements") instanceof List<?> list) {
        list.forEach(each -> notes.add(name(one) + ": " + each));
      }
    }
    for (Map<?, ?> one : Json.maps(run, "skipped")) {
      notes.add(Json.text(one, "what") + " left out: " + Json.text(one, "reason"));
    }
    return notes;
  }

  /** What tells a case from the others. */
  static String name(Map<?, ?> one) {
    double asked = Json.number(one, "rate_asked_pps", 0);
    return Json.text(one, "test")
        + " "
        + Json.text(one, "backend")
        + " "
        + Json.text(one, "frame_size")
        + " B, batch "
        + Json.text(one, "batch")
        + ("1".equals(Json.text(one, "cores")) ? "" : ", " + Json.text(one, "cores") + " cores")
        + (Boolean.TRUE.equals(one.get("qdisc_bypass")) ? ", bypass" : "")
        + (asked > 0 ? ", " + Numbers.grouped(Math.round(asked)) + " pps" : "");
  }

  /** A number with so many decimals; empty where there is none. */
  static String decimal(Map<?, ?> of, String name, int digits) {
    return of.get(name) instanceof Number number
        ? String.format(Locale.ROOT, "%." + digits + "f", number.doubleValue())
        : "";
  }
}
