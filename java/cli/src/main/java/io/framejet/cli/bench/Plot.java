package io.framejet.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A plot as SVG, in the colors that the page's style gives its classes. Without a script: what a
 * point stands for shows when the pointer is over it, or when it has the focus.
 */
final class Plot {
  private static final double WIDTH = 440;
  private static final double HEIGHT = 300;
  private static final double LEFT = 52;
  private static final double RIGHT = 12;
  private static final double TOP = 28;
  private static final double BOTTOM = 46;
  private static final double HIT = 13;
  private static final double CHARACTER = 6.6;

  /**
   * A value.
   *
   * @param low the end of its whisker, or the same as {@code y} for none
   * @param tip what it says when it is pointed at
   */
  record Point(double x, double y, double low, double high, String tip) {
    Point(double x, double y, String tip) {
      this(x, y, y, y, tip);
    }
  }

  /**
   * Values that belong together.
   *
   * @param color which of the style's colors, which also gives the shape of its points
   */
  record Series(String name, int color, List<Point> points) {
    Series {
      points = List.copyOf(points);
    }
  }

  private final Axis across;
  private final Axis up;
  private final StringBuilder back = new StringBuilder(4000);
  private final StringBuilder front = new StringBuilder(4000);

  Plot(Axis across, Axis up) {
    this.across = across;
    this.up = up;
    grid();
  }

  /** Lines through points, each with its whisker. */
  Plot lines(List<Series> all) {
    for (Series series : all) {
      back.append("<g class='s").append(series.color()).append("'><path class='line' d='");
      for (int i = 0; i < series.points().size(); i++) {
        Point point = series.points().get(i);
        back.append(i == 0 ? 'M' : 'L').append(number(x(point.x()))).append(' ');
        back.append(number(y(point.y())));
      }
      back.append("'/>");
      for (Point point : series.points()) {
        whisker(x(point.x()), point);
        back.append(marker(series.color(), x(point.x()), y(point.y())));
        hit(x(point.x()), y(point.y()), point);
      }
      back.append("</g>");
    }
    return this;
  }

  /** Columns side by side: one place on the axis, one column for each series that has it. */
  Plot columns(List<Series> all) {
    double place = x(1) - x(0);
    double width = Math.min(64, place * 0.8 / Math.max(1, all.size()));
    for (int i = 0; i < all.size(); i++) {
      Series series = all.get(i);
      back.append("<g class='s").append(series.color()).append("'>");
      for (Point point : series.points()) {
        double left = x(point.x()) + (i - all.size() / 2.0) * width;
        column(left + 1, width - 2, point);
        whisker(left + width / 2, point);
        hit(left + width / 2, y(point.y()), point);
      }
      back.append("</g>");
    }
    return this;
  }

  /** A column from one edge to the other, as in a histogram. */
  Plot bin(int color, double from, double to, Point point) {
    back.append("<g class='s").append(color).append("'>");
    column(x(from) + 0.5, Math.max(1, x(to) - x(from) - 1), point);
    back.append("</g>");
    hit((x(from) + x(to)) / 2, y(point.y()), point);
    return this;
  }

  /** A dashed line upwards, with a text. */
  Plot mark(double at, String text) {
    double x = x(at);
    back.append("<path class='mark' d='M").append(number(x)).append(' ').append(number(TOP));
    back.append('V').append(number(HEIGHT - BOTTOM)).append("'/>");
    boolean leftwards = x > WIDTH / 2;
    text(back, "marked", leftwards ? "end" : "start", x + (leftwards ? -4 : 4), TOP + 9, text);
    return this;
  }

  /** A dashed line across, with a text. */
  Plot level(double at, String text) {
    double y = y(at);
    back.append("<path class='mark' d='M").append(number(LEFT)).append(' ').append(number(y));
    back.append('H').append(number(WIDTH - RIGHT)).append("'/>");
    text(back, "marked", "end", WIDTH - RIGHT - 2, y - 4, text);
    return this;
  }

  /** The picture; {@code label} is what a screen reader says of it. */
  String svg(String label) {
    return "<svg viewBox='0 0 "
        + number(WIDTH)
        + " "
        + number(HEIGHT)
        + "' role='img' aria-label='"
        + Html.escape(label)
        + "'>"
        + back
        + front
        + "</svg>";
  }

