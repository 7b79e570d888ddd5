package io.framejet.cli.output;

import io.framejet.Backend;
import io.framejet.sweep.SweepPlan;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a sweep is going to do, in words. */
public final class Plan {
  private Plan() {}

  /** One line for before the sweep. */
  public static String announcement(SweepPlan plan, boolean defaultRate) {
    StringBuilder text = new StringBuilder(200);
    text.append("Sweeping ").append(Numbers.count(plan.targets(), "target"));
    if (plan.excluded() > 0) {
      text.append(" (").append(Numbers.grouped(plan.excluded())).append(" excluded)");
    }
    text.append(" by ").append(plan.probe().toUpperCase(java.util.Locale.ROOT));
    if (plan.ports() > 1) {
      text.append(", ").append(Numbers.count(plan.ports(), "port"));
      text.append(" of ").append(Numbers.count(plan.hosts(), "host")).append(',');
    }
    text.append(" on ").append(plan.link().name()).append(" from ").append(plan.sourceText());
    if (plan.claimsSource()) {
      text.append(" (for which it answers)");
    }
    text.append(", ").append(rate(plan, defaultRate));
    Duration time = plan.sendingTime();
    if (time != null) {
      text.append(": about ").append(Numbers.duration(time.toNanos()));
    }
    return text.toString();
  }

  /** The whole plan, to standard output: it is what a dry run is for. */
  public static void print(SweepPlan plan, boolean defaultRate) throws IOException {
    try {
      OutputStream out = new FileOutputStream(FileDescriptor.out);
      out.write(text(plan, defaultRate).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw Unwritable.of(null, e);
    }
  }

  /** The whole plan. */
  static String text(SweepPlan plan, boolean defaultRate) {
    StringBuilder text = new StringBuilder(600);
    line(text, "probe", plan.probe());
    line(
        text,
        "link",
        plan.link().name()
            + (plan.link().hasEthernetHeader() ? " (" + plan.link().mac() + ", MTU " : " (MTU ")
            + plan.link().mtu()
            + ")");
    line(
        text,
        "source",
        plan.sourceText()
            + (plan.link().hasEthernetHeader() ? " at " + plan.sourceMac() : "")
            + (plan.claimsSource() ? ", if nobody else has it; answered for meanwhile" : ""));
    line(
        text,
        "targets",
        Numbers.grouped(plan.targets())
            + (plan.self() == 0
                ? ""
                : ", of them " + Numbers.grouped(plan.self()) + " own, not probed"));
    if (plan.ports() > 0) {
      line(
          text,
          "ports",
          Numbers.grouped(plan.ports()) + " of each of " + Numbers.count(plan.hosts(), "host"));
    }
    line(text, "excluded", Numbers.grouped(plan.excluded()));
    if (plan.resolves()) {
      line(text, "before", "finds out who has a MAC; no probes for those who have none");
    }
    if (plan.backend() == Backend.RAWIP && plan.link().hasEthernetHeader()) {
      line(text, "MACs", "found out by the kernel, with frames that are not counted here");
    }
    if (!plan.gateways().isEmpty()) {
      line(text, "routers", String.join(", ", plan.gateways()));
    }
    line(text, "rate", rate(plan, defaultRate));
    if (plan.hostRate() != null) {
      line(text, "host rate", "at most " + Numbers.rate(plan.hostRate().pps()) + " for each host");
    }
    Duration time = plan.sendingTime();
    line(
        text,
        "first round",
        time == null ? "as long as the kernel takes" : Numbers.duration(time.toNanos()));
    line(text, "rounds", "at most " + plan.rounds() + ", each only of those that did not answer");
    line(text, "wait", Numbers.duration(plan.waitTime().toNanos()) + " for an answer");
    line(text, "grace", Numbers.duration(plan.grace().toNanos()) + " once all have answered");
    line(text, "backend", backend(plan.backend()));
    line(text, "shard", plan.shard().toString());
    line(text, "seed", Long.toString(plan.seed()));
    text.append("Nothing was sent: this is a dry run.\n");
    return text.toString();
  }

  private static String rate(SweepPlan plan, boolean defaultRate) {
    if (plan.rate().isMax()) {
      return "as fast as the kernel takes frames";
    }
    String pps = "at " + Numbers.rate(plan.rate().pps());
    return defaultRate ? pps + " (the default; --rate 1M for more)" : pps;
  }

  private static String backend(@Nullable Backend backend) {
    return backend == null ? "auto: the best that is available" : backend.label();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(name).append(" ".repeat(13 - name.length())).append(value).append('\n');
  }
}
