package io.framejet.cli;

import io.framejet.target.PortSet;
import picocli.CommandLine.Option;

/** {@code --ports}. */
final class PortOptions {
  @Option(
      names = {"-p", "--ports"},
      paramLabel = "PORTS",
      required = true,
      converter = Converters.OfPorts.class,
      description = "Which ports of each host: 22,80,443,8000-8100.")
  PortSet ports;
}
