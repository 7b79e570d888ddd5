package io.framejet.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** {@code --wait} and {@code --retries}: when to take silence for an answer. */
final class PatienceOptions {
  @Option(
      names = "--retries",
      paramLabel = "N",
      defaultValue = "2",
      description = "How often to ask again whoever did not answer (default: ${DEFAULT-VALUE}).")
  int retries;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      defaultValue = "500ms",
      converter = Converters.OfDuration.class,
      description = "How long an answer may take (default: ${DEFAULT-VALUE}).")
  Duration waitTime;
}
