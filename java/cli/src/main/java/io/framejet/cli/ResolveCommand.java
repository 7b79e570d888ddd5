package io.framejet.cli;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.cli.output.Table;
import io.framejet.cli.process.Interrupts;
import io.framejet.link.Link;
import io.framejet.neighbor.Resolver;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code framejet resolve}. */
@Command(
    name = "resolve",
    addMethodSubcommands = false,
    description = {
      "Asks who on a link has an address: by ARP for IPv4, by NDP for IPv6.",
      "Exits with 1 when an address is nobody's.%n"
    },
    sortOptions = false)
final class ResolveCommand implements Callable<Integer> {
  private static final long NANOS_PER_MICRO = 1000;

  @Parameters(paramLabel = "ADDRESS", arity = "1..*", description = "Whose MAC to find out.")
  List<String> addresses;

  @Mixin LinkOptions link;

  @Mixin PatienceOptions patience;

  @Mixin FormatOption format;

  @Spec CommandSpec spec;

  ResolveCommand() {}

  @Override
  public Integer call() throws Exception {
    List<InetAddress> asked = new ArrayList<>();
    try {
      for (String address : addresses) {
        asked.add(InetAddresses.parse(address));
      }
      if (patience.retries < 0 || patience.waitTime.isZero()) {
        throw new IllegalArgumentException("--retries is 0 or more, and --wait more than 0");
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    Link on = link.find();
    Table table = new Table("address", "mac", "rtt_us", "try", "note");
    boolean all = true;
    try (Resolver resolver = Resolver.open(on);
        Interrupts.Registration registration = Interrupts.onInterrupt(resolver::close)) {
      for (InetAddress address : asked) {
        if (!Interrupts.interrupted()) {
          all &= resolve(resolver, address, table);
        }
      }
    }
    table.print(format.format);
    if (Interrupts.interrupted()) {
      return ExitCode.INTERRUPTED;
    }
    return all ? ExitCode.DONE : ExitCode.FAILED;
  }

  private boolean resolve(Resolver resolver, InetAddress address, Table table)
      throws FramejetException {
    String text = InetAddresses.text(address);
    try {
      Resolver.Resolved found = resolver.resolve(address, patience.waitTime, patience.retries);
      table.row(
          text,
          found.mac().toString(),
          found.rttNanos() / NANOS_PER_MICRO,
          found.tries(),
          found.router() ? "router" : "");
      return true;
    } catch (FramejetException e) {
      if (e.code() == ErrorCode.CLOSED && Interrupts.interrupted()) {
        return false; // nothing is known of it
      }
      if (e.code() != ErrorCode.TIMEOUT) {
        throw e;
      }
      table.row(text, "", "", 1 + patience.retries, "silent");
      return false;
    }
  }
}
