package io.framejet.cli;

import io.framejet.inject.Rate;
import io.framejet.sweep.Sweep;
import io.framejet.target.Ipv6TargetSet;
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
      description =
          "Leave to ask addresses that are in no subnet of the link; probes of IP go to the router.")
  boolean offLink;

  @Option(
      names = "--rate",
      paramLabel = "PPS",
      converter = Converters.OfRate.class,
      description = "Probes per second: 500, 10k, 1M, or max (default: 10k).")
  @Nullable Rate rate;

  @Option(
      names = "--host-rate",
      paramLabel = "PPS",
      converter = Converters.OfRate.class,
      description = "Most probes per second to any one host (default: no limit but --rate).")
  @Nullable Rate hostRate;

  @Mixin PatienceOptions patience;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "50ms",
      converter = Converters.OfDuration.class,
      description = "How long to listen on once all have answered (default: ${DEFAULT-VALUE}).")
  Duration grace;

  @Mixin BackendOption backend;

  @Option(
      names = "--consume",
      description =
          "Keep replies from this host's own stack, which saves time; with --backend xdp.")
  boolean consume;

  @Option(
      names = "--cores",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "How many cores make the probes; with --backend xdp (default: ${DEFAULT-VALUE}).")
  int cores;

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

  @Option(
      names = "--pcap",
      paramLabel = "FILE",
      description = "Keep all frames of the sweep, sent and received, in a pcapng file.")
  @Nullable Path pcap;

  @Option(names = "--all", description = "Results for all targets, not only for hosts that are up.")
  boolean all;

  @Option(names = "--dry-run", description = "Print the plan and send nothing.")
  boolean dryRun;

  @Mixin QuietOption quiet;

  /** The addresses to ask, exclusions taken out. */
  TargetSet targetSet() {
    requireTargets("10.0.0.0/24");
    TargetSet.Builder set = TargetSet.builder();
    for (String target : targets) {
      set.add(target);
    }
    for (Path file : targetsFiles) {
      set.addFile(file);
    }
    for (String excluded : excludes) {
      set.exclude(excluded);
    }
    for (Path file : excludeFiles) {
      set.excludeFile(file);
    }
    return set.build();
  }

  /** Whether it was said whom to ask. */
  boolean namesTargets() {
    return !targets.isEmpty() || !targetsFiles.isEmpty();
  }

  private void requireTargets(String example) {
    if (!namesTargets()) {
      throw new IllegalArgumentException(
          "whom to ask? Name TARGETS, such as " + example + ", or a --targets-file");
    }
  }

  /** The IPv6 addresses to ask, exclusions taken out. */
  Ipv6TargetSet ipv6TargetSet() {
    requireTargets("2001:db8::/120, or --discover");
    Ipv6TargetSet.Builder set = Ipv6TargetSet.builder();
    targets.forEach(set::add);
    targetsFiles.forEach(set::addFile);
    return excluding(set);
  }

  /** These, exclusions taken out. */
  Ipv6TargetSet without(Ipv6TargetSet found) {
    Ipv6TargetSet.Builder set = Ipv6TargetSet.builder();
    found.ranges().forEach(set::add);
    return excluding(set);
  }

  private Ipv6TargetSet excluding(Ipv6TargetSet.Builder set) {
    excludes.forEach(set::exclude);
    excludeFiles.forEach(set::excludeFile);
    return set.build();
  }

  /** Sets how to ask: how fast, how often, by which backend. */
  void applyCommonTo(Sweep.Builder sweep) {
    sweep
        .rate(rate == null ? Sweep.DEFAULT_RATE : rate)
        .hostRate(hostRate)
        .retries(patience.retries)
        .waitTime(patience.waitTime)
        .grace(grace)
        .backend(backend.backend())
        .consume(consume)
        .cores(cores);
  }

  /** Sets all that is common to sweeps, but for the targets. */
  void applyTo(Sweep.Builder sweep) {
    applyCommonTo(sweep);
    sweep.offLink(offLink).pcap(pcap);
    if (seed != null) {
      sweep.seed(seed);
    }
    if (shard != null) {
      sweep.shard(shard);
    }
  }
}
