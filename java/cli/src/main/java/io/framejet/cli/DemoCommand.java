package io.framejet.cli;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.cli.output.Numbers;
import io.framejet.cli.process.Capabilities;
import io.framejet.cli.process.Capabilities.Capability;
import io.framejet.cli.process.Interrupts;
import io.framejet.cli.process.UserNamespace;
import io.framejet.frame.Ipv4;
import io.framejet.inject.Rate;
import io.framejet.link.Lab;
import io.framejet.sweep.HostResult;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code framejet demo}. */
@Command(
    name = "demo",
    addMethodSubcommands = false,
    description = {
      "Sweeps a network of 65,536 addresses that it makes itself.",
      "The network is two namespaces joined by a virtual cable; nothing leaves this machine, and all of it is gone",
      "afterwards. Needs no root where the kernel lets users make namespaces.%n"
    },
    sortOptions = false)
final class DemoCommand implements Callable<Integer> {
  private static final String NETWORK = "10.77.0.0/16";
  private static final int EXAMPLES = 3;

  @Option(
      names = "--rate",
      paramLabel = "PPS",
      defaultValue = "max",
      converter = Converters.OfRate.class,
      description = "Probes per second: 500, 10k, 1M, or max (default: ${DEFAULT-VALUE}).")
  Rate rate;

  @Mixin BackendOption backend;

  @Mixin QuietOption quiet;

  DemoCommand() {}

  @Override
  public Integer call() throws Exception {
    Capabilities held = Capabilities.held();
    boolean able =
        held.has(Capability.CAP_SYS_ADMIN)
            && held.has(Capability.CAP_NET_ADMIN)
            && held.has(Capability.CAP_NET_RAW);
    if (able || UserNamespace.isInside()) {
      return demo(mayUseXdp(held));
    }
    String obstacle = UserNamespace.obstacle();
    if (obstacle != null) {
      throw new FramejetException(
          ErrorCode.PERMISSION_DENIED,
          "the demo makes network namespaces, which takes root or a user namespace, and "
              + obstacle);
    }
    return UserNamespace.runAgainInside();
  }

  /**
   * Whether the XDP engine is wanted, and this process may load programs; not so in a lab's own
   * user namespace.
   */
  private boolean mayUseXdp(Capabilities held) {
    return backend.backend() == Backend.XDP
        || (backend.backend() == null
            && !UserNamespace.isInside()
            && held.has(Capability.CAP_BPF)
            && held.has(Capability.CAP_PERFMON));
  }

  private int demo(boolean xdp) throws IOException {
    // Whatever happens, the lab ends with this block: its namespaces have no name and no other
    // holder.
    try (Lab lab = Lab.builder().answering(NETWORK).gro(xdp).open()) {
      Sweep sweep =
          Sweep.arp(lab.near()).targets(NETWORK).rate(rate).backend(backend.backend()).build();
      if (!quiet.wanted) {
        System.err.println(
            "Sweeping " + NETWORK + " in a lab of its own; nothing leaves this machine.");
      }
      SweepReport report;
      try (Interrupts.Registration registration = Interrupts.onInterrupt(sweep::cancel)) {
        report = sweep.run();
      }
      // In a lab not made for it, the reason is the lab's: nothing that the user could mend.
      if (xdp && !quiet.wanted && !report.backendReason().isEmpty()) {
        System.err.println("By " + report.backend().label() + ": " + report.backendReason());
      }
      System.out.print(describe(report));
      System.out.flush();
      if (Interrupts.interrupted()) {
        return ExitCode.INTERRUPTED;
      }
      return report.complete() && report.counts().hostsUp() > 0 ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private static String describe(SweepReport report) {
    SweepReport.Counts counts = report.counts();
    StringBuilder text = new StringBuilder(400);
    text.append(Numbers.grouped(counts.hostsUp()))
        .append(" of ")
        .append(Numbers.count(counts.targets(), "host"));
    text.append(" found in ").append(Numbers.duration(report.timing().elapsedNanos()));
    text.append(
        counts.possiblyLost() == 0
            ? ""
            : ", " + Numbers.grouped(counts.possiblyLost()) + " possibly lost");
    text.append(report.complete() ? "\n" : " (ended early)\n");
    text.append(Numbers.count(counts.probesSent(), "ARP request")).append(" at ");
    text.append(Numbers.grouped(Math.round(report.ratePps()))).append(" pps by the ");
    text.append(report.backend().label())
        .append(" backend, ")
        .append(Numbers.count(counts.rounds(), "round"));
    text.append(", ").append(Numbers.grouped(counts.duplicates())).append(" duplicates, ");
    text.append(
            Numbers.count(
                report.transmitted().kernelDropped() + report.received().dropped(), "drop"))
        .append('\n');
    for (HostResult host : examples(report)) {
      text.append("  ").append(Ipv4.format(host.address())).append(" is at ").append(host.mac());
      text.append(", answered after ").append(Numbers.grouped(host.rttMicros())).append(" us\n");
    }
    return text.toString();
  }

  private static List<HostResult> examples(SweepReport report) {
    List<HostResult> found = new ArrayList<>();
    // From all over the network: neighbors in address were answered within the same batch.
    long distance = Math.max(1, report.counts().hostsUp() / EXAMPLES);
    long[] seen = {0};
    report.forEachHost(
        host -> {
          if (seen[0]++ % distance == distance / 2 && !host.self()) {
            found.add(host);
          }
        });
    return found;
  }
}
