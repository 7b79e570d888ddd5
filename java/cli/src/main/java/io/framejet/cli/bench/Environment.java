package io.framejet.cli.bench;

import io.framejet.FramejetException;
import io.framejet.link.Link;
import io.framejet.link.LinkDriver;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was measured on: it is part of the result. */
final class Environment {
  private static final Path GOVERNOR =
      Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  private static final long KILO = 1024;

  private final Map<String, @Nullable Object> values = Json.object();
  private long speedMbps;

  private Environment() {}

  static Environment of(Request request) {
    Environment found = new Environment();
    Map<String, @Nullable Object> out = found.values;
    out.put("framejet_version", request.version());
    out.put("command_line", request.commandLine());
    out.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    out.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    out.put("architecture", System.getProperty("os.arch"));
    out.put("cpu", after("/proc/cpuinfo", "model name"));
    out.put("cpus", Runtime.getRuntime().availableProcessors());
    out.put("governor", read(GOVERNOR));
    out.put("load_average_1min", number(firstWord(Path.of("/proc/loadavg"))));
    out.put("memory_mb", memory());
    out.put(
        "jvm",
        System.getProperty("java.vm.name")
            + " "
            + System.getProperty("java.runtime.version")
            + " ("
            + System.getProperty("java.vendor")
            + ")");
    out.put("jvm_options", jvmOptions());
    found.speedMbps = describe(request.link(), out);
    out.put("to", null);
    Link to = request.to();
    if (to != null) {
      Map<String, @Nullable Object> receiving = Json.object();
      long unused = describe(to, receiving);
      out.put("to", receiving);
    }
    out.put("warm_up_seconds", request.warmUp().toMillis() / 1e3);
    out.put("duration_seconds", request.duration().toMillis() / 1e3);
    out.put("repetitions", request.repetitions());
    return found;
  }

  /** As they go into the JSON file. */
  Map<String, @Nullable Object> values() {
    return values;
  }

  /** The link's speed in Mbit/s, 0 where the driver does not tell. */
  long speedMbps() {
    return speedMbps;
  }

  /** Adds what there is to say of a link; returns its speed in Mbit/s, or 0. */
  private static long describe(Link link, Map<String, @Nullable Object> out) {
    out.put("link", link.name());
    out.put("link_kind", link.kind().isEmpty() ? null : link.kind());
    out.put("mac", link.mac().toString());
    out.put("mtu_bytes", link.mtu());
    try {
      LinkDriver driver = LinkDriver.of(link);
      out.put("driver", driver.name().isEmpty() ? null : driver.name());
      out.put("driver_version", driver.version().isEmpty() ? null : driver.version());
      out.put("bus", driver.bus().isEmpty() ? null : driver.bus());
      out.put("speed_mbps", driver.speedMbps() > 0 ? driver.speedMbps() : null);
      out.put("tx_queues", driver.txQueues());
      out.put("rx_queues", driver.rxQueues());
      out.put("tx_ring_frames", driver.txRing() > 0 ? driver.txRing() : null);
      out.put("rx_ring_frames", driver.rxRing() > 0 ? driver.rxRing() : null);
      out.put("qdisc", driver.qdisc());
      out.put("offloads", driver.offloads());
      return Math.max(0, driver.speedMbps());
    } catch (FramejetException e) {
      out.put("driver", null); // nobody needs it in order to measure
      return 0;
    }
  }

  private static List<String> jvmOptions() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments();
  }

  private static @Nullable String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return null;
    }
  }

  private static String firstWord(Path file) {
    String text = read(file);
    return text == null ? "" : text.split(" ", 2)[0];
  }

  private static @Nullable Object number(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable Object memory() {
    String text = after("/proc/meminfo", "MemTotal");
    return text == null ? null : Long.parseLong(text.replaceAll("\\D", "")) / KILO;
  }

  /** What stands behind the colon of the first line that begins so. */
  private static @Nullable String after(String file, String name) {
    String text = read(Path.of(file));
    if (text == null) {
      return null;
    }
    return text.lines()
        .filter(line -> line.startsWith(name) && line.indexOf(':') > 0)
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(null);
  }
}
