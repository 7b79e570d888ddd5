package io.framejet.cli;

import io.framejet.cli.output.Format;
import picocli.CommandLine.Option;

/** {@code --format}. */
final class FormatOption {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Format format;
}
