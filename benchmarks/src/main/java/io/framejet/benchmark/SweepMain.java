package io.framejet.benchmark;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
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
   * --cores --consume}; {@code --turns}: after the warm-ups, as many sweeps as each line from stdin
   * says, until it ends.
   */
  public static void main(String[] args) throws FramejetException, IOException {
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
            Set.of("--consume", "--turns"));
    final Link link = Link.find(arguments.text("--link", "v0"));
    int number = 1 - arguments.number("--warmups", 0);
    while (number < 1) {
      sweep(link, sweepOf(link, arguments), number++);
    }
    if (!arguments.flag("--turns")) {
      for (int i = arguments.number("--sweeps", 1); i > 0; i--) {
        sweep(link, sweepOf(link, arguments), number++);
      }
      return;
    }
    final BufferedReader turns =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = turns.readLine(); line != null; line = turns.readLine()) {
      for (int i = Integer.parseInt(line); i > 0; i--) {
        sweep(link, sweepOf(link, arguments), number++);
      }
    }
  }

  private static Sweep sweepOf(Link link, Arguments arguments) throws FramejetException {
    final Sweep.Builder sweep =
        Sweep.arp(link)
            .targets(arguments.text("--targets", "10.77.0.0/16"))
            .rate(Rate.parse(arguments.text("--rate", "max")))
            .cores(arguments.number("--cores", 1))
            .consume(arguments.flag("--consume"));
    final String backend = arguments.text("--backend", "");
    if (!backend.isEmpty()) {
      sweep.backend(Backend.valueOf(backend.toUpperCase(Locale.ROOT)));
    }
    final int grace = arguments.number("--grace", -1);
    if (grace >= 0) {
      sweep.grace(Duration.ofMillis(grace));
    }
    return sweep.build();
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
