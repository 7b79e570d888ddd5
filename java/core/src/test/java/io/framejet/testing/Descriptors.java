package io.framejet.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The descriptors of this process that Framejet may have opened, by kind. */
public final class Descriptors {
  private Descriptors() {}

  /** How many sockets, event counters and network namespaces are open. */
  public static Map<String, Integer> open() {
    Map<String, Integer> kinds = new TreeMap<>();
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      all.forEach(fd -> count(fd, kinds));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return kinds;
  }

  private static void count(Path fd, Map<String, Integer> kinds) {
    String what;
    try {
      what = Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      return; // closed meanwhile
    }
    String kind = what.replaceAll(":?\\[\\d+\\]", "").replaceFirst(":$", "");
    if (kind.equals("socket") || kind.equals("net") || kind.contains("eventfd")) {
      kinds.merge(kind, 1, Integer::sum);
    }
  }

  /** Waits until no more are open than {@code before}; fails the test when some have leaked. */
  public static void awaitNoMoreThan(Map<String, Integer> before) {
    Wait.until(
        () -> open().equals(before),
        () -> "descriptors to be closed: before=" + before + " now=" + open());
  }
}
