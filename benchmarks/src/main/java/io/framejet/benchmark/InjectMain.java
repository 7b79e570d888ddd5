package io.framejet.benchmark;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.InjectorStatistics;
import io.framejet.link.Link;
import java.util.Locale;
import java.util.Set;

/**
 * Injects ARP requests as fast as they are taken, for some seconds or until there were so many,
 * then prints one line of JSON. The counterpart, in {@code benchmarks/limits} and {@code
 * benchmarks/peers}, of ceiling programs and of other tools.
 */
public final class InjectMain {
  private final FrameSource source;
  private final Injector injector;
  private final FrameBatch batch;

  private InjectMain(FrameSource source, Injector injector) {
    this.source = source;
    this.injector = injector;
    this.batch = injector.newBatch();
  }

  /**
   * Options: {@code --link --backend --seconds --count --batch --slots --max-frame --bypass}, and
   * what the frames are: {@code --frame BYTES --source template|flyweight|builder}. Slots are as
   * long as these frames, unless {@code --max-frame} says otherwise (0: as the MTU allows).
   */
  public static void main(String[] args) throws FramejetException {
    final Arguments arguments =
        new Arguments(
            args,
            Set.of(
                "--link",
                "--backend",
                "--seconds",
                "--count",
                "--batch",
                "--slots",
                "--max-frame",
                "--frame",
                "--source"),
            Set.of("--bypass"));
    final Link link = Link.find(arguments.text("--link", "v0"));
    final int bytes = arguments.number("--frame", FrameBatch.MIN_FRAME);
    final Backend backend =
        Backend.valueOf(arguments.text("--backend", "ring").toUpperCase(Locale.ROOT));
    InjectorOptions options =
        InjectorOptions.defaults()
            .withBackend(backend)
            .withBatch(arguments.number("--batch", 256))
            .withMaxFrame(arguments.number("--max-frame", bytes))
            .withQdiscBypass(arguments.flag("--bypass"));
    options = options.withSlots(arguments.number("--slots", options.slots()));
    final FrameSource source = FrameSource.of(arguments.text("--source", "template"), bytes);
    final long count = arguments.number("--count", 0);
    final double seconds = arguments.real("--seconds", count > 0 ? 60 : 2);
    try (Injector injector = Injector.open(link, options)) {
      final long nanos =
          new InjectMain(source, injector)
              .inject((long) (seconds * 1e9), count > 0 ? count : Long.MAX_VALUE);
      print(injector.statistics(), nanos, link, options);
    }
  }

  private static void print(
      InjectorStatistics done, long nanos, Link link, InjectorOptions options) {
    System.out.printf(
        Locale.ROOT,
        "{\"backend\": \"%s\", \"link\": \"%s\", \"batch\": %d, \"frames\": %d,"
            + " \"seconds\": %.6f, \"mpps\": %.4f, \"calls\": %d, \"queue_full\": %d,"
            + " \"unconfirmed\": %d, \"rejected\": %d}%n",
        String.valueOf(options.backend()).toLowerCase(Locale.ROOT),
        link.name(),
        options.batch(),
        done.frames(),
        nanos / 1e9,
        done.frames() * 1e3 / nanos,
        done.calls(),
        done.queueFull(),
        done.unconfirmed(),
        done.rejected());
  }

  private long inject(long nanos, long count) throws FramejetException {
    final long start = System.nanoTime();
    long number = 0;
    long now;
    do {
      number = batchful(number, count);
      now = System.nanoTime();
    } while (now - start < nanos && (number < count || batch.size() > 0));
    return now - start;
  }

  private long batchful(long first, long count) throws FramejetException {
    long number = first;
    while (number < count && source.addTo(batch, Requests.target(number))) {
      number++;
    }
    // Also when no slot was free: the call then waits for one.
    injector.send(batch);
    return number;
  }
}
