package io.framejet.cli.bench;

import io.framejet.cli.bench.Plot.Point;
import io.framejet.cli.bench.Plot.Series;
import io.framejet.cli.output.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The page's plots of a run, each with a table of the same values. */
final class Plots {
  private static final List<String> DIMENSIONS =
      List.of("backend", "frame_size", "batch", "cores", "qdisc_bypass", "rate_asked_pps");

  /** A backend has the same color on every page. */
  private static final List<String> COLORS =
      List.of("ring", "socket", "pcap", "xdp", "xsk", "rawip");

  private static final int PALETTE = 6;

  /** More histograms than this hide the rest of the page. */
  private static final int MOST_HISTOGRAMS = 8;

  private final List<Map<?, ?>> cases;
  private final Map<?, ?> environment;

  Plots(Map<?, ?> run) {
    cases = Json.maps(run, "cases");
    environment = Json.map(run, "environment");
  }

  String all() {
    StringBuilder out = new StringBuilder(40_000);
    List<Map<?, ?>> injections = of("injection");
    if (!injections.isEmpty()) {
      over(out, injections, "frame_size", "mpps", "Mpps", "Frames per second", "frame size, bytes");
      over(
          out,
          injections,
          "frame_size",
          "gbps_wire",
          "Gbit/s",
          "Bits per second on the wire",
          "frame size, bytes");
      if (values(injections, "batch").size() > 1) {
        over(
            out,
            injections,
            "batch",
            "mpps",
            "Mpps",
            "Frames per second by batch",
            "frames handed over by one call");
      }
      if (values(injections, "cores").size() > 1) {
        over(out, injections, "cores", "mpps", "Mpps", "Frames per second by cores", "threads");
      }
    }
    List<Map<?, ?>> searches = of("throughput");
    if (!searches.isEmpty()) {
      over(
          out,
          searches,
          "frame_size",
          "mpps",
          "Mpps",
          "Throughput: the highest rate without a loss",
          "frame size, bytes");
      split(searches, "Loss over rate").forEach((title, of) -> out.append(losses(of, title)));
    }
    split(withTimes("latency_us"), "Latency")
        .forEach((title, of) -> out.append(latencies(of, title)));
    gaps(out);
    return out.toString();
  }

  private List<Map<?, ?>> of(String test) {
    return cases.stream().filter(each -> Json.text(each, "test").equals(test)).toList();
  }

  // --- a figure over something that was varied

  private void over(
      StringBuilder out,
      List<Map<?, ?>> of,
      String dimension,
      String figure,
      String unit,
      String title,
      String across) {
    List<Integer> places = values(of, dimension);
    List<String> ticks = places.stream().map(String::valueOf).toList();
    List<Series> series = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    double highest = 0;
    for (Map.Entry<String, List<Map<?, ?>>> group : groups(of, dimension).entrySet()) {
      TreeMap<Integer, Point> points = new TreeMap<>();
      for (Map<?, ?> one : group.getValue()) {
        double value = Json.number(one, figure, 0);
        double mpps = Json.number(one, "mpps", 0);
        double scale = mpps > 0 ? value / mpps : 1;
        double low = Json.number(one, "mpps_min", mpps) * scale;
        double high = Json.number(one, "mpps_max", mpps) * scale;
        highest = Math.max(highest, high);
        int place = (int) Json.number(one, dimension, 0);
        String tip =
            group.getKey()
                + "\n"
                + ticks.get(places.indexOf(place))
                + ": "
                + Tables.decimal(one, figure, 4)
                + " "
                + unit;
        points.put(places.indexOf(place), new Point(places.indexOf(place), value, low, high, tip));
        rows.add(
            List.of(
                group.getKey(),
                ticks.get(places.indexOf(place)),
                Tables.decimal(one, figure, 6),
                Axis.text(low),
                Axis.text(high)));
      }
      series.add(
          new Series(group.getKey(), color(group, series.size()), List.copyOf(points.values())));
    }
    Plot plot = new Plot(Axis.ofNames(across, ticks), Axis.fromZero(unit, highest));
    plot = places.size() == 1 ? plot.columns(series) : plot.lines(series);
    double limit = physicalSpeed();
    if (figure.equals("gbps_wire") && limit > 0 && limit <= highest * 4) {
      plot.level(Math.min(limit, highest), "line rate " + Axis.text(limit) + " Gbit/s");
    }
    boolean searched = Json.text(of.get(0), "test").equals("throughput");
    String note =
        repetitions(of) > 1 && !searched
            ? "Median of the repetitions; whiskers from the least to the most."
            : "";
    out.append(
        Html.figure(
            title,
            note,
            Plot.legend(series),
            plot.svg(title + " over " + across),
            Html.table(title, List.of("case", across, unit, "least", "most"), rows)));
  }

