package io.framejet.benchmark;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepReport;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * Sweeps a network several times in one JVM and prints one line of JSON for each sweep, with the
 * link's own counters and the clocks of this program beside what the report says.
 */
public final class SweepMain {
  private SweepMain() {}

  /**
   * Options: {@code --link --targets --rate --warmups --sweeps --backend --grace} (ms), {@code
   * --cores --consume}.
   */
  public static void main(String[] args) throws FramejetException {
    final Arguments arguments =
        new Arguments(
            args,
            Set.of(
                "--link",
                "--targets",
                "--rate",
                "--warmups",
                "--sweeps",
                "--backend",
                "--grace",
                "--cores"),
            Set.of("--consume"));
    final Link link = Link.find(arguments.text("--link", "v0"));
    final String targets = arguments.text("--targets", "10.77.0.0/16");
    final Rate rate = Rate.parse(arguments.text("--rate", "max"));
    final int warmups = arguments.number("--warmups", 0);
    final int sweeps = arguments.number("--sweeps", 1);
    final String backend = arguments.text("--backend", "");
    final int grace = arguments.number("--grace", -1);
    for (int i = 1 - warmups; i <= sweeps; i++) {
      final Sweep.Builder sweep =
          Sweep.arp(link)
              .targets(targets)
              .rate(rate)
              .cores(arguments.number("--cores", 1))
              .consume(arguments.flag("--consume"));
      if (!backend.isEmpty()) {
        sweep.backend(Backend.valueOf(backend.toUpperCase(Locale.ROOT)));
      }
      if (grace >= 0) {
        sweep.grace(Duration.ofMillis(grace));
      }
      sweep(link, sweep.build(), i);
    }
  }

  private static void sweep(Link link, Sweep sweep, int number) throws FramejetException {
    final var os =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    final LinkCounters before = link.counters();
    final long cpu = os.getProcessCpuTime();
    final long start = System.nanoTime();
    final SweepReport report = sweep.run();
    final long wall = System.nanoTime() - start;
    final long used = os.getProcessCpuTime() - cpu;
    final LinkCounters counted = link.counters().minus(before);
    final SweepReport.Counts counts = report.counts();
    System.out.printf(
        Locale.ROOT,
        "{\"sweep\": %d, \"warmup\": %b, \"targets\": %d, \"hosts_up\": %d, \"hosts_silent\": %d,"
            + " \"possibly_lost\": %d, \"probes_sent\": %d, \"replies\": %d, \"rounds\": %d,"
            + " \"elapsed_ms\": %.3f, \"send_ms\": %.3f, \"wall_ms\": %.3f, \"cpu_ms\": %.3f,"
            + " \"backend\": \"%s\", \"tx_accepted\": %d, \"link_tx_packets\": %d,"
            + " \"link_tx_dropped\": %d, \"rx_delivered\": %d, \"rx_dropped\": %d}%n",
        number,
        number < 1,
        counts.targets(),
        counts.hostsUp(),
        counts.hostsSilent(),
        counts.possiblyLost(),
        counts.probesSent(),
        counts.replies(),
        counts.rounds(),
        report.timing().elapsedNanos() / 1e6,
        report.timing().sendNanos() / 1e6,
        wall / 1e6,
        used / 1e6,
        report.backend().label(),
        report.transmitted().accepted(),
        counted.txPackets(),
        counted.txDropped(),
        report.received().delivered(),
        report.received().dropped());
  }
}
