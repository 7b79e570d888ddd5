package io.framejet.cli;

import io.framejet.link.Link;
import io.framejet.sweep.Sweep;
import io.framejet.target.TargetSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code framejet sweep}: the kinds of sweeps. */
@Command(
    name = SweepCommand.NAME,
    addMethodSubcommands = false,
    description = "Asks every address of a range, and accounts for each.",
    synopsisSubcommandLabel = "KIND")
final class SweepCommand {
  static final String NAME = "sweep";

  private static final List<String> KINDS = List.of("arp", "icmp", "tcp", "udp", "ndp");

  private static final String LEAVE = "Sweep only networks that you run or have leave to sweep.%n";
  private static final String RESOLVES =
      "Hosts of the link are looked for by ARP first, and each is asked at its own MAC.";

  SweepCommand() {}

  /** Adds one kind of sweep, or all where {@code only} names none. */
  static void addKinds(String only, CommandLine to) {
    for (String each : KINDS) {
      if (each.equals(only) || !KINDS.contains(only)) {
        to.addSubcommand(each, kind(each));
      }
    }
  }

  private static Object kind(String name) {
    return switch (name) {
      case "arp" -> new Arp();
      case "icmp" -> new Icmp();
      case "tcp" -> new Tcp();
      case "udp" -> new Udp();
      case "ndp" -> new SweepNdpCommand();
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** A sweep over IPv4 addresses. */
  abstract static class OverIpv4 implements Callable<Integer> {
    @Mixin SweepOptions options;

    @Spec CommandSpec spec;

    /** What kind of sweep it is, and what it alone is told. */
    abstract Sweep.Builder begin(Link link);

    /** Options for probes of IP, where there are any. */
    @Nullable SourceOptions source() {
      return null;
    }

    @Override
    public Integer call() throws Exception {
      SweepSession session = new SweepSession(options, System.err);
      Sweep sweep;
      try {
        TargetSet targets = options.targetSet(); // what is mistyped is told before all else
        Sweep.Builder builder = begin(options.link.find());
        builder.targets(targets).listener(session.listener());
        options.applyTo(builder);
        SourceOptions source = source();
        if (source != null) {
          source.applyTo(builder);
        }
        sweep = builder.build();
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
      }
      return session.run(sweep);
    }
  }

  /** {@code framejet sweep arp}. */
  @Command(
      name = "arp",
      addMethodSubcommands = false,
      description = {"Asks by ARP who has which IPv4 address.", LEAVE},
      sortOptions = false,
      footer = {
        "%nExamples:",
        "  framejet sweep arp 10.0.0.0/16 -i eth0",
        "  framejet sweep arp 10.0.0.0/16 -i eth0 --rate 1M --format csv -o hosts.csv"
      })
  static final class Arp extends OverIpv4 {
    @Mixin SourceOptions source;

    Arp() {}

    @Override
    Sweep.Builder begin(Link link) {
      return Sweep.arp(link);
    }

    @Override
    SourceOptions source() {
      return source;
    }
  }

  /** {@code framejet sweep icmp}. */
  @Command(
      name = "icmp",
      addMethodSubcommands = false,
      description = {"Asks by ICMP echo who is there.", RESOLVES, LEAVE},
      sortOptions = false,
      footer = {
        "%nExamples:",
        "  framejet sweep icmp 10.0.0.0/16 -i eth0 --rate 100k",
        "  framejet sweep icmp 192.0.2.0/24 -i eth0 --off-link"
      })
  static final class Icmp extends OverIpv4 {
    @Mixin SourceOptions source;

    Icmp() {}

    @Override
    Sweep.Builder begin(Link link) {
      return Sweep.icmp(link);
    }

    @Override
    SourceOptions source() {
      return source;
    }
  }

  /** {@code framejet sweep tcp}. */
  @Command(
      name = "tcp",
      addMethodSubcommands = false,
      description = {
        "Asks by SYN which TCP ports take connections; each port of a host is a target.",
        RESOLVES,
        "When a port is open, the kernel of this host, which knows nothing of the question, ends the connection by"
            + " a RST before it is made. With --source of an address that nobody has it says nothing, and the"
            + " answering host tries again for a while.",
        LEAVE
      },
      sortOptions = false,
      footer = {
        "%nExamples:",
        "  framejet sweep tcp 10.0.0.0/24 -i eth0 --ports 22,80,443,8000-8100",
        "  framejet sweep tcp 10.0.0.7 -i eth0 --ports 1-65535 --host-rate 1k --all"
      })
  static final class Tcp extends OverIpv4 {
    @Mixin PortOptions ports;

    @Mixin SourceOptions source;

    Tcp() {}

    @Override
    Sweep.Builder begin(Link link) {
      return Sweep.tcp(link).ports(ports.ports);
    }

    @Override
    SourceOptions source() {
      return source;
    }
  }

  /** {@code framejet sweep udp}. */
  @Command(
      name = "udp",
      addMethodSubcommands = false,
      description = {
        "Asks UDP ports for an answer; each port of a host is a target.",
        RESOLVES,
        "Hosts tell of closed ports by ICMP, of which most send few per second (Linux: one to each asker): ask"
            + " slowly (--host-rate 1). A port that says nothing is called filtered, and may be open.",
        LEAVE
      },
      sortOptions = false,
      footer = {
        "%nExamples:",
        "  framejet sweep udp 10.0.0.0/24 -i eth0 --ports 53,123,161",
      })
  static final class Udp extends OverIpv4 {
    @Mixin PortOptions ports;

    @Mixin SourceOptions source;

    Udp() {}

    @Override
    Sweep.Builder begin(Link link) {
      return Sweep.udp(link).ports(ports.ports);
    }

    @Override
    SourceOptions source() {
      return source;
    }
  }
}
