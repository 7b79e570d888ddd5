package io.framejet.cli;

import io.framejet.FramejetException;
import io.framejet.cli.process.Interrupts;
import io.framejet.frame.MacAddress;
import io.framejet.link.Link;
import io.framejet.link.LinkAddress;
import io.framejet.sweep.Discovery;
import io.framejet.sweep.Sweep;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.TargetSet;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code framejet sweep ndp}. */
@Command(
    name = "ndp",
    addMethodSubcommands = false,
    description = {
      "Asks by NDP who has which IPv6 address.",
      "A subnet of IPv6 is too large to be swept: name TARGETS, or have them found by --discover.",
      "Sweep only networks that you run or have leave to sweep.%n"
    },
    sortOptions = false,
    footer = {
      "%nExamples:",
      "  framejet sweep ndp 2001:db8::/120 -i eth0",
      "  framejet sweep ndp --discover --eui64 -i eth0"
    })
final class SweepNdpCommand implements Callable<Integer> {
  @Mixin SweepOptions options;

  @Option(
      names = "--discover",
      description = {
        "Ask all nodes of the link at once (ff02::1) for an echo, and then everybody who answers."
      })
  boolean discover;

  @Option(
      names = "--eui64",
      description = {
        "With --discover: ask also for the link-local addresses that the MACs found by an ARP sweep of the"
            + " link's IPv4 subnets would have."
      })
  boolean eui64;

  @Spec CommandSpec spec;

  SweepNdpCommand() {}

  @Override
  public Integer call() throws Exception {
    SweepSession session = new SweepSession(options, System.err);
    Sweep sweep;
    try {
      Ipv6TargetSet named = named(); // what is mistyped is told before all else
      Link link = options.link.find();
      Sweep.Builder builder =
          Sweep.ndp(link)
              .targets(named != null ? named : discover(link))
              .listener(session.listener());
      options.applyTo(builder);
      sweep = builder.build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    if (Interrupts.interrupted()) {
      return ExitCode.INTERRUPTED;
    }
    return session.run(sweep);
  }

  /** The targets that were named; null when they are to be discovered. */
  private @Nullable Ipv6TargetSet named() {
    if (!discover && eui64) {
      throw new IllegalArgumentException("--eui64 goes with --discover");
    }
    if (discover && options.namesTargets()) {
      throw new IllegalArgumentException("either TARGETS or --discover");
    }
    if (discover && options.dryRun) {
      throw new IllegalArgumentException("--discover asks, and --dry-run sends nothing");
    }
    return discover ? null : options.ipv6TargetSet();
  }

  private Ipv6TargetSet discover(Link link) throws FramejetException {
    Discovery discovery =
        Discovery.on(link).waitTime(options.patience.waitTime).retries(options.patience.retries);
    if (eui64) {
      discovery.guess(macsOf(link));
    }
    try (Interrupts.Registration registration = Interrupts.onInterrupt(discovery::cancel)) {
      Ipv6TargetSet found = discovery.run();
      if (discovery.isFull() && !options.quiet.wanted) {
        System.err.println("More addresses answered than are asked: " + found.size() + " are");
      }
      return options.without(found);
    }
  }

  /** The MACs on the link's IPv4 subnets. */
  private List<MacAddress> macsOf(Link link) throws FramejetException {
    TargetSet.Builder subnets = TargetSet.builder();
    boolean any = false;
    for (LinkAddress address : link.addresses()) {
      if (address.address() instanceof Inet4Address own) {
        subnets.add(own.getHostAddress() + "/" + address.prefixLength());
        any = true;
      }
    }
    List<MacAddress> macs = new ArrayList<>();
    if (any) {
      Sweep.Builder builder = Sweep.arp(link).targets(subnets.build());
      options.applyCommonTo(builder);
      Sweep sweep = builder.build();
      try (Interrupts.Registration registration = Interrupts.onInterrupt(sweep::cancel)) {
        sweep
            .run()
            .forEachHost(
                host -> {
                  if (host.mac() != null) {
                    macs.add(host.mac());
                  }
                });
      }
    }
    return macs;
  }
}
