package io.framejet.benchmark;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.InjectorStatistics;
import io.framejet.link.Link;
import java.util.Locale;
import java.util.Set;

/**
 * Injects ARP requests for some seconds as fast as they are taken, then prints one line of JSON.
 * The counterpart, in {@code benchmarks/limits}, of a ceiling program.
 */
public final class InjectMain {
  private InjectMain() {}

  /** Options: {@code --link --backend --seconds --batch --slots --max-frame --bypass}. */
  public static void main(String[] args) throws FramejetException {
    final Arguments arguments =
        new Arguments(
            args,
            Set.of("--link", "--backend", "--seconds", "--batch", "--slots", "--max-frame"),
            Set.of("--bypass"));
    final Link link = Link.find(arguments.text("--link", "v0"));
    final Backend backend =
        Backend.valueOf(arguments.text("--backend", "ring").toUpperCase(Locale.ROOT));
    InjectorOptions options =
        InjectorOptions.defaults()
            .withBackend(backend)
            .withBatch(arguments.number("--batch", 256))
            .withMaxFrame(arguments.number("--max-frame", 0))
            .withQdiscBypass(arguments.flag("--bypass"));
    options = options.withSlots(arguments.number("--slots", options.slots()));
    try (Injector injector = Injector.open(link, options)) {
      final long nanos = inject(injector, (long) (arguments.real("--seconds", 2) * 1e9));
      final InjectorStatistics done = injector.statistics();
      System.out.printf(
          Locale.ROOT,
          "{\"backend\": \"%s\", \"link\": \"%s\", \"batch\": %d, \"frames\": %d,"
              + " \"seconds\": %.6f, \"mpps\": %.4f, \"calls\": %d, \"queue_full\": %d,"
              + " \"unconfirmed\": %d, \"rejected\": %d}%n",
          backend.label(),
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
  }

  private static long inject(Injector injector, long nanos) throws FramejetException {
    final FrameTemplate template = Requests.template();
    final FrameBatch batch = injector.newBatch();
    final long start = System.nanoTime();
    long number = 0;
    long now;
    do {
      number = batchful(injector, template, batch, number);
      now = System.nanoTime();
    } while (now - start < nanos);
    return now - start;
  }

  private static long batchful(
      Injector injector, FrameTemplate template, FrameBatch batch, long first)
      throws FramejetException {
    long number = first;
    while (template.addTo(batch, Requests.target(number))) {
      number++;
    }
    // Also when no slot was free: the call then waits for one.
    injector.send(batch);
    return number;
  }
}
