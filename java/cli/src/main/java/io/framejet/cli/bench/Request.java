package io.framejet.cli.bench;

import io.framejet.Backend;
import io.framejet.bench.FrameSizes;
import io.framejet.bench.Load;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a user asked for, all of it checked.
 *
 * @param tests in this order
 * @param backends that were found to be available
 * @param skipped what else was wanted, and why it is left out
 */
public record Request(
    Link link,
    @Nullable Link to,
    List<Test> tests,
    List<Backend> backends,
    List<Skipped> skipped,
    List<Integer> frameSizes,
    List<Integer> batches,
    List<Integer> cores,
    List<Boolean> bypass,
    List<Rate> rates,
    Duration warmUp,
    Duration duration,
    int repetitions,
    @Nullable Path json,
    @Nullable Path report,
    String commandLine,
    String version,
    boolean quiet) {
  /** A backend or a case that could not be measured. */
  public record Skipped(String what, String reason) {}

  /** What can be measured. */
  public enum Test {
    /** How fast frames can be injected. */
    INJECTION,
    /** The highest rate without a loss. */
    THROUGHPUT,
    /** How well a rate is kept. */
    RATE;

    /** The name on the command line. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public String toString() {
      return label();
    }
  }

  /** One line of the result. */
  record Step(Test test, Load load) {}

  /** The sizes of RFC 2544 that the link takes, and the longest it takes. */
  public static List<Integer> defaultSizes(Link link) {
    int largest = FrameSizes.largestOf(link);
    TreeSet<Integer> sizes = new TreeSet<>(FrameSizes.RFC_2544);
    sizes.removeIf(size -> size > largest);
    sizes.add(largest);
    return List.copyOf(sizes);
  }

  /** All that is to be measured, in its order. */
  List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    for (Test test : tests) {
      for (Backend backend : backends) {
        for (boolean bypassed : bypass) {
          for (int threads : cores) {
            for (int batch : batches) {
              Load load =
                  Load.of(backend).withQdiscBypass(bypassed).withCores(threads).withBatch(batch);
              for (int size : frameSizes) {
                addRates(steps, test, load.withFrameSize(size));
              }
            }
          }
        }
      }
    }
    return steps;
  }

  private void addRates(List<Step> steps, Test test, Load load) {
    if (test == Test.RATE) {
      rates.forEach(rate -> steps.add(new Step(test, load.withRate(rate))));
    } else {
      steps.add(new Step(test, load));
    }
  }
}
