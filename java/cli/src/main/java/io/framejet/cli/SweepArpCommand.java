package io.framejet.cli;

import io.framejet.sweep.Sweep;
import io.framejet.target.TargetSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code framejet sweep arp}. */
@Command(
    name = "arp",
    description = {
      "Asks by ARP who has which IPv4 address.",
      "Sweep only networks that you run or have leave to sweep.%n"
    },
    sortOptions = false,
    footer = {
      "%nExamples:",
      "  framejet sweep arp 10.0.0.0/16 -i eth0",
      "  framejet sweep arp 10.0.0.0/16 -i eth0 --rate 1M --format csv -o hosts.csv"
    })
final class SweepArpCommand implements Callable<Integer> {
  @Mixin SweepOptions options;

  @Spec CommandSpec spec;

  SweepArpCommand() {}

  @Override
  public Integer call() throws Exception {
    SweepSession session = new SweepSession(options, System.err);
    Sweep sweep;
    try {
      TargetSet targets = options.targetSet();
      Sweep.Builder builder =
          Sweep.arp(options.link.find()).targets(targets).listener(session.listener());
      options.applyTo(builder);
      sweep = builder.build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return session.run(sweep);
  }
}
