package io.framejet.benchmark;

import io.framejet.Backend;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.TemplateInjector;
import io.framejet.link.Link;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * Injects very many frames and says once a second how large this process is: {@code
 * benchmarks/soak} runs it.
 */
public final class SoakMain {
  private static final long SECOND = 1_000_000_000;
  private static final int STREAMED = 1 << 16;
  private static final int BATCH = 1024;
  private static final int TARGET = 38;

  private final long frames;
  private final long begin = System.nanoTime();
  private long next = begin + SECOND;

  private SoakMain(long frames) {
    this.frames = frames;
  }

  /** Options: {@code --link --frames --backend --mode stream|targets|frames}. */
  public static void main(String[] args) throws IOException {
    final Arguments arguments =
        new Arguments(args, Set.of("--link", "--frames", "--backend", "--mode"), Set.of());
    final Link link = Link.find(arguments.text("--link", "v0"));
    final InjectorOptions options =
        InjectorOptions.defaults()
            .withBackend(
                Backend.valueOf(arguments.text("--backend", "xdp").toUpperCase(Locale.ROOT)))
            .withBatch(BATCH)
            .withMaxFrame(FrameBatch.MIN_FRAME);
    final SoakMain soak = new SoakMain(Long.parseLong(arguments.text("--frames", "1000000000")));
    switch (arguments.text("--mode", "stream")) {
      case "stream" -> soak.stream(link, options);
      case "targets" -> soak.targets(link, options);
      case "frames" -> soak.frames(link, options);
      default -> throw new IllegalArgumentException("--mode: stream, targets or frames");
    }
  }

  private void stream(Link link, InjectorOptions options) throws IOException {
    final FrameTemplate template =
        FrameTemplate.of(Requests.template().frame())
            .vary(TARGET, 4, Source.COUNTER, Requests.NETWORK)
            .build();
    try (TemplateInjector injector = TemplateInjector.open(link, options, template)) {
      long sent = 0;
      while (sent < frames) {
        sent += injector.send((int) Math.min(STREAMED, frames - sent));
        look(sent);
      }
      say(sent);
    }
  }

  private void targets(Link link, InjectorOptions options) throws IOException {
    try (TemplateInjector injector = TemplateInjector.open(link, options, Requests.template())) {
      long sent = 0;
      while (sent < frames) {
        while (sent + injector.size() < frames
            && injector.add(0, 0, Requests.target(sent + injector.size()), 0)) {
          // Until it is full.
        }
        sent += injector.send();
        look(sent);
      }
      say(sent);
    }
  }

  private void frames(Link link, InjectorOptions options) throws IOException {
    final FrameSource source = FrameSource.of("template", FrameBatch.MIN_FRAME);
    try (Injector injector = Injector.open(link, options)) {
      final FrameBatch batch = injector.newBatch();
      long sent = 0;
      while (sent < frames) {
        while (sent + batch.size() < frames
            && source.addTo(batch, Requests.target(sent + batch.size()))) {
          // Until it is full.
        }
        sent += injector.send(batch);
        look(sent);
      }
      say(sent);
    }
  }

  private void look(long sent) throws IOException {
    final long now = System.nanoTime();
    if (now - next >= 0) {
      next += SECOND;
      say(sent);
    }
  }

  private void say(long sent) throws IOException {
    System.out.printf(
        Locale.ROOT,
        "{\"seconds\": %.3f, \"frames\": %d, \"resident_kb\": %d, \"descriptors\": %d,"
            + " \"mappings\": %d}%n",
        (System.nanoTime() - begin) / 1e9,
        sent,
        resident(),
        descriptors(),
        mappings());
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return 0;
  }

  private static int descriptors() throws IOException {
    int count = 0;
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path unused : open) {
        count++;
      }
    }
    return count;
  }

  private static int mappings() throws IOException {
    try (RandomAccessFile maps = new RandomAccessFile("/proc/self/maps", "r")) {
      int count = 0;
      final byte[] piece = new byte[1 << 16];
      for (int read = maps.read(piece); read > 0; read = maps.read(piece)) {
        for (int i = 0; i < read; i++) {
          count += piece[i] == '\n' ? 1 : 0;
        }
      }
      return count;
    }
  }
}
