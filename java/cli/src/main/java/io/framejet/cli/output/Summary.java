package io.framejet.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.framejet.sweep.SweepReport;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/** What a sweep did, for people and for programs. The keys are a contract. */
public final class Summary {
  private static final double NANOS_PER_MILLI = 1e6;

  private Summary() {}

  /** A few lines for people. */
  public static void print(SweepReport report, PrintStream err) {
    SweepReport.Counts counts = report.counts();
    StringBuilder text = new StringBuilder(400);
    SweepReport.Answers answers = counts.answers();
    boolean ports = answers.open() + answers.closed() + answers.filtered() > 0;
    text.append(Numbers.count(counts.hostsUp(), ports ? "port" : "host"));
    text.append(ports ? " answered of " : " up of ");
    text.append(Numbers.count(counts.targets(), "target")).append(", ");
    if (ports) {
      text.append(Numbers.grouped(answers.open())).append(" open, ");
      text.append(Numbers.grouped(answers.closed())).append(" closed, ");
      text.append(Numbers.grouped(answers.filtered())).append(" filtered, ");
    }
    text.append(Numbers.grouped(counts.hostsSilent())).append(" silent, ");
    text.append(Numbers.grouped(counts.possiblyLost())).append(" possibly lost");
    text.append(
        counts.conflicts() == 0 ? "" : ", " + Numbers.count(counts.conflicts(), "conflict"));
    text.append(
        report.complete()
            ? "\n"
            : "; ended early, " + Numbers.grouped(counts.notProbed()) + " not probed\n");
    SweepReport.Resolution resolution = report.resolution();
    if (resolution.probesSent() > 0) {
      text.append(Numbers.count(resolution.hosts(), "host")).append(" with a MAC, found by ");
      text.append(Numbers.count(resolution.probesSent(), "request"));
      text.append(
          resolution.answersSent() == 0
              ? "\n"
              : "; " + Numbers.count(resolution.answersSent(), "answer") + " for our address\n");
    }
    text.append(Numbers.count(counts.probesSent(), "probe"))
        .append(" in ")
        .append(Numbers.count(counts.rounds(), "round"));
    text.append(" by ").append(report.backend().label());
    text.append(report.backendReason().isEmpty() ? "" : " (" + report.backendReason() + ")");
    text.append(", at ").append(Numbers.rate(report.ratePps())).append("; ");
    text.append(Numbers.duration(report.timing().elapsedNanos()))
        .append(" from the first probe to the result\n");
    text.append(Numbers.count(counts.replies(), "reply").replace("replys", "replies")).append(" (");
    text.append(Numbers.count(counts.duplicates(), "duplicate")).append(", ");
    text.append(Numbers.grouped(counts.unasked())).append(" unasked, ");
    text.append(
        counts.refused() == 0 ? "" : Numbers.grouped(counts.refused()) + " without our cookie, ");
    text.append(Numbers.grouped(counts.malformed())).append(" malformed); dropped: ");
    text.append(Numbers.grouped(report.transmitted().kernelDropped())).append(" on the way out, ");
    text.append(Numbers.grouped(report.received().dropped())).append(" on the way back\n");
    err.print(text);
    err.flush();
  }

  /** One JSON object. */
  public static void write(SweepReport report, OutputStream out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      json.writeStartObject();
      counts(report.counts(), json);
      json.writeNumberField("elapsed_ms", millis(report.timing().elapsedNanos()));
      json.writeNumberField("send_ms", millis(report.timing().sendNanos()));
      json.writeNumberField("rate_pps", Math.rint(report.ratePps() * 10) / 10);
      json.writeStringField("backend", report.backend().label());
      json.writeStringField("backend_reason", report.backendReason());
      json.writeBooleanField("complete", report.complete());
      SweepReport.Transmitted transmitted = report.transmitted();
      SweepReport.Resolution resolution = report.resolution();
      json.writeObjectFieldStart("resolution");
      json.writeNumberField("requests_sent", resolution.probesSent());
      json.writeNumberField("hosts_resolved", resolution.hosts());
      json.writeNumberField("answers_sent", resolution.answersSent());
      json.writeNumberField("resolve_ms", millis(resolution.sendNanos()));
      json.writeEndObject();
      json.writeObjectFieldStart("tx");
      json.writeNumberField("accepted", transmitted.accepted());
      json.writeNumberField("kernel_packets", transmitted.kernelPackets());
      json.writeNumberField("kernel_dropped", transmitted.kernelDropped());
      json.writeNumberField("unconfirmed", transmitted.unconfirmed());
      json.writeArrayFieldStart("by_core");
      for (long frames : transmitted.probesPerCore()) {
        json.writeNumber(frames);
      }
      json.writeEndArray();
      json.writeEndObject();
      SweepReport.Received received = report.received();
      json.writeObjectFieldStart("rx");
      json.writeNumberField("delivered", received.delivered());
      json.writeNumberField("dropped", received.dropped());
      json.writeEndObject();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void counts(SweepReport.Counts counts, JsonGenerator json) throws IOException {
    json.writeNumberField("targets", counts.targets());
    json.writeNumberField("excluded", counts.excluded());
    json.writeNumberField("probes_sent", counts.probesSent());
    json.writeNumberField("replies", counts.replies());
    json.writeNumberField("hosts_up", counts.hostsUp());
    json.writeNumberField("hosts_silent", counts.hostsSilent());
    json.writeNumberField("possibly_lost", counts.possiblyLost());
    json.writeNumberField("not_probed", counts.notProbed());
    json.writeNumberField("duplicates", counts.duplicates());
    json.writeNumberField("conflicts", counts.conflicts());
    json.writeNumberField("unasked", counts.unasked());
    json.writeNumberField("refused", counts.refused());
    json.writeNumberField("malformed", counts.malformed());
    SweepReport.Answers answers = counts.answers();
    json.writeNumberField("open", answers.open());
    json.writeNumberField("closed", answers.closed());
    json.writeNumberField("filtered", answers.filtered());
    json.writeNumberField("unreachable", answers.unreachable());
    json.writeNumberField("rounds", counts.rounds());
  }

  // Microseconds are kept, more would only look exact.
  private static double millis(long nanos) {
    return Math.rint(nanos / NANOS_PER_MILLI * 1000) / 1000;
  }
}
