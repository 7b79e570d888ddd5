package io.framejet.cli.bench;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.bench.Bench;
import io.framejet.bench.Load;
import io.framejet.bench.Measurement;
import io.framejet.bench.Throughput;
import io.framejet.cli.bench.Request.Skipped;
import io.framejet.cli.bench.Request.Step;
import io.framejet.cli.bench.Request.Test;
import io.framejet.cli.output.Numbers;
import io.framejet.cli.output.Unwritable;
import io.framejet.cli.process.Interrupts;
import io.framejet.inject.Rate;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Measures all that was asked for, and writes what came of it, also of a part of it. */
public final class Session {
  private static final int SEARCH_ATTEMPTS = 10;

  private final Request request;
  private final PrintStream err;
  private final List<Map<String, @Nullable Object>> cases = new ArrayList<>();
  private final List<Skipped> skipped;
  private final Environment environment;
  private final Cases results;

  /** A session that tells what it does on {@code err}. */
  public Session(Request request, PrintStream err) {
    this.request = request;
    this.err = err;
    skipped = new ArrayList<>(request.skipped());
    environment = Environment.of(request);
    results = new Cases(request.link(), request.to(), environment.speedMbps());
  }

  /**
   * Runs to the end or to an interrupt.
   *
   * @return whether there is any result
   */
  public boolean run() throws IOException {
    // Opened first: a file that cannot be written is better known before anything is measured.
    try (Writer json = open(request.json());
        Writer report = open(request.report())) {
      if (!request.quiet()) {
        err.print(Announcement.of(request, expectedNanos()));
      }
      try {
        measure();
      } finally {
        write(json, report);
      }
    }
    return !cases.isEmpty();
  }

  private static @Nullable Writer open(@Nullable Path file) throws IOException {
    return file == null ? null : Files.newBufferedWriter(file, StandardCharsets.UTF_8);
  }

  private void measure() throws IOException {
    try (Live live = new Live(err, request.quiet())) {
      Bench bench =
          Bench.on(request.link())
              .to(request.to())
              .warmUp(request.warmUp())
              .duration(request.duration())
              .repetitions(request.repetitions())
              .onTrial(live::update)
              .build();
      try (Interrupts.Registration registration = Interrupts.onInterrupt(bench::cancel)) {
        for (Step step : request.steps()) {
          if (bench.cancelled()) {
            return;
          }
          measure(bench, step, live);
        }
      }
    }
  }

  private void measure(Bench bench, Step step, Live live) throws FramejetException {
    String name = describe(step);
    live.begin(step.test().label(), name, nanos(step));
    try {
      Map<String, @Nullable Object> result = result(bench, step);
      if (result == null) {
        return; // interrupted before anything was measured
      }
      cases.add(result);
      live.end(describe(result), Json.number(result, "mpps", 0));
    } catch (FramejetException e) {
      if (concernsAll(e.code())) {
        throw e;
      }
      skipped.add(new Skipped(name.strip(), String.valueOf(e.getMessage())));
      live.skip(String.valueOf(e.getMessage()));
    }
  }

  /** Whether no other case can be measured either; else only this one is left out. */
  private static boolean concernsAll(ErrorCode code) {
    return switch (code) {
      case LINK_DOWN, LINK_GONE, PERMISSION_DENIED, NATIVE_LOAD_FAILED, CLOSED -> true;
      default -> false;
    };
  }

  private @Nullable Map<String, @Nullable Object> result(Bench bench, Step step)
      throws FramejetException {
    Load load = step.load();
    if (step.test() == Test.THROUGHPUT) {
      return throughput(bench, load);
    }
    Timings timings = step.test() == Test.RATE && request.to() != null ? new Timings() : null;
    Measurement measured = bench.measure(load, timings);
    return measured.trials().isEmpty() ? null : results.of(step.test().label(), measured, timings);
  }

  private @Nullable Map<String, @Nullable Object> throughput(Bench bench, Load load)
      throws FramejetException {
    Throughput found = bench.search(load);
    if (found.points().isEmpty()) {
      return null;
    }
    Timings timings = new Timings();
    Measurement there =
        found.pps() > 0 && !bench.cancelled()
            ? bench.measure(load.withRate(Rate.of(found.pps())), timings)
            : new Measurement(load, List.of(), 0);
    return results.of(found, there, timings);
  }

  private void write(@Nullable Writer json, @Nullable Writer report) throws IOException {
    Map<String, @Nullable Object> run = tree();
    if (json != null) {
      try {
        Json.write(run, json);
      } catch (IOException e) {
        throw Unwritable.of(request.json(), e);
      }
    }
    if (report != null) {
      try {
        report.write(Report.page(run));
        report.flush(); // here, where it is known which file it is
      } catch (IOException e) {
        throw Unwritable.of(request.report(), e);
      }
    }
    if (!request.quiet() || json == null) {
      Tables.print(run);
    }
  }

  /** All of it, as it goes into the JSON file. */
  private Map<String, @Nullable Object> tree() {
    Map<String, @Nullable Object> run = Json.object();
    run.put("environment", environment.values());
    run.put("interrupted", Interrupts.interrupted());
    run.put("cases", cases);
    run.put("skipped", skipped.stream().map(Session::skipped).toList());
    if (cases.size() == 1) {
      cases.get(0).forEach(run::putIfAbsent);
    }
    return run;
  }

  private static Object skipped(Skipped one) {
    Map<String, @Nullable Object> out = Json.object();
    out.put("what", one.what());
    out.put("reason", one.reason());
    return out;
  }

  private long expectedNanos() {
    return request.steps().stream().mapToLong(this::nanos).sum();
  }

  private long nanos(Step step) {
    Duration measured =
        request.warmUp().plus(request.duration().multipliedBy(request.repetitions()));
    return step.test() == Test.THROUGHPUT
        ? measured
            .plus(request.warmUp())
            .plus(request.duration().multipliedBy(SEARCH_ATTEMPTS))
            .toNanos()
        : measured.toNanos();
  }

  private String describe(Step step) {
    Load load = step.load();
    StringBuilder text = new StringBuilder(80);
    text.append(
        String.format("%-10s %-6s %5d B", step.test(), load.backend().label(), load.frameSize()));
    if (request.batches().size() > 1) {
      text.append(String.format("  batch %-5d", load.batch()));
    }
    if (request.cores().size() > 1) {
      text.append(String.format("  %d cores", load.cores()));
    }
    if (request.bypass().size() > 1) {
      text.append(load.qdiscBypass() ? "  bypass" : "  qdisc ");
    }
    return text.append(load.rate().isMax() ? "" : "  " + load.rate()).toString();
  }

  private static String describe(Map<String, @Nullable Object> result) {
    StringBuilder text = new StringBuilder(100);
    text.append(Tables.decimal(result, "mpps", 4)).append(" Mpps (");
    text.append(Tables.decimal(result, "mpps_min", 4)).append(" - ");
    text.append(Tables.decimal(result, "mpps_max", 4)).append("), ");
    text.append(Tables.decimal(result, "gbps_wire", 3)).append(" Gbit/s on the wire");
    long lost = (long) Json.number(result, "lost", 0);
    text.append(lost == 0 ? "" : ", " + Numbers.grouped(lost) + " lost");
    Map<?, ?> latency = Json.map(result, "latency_us");
    if (!latency.isEmpty()) {
      text.append(", p50 ").append(Tables.decimal(latency, "p50", 1)).append(" us");
      text.append(", p99 ").append(Tables.decimal(latency, "p99", 1)).append(" us");
    }
    return text.toString();
  }
}
