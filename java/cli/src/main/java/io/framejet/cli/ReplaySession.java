package io.framejet.cli;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.capture.ReplayReport;
import io.framejet.capture.Replayer;
import io.framejet.cli.output.Numbers;
import io.framejet.cli.process.Interrupts;
import io.framejet.inject.Injector;
import java.io.IOException;
import java.nio.file.Path;

/** Sends the frames of a capture file, and says what became of them. */
final class ReplaySession {
  private static final long NANOS_PER_MICRO = 1000;

  private final Replayer replayer;
  private final Injector injector;
  private final Path file;
  private final boolean quiet;

  ReplaySession(Replayer replayer, Injector injector, Path file, boolean quiet) {
    this.replayer = replayer;
    this.injector = injector;
    this.file = file;
    this.quiet = quiet;
  }

  /** Runs to the end or to an interrupt, and returns the exit code. */
  int run() throws IOException {
    try (Interrupts.Registration registration = Interrupts.onInterrupt(replayer::cancel)) {
      ReplayReport ended = replayer.run(file);
      if (ended.sent() == 0 && ended.skipped() > 0 && !Interrupts.interrupted()) {
        throw new FramejetException(
            ErrorCode.NOT_SUPPORTED,
            "none of the frames of " + file + " can be sent: " + skipped(ended));
      }
    } finally {
      ReplayReport report = replayer.report();
      if (!quiet && report.sent() + report.unconfirmed() > 0) {
        System.err.println(describe(report));
      }
    }
    return Interrupts.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
  }

  private String describe(ReplayReport report) {
    StringBuilder text = new StringBuilder(200);
    text.append("Sent ").append(Numbers.grouped(report.sent())).append(" of ");
    text.append(Numbers.count(report.frames(), "frame")).append(" (");
    text.append(Numbers.count(report.bytes(), "byte")).append(") of ").append(file);
    text.append(" on ").append(injector.link().name());
    text.append(" by ").append(injector.backend().label());
    text.append(" in ").append(Numbers.duration(report.elapsedNanos()));
    if (report.sent() > 1 && report.elapsedNanos() > 0) {
      text.append(", ");
      text.append(Numbers.rate(report.sent() * 1e9 / report.elapsedNanos()));
    }
    if (report.lateNanos() > 0) {
      text.append("; the latest ").append(Numbers.grouped(report.lateNanos() / NANOS_PER_MICRO));
      text.append(" us after it was due, ").append(Numbers.grouped(report.lateFrames()));
      text.append(" more than 100 us");
      text.append(replayer.isRealTime() ? "" : " (without real-time priority)");
    }
    if (report.skipped() > 0) {
      text.append("; left out: ").append(skipped(report));
    }
    if (report.unconfirmed() > 0) {
      text.append("; ").append(Numbers.grouped(report.unconfirmed()));
      text.append(" more may have left as the link went down");
    }
    return text.toString();
  }

  private String skipped(ReplayReport report) {
    StringBuilder text = new StringBuilder(80);
    append(text, report.tooLarge(), "too large (the link takes " + injector.maxFrame() + " bytes)");
    append(text, report.malformed(), "without " + injector.linkType().description());
    append(text, report.truncated(), "cut short by the capture");
    return text.toString();
  }

  private static void append(StringBuilder text, long count, String what) {
    if (count > 0) {
      text.append(text.isEmpty() ? "" : ", ")
          .append(Numbers.grouped(count))
          .append(' ')
          .append(what);
    }
  }
}
