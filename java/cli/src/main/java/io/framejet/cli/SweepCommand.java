package io.framejet.cli;

import picocli.CommandLine.Command;

/** {@code framejet sweep}: the kinds of sweeps. */
@Command(
    name = "sweep",
    description = "Asks every address of a range, and accounts for each.",
    synopsisSubcommandLabel = "KIND",
    subcommands = SweepArpCommand.class)
final class SweepCommand {
  SweepCommand() {}
}
