package io.framejet.cli.bench;

import io.framejet.cli.output.Numbers;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One page that needs nothing else: its style is in it, its plots are, and so is the JSON of the
 * run. It has no script.
 */
final class Report {
  private static final String STYLE = "report.css";

  private Report() {}

  /** The page of a run as it goes into the JSON file. */
  static String page(Map<String, @Nullable Object> run) throws IOException {
    Map<?, ?> environment = Json.map(run, "environment");
    StringBuilder out = new StringBuilder(60_000);
    String title = "framejet bench: " + Json.text(environment, "link");
    out.append("<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>");
    out.append("<meta name='viewport' content='width=device-width, initial-scale=1'>");
    out.append("<meta name='color-scheme' content='light dark'>");
    out.append("<link rel='icon' href='data:,'>");
    out.append("<title>").append(Html.escape(title)).append("</title><style>");
    out.append(style()).append("</style></head><body>\n<header><h1>");
    out.append(Html.escape(title)).append("</h1>").append(subtitle(environment));
    out.append("</header>\n<main>").append(tiles(run)).append(notes(run));
    out.append("<div class='plots'>\n").append(new Plots(run).all()).append("</div>\n");
    out.append(cases(run)).append(environment(environment)).append("</main>\n");
    out.append("<script type='application/json' id='run'>").append(json(run));
    return out.append("</script>\n</body></html>\n").toString();
  }

  private static String subtitle(Map<?, ?> environment) {
    String text =
        Json.text(environment, "driver")
            + ", MTU "
            + Json.text(environment, "mtu_bytes")
            + ", "
            + Json.text(environment, "kernel")
            + ", "
            + Json.text(environment, "cpus")
            + " x "
            + Json.text(environment, "cpu");
    return "<p>"
        + Html.escape(text)
        + "</p><p><time datetime='"
        + Html.escape(Json.text(environment, "started"))
        + "'>"
        + Html.escape(Json.text(environment, "started").replace('T', ' ').replace("Z", " UTC"))
        + "</time></p>";
  }

  // --- the figures that matter most

  private static String tiles(Map<?, ?> run) {
    StringBuilder out = new StringBuilder("<div class='tiles'>");
    best(run, "injection", "mpps")
        .ifPresent(one -> out.append(tile("Most frames", one, "mpps", 3, "Mpps")));
    best(run, "injection", "gbps_wire")
        .ifPresent(one -> out.append(tile("Most bits on the wire", one, "gbps_wire", 2, "Gbit/s")));
    best(run, "throughput", "mpps")
        .ifPresent(one -> out.append(tile("Without a loss", one, "mpps", 3, "Mpps")));
    best(run, "rate", "mpps").ifPresent(one -> out.append(kept(one)));
    Json.maps(run, "cases").stream()
        .filter(each -> !Json.map(each, "latency_us").isEmpty())
        .min(
            Comparator.comparingDouble(each -> Json.number(Json.map(each, "latency_us"), "p99", 0)))
        .ifPresent(
            one ->
                out.append(
                    tile(
                        "Latency, 99th percentile",
                        Tables.decimal(Json.map(one, "latency_us"), "p99", 1),
                        "us",
                        Tables.name(one))));
    return out.append("</div>\n").toString();
  }

  private static String kept(Map<?, ?> one) {
    double asked = Json.number(one, "rate_asked_pps", 1);
    double kept = 100 * Json.number(one, "mpps", 0) * 1e6 / asked;
    return tile("Of the rate asked for", Axis.text(Cases.round(kept, 2)), "%", Tables.name(one));
  }

  private static Optional<Map<?, ?>> best(Map<?, ?> run, String test, String figure) {
    return Json.maps(run, "cases").stream()
        .filter(each -> Json.text(each, "test").equals(test))
        .max(Comparator.comparingDouble(each -> Json.number(each, figure, 0)));
  }

  private static String tile(String what, Map<?, ?> one, String figure, int digits, String unit) {
    return tile(what, Tables.decimal(one, figure, digits), unit, Tables.name(one));
  }

  private static String tile(String what, String value, String unit, String where) {
    return "<div class='tile'><h2>"
        + Html.escape(what)
        + "</h2><p class='value'>"
        + Html.escape(value)
        + " <span>"
        + Html.escape(unit)
        + "</span></p><p>"
        + Html.escape(where)
        + "</p></div>";
  }

