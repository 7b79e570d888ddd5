package io.framejet.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs the suites, stage by stage, and prints each figure beside what is wanted of it. {@code
 * benchmarks/run} starts this; a single benchmark is run by {@code org.openjdk.jmh.Main}, which the
 * jar starts by itself.
 */
public final class Suite {
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private final boolean quick;
  private final List<RunResult> results = new ArrayList<>();

  private Suite(boolean quick) {
    this.quick = quick;
  }

  /** Options: {@code --quick --out DIR --unprivileged}. */
  public static void main(String[] args) throws IOException, RunnerException {
    final Arguments arguments =
        new Arguments(args, Set.of("--out"), Set.of("--quick", "--unprivileged"));
    final Suite suite = new Suite(arguments.flag("--quick"));
    suite.pure();
    if (arguments.flag("--unprivileged")) {
      System.err.println("Without root there is no lab: the inject and sweep suites are left out.");
    } else {
      suite.inLab();
    }
    suite.print();
    final Path folder = Path.of(arguments.text("--out", "."));
    Files.createDirectories(folder);
    final String file = folder.resolve("jmh.json").toString();
    ResultFormatFactory.getInstance(ResultFormatType.JSON, file).writeOut(suite.results);
    System.out.println("JSON: " + file);
  }

  private void pure() throws RunnerException {
    run(
        timed(quick ? 2 : 3, quick ? 3 : 5, quick ? 200 : 1000)
            .addProfiler(GCProfiler.class)
            .include(named(FrameBenchmark.class))
            .include(named(StackBenchmark.class))
            .include(named(TargetOrderBenchmark.class))
            .include(named(JniBenchmark.class))
            .include(named(DemuxBenchmark.class)));
  }

  private void inLab() throws IOException, RunnerException {
    run(
        timed(quick ? 1 : 2, quick ? 3 : 5, quick ? 200 : 1000)
            .addProfiler(GCProfiler.class)
            .param("backend", BenchmarkLab.backends("ifb"))
            .include(named(EmptySendBenchmark.class)));
    for (String link : List.of("veth", "ifb")) {
      final ChainedOptionsBuilder inject =
          timed(quick ? 1 : 2, quick ? 2 : 5, quick ? 300 : 1000)
              .addProfiler(GCProfiler.class)
              .forks(quick ? 1 : 2)
              .param("link", link)
              .param("backend", BenchmarkLab.backends(link))
              .include(named(InjectBenchmark.class));
      run(quick ? inject.param("batch", "1", "256") : inject);
    }
    run(
        new OptionsBuilder()
            .verbosity(VerboseMode.SILENT)
            .jvmArgsAppend(drop())
            .forks(quick ? 1 : 3)
            .warmupIterations(5)
            .measurementIterations(quick ? 5 : 20)
            .include(named(SweepBenchmark.class)));
  }

  private ChainedOptionsBuilder timed(int warmups, int iterations, int millis) {
    return new OptionsBuilder()
        .verbosity(VerboseMode.SILENT)
        .jvmArgsAppend(drop())
        .forks(quick ? 1 : 3)
        .warmupIterations(warmups)
        .warmupTime(TimeValue.milliseconds(Math.max(millis, 500)))
        .measurementIterations(iterations)
        .measurementTime(TimeValue.milliseconds(millis));
  }

  /** A suite that fails is said to have failed, and the others go on. */
  private void run(ChainedOptionsBuilder options) throws RunnerException {
    results.addAll(new Runner(options.shouldFailOnError(false).build()).run());
  }

  private static String drop() {
    final String name = BenchmarkLab.DROP_PROPERTY;
    return "-D" + name + "=" + System.getProperty(name, "");
  }

  private static String named(Class<?> type) {
    return "^" + type.getName().replace(".", "\\.") + "\\.";
  }

  private void print() {
    System.out.printf(
        "%-54s %12s %23s  %-6s %8s  %s%n",
        "benchmark", "median", "(least - most)", "unit", "B/op", "wanted");
    for (RunResult result : results) {
      print(result);
    }
  }

  private static void print(RunResult result) {
    final Result<?> score = score(result);
    final String name = name(result);
    // JMH counts bytes per call; a call of some suites does many things.
    final double perCall = score.getScore() / result.getPrimaryResult().getScore();
    final double bytes = allocated(result) / perCall;
    final boolean rate = score.getScoreUnit().equals("ops/s");
    final double scale = rate ? 1e-6 : 1;
    final Statistics statistics = score.getStatistics();
    System.out.printf(
        Locale.ROOT,
        "%-54s %12.3f %23s  %-6s %8s  %s%n",
        name,
        statistics.getPercentile(50) * scale,
        String.format(
            Locale.ROOT, "(%.3f - %.3f)", statistics.getMin() * scale, statistics.getMax() * scale),
        rate ? "M/s" : score.getScoreUnit(),
        Double.isNaN(bytes) ? "" : String.format(Locale.ROOT, "%.2f", bytes),
        Wanted.of(name).map(wanted -> wanted.verdict(statistics, bytes)).orElse(""));
    for (String event : List.of("hostsUp", "possiblyLost")) {
      final Result<?> counted = result.getSecondaryResults().get(event);
      if (counted != null) {
        final long sweeps = counted.getStatistics().getN();
        System.out.printf(
            Locale.ROOT,
            "  %s in %d sweeps: %.0f each%n",
            event,
            sweeps,
            counted.getStatistics().getMean());
      }
    }
  }

  /** What was counted while the calls were timed, where there is such a thing. */
  private static Result<?> score(RunResult result) {
    for (String counter : List.of("frames", "replies")) {
      final Result<?> counted = result.getSecondaryResults().get(counter);
      if (counted != null) {
        return counted;
      }
    }
    return result.getPrimaryResult();
  }

  /** {@code FrameBenchmark.template 128}. */
  private static String name(RunResult result) {
    final String full = result.getParams().getBenchmark();
    final StringBuilder name =
        new StringBuilder(full.substring(full.lastIndexOf('.', full.lastIndexOf('.') - 1) + 1));
    for (String key : result.getParams().getParamsKeys()) {
      name.append(' ').append(result.getParams().getParam(key));
    }
    return name.toString();
  }

  private static double allocated(RunResult result) {
    for (Result<?> secondary : result.getSecondaryResults().values()) {
      if (secondary.getLabel().endsWith(ALLOCATED)) {
        return secondary.getScore();
      }
    }
    return Double.NaN;
  }
}
