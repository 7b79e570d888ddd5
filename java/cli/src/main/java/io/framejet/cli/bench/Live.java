package io.framejet.cli.bench;

import io.framejet.bench.Trial;
import io.framejet.cli.output.Progress;
import java.io.PrintStream;
import java.util.Locale;

/**
 * One line per case on stderr: on a terminal with a bar that grows while the case runs, elsewhere
 * when the case has ended.
 */
final class Live implements AutoCloseable {
  private static final int WIDTH = 20;
  private static final long LOOK_MILLIS = 100;
  private static final String CLEAR_LINE = "\r\033[K";

  private final PrintStream err;
  private final boolean quiet;
  private final Thread thread;
  private boolean closed;
  private String test = "";
  private String label = "";
  private String latest = "";
  private long begun;
  private long wanted;
  private double best;

  Live(PrintStream err, boolean quiet) {
    this.err = err;
    this.quiet = quiet;
    thread = new Thread(this::run, "bench-live");
    thread.setDaemon(true);
    if (!quiet && Progress.isTerminal(2)) {
      thread.start();
    }
  }

  /** A case of a test begins that is expected to take some nanoseconds. */
  synchronized void begin(String kind, String what, long nanos) {
    if (!kind.equals(test)) {
      test = kind;
      best = 0;
    }
    label = what;
    latest = "";
    begun = System.nanoTime();
    wanted = Math.max(1, nanos);
  }

  /** A part of it has ended. */
  synchronized void update(Trial trial) {
    latest = String.format(Locale.ROOT, "%9.3f Mpps", trial.pps() / 1e6);
  }

  /** The case has ended; its bar is as long as its rate beside the best of this test so far. */
  synchronized void end(String result, double mpps) {
    best = Math.max(best, mpps);
    print(bar(best == 0 ? 0 : mpps / best) + " " + result);
  }

  /** The case could not be measured. */
  synchronized void skip(String reason) {
    print("left out: " + reason);
  }

  private void print(String text) {
    if (!quiet) {
      err.println((thread.isAlive() ? CLEAR_LINE : "") + label + "  " + text);
    }
    label = "";
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        draw();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private synchronized void draw() {
    if (!closed && !label.isEmpty()) {
      double done = Math.min(1, (double) (System.nanoTime() - begun) / wanted);
      err.print(CLEAR_LINE + label + "  " + bar(done) + " " + latest);
      err.flush();
    }
  }

  private static String bar(double share) {
    int full = (int) Math.round(share * WIDTH);
    return "[" + "=".repeat(full) + " ".repeat(WIDTH - full) + "]";
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (thread.isAlive() && !label.isEmpty()) {
        err.print(CLEAR_LINE);
        err.flush();
      }
    }
    thread.interrupt();
  }
}