  private static String notes(Map<?, ?> run) {
    List<String> notes = new ArrayList<>(Tables.notes(run));
    if (Boolean.TRUE.equals(run.get("interrupted"))) {
      notes.add(0, "The run was interrupted: this is what it had measured by then.");
    }
    boolean disagree =
        Json.maps(run, "cases").stream()
            .anyMatch(each -> each.get("disagreements") instanceof List<?> list && !list.isEmpty());
    String agreed = "All counts agree: frames said to be sent are frames that were counted.";
    if (notes.isEmpty()) {
      return "<p class='note good'>" + agreed + "</p>\n";
    }
    boolean good = !disagree && !Boolean.TRUE.equals(run.get("interrupted"));
    StringBuilder out = new StringBuilder(good ? "<div class='note good'>" : "<div class='note'>");
    out.append(disagree ? "<p>What did not agree, or was left out</p>" : "<p>" + agreed + "</p>");
    out.append("<ul>");
    notes.forEach(note -> out.append("<li>").append(Html.escape(note)).append("</li>"));
    return out.append("</ul></div>\n").toString();
  }

  // --- all figures

  private static String cases(Map<?, ?> run) {
    List<List<String>> rows = new ArrayList<>();
    for (Map<?, ?> one : Json.maps(run, "cases")) {
      Map<?, ?> latency = Json.map(one, "latency_us");
      rows.add(
          List.of(
              Tables.name(one),
              Tables.decimal(one, "mpps", 6),
              Tables.decimal(one, "mpps_min", 6),
              Tables.decimal(one, "mpps_max", 6),
              Tables.decimal(one, "gbps", 6),
              Tables.decimal(one, "gbps_wire", 6),
              Tables.decimal(one, "line_rate_percent", 3),
              grouped(one, "frames"),
              grouped(one, "link_frames"),
              grouped(one, "delivered"),
              grouped(one, "lost"),
              grouped(one, "errors"),
              Tables.decimal(one, "cpu_user_ns_per_frame", 2),
              Tables.decimal(one, "cpu_system_ns_per_frame", 2),
              Tables.decimal(one, "cpu_softirq_ns_per_frame", 2),
              Tables.decimal(latency, "p50", 3),
              Tables.decimal(latency, "p99", 3),
              Tables.decimal(latency, "p99_9", 3)));
    }
    return "<section id='cases'><h2>All cases</h2>"
        + Html.table(
            "Times are ns of CPU per frame: of the sending threads in and outside of the kernel, and of all cores in"
                + " softirqs. Latencies are us.",
            List.of(
                "case",
                "Mpps",
                "least",
                "most",
                "Gbit/s",
                "on the wire",
                "% of line rate",
                "accepted",
                "counted by the link",
                "delivered",
                "lost",
                "errors",
                "user",
                "system",
                "softirq",
                "p50",
                "p99",
                "p99.9"),
            rows)
        + "</section>\n";
  }

  private static String grouped(Map<?, ?> one, String name) {
    return one.get(name) instanceof Number number ? Numbers.grouped(number.longValue()) : "";
  }

  private static String environment(Map<?, ?> environment) {
    StringBuilder out = new StringBuilder("<section><h2>Measured on</h2><dl>");
    environment.forEach((name, value) -> define(out, String.valueOf(name), value));
    return out.append("</dl></section>\n").toString();
  }

  private static void define(StringBuilder out, String name, @Nullable Object value) {
    if (value == null) {
      return;
    }
    if (value instanceof Map<?, ?> map) {
      map.forEach((inner, each) -> define(out, name + " " + inner, each));
      return;
    }
    String text =
        value instanceof List<?> list
            ? String.join(", ", list.stream().map(Object::toString).toList())
            : value.toString();
    out.append("<div><dt>").append(Html.escape(name.replace('_', ' '))).append("</dt><dd>");
    out.append(Html.escape(text)).append("</dd></div>");
  }

  /** As it is in the JSON file; {@code </} would end the element that it is in. */
  private static String json(Map<String, @Nullable Object> run) throws IOException {
    StringWriter out = new StringWriter();
    Json.write(run, out);
    return out.toString().replace("<", "\\u003c");
  }

  private static String style() throws IOException {
    try (InputStream in = Objects.requireNonNull(Report.class.getResourceAsStream(STYLE), STYLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
