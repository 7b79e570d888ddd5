package io.framejet.benchmark;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.inject.Backends;
import io.framejet.link.Lab;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.link.NetworkNamespace;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A link to inject on, in namespaces of its own: {@code veth}, whose far side drops, or {@code
 * ifb}, which drops by itself.
 *
 * <p>The far side drops in an XDP program when {@value #DROP_PROPERTY} names its object file, as
 * {@code benchmarks/run} does; else Linux does, its link having no ARP.
 */
final class BenchmarkLab implements AutoCloseable {
  /** The object file with an XDP program in its section {@code xdp} that drops all frames. */
  static final String DROP_PROPERTY = "framejet.benchmark.drop";

  private static final String IFB = "sink";

  private final Lab lab;
  private final Link link;
  private final LinkCounters before;

  private BenchmarkLab(Lab lab, Link link) throws FramejetException {
    this.lab = lab;
    this.link = link;
    this.before = link.counters();
  }

  static BenchmarkLab open(String kind) throws IOException {
    final Lab lab = Lab.open();
    boolean complete = false;
    try {
      final BenchmarkLab made = new BenchmarkLab(lab, "ifb".equals(kind) ? addIfb(lab) : veth(lab));
      complete = true;
      return made;
    } finally {
      if (!complete) {
        lab.close();
      }
    }
  }

  /** The backends that can send Ethernet frames on such a link. */
  static String[] backends(String kind) throws IOException {
    try (BenchmarkLab lab = open(kind)) {
      return Backends.check(lab.link()).stream()
          .filter(status -> status.available() && status.backend() != Backend.RAWIP)
          .map(status -> status.backend().label())
          .toArray(String[]::new);
    }
  }

  Link link() {
    return link;
  }

  /**
   * Frames that the link says it took since the lab was opened. An {@code ifb} counts an injected
   * frame as received, and once more as dropped.
   */
  long counted() throws FramejetException {
    final LinkCounters since = link.counters().minus(before);
    return "ifb".equals(link.kind()) ? since.rxPackets() : since.txPackets();
  }

  @Override
  public void close() {
    lab.close();
  }

  private static Link addIfb(Lab lab) throws FramejetException {
    lab.editNear().addIfb(IFB).up(IFB);
    return Link.find(IFB, lab.nearNamespace());
  }

  private static Link veth(Lab lab) throws IOException {
    final String far = lab.far().name();
    final String program = System.getProperty(DROP_PROPERTY, "");
    if (!program.isEmpty()) {
      in(lab.farNamespace(), "ip", "link", "set", far, "xdp", "obj", program, "section", "xdp");
    } else {
      in(lab.farNamespace(), "ip", "link", "set", far, "arp", "off");
    }
    return lab.near();
  }

  private static void in(NetworkNamespace namespace, String... command) throws IOException {
    final List<String> words = new ArrayList<>();
    words.add("nsenter");
    words.add("--net=" + namespace.externalPath());
    words.addAll(List.of(command));
    final Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    try (var output = process.inputReader()) {
      final StringBuilder said = new StringBuilder();
      output.lines().forEach(line -> said.append(line).append(' '));
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", words) + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(words.get(0));
    }
  }
}
