package io.framejet.cli;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.FramejetException;
import io.framejet.bench.FrameSizes;
import io.framejet.cli.bench.Request;
import io.framejet.cli.bench.Request.Skipped;
import io.framejet.cli.bench.Request.Test;
import io.framejet.cli.bench.Session;
import io.framejet.cli.process.Interrupts;
import io.framejet.frame.LinkType;
import io.framejet.inject.Backends;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.link.NetworkNamespace;
import io.framejet.link.Route;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code framejet bench}. */
@Command(
    name = "bench",
    addMethodSubcommands = false,
    description = {
      "Measures how many frames per second a link takes, by the link's own counters.",
      "With --to it also finds the highest rate without a loss (RFC 2544), and the latency at that rate.",
      "It loads the link and whatever the link leads to: use it on networks that you run.%n"
    },
    sortOptions = false,
    subcommands = BenchCompareCommand.class,
    footer = {
      "%nExamples:",
      "  framejet bench -i v0",
      "  framejet bench -i v0 --backend all --frame-size 64,1518 --json a.json --report a.html",
      "  framejet bench -i v0 --to v1 --netns2 far --frame-size 64",
      "  framejet bench -i v0 --to v1 --netns2 far --rate 10k,100k --frame-size 64",
      "  framejet bench compare a.json b.json"
    })
