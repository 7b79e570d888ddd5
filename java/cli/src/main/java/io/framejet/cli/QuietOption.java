package io.framejet.cli;

import picocli.CommandLine.Option;

/** {@code --quiet}. */
final class QuietOption {
  @Option(
      names = {"-q", "--quiet"},
      description = "Nothing on stderr but errors.")
  boolean wanted;
}
