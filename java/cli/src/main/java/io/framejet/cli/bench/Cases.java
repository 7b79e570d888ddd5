package io.framejet.cli.bench;

import io.framejet.bench.CpuTime;
import io.framejet.bench.FrameSizes;
import io.framejet.bench.Load;
import io.framejet.bench.Measurement;
import io.framejet.bench.Throughput;
import io.framejet.bench.Trial;
import io.framejet.link.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Results of the library as objects of the JSON file; the keys are a contract. */
final class Cases {
  private final Link link;
  private final @Nullable Link to;
  private final long speedMbps;

  /**
   * Cases of one run.
   *
   * @param speedMbps the link's speed, or 0 where the driver does not tell
   */
  Cases(Link link, @Nullable Link to, long speedMbps) {
    this.link = link;
    this.to = to;
    this.speedMbps = speedMbps;
  }

  /** A load that was measured. */
  Map<String, @Nullable Object> of(String test, Measurement measured, @Nullable Timings timings) {
    Map<String, @Nullable Object> out = begin(test, measured.load());
    rate(out, measured.load(), measured.pps());
    counts(out, measured);
    if (timings != null) {
      timings.addTo(out, measured.load().rate().isMax() ? 0 : measured.load().rate().pps());
    }
    return out;
  }

  /** A search: the rate that it found, what was measured there, and all rates that it tried. */
  Map<String, @Nullable Object> of(Throughput found, Measurement there, Timings timings) {
    Map<String, @Nullable Object> out = begin("throughput", found.load());
    rate(out, found.load(), new Measurement.Spread(found.pps(), found.pps(), found.pps()));
    counts(out, there);
    out.put("complete", found.complete() && there.total().complete());
    timings.addTo(out, found.pps());
    List<Object> points = new ArrayList<>();
    found.points().forEach(point -> points.add(point(point)));
    out.put("points", points);
    return out;
  }

  private Map<String, @Nullable Object> begin(String test, Load load) {
    Map<String, @Nullable Object> out = Json.object();
    out.put("test", test);
    out.put("backend", load.backend().label());
    out.put("link", link.name());
    out.put("to", to == null ? null : to.name());
    out.put("frame_size", load.frameSize());
    out.put("batch", load.batch());
    out.put("cores", load.cores());
    out.put("qdisc_bypass", load.qdiscBypass());
    out.put("rate_asked_pps", load.rate().isMax() ? null : load.rate().pps());
    return out;
  }

  private void rate(Map<String, @Nullable Object> out, Load load, Measurement.Spread pps) {
    out.put("mpps", round(pps.median() / 1e6, 6));
    out.put("mpps_min", round(pps.min() / 1e6, 6));
    out.put("mpps_max", round(pps.max() / 1e6, 6));
    out.put("gbps", round(pps.median() * FrameSizes.bits(load.frameSize()) / 1e9, 6));
    out.put("gbps_wire", round(pps.median() * FrameSizes.wireBits(load.frameSize()) / 1e9, 6));
    out.put(
        "line_rate_percent",
        speedMbps <= 0
            ? null
            : round(pps.median() * 100 / FrameSizes.lineRate(load.frameSize(), speedMbps), 3));
  }

  private void counts(Map<String, @Nullable Object> out, Measurement measured) {
    Trial total = measured.total();
    out.put("frames", total.accepted());
    out.put("frames_by_core", List.copyOf(total.perCore()));
    out.put("delivered", total.delivered());
    out.put("delivered_at", deliveredAt(total));
    out.put("lost", total.lost());
    out.put("seconds", round(total.nanos() / 1e9, 6));
    out.put("errors", total.errors());
    out.put("unconfirmed", total.unconfirmed());
    out.put("rejected", total.rejected());
    out.put("link_frames", total.linkFrames());
    out.put("link_dropped", total.linkDropped());
    out.put("link_errors", total.linkErrors());
    out.put("peer_frames", known(total.peerFrames()));
    out.put("receiver_frames", known(total.arrived()));
    out.put("receiver_overflowed", total.arrived() < 0 ? null : total.overflowed());
    out.put("reordered", total.arrived() < 0 ? null : total.reordered());
    out.put("warm_up_frames", measured.warmUpFrames());
    out.put("calls", total.calls());
    out.put("queue_full", total.queueFull());
    cpu(out, total);
    out.put(
        "mpps_repetitions",
        measured.trials().stream().map(each -> (Object) round(each.pps() / 1e6, 6)).toList());
    out.put("disagreements", measured.disagreements());
    out.put("complete", total.complete());
  }

  private static void cpu(Map<String, @Nullable Object> out, Trial total) {
    CpuTime cpu = total.cpu();
    out.put("cpu_user_ns_per_frame", perFrame(cpu.user(), total.accepted()));
    out.put("cpu_system_ns_per_frame", perFrame(cpu.system(), total.accepted()));
    out.put("cpu_softirq_ns_per_frame", perFrame(cpu.softirq(), total.accepted()));
  }

  private String deliveredAt(Trial total) {
    if (to == null) {
      return link.name() + ", by its own counters";
    }
    return to.name() + (total.arrived() == Trial.UNKNOWN ? ", by its counters" : ", by a receiver");
  }

  private static Map<String, @Nullable Object> point(Throughput.Point point) {
    Map<String, @Nullable Object> out = Json.object();
    Trial trial = point.trial();
    out.put("rate_asked_pps", point.rate().isMax() ? null : round(point.rate().pps(), 1));
    out.put("rate_pps", round(point.pps(), 1));
    out.put("frames", trial.accepted());
    out.put("delivered", trial.delivered());
    out.put("lost", trial.lost());
    out.put("loss_percent", round(point.loss() * 100, 6));
    out.put("seconds", round(trial.nanos() / 1e9, 6));
    out.put("receiver_overflowed", trial.overflowed());
    out.put("disagreements", trial.disagreements());
    return out;
  }

  private static @Nullable Object perFrame(long nanos, long frames) {
    return nanos < 0 || frames == 0 ? null : round((double) nanos / frames, 2);
  }

  private static @Nullable Object known(long count) {
    return count == Trial.UNKNOWN ? null : count;
  }

  /** Rounded to some decimals: more would only look exact. */
  static Double round(double value, int decimals) {
    double scale = Math.pow(10, decimals);
    return Math.rint(value * scale) / scale;
  }
}
