package io.framejet.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** What tests on real links need. */
public final class Privileges {
  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_NET_RAW = 13;
  private static final int CAP_SYS_ADMIN = 21;

  private Privileges() {}

  /**
   * Returns if this process may make namespaces and open packet sockets. Otherwise the test is
   * skipped with the reason; where the environment says {@code CI=true} it fails, since there
   * nobody reads what was skipped.
   */
  public static void require() {
    final List<String> missing = missing();
    if (missing.isEmpty()) {
      return;
    }
    final String reason = "needs " + String.join(", ", missing) + ": run the tests as root";
    if ("true".equals(System.getenv("CI"))) {
      Assertions.fail(reason);
    }
    Assumptions.abort(reason);
  }

  private static List<String> missing() {
    final long effective = effectiveCapabilities();
    final List<String> missing = new ArrayList<>();
    if ((effective & 1L << CAP_NET_ADMIN) == 0) {
      missing.add("CAP_NET_ADMIN");
    }
    if ((effective & 1L << CAP_NET_RAW) == 0) {
      missing.add("CAP_NET_RAW");
    }
    if ((effective & 1L << CAP_SYS_ADMIN) == 0) {
      missing.add("CAP_SYS_ADMIN");
    }
    return missing;
  }

  /** The line CapEff of proc(5). */
  private static long effectiveCapabilities() {
    final String label = "CapEff:";
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(label)) {
          return Long.parseUnsignedLong(line.substring(label.length()).strip(), 16);
        }
      }
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
