package io.framejet.cli;

import io.framejet.cli.bench.Compare;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code framejet bench compare}. */
@Command(
    name = "compare",
    addMethodSubcommands = false,
    description = {
      "Puts two runs of 'framejet bench' side by side, with the ratio of their rates.",
      "A difference counts as one when the repetitions of the two runs do not overlap.%n"
    },
    sortOptions = false)
final class BenchCompareCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "A.json", description = "What --json wrote before.")
  Path before;

  @Parameters(index = "1", paramLabel = "B.json", description = "What --json wrote after.")
  Path after;

  @Mixin FormatOption format;

  BenchCompareCommand() {}

  @Override
  public Integer call() throws Exception {
    Compare.of(before, after).print(format.format);
    return ExitCode.DONE;
  }
}