  /** In Gbit/s; 0 for links that are not of metal, whose speed is a mere claim. */
  private double physicalSpeed() {
    return environment.get("link_kind") == null
        ? Json.number(environment, "speed_mbps", 0) / 1000
        : 0;
  }

  private static int repetitions(List<Map<?, ?>> of) {
    return of.stream()
        .mapToInt(each -> Json.numbers(each, "mpps_repetitions").length)
        .max()
        .orElse(0);
  }

  /** Cases that differ in nothing but {@code dimension}, by what tells them from the others. */
  private static Map<String, List<Map<?, ?>>> groups(List<Map<?, ?>> of, String dimension) {
    Map<String, List<Map<?, ?>>> groups = new LinkedHashMap<>();
    for (Map<?, ?> one : of) {
      groups.computeIfAbsent(name(one, of, dimension), key -> new ArrayList<>()).add(one);
    }
    return groups;
  }

  /** The backend, and what else differs among {@code among} but for one thing. */
  private static String name(Map<?, ?> one, List<Map<?, ?>> among, String without) {
    StringBuilder text = new StringBuilder(Json.text(one, "backend"));
    for (String dimension : DIMENSIONS.subList(1, DIMENSIONS.size())) {
      long different = among.stream().map(each -> Json.text(each, dimension)).distinct().count();
      if (!dimension.equals(without) && different > 1) {
        text.append(words(dimension, one));
      }
    }
    return text.toString();
  }

  private static String words(String dimension, Map<?, ?> one) {
    String value = Json.text(one, dimension);
    return switch (dimension) {
      case "frame_size" -> ", " + value + " B";
      case "batch" -> ", batch " + value;
      case "cores" -> ", " + value + (value.equals("1") ? " core" : " cores");
      case "qdisc_bypass" -> value.equals("true") ? ", bypass" : "";
      default -> value.isEmpty() ? "" : ", " + rate(Json.number(one, dimension, 0));
    };
  }

  private static String rate(double pps) {
    return Numbers.grouped(Math.round(pps)) + " pps";
  }

  private int color(Map.Entry<String, List<Map<?, ?>>> group, int index) {
    boolean byBackend =
        cases.stream().map(each -> Json.text(each, "backend")).distinct().count() > 1
            && !group.getKey().contains(",");
    int known = COLORS.indexOf(Json.text(group.getValue().get(0), "backend"));
    return byBackend && known >= 0 ? known : index % PALETTE;
  }

  private static List<Integer> values(List<Map<?, ?>> of, String dimension) {
    TreeSet<Integer> values = new TreeSet<>();
    of.forEach(each -> values.add((int) Json.number(each, dimension, 0)));
    return List.copyOf(values);
  }

  /** All in one plot as long as their colors differ, else one for each test and backend. */
  private static Map<String, List<Map<?, ?>>> split(List<Map<?, ?>> of, String title) {
    Map<String, List<Map<?, ?>>> parts = new LinkedHashMap<>();
    for (Map<?, ?> one : of) {
      String part = title + ": " + Json.text(one, "test") + " by " + Json.text(one, "backend");
      parts.computeIfAbsent(of.size() > PALETTE ? part : title, key -> new ArrayList<>()).add(one);
    }
    return parts;
  }

  private List<Map<?, ?>> withTimes(String name) {
    return cases.stream().filter(each -> !Json.map(each, name).isEmpty()).toList();
  }

  // --- losses

  private static String losses(List<Map<?, ?>> searches, String title) {
    List<Series> series = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    double fastest = 0;
    double worst = 0;
    for (Map<?, ?> one : searches) {
      String name = name(one, searches, "");
      TreeMap<Double, Point> points = new TreeMap<>();
      for (Map<?, ?> point : Json.maps(one, "points")) {
        double mpps = Json.number(point, "rate_pps", 0) / 1e6;
        double loss = Json.number(point, "loss_percent", 0);
        fastest = Math.max(fastest, mpps);
        worst = Math.max(worst, loss);
        String lost = Tables.decimal(point, "loss_percent", 4) + " % lost";
        points.put(mpps, new Point(mpps, loss, name + "\n" + Axis.text(mpps) + " Mpps: " + lost));
        rows.add(
            List.of(
                name,
                Tables.decimal(point, "rate_pps", 0),
                Json.text(point, "frames"),
                Json.text(point, "lost"),
                Tables.decimal(point, "loss_percent", 6)));
      }
      series.add(new Series(name, series.size() % PALETTE, List.copyOf(points.values())));
    }
    Plot plot =
        new Plot(
                Axis.fromZero("rate sent, Mpps", fastest),
                Axis.fromZero("% lost", worst == 0 ? 1 : worst))
            .lines(series);
    return Html.figure(
        title,
        "Every rate that the search tried, once." + (worst == 0 ? " None lost a frame." : ""),
        Plot.legend(series),
        plot.svg(title),
        Html.table(title, List.of("case", "pps", "frames", "lost", "% lost"), rows));
  }

