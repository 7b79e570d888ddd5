package io.framejet.sweep;

import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.probe.ReplyState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sweep found out about one target: a host, or one port of a host.
 *
 * @param ipv6 whether its address is an IPv6 address
 * @param addressHigh the first 8 bytes of its address, see {@link Ipv6Address} for the form; 0 for
 *     IPv4
 * @param addressLow the last 8 bytes of its address; for IPv4 an unsigned number of 32 bits
 * @param port the port that was asked; 0 where hosts are asked as such
 * @param state how it ended
 * @param reply what was said of it, by itself or by a router; {@link ReplyState#FILTERED} also for
 *     a port that did not answer on a host of the link that is there; null when nothing is known
 * @param mac who answered first, or where the probe went; null when nobody is known
 * @param rttMicros from the latest probe to the first answer, in microseconds; -1 without an
 *     answer, 0 for own addresses. Frames leave in batches: at full rate it is exact to about the
 *     time that a frame takes to send
 * @param ttl the time to live, or hop limit, that the answer arrived with; -1 where there is none
 * @param tries which try was answered, 1 being the first; without an answer how many there were; 0
 *     for own addresses, and for hosts without a MAC, which get no probe
 * @param self whether it is an address of the sweeping link itself, which is reported and not
 *     probed
 * @param router whether it has said that it is a router, or was reached through one
 * @param remark further words on the answer, empty for most
 * @param others further MACs that claimed the same address: a conflict when there are any
 */
public record HostResult(
    boolean ipv6,
    long addressHigh,
    long addressLow,
    int port,
    HostState state,
    @Nullable ReplyState reply,
    @Nullable MacAddress mac,
    long rttMicros,
    int ttl,
    int tries,
    boolean self,
    boolean router,
    String remark,
    List<MacAddress> others) {
  /** Copies the list. */
  public HostResult {
    others = List.copyOf(others);
  }

  /** Its IPv4 address, most significant byte first; see {@link Ipv4#format}. */
  public int address() {
    return (int) addressLow;
  }

  /** Its address as text: {@code 10.77.0.1}, {@code fe80::1}. */
  public String addressText() {
    return ipv6
        ? Ipv6Address.appendTo(new StringBuilder(39), addressHigh, addressLow).toString()
        : Ipv4.format((int) addressLow);
  }

  /** Whether more than one MAC claimed the address. */
  public boolean conflict() {
    return !others.isEmpty();
  }

  /**
   * The state column of reports on ports: {@code open}, {@code closed}, {@code filtered}, or empty
   * where nothing is known of the port.
   */
  public String portState() {
    if (reply == null || self) {
      return "";
    }
    return switch (reply) {
      case OPEN -> "open";
      case CLOSED -> "closed";
      case FILTERED, UNREACHABLE -> "filtered";
      case UP -> "";
    };
  }

  /**
   * The note column of reports: empty, or words such as {@code self}, {@code conflict}, {@code
   * router}.
   */
  public String note() {
    if (self) {
      return "self";
    }
    String words = conflict() ? "conflict" : "";
    if (router) {
      words = join(words, "router");
    }
    return join(words, remark);
  }

  private static String join(String words, String more) {
    return words.isEmpty() || more.isEmpty() ? words + more : words + " " + more;
  }
}
