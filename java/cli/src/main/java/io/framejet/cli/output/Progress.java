package io.framejet.cli.output;

import io.framejet.sweep.SweepProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressState;
import org.jspecify.annotations.Nullable;

/**
 * How far a sweep is, on stderr: a bar on a terminal, plain lines elsewhere. The sweep stores its
 * numbers here and goes on; another thread shows them now and then, and only once the sweep has run
 * for a while, so that a short one is not slowed down by showing how short it is.
 */
public abstract sealed class Progress implements AutoCloseable {
  private static final int BAR_MILLIS = 200;
  private static final long LINE_MILLIS = 3_000;

  private volatile @Nullable SweepProgress latest;

  /** Something that writes. */
  @FunctionalInterface
  interface Writing {
    void write() throws IOException;
  }

  /** A bar if {@code err} is a terminal, lines if not; nothing when {@code quiet}. */
  public static Progress on(PrintStream err, boolean quiet) {
    if (quiet) {
      return new None();
    }
    return isTerminal(2) ? new Bar(err, isTerminal(1)) : new Lines(err);
  }

  /** Stores the numbers to be shown. */
  public void update(SweepProgress progress) {
    latest = progress;
  }

  /** Does something to the terminal that the bar must not get into. */
  void aside(Writing writing) throws IOException {
    writing.write();
  }

  @Override
  public abstract void close();

  /** One line with all that matters. */
  static String describe(SweepProgress now) {
    StringBuilder text = new StringBuilder(100);
    if (!now.phase().equals("probing")) {
      text.append(now.phase()).append(", ");
    }
    if (now.rounds() > 1 && now.round() > 1) {
      text.append("retry ").append(now.round() - 1).append(": ");
    }
    text.append(Numbers.grouped(now.roundDone()))
        .append(" of ")
        .append(Numbers.grouped(now.targets()))
        .append(" done, ");
    text.append(Numbers.grouped(now.hostsUp())).append(" up");
    if (now.roundDone() > 0) {
      text.append(" (")
          .append(Numbers.percent(Math.min(now.hostsUp(), now.roundDone()), now.roundDone()))
          .append(')');
    }
    text.append(", ").append(Numbers.count(now.drops(), "drop"));
    text.append(", ").append(Numbers.rate(now.pps()));
    if (now.nanosLeft() >= 0) {
      text.append(", ").append(left(now.nanosLeft())).append(" left");
    }
    return text.toString();
  }

  private static String left(long nanos) {
    long seconds = (nanos + 999_999_999) / 1_000_000_000;
    return seconds < 60 ? seconds + " s" : Numbers.duration(seconds * 1_000_000_000);
  }

  // System.console() asks for stdin and stdout, and since JDK 22 answers even when there is no
  // terminal.
  /** Whether a descriptor of this process, such as 2 for stderr, leads to a terminal. */
  public static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private static final class None extends Progress {
    @Override
    public void close() {}
  }

  private static final class Lines extends Progress {
    private final PrintStream err;
    private final Thread thread = new Thread(this::run, "progress");

    Lines(PrintStream err) {
      this.err = err;
      thread.setDaemon(true);
      thread.start();
    }

    private void run() {
      try {
        while (true) {
          Thread.sleep(LINE_MILLIS);
          SweepProgress now = super.latest;
          if (now != null) {
            err.println(describe(now));
          }
        }
      } catch (InterruptedException e) {
        // Closed.
      }
    }

    @Override
    public void close() {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Brings its own consumer: the library's asks JLine for the terminal, which takes SIGINT away
   * from the JVM.
   */
  private static final class Bar extends Progress implements ProgressBarConsumer {
    private static final int WIDTH = 20;
    private static final String CLEAR_LINE = "\r\033[K";

    private final PrintStream err;
    private final boolean shared;
    private final int columns = columns();
    private @Nullable ProgressBar bar;
    private boolean drawn;
    private boolean closed;

    /**
     * A bar that appears with the first numbers.
     *
     * @param shared whether the rows go to a terminal too
     */
    Bar(PrintStream err, boolean shared) {
      this.err = err;
      this.shared = shared;
    }

    @Override
    public synchronized void update(SweepProgress progress) {
      super.update(progress);
      if (bar == null && !closed) {
        bar =
            new ProgressBarBuilder()
                .setInitialMax(progress.targets())
                .setUpdateIntervalMillis(BAR_MILLIS)
                .continuousUpdate()
                .setRenderer(this::render)
                .setConsumer(this)
                .build();
      }
    }

    private String render(ProgressState state, int width) {
      SweepProgress now = super.latest;
      if (now == null) {
        return "";
      }
      long targets = Math.max(1, now.targets());
      int full = (int) Math.min(WIDTH, now.roundDone() * WIDTH / targets);
      String line = "[" + "=".repeat(full) + " ".repeat(WIDTH - full) + "] " + describe(now);
      return line.length() <= width ? line : line.substring(0, width);
    }

    @Override
    public int getMaxRenderedLength() {
      return columns - 1;
    }

    @Override
    public synchronized void accept(String line) {
      if (!closed) {
        err.print(CLEAR_LINE + line);
        err.flush();
        drawn = true;
      }
    }

    @Override
    void aside(Writing writing) throws IOException {
      if (!shared) {
        writing.write();
        return;
      }
      synchronized (this) {
        clear();
        writing.write();
      }
    }

    @Override
    public synchronized void clear() {
      if (drawn) {
        err.print(CLEAR_LINE);
        err.flush();
        drawn = false;
      }
    }

    // Called by us and, being its consumer, by the bar.
    @Override
    public void close() {
      ProgressBar ended;
      synchronized (this) {
        clear();
        closed = true;
        ended = bar;
        bar = null;
      }
      if (ended != null) {
        ended.close();
      }
    }

    private static int columns() {
      String columns = System.getenv("COLUMNS");
      try {
        return columns == null ? 120 : Math.max(40, Integer.parseInt(columns.strip()));
      } catch (NumberFormatException e) {
        return 120;
      }
    }
  }
}
