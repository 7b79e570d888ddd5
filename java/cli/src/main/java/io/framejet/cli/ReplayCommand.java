package io.framejet.cli;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.capture.Replayer;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code framejet replay}. */
@Command(
    name = "replay",
    addMethodSubcommands = false,
    description = {
      "Sends the frames of a capture file (pcap or pcapng), at their own pace or at another.",
      "Frames that the capture has cut short, or that the link does not take, are left out and counted.%n"
    },
    sortOptions = false,
    footer = {
      "%nExamples:",
      "  framejet replay x.pcapng -i v0",
      "  framejet replay x.pcap -i v0 --speed 10x",
      "  framejet replay x.pcap -i v0 --rate 50k --loop 100"
    })
final class ReplayCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The capture file.")
  Path file;

  @Mixin LinkOptions link;

  @Option(
      names = "--speed",
      paramLabel = "FACTOR",
      converter = Converters.OfSpeed.class,
      description = "How fast: 1x as captured, 10x, 0.5x, or max (default: 1x).")
  @Nullable Double speed;

  @Option(
      names = "--rate",
      paramLabel = "PPS",
      converter = Converters.OfRate.class,
      description = "Frames per second, instead of the times of the file: 500, 10k, 1M, or max.")
  @Nullable Rate rate;

  @Option(
      names = "--loop",
      paramLabel = "N",
      defaultValue = "1",
      description = "How often the whole file, 0 until interrupted (default: ${DEFAULT-VALUE}).")
  long loops;

  @Option(
      names = "--no-real-time",
      description =
          "No real-time priority for sending by the times of the file; else it is used where it is"
              + " allowed (CAP_SYS_NICE, or ulimit -r).")
  boolean noRealTime;

  @Option(
      names = "--no-standby",
      description =
          "No second thread for sending by the times of the file; else, where there are two CPUs,"
              + " one stands ready for each frame, should the first be held up.")
  boolean noStandby;

  @Mixin BackendOption backend;

  @Mixin QuietOption quiet;

  @Spec CommandSpec spec;

  ReplayCommand() {}

  @Override
  public Integer call() throws Exception {
    if (speed != null && rate != null) {
      throw usage("--speed and --rate exclude each other");
    }
    if (loops < 0) {
      throw usage("--loop is 0 or more: " + loops);
    }
    Link on = link.find();
    // As captured is slow enough for any.
    boolean timed = speed != null && !speed.isInfinite();
    Rate pace = rate != null ? rate : speed == null || timed ? Rate.of(1) : Rate.MAX;
    long frames = AutoBackend.frames(file, loops);
    Backend by = AutoBackend.of(backend, on, AutoBackend.job(frames, pace), 0, quiet.wanted);
    InjectorOptions options = InjectorOptions.defaults().withBackend(by);
    try (Injector injector = Injector.open(on, options);
        Injector second = standby(on, options)) {
      Replayer replayer = Replayer.on(injector).loops(loops).realTime(!noRealTime).standby(second);
      if (rate != null) {
        replayer.rate(rate);
      } else if (speed != null && speed.isInfinite()) {
        replayer.rate(Rate.MAX);
      } else if (speed != null) {
        replayer.speed(speed);
      }
      return new ReplaySession(replayer, injector, file, quiet.wanted).run();
    }
  }

  /** A second injector, where it is of use and to be had: it takes memory once more. */
  private @Nullable Injector standby(Link on, InjectorOptions options) {
    boolean byTimes = rate == null && (speed == null || !speed.isInfinite());
    if (!byTimes || noStandby || Runtime.getRuntime().availableProcessors() < 2) {
      return null;
    }
    try {
      return Injector.open(on, options);
    } catch (FramejetException e) {
      return null; // one thread sends as well
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
