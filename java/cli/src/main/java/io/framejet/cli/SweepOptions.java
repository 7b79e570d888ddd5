package io.framejet.cli;

import io.framejet.cli.Converters.BackendChoice;
import io.framejet.cli.Converters.BackendNames;
import io.framejet.inject.Rate;
import io.framejet.sweep.Sweep;
import io.framejet.target.Shard;
import io.framejet.target.TargetSet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What all kinds of sweeps share: whom to ask, how fast, and where the results go. */
final class SweepOptions {
  @Parameters(
      paramLabel = "TARGETS",
      arity = "0..*",
      description = "Whom to ask: 10.0.0.0/16, 10.0.0.1-10.0.0.99 or 10.0.0.7.")
  List<String> targets = new ArrayList<>();

  @Mixin LinkOptions link;

  @Option(
      names = "--targets-file",
      paramLabel = "FILE",
      description = "Whom to ask besides: one of the above a line, # begins a comment.")
  List<Path> targetsFiles = new ArrayList<>();

  @Option(
      names = "--exclude",
      paramLabel = "TARGETS",
      split = ",",
      description = "Whom not to ask, comma-separated; exclusions always win.")
  List<String> excludes = new ArrayList<>();

  @Option(names = "--exclude-file", paramLabel = "FILE", description = "Files of whom not to ask.")
  List<Path> excludeFiles = new ArrayList<>();

  @Option(
      names = "--off-link",
      description = "Leave to ask addresses that are in no subnet of the link.")
  boolean offLink;

  @Option(
      names = "--rate",
      paramLabel = "PPS",
      converter = Converters.OfRate.class,
      description = "Probes per second: 500, 10k, 1M, or max (default: 10k).")
  @Nullable Rate rate;

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

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "50ms",
      converter = Converters.OfDuration.class,
      description = "How long to listen on once all have answered (default: ${DEFAULT-VALUE}).")
  Duration grace;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      converter = Converters.OfBackend.class,
      completionCandidates = BackendNames.class,
      description = "The kernel path: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  BackendChoice backend;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Fixes the order of the targets (default: random).")
  @Nullable Long seed;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = Converters.OfShard.class,
      description = "Only the I-th of N disjoint parts; all parts need the same --seed.")
  @Nullable Shard shard;

  @Mixin FormatOption format;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where the results go (default: standard output).")
  @Nullable Path output;

  @Option(
      names = "--summary",
      paramLabel = "FILE",
      description = "Write what was done and found, as JSON.")
  @Nullable Path summary;

  @Option(names = "--all", description = "Results for all targets, not only for hosts that are up.")
  boolean all;

  @Option(names = "--dry-run", description = "Print the plan and send nothing.")
  boolean dryRun;

  @Option(
      names = {"-q", "--quiet"},
      description = "Nothing on stderr but errors.")
  boolean quiet;

  /** The addresses to ask, exclusions taken out. */
  TargetSet targetSet() {
    if (targets.isEmpty() && targetsFiles.isEmpty()) {
      throw new IllegalArgumentException(
          "whom to ask? Name TARGETS, such as 10.0.0.0/24, or a --targets-file");
    }
    TargetSet.Builder set = TargetSet.builder();
    targets.forEach(set::add);
    targetsFiles.forEach(set::addFile);
    excludes.forEach(set::exclude);
    excludeFiles.forEach(set::excludeFile);
    return set.build();
  }

  /** Sets all that is common to sweeps, but for the targets. */
  void applyTo(Sweep.Builder sweep) {
    sweep
        .rate(rate == null ? Sweep.DEFAULT_RATE : rate)
        .retries(retries)
        .waitTime(waitTime)
        .grace(grace)
        .backend(backend.backend())
        .offLink(offLink);
    if (seed != null) {
      sweep.seed(seed);
    }
    if (shard != null) {
      sweep.shard(shard);
    }
  }
}
