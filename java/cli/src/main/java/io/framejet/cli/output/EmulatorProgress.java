package io.framejet.cli.output;

import io.framejet.emulate.AnswerKind;
import io.framejet.emulate.EmulatorStatistics;
import java.io.PrintStream;

/**
 * What an emulator answers, as it does: one line that is written over on a terminal, elsewhere a
 * line now and then. Nothing while nothing happens.
 */
public final class EmulatorProgress implements AutoCloseable {
  private static final AnswerKind[] KINDS = AnswerKind.values();
  private static final int STDERR = 2;
  private static final long TERMINAL_NANOS = 200_000_000;
  private static final long LINE_NANOS = 5_000_000_000L;

  private final PrintStream err;
  private final boolean quiet;
  private final boolean terminal;
  private long nextNanos;
  private long shown;
  private int width;

  private EmulatorProgress(PrintStream err, boolean quiet, boolean terminal) {
    this.err = err;
    this.quiet = quiet;
    this.terminal = terminal;
    this.nextNanos = System.nanoTime() + interval();
  }

  /** On stderr, which stays open; nothing when {@code quiet}. */
  public static EmulatorProgress onStderr(boolean quiet) {
    return new EmulatorProgress(System.err, quiet, Progress.isTerminal(STDERR));
  }

  private long interval() {
    return terminal ? TERMINAL_NANOS : LINE_NANOS;
  }

  /** Shows these counts, if they are others than before and it is time. */
  public void show(EmulatorStatistics now) {
    long total = now.answers() + now.ignored() + now.unsent() + now.missed();
    if (quiet || total == shown || System.nanoTime() - nextNanos < 0) {
      return;
    }
    shown = total;
    nextNanos = System.nanoTime() + interval();
    String text = describe(now);
    if (terminal) {
      width = Math.max(width, text.length());
      err.print("\r" + text + " ".repeat(width - text.length()));
      err.flush();
    } else {
      err.println(text);
    }
  }

  /** All counts in a line: those by kind that are not 0, and what was lost if anything was. */
  public static String describe(EmulatorStatistics counts) {
    StringBuilder text = new StringBuilder(160);
    text.append("Answered ").append(Numbers.count(counts.answers(), "frame"));
    String separator = ": ";
    for (AnswerKind kind : KINDS) {
      long count = counts.answers(kind);
      if (count > 0) {
        text.append(separator).append(kind.label()).append(' ').append(Numbers.grouped(count));
        separator = ", ";
      }
    }
    text.append("; ignored ").append(Numbers.grouped(counts.ignored()));
    append(text, "; answers that did not leave: ", counts.unsent());
    append(text, "; frames that were missed: ", counts.missed());
    return text.toString();
  }

  private static void append(StringBuilder text, String what, long count) {
    if (count > 0) {
      text.append(what).append(Numbers.grouped(count));
    }
  }

  /** Ends the line that was written over. */
  @Override
  public void close() {
    if (width > 0) {
      err.println();
    }
  }
}