  private void grid() {
    for (Axis.Tick tick : up.ticks()) {
      double y = y(tick.value());
      back.append("<path class='grid' d='M").append(number(LEFT)).append(' ').append(number(y));
      back.append('H').append(number(WIDTH - RIGHT)).append("'/>");
      text(back, "tick", "end", LEFT - 6, y + 4, tick.text());
    }
    double last = -WIDTH;
    for (Axis.Tick tick : across.ticks()) {
      double x = x(tick.value());
      double half = tick.text().length() * CHARACTER / 2;
      if (x - half > last + 4) {
        text(back, "tick", "middle", x, HEIGHT - BOTTOM + 17, tick.text());
        last = x + half;
      }
    }
    text(back, "axis", "start", 2, 10, up.label());
    text(back, "axis", "end", WIDTH - RIGHT, HEIGHT - 8, across.label());
  }

  private void column(double left, double width, Point point) {
    double base = HEIGHT - BOTTOM;
    double top = point.y() > up.min() || !up.logarithmic() ? y(point.y()) : base;
    back.append("<rect class='bar' x='").append(number(left)).append("' y='").append(number(top));
    back.append("' width='").append(number(width)).append("' height='");
    back.append(number(Math.max(0, base - top))).append("' rx='2'/>");
  }

  private void whisker(double x, Point point) {
    if (point.high() > point.low()) {
      back.append("<path class='whisker' d='M").append(number(x)).append(' ');
      back.append(number(y(point.low()))).append('V').append(number(y(point.high())));
      back.append("'/>");
    }
  }

  private static String marker(int color, double x, double y) {
    String at = number(x) + " " + number(y);
    return switch (color % 4) {
      case 1 -> "<path class='dot' d='M" + at + "m-4-4h8v8h-8z'/>";
      case 2 -> "<path class='dot' d='M" + at + "m0-5.4l5.4 9.4h-10.8z'/>";
      case 3 -> "<path class='dot' d='M" + at + "m0-5.6l5.6 5.6l-5.6 5.6l-5.6-5.6z'/>";
      default -> "<circle class='dot' cx='" + number(x) + "' cy='" + number(y) + "' r='4.2'/>";
    };
  }

  /** What is pointed at lies above all that is drawn, so that no text is behind a line. */
  private void hit(double x, double y, Point point) {
    List<String> lines = List.of(point.tip().split("\n", -1));
    int longest = lines.stream().mapToInt(String::length).max().orElse(0);
    double width = longest * CHARACTER + 14;
    double height = lines.size() * 15 + 9;
    double left = Math.max(2, Math.min(WIDTH - width - 2, x - width / 2));
    double top = y - height - 10 > 0 ? y - height - 10 : y + 12;
    front.append("<g class='hit' tabindex='0'><circle cx='").append(number(x)).append("' cy='");
    front.append(number(y)).append("' r='").append(number(HIT)).append("'/><g class='tip'>");
    front.append("<rect x='").append(number(left)).append("' y='").append(number(top));
    front.append("' width='").append(number(width)).append("' height='").append(number(height));
    front.append("' rx='5'/>");
    for (int i = 0; i < lines.size(); i++) {
      text(front, i == 0 ? "first" : "", "start", left + 7, top + 16 + i * 15, lines.get(i));
    }
    front.append("</g></g>");
  }

  private static void text(
      StringBuilder to, String style, String anchor, double x, double y, String text) {
    to.append("<text class='").append(style).append("' text-anchor='").append(anchor);
    to.append("' x='").append(number(x)).append("' y='").append(number(y)).append("'>");
    to.append(Html.escape(text)).append("</text>");
  }

  private double x(double value) {
    return LEFT + across.at(value) * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    return HEIGHT - BOTTOM - up.at(value) * (HEIGHT - BOTTOM - TOP);
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** Names and colors of what is shown; nothing where there is only one. */
  static String legend(List<Series> all) {
    if (all.size() < 2) {
      return "";
    }
    StringBuilder out = new StringBuilder("<ul class='legend'>");
    for (Series series : new ArrayList<>(all)) {
      out.append("<li class='s").append(series.color()).append("'>");
      out.append("<svg viewBox='0 0 14 14' aria-hidden='true'>");
      out.append(marker(series.color(), 7, 7)).append("</svg>");
      out.append(Html.escape(series.name())).append("</li>");
    }
    return out.append("</ul>").toString();
  }
}
