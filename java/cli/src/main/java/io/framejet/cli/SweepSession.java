package io.framejet.cli;

import io.framejet.FramejetException;
import io.framejet.cli.output.BrokenPipeException;
import io.framejet.cli.output.Plan;
import io.framejet.cli.output.Progress;
import io.framejet.cli.output.Results;
import io.framejet.cli.output.Summary;
import io.framejet.cli.output.Unwritable;
import io.framejet.cli.process.Interrupts;
import io.framejet.sweep.HostResult;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepListener;
import io.framejet.sweep.SweepProgress;
import io.framejet.sweep.SweepReport;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/** Runs one sweep of any kind, with its results, progress, summary and interruption. */
final class SweepSession {
  private final SweepOptions options;
  private final PrintStream err;
  private volatile @Nullable Results results;
  private volatile @Nullable Progress progress;

  SweepSession(SweepOptions options, PrintStream err) {
    this.options = options;
    this.err = err;
  }

  /**
   * To be given to the sweep before {@link #run}. Takes note and returns, for the sweep waits for
   * it.
   */
  SweepListener listener() {
    return new SweepListener() {
      @Override
      public void onHost(HostResult host) {
        Results open = results;
        if (open != null) {
          open.host(host);
        }
      }

      @Override
      public void onConflict(HostResult host) {
        Results open = results;
        if (open != null) {
          open.conflict(host);
        }
      }

      @Override
      public void onProgress(SweepProgress now) {
        Progress open = progress;
        if (open != null) {
          open.update(now);
        }
      }
    };
  }

  /** Runs {@code sweep} and returns the exit code. */
  int run(Sweep sweep) throws IOException {
    if (options.dryRun) {
      Plan.print(sweep.plan(), options.rate == null);
      return ExitCode.DONE;
    }
    if (!options.quiet.wanted) {
      err.println(Plan.announcement(sweep.plan(), options.rate == null));
    }
    // Opened first: a summary that cannot be written is better known before the network is swept.
    try (OutputStream summary =
        options.summary == null ? null : Files.newOutputStream(options.summary)) {
      IOException fault = null;
      try {
        sweepAndWriteRows(sweep);
      } catch (IOException e) {
        fault = e;
      }
      report(sweep.report(), summary, fault);
      if (fault != null) {
        throw fault;
      }
    }
    return Interrupts.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
  }

  private void sweepAndWriteRows(Sweep sweep) throws IOException {
    try (Progress shown = Progress.on(err, options.quiet.wanted);
        Results rows =
            Results.open(
                options.output, options.format.format, sweep.plan(), shown, sweep::cancel);
        Interrupts.Registration registration = Interrupts.onInterrupt(sweep::cancel)) {
      progress = shown;
      results = rows;
      FramejetException fault = null;
      try {
        sweep.run();
      } catch (FramejetException e) {
        fault = e;
      }
      SweepReport report = sweep.report();
      if (options.all && report != null) {
        report.forEachTarget(rows::absent);
      }
      if (fault != null) {
        throw fault;
      }
    }
  }

  private void report(
      @Nullable SweepReport report, @Nullable OutputStream summary, @Nullable IOException fault)
      throws IOException {
    if (report == null) {
      return;
    }
    if (summary != null) {
      try {
        Summary.write(report, summary);
      } catch (IOException e) {
        throw Unwritable.of(options.summary, e);
      }
    }
    if (!options.quiet.wanted && !(fault instanceof BrokenPipeException)) {
      Summary.print(report, err);
    }
  }
}
