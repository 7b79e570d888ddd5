package io.framejet.cli;

import io.framejet.Backend;
import io.framejet.cli.Converters.BackendChoice;
import io.framejet.cli.Converters.BackendNames;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --backend}. */
final class BackendOption {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      converter = Converters.OfBackend.class,
      completionCandidates = BackendNames.class,
      description = "The kernel path: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  BackendChoice choice;

  /** The one that was asked for; null for the best that is available. */
  @Nullable Backend backend() {
    return choice.backend();
  }
}
