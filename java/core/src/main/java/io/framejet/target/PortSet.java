package io.framejet.target;

import java.util.Arrays;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The TCP or UDP ports to probe. Immutable, and so thread-safe.
 *
 * <p>The ports are numbered in ascending order from 0 to {@link #size()} - 1.
 */
public final class PortSet {
  /** The highest port; the lowest is 1, for 0 is reserved (RFC 6335). */
  public static final int MAX_PORT = 0xffff;

  private static final Pattern PART = Pattern.compile("([0-9]{1,9})(?:\\s*-\\s*([0-9]{1,9}))?");
  private static final int ABSENT = -1;

  private final int[] ports;

  /** The number of each port, or ABSENT. */
  private final int[] numbers;

  private PortSet(BitSet set) {
    ports = set.stream().toArray();
    numbers = new int[MAX_PORT + 1];
    Arrays.fill(numbers, ABSENT);
    for (int i = 0; i < ports.length; i++) {
      numbers[ports[i]] = i;
    }
  }

  /**
   * Reads ports and ranges between commas, in any order: {@code 22,80,443,8000-8100}.
   *
   * @throws IllegalArgumentException if the text is not that, or a port is not 1 to 65535; the
   *     message is fit for a user
   */
  public static PortSet parse(String text) {
    final BitSet set = new BitSet(MAX_PORT + 1);
    for (String part : text.split(",", -1)) {
      final Matcher matcher = PART.matcher(part.strip());
      if (!matcher.matches()) {
        throw malformed(text, "expected ports and ranges like 22,80,8000-8100");
      }
      final String end = matcher.group(2);
      final int first = port(matcher.group(1), text);
      final int last = end == null ? first : port(end, text);
      if (last < first) {
        throw malformed(text, "the end of " + first + "-" + last + " comes before its begin");
      }
      set.set(first, last + 1);
    }
    return new PortSet(set);
  }

  /**
   * The set of these ports.
   *
   * @throws IllegalArgumentException if there is none, or one is not 1 to 65535
   */
  public static PortSet of(int... ports) {
    final BitSet set = new BitSet(MAX_PORT + 1);
    for (int port : ports) {
      if (port < 1 || port > MAX_PORT) {
        throw new IllegalArgumentException("port=" + port + ": 1 to " + MAX_PORT);
      }
      set.set(port);
    }
    if (set.isEmpty()) {
      throw new IllegalArgumentException("no ports");
    }
    return new PortSet(set);
  }

  private static int port(String digits, String text) {
    final int port = Integer.parseInt(digits);
    if (port < 1 || port > MAX_PORT) {
      throw malformed(text, "a port is 1 to " + MAX_PORT);
    }
    return port;
  }

  private static IllegalArgumentException malformed(String text, String why) {
    return new IllegalArgumentException(
        "not a list of ports: " + Quote.of(text) + " (" + why + ")");
  }

  /** How many ports, 1 to 65535. */
  public int size() {
    return ports.length;
  }

  /**
   * The port with that number.
   *
   * @throws IndexOutOfBoundsException if not 0 &lt;= index &lt; size
   */
  public int portAt(int index) {
    return ports[index];
  }

  /** The number of a port, or -1 when it is not in the set, whatever it is. */
  public int indexOf(int port) {
    return port < 0 || port > MAX_PORT ? ABSENT : numbers[port];
  }

  /** Whether a port is to be probed. */
  public boolean contains(int port) {
    return indexOf(port) >= 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PortSet set && Arrays.equals(set.ports, ports);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ports);
  }

  /** As {@link #parse} reads it, ascending and as short as can be: {@code 22,80,8000-8100}. */
  @Override
  public String toString() {
    final StringBuilder text = new StringBuilder();
    int first = 0;
    while (first < ports.length) {
      int last = first;
      while (last + 1 < ports.length && ports[last + 1] == ports[last] + 1) {
        last++;
      }
      text.append(first == 0 ? "" : ",").append(ports[first]);
      if (last > first) {
        text.append('-').append(ports[last]);
      }
      first = last + 1;
    }
    return text.toString();
  }
}