final class BenchCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final String AUTO = "auto";

  @Option(
      names = {"-i", "--link"},
      paramLabel = "LINK",
      description = "The link to inject on ('framejet links' lists them).")
  @Nullable String link;

  @Mixin NamespaceOption namespace;

  @Option(
      names = "--to",
      paramLabel = "LINK2",
      description = "Where the frames arrive: they are addressed to it, and counted there.")
  @Nullable String to;

  @Option(
      names = "--netns2",
      paramLabel = "NAME|PATH",
      description = "The network namespace of LINK2 (default: that of the link).")
  @Nullable String netns2;

  @Option(
      names = "--test",
      paramLabel = "TEST",
      split = ",",
      description = {
        "What to measure: ${COMPLETION-CANDIDATES} (default: injection; with --to also throughput; with --rate rate)."
      })
  List<Test> tests = List.of();

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      split = ",",
      defaultValue = AUTO,
      completionCandidates = BenchBackends.class,
      description = "Kernel paths: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  List<String> backends;

  @Option(
      names = "--frame-size",
      paramLabel = "BYTES",
      split = ",",
      description = {
        "As RFC 2544 counts them, FCS included: 64 is a frame of 60 bytes here",
        "(default: 64,128,256,512,1024,1280,1518 and what the MTU allows)."
      })
  List<Integer> frameSizes = List.of();

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "1s",
      converter = Converters.OfDuration.class,
      description = "Of each repetition, and of each rate of a search (default: ${DEFAULT-VALUE}).")
  Duration duration;

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      defaultValue = "500ms",
      converter = Converters.OfDuration.class,
      description = "Injecting before each case without measuring (default: ${DEFAULT-VALUE}).")
  Duration warmUp;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each case is measured (default: ${DEFAULT-VALUE}).")
  int repetitions;

  @Option(
      names = "--batch",
      paramLabel = "FRAMES",
      split = ",",
      defaultValue = "256",
      description = "Frames handed over by one call: 1,16,64,256,1024 (default: ${DEFAULT-VALUE}).")
  List<Integer> batches;

  @Option(
      names = "--cores",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description = "Threads that inject, each with its own injector (default: ${DEFAULT-VALUE}).")
  List<Integer> cores;

  @Option(
      names = "--qdisc-bypass",
      paramLabel = "no|yes|both",
      arity = "0..1",
      defaultValue = "no",
      fallbackValue = "yes",
      description =
          "Whether frames skip the queueing discipline, PACKET_QDISC_BYPASS (default: ${DEFAULT-VALUE}).")
  String qdiscBypass;

  @Option(
      names = "--rate",
      paramLabel = "PPS",
      split = ",",
      converter = Converters.OfRate.class,
      description = {
        "Frames per second, instead of as many as are taken: 500, 10k, 1M.",
        "How well the rate is kept shows with --to."
      })
  List<Rate> rates = List.of();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write every figure, and what it was measured on, to this file.")
  @Nullable Path json;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write a page with plots, for a browser, to this file.")
  @Nullable Path report;

  @Option(
      names = "--yes-this-link",
      description = "Measure although the default route leads over this link.")
  boolean yesThisLink;

  @Option(
      names = {"-q", "--quiet"},
      description = "Nothing on stderr but errors; with --json nothing on stdout either.")
  boolean quiet;

  @Spec CommandSpec spec;

  BenchCommand() {}

  @Override
  public Integer call() throws Exception {
    if (link == null) {
      throw usage("Missing required option: '--link=LINK'");
    }
    checkOptions();
    Link from = Link.find(link, namespace.open());
    Link receiving =
        to == null
            ? null
            : Link.find(to, netns2 == null ? from.namespace() : NetworkNamespace.of(netns2));
    checkLinks(from, receiving);
    boolean any = new Session(request(from, receiving), System.err).run();
    if (Interrupts.interrupted()) {
      return ExitCode.INTERRUPTED;
    }
    return any ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void checkOptions() {
    check(to != null || netns2 == null, "--netns2 tells where --to LINK2 is: name it");
    check(to != null || !tests.contains(Test.THROUGHPUT), "--test throughput needs --to LINK2");
    check(!tests.contains(Test.RATE) || !rates.isEmpty(), "--test rate needs --rate PPS");
    check(rates.stream().noneMatch(Rate::isMax), "--rate max is what bench does without --rate");
    check(!duration.isZero(), "--duration is more than 0");
    check(repetitions >= 1 && repetitions <= 10_000, "--repeat is 1 to 10,000: " + repetitions);
    range("--frame-size", frameSizes, FrameSizes.MIN, 65_553);
    range("--batch", batches, 1, 65_536);
    range("--cores", cores, 1, 64);
    check(
        List.of("no", "yes", "both").contains(qdiscBypass),
        "--qdisc-bypass is no, yes or both: " + qdiscBypass);
    List<String> known = new BenchBackends();
    for (String each : backends) {
      check(
          known.contains(each), "'" + each + "' is not a backend: use " + String.join(", ", known));
    }
  }

  private void range(String option, List<Integer> values, int from, int to) {
    for (int value : values) {
      check(value >= from && value <= to, option + " is " + from + " to " + to + ": " + value);
    }
  }

  private void check(boolean holds, String message) {
    if (!holds) {
      throw usage(message);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void checkLinks(Link from, @Nullable Link receiving) throws FramejetException {
    check(
        receiving == null || !receiving.isSame(from),
        "--to is another link: frames do not come back to " + from.name());
    if (!yesThisLink && carriesDefaultRoute(from)) {
      throw usage(
          "the default route leads over "
              + from.name()
              + ": measuring it takes its capacity from everybody who uses it; if that is meant,"
              + " say --yes-this-link");
    }
  }

  private static boolean carriesDefaultRoute(Link link) throws FramejetException {
    for (Route route : Route.all(link.namespace())) {
      if (route.destination().equals("default") && route.link().index() == link.index()) {
        return true;
      }
    }
    return false;
  }

  private Request request(Link from, @Nullable Link receiving) throws FramejetException {
    List<Skipped> skipped = new ArrayList<>();
    List<Boolean> bypass =
        switch (qdiscBypass) {
          case "yes" -> List.of(true);
          case "both" -> List.of(false, true);
          default -> List.of(false);
        };
    return new Request(
        from,
        receiving,
        tests(receiving != null),
        available(from, skipped),
        skipped,
        frameSizes.isEmpty() ? Request.defaultSizes(from) : frameSizes,
        batches,
        cores,
        bypass,
        rates,
        warmUp,
        duration,
        repetitions,
        json,
        report,
        "framejet " + String.join(" ", spec.commandLine().getParseResult().originalArgs()),
        Version.text(),
        quiet);
  }

  private List<Test> tests(boolean received) {
    if (!tests.isEmpty()) {
      return List.copyOf(EnumSet.copyOf(tests));
    }
    if (!rates.isEmpty()) {
      return List.of(Test.RATE);
    }
    return received ? List.of(Test.INJECTION, Test.THROUGHPUT) : List.of(Test.INJECTION);
  }

  /** Those that open; one that was named and does not is a fault, unless all were asked for. */
  private List<Backend> available(Link on, List<Skipped> skipped) throws FramejetException {
    EnumSet<Backend> found = EnumSet.noneOf(Backend.class);
    for (String each : backends) {
      if (each.equals(ALL)) {
        all(on, found, skipped);
      } else {
        found.add(open(on, each.equals(AUTO) ? null : backend(each)));
      }
    }
    if (found.isEmpty()) {
      found.add(open(on, null));
    }
    return List.copyOf(found);
  }

  private static void all(Link on, EnumSet<Backend> found, List<Skipped> skipped) {
    for (BackendStatus status : Backends.check(on)) {
      String name = status.backend().label();
      if (!status.available()) {
        skipped.add(new Skipped(name, status.reason()));
      } else if (status.backend() == Backend.RAWIP && on.linkType() == LinkType.ETHERNET) {
        skipped.add(
            new Skipped(
                name, "it leaves the Ethernet header, and finding a neighbor, to the kernel"));
      } else {
        found.add(status.backend());
      }
    }
  }

  private static Backend backend(String label) {
    return Arrays.stream(Backend.values())
        .filter(each -> each.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  /** Opens and closes it, for the exception that says what is missing. */
  private static Backend open(Link on, @Nullable Backend backend) throws FramejetException {
    InjectorOptions small =
        InjectorOptions.defaults().withBackend(backend).withBatch(1).withSlots(16);
    try (Injector injector = Injector.open(on, small)) {
      return injector.backend();
    }
  }

  /** What {@code --backend} takes here. */
  static final class BenchBackends extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    BenchBackends() {
      super(List.of(AUTO, ALL));
      addAll(Arrays.stream(Backend.values()).map(Backend::label).toList());
    }
  }
}
