package io.framejet.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Results that were made up, for tests of what is made of results. */
final class Runs {
  private Runs() {}

  /** A case whose repetitions gave these rates, in Mpps, in ascending order. */
  static Map<String, @Nullable Object> injection(String backend, int size, double... mpps) {
    Map<String, @Nullable Object> one = Json.object();
    one.put("test", "injection");
    one.put("backend", backend);
    one.put("link", "v0");
    one.put("frame_size", size);
    one.put("batch", 256);
    one.put("cores", 1);
    one.put("qdisc_bypass", false);
    one.put("rate_asked_pps", null);
    one.put("mpps", mpps[mpps.length / 2]);
    one.put("mpps_min", mpps[0]);
    one.put("mpps_max", mpps[mpps.length - 1]);
    one.put("gbps", mpps[mpps.length / 2] * size * 8 / 1000);
    one.put("gbps_wire", mpps[mpps.length / 2] * (size + 20) * 8 / 1000);
    one.put("frames", 1_234_567L);
    one.put("delivered", 1_234_567L);
    List<Object> repetitions = new ArrayList<>();
    for (double each : mpps) {
      repetitions.add(each);
    }
    one.put("mpps_repetitions", repetitions);
    one.put("disagreements", List.of());
    return one;
  }

  /** A run of these cases. */
  static Map<String, @Nullable Object> of(List<Map<String, @Nullable Object>> cases) {
    Map<String, @Nullable Object> environment = Json.object();
    environment.put("link", "v0");
    environment.put("link_kind", "veth");
    environment.put("kernel", "Linux 6.18");
    Map<String, @Nullable Object> run = Json.object();
    run.put("environment", environment);
    run.put("interrupted", false);
    run.put("cases", cases);
    run.put("skipped", List.of());
    return run;
  }
}