  // --- latency

  private static String latencies(List<Map<?, ?>> timed, String title) {
    List<Series> series = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    double lowest = Double.MAX_VALUE;
    double highest = 0;
    List<String> places = places();
    for (Map<?, ?> one : timed) {
      String name = nameOfTimed(one, timed);
      List<Point> points = new ArrayList<>();
      for (Map<?, ?> each : Json.maps(Json.map(one, "latency_us"), "percentiles")) {
        int place = places.indexOf(Axis.text(Json.number(each, "percentile", -1)));
        double micros = Math.max(0.001, Json.number(each, "latency_us", 0));
        if (place >= 0) {
          lowest = Math.min(lowest, micros);
          highest = Math.max(highest, micros);
          String tip = name + "\n" + places.get(place) + " % within " + Axis.text(micros) + " us";
          points.add(new Point(place, micros, tip));
        }
        rows.add(
            List.of(
                name,
                Axis.text(Json.number(each, "percentile", 0)),
                Tables.decimal(each, "latency_us", 3)));
      }
      series.add(new Series(name, series.size() % PALETTE, points));
    }
    Plot plot =
        new Plot(
                Axis.ofNames("percentile", places),
                Axis.logarithmic("latency, us", lowest, highest))
            .lines(series);
    return Html.figure(
        title,
        "From when a frame was written to when the kernel at the receiving link saw it: waiting for"
            + " its batch is part of it.",
        Plot.legend(series),
        plot.svg(title + " by percentile"),
        Html.table(title, List.of("case", "percentile", "latency, us"), rows));
  }

  private static List<String> places() {
    return List.of("0", "10", "50", "90", "99", "99.9", "99.99", "100");
  }

  private static String nameOfTimed(Map<?, ?> one, List<Map<?, ?>> timed) {
    String name = name(one, timed, "");
    boolean mixed = timed.stream().map(each -> Json.text(each, "test")).distinct().count() > 1;
    return mixed ? Json.text(one, "test") + " " + name : name;
  }

  // --- gaps

  private void gaps(StringBuilder out) {
    List<Map<?, ?>> all = withTimes("gaps_us");
    List<Map<?, ?>> paced =
        all.stream().filter(each -> Json.text(each, "test").equals("rate")).toList();
    // How a rate is kept is asked of tests of a rate; of a search only where there is none.
    List<Map<?, ?>> timed = paced.isEmpty() ? all : paced;
    for (Map<?, ?> one : timed.subList(0, Math.min(timed.size(), MOST_HISTOGRAMS))) {
      Map<?, ?> gaps = Json.map(one, "gaps_us");
      String name = nameOfTimed(one, timed);
      out.append(gaps(gaps, "Gaps between frames" + (timed.size() > 1 ? ": " + name : "")));
    }
  }

  private static String gaps(Map<?, ?> gaps, String title) {
    List<Map<?, ?>> bins = Json.maps(gaps, "histogram");
    double total = Math.max(1, Json.number(gaps, "count", 1));
    double first = Math.max(0.05, Json.number(bins.get(0), "from_us", 0));
    double last = Json.number(bins.get(bins.size() - 1), "to_us", 1);
    double most = bins.stream().mapToDouble(each -> Json.number(each, "count", 0)).max().orElse(1);
    Plot plot =
        new Plot(
            Axis.logarithmic("gap, us", first, last),
            Axis.fromZero("% of gaps", 100 * most / total));
    List<List<String>> rows = new ArrayList<>();
    for (Map<?, ?> bin : bins) {
      double from = Json.number(bin, "from_us", 0);
      double to = Json.number(bin, "to_us", 0);
      double count = Json.number(bin, "count", 0);
      String edges = Axis.text(from) + " to " + Axis.text(to) + " us";
      if (count > 0) {
        double percent = 100 * count / total;
        String tip =
            edges
                + "\n"
                + Numbers.grouped((long) count)
                + " ("
                + Axis.text(Cases.round(percent, 2))
                + " %)";
        plot.bin(0, Math.max(first, from), to, new Point(0, percent, tip));
      }
      rows.add(List.of(edges, Numbers.grouped((long) count)));
    }
    double asked = Json.number(gaps, "asked", 0);
    if (asked > 0) {
      plot.mark(asked, "asked " + Axis.text(Cases.round(asked, 2)) + " us");
    }
    return Html.figure(
        title,
        "Between arrivals, by the time stamps of the kernel at the receiving link.",
        "",
        plot.svg(title),
        Html.table(title, List.of("gap", "count"), rows));
  }
}
