package io.framejet.frame;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How replies to a probe are told from other frames, for a program that does it in the kernel: the
 * same way as the probe itself does.
 *
 * @param kind which rules they are told by
 * @param mac of the link that probes are sent from, see {@link MacAddress} for the form; 0 where
 *     the rules do not ask for it
 * @param high the first 8 bytes of the IPv6 address that probes are sent from, see {@link
 *     Ipv6Address} for the form; 0 for IPv4
 * @param low its last 8 bytes, or an IPv4 address as an unsigned number of 32 bits
 * @param cookieKey of the cookies that replies bring back; null where they bring none
 */
public record Recognition(Kind kind, long mac, long high, long low, @Nullable SipHash cookieKey) {
  /** Rules, one for each kind of probe. */
  public enum Kind {
    /** ARP replies (RFC 826). */
    ARP(1),
    /** ICMP echo replies, and ICMP errors that quote the request (RFC 792). */
    ICMP(2),
    /** TCP SYN-ACK and RST (RFC 9293), and ICMP errors. */
    TCP(3),
    /** UDP datagrams (RFC 768), and ICMP errors. */
    UDP(4),
    /** Solicited neighbor advertisements (RFC 4861). */
    NDP(5);

    private final int id;

    Kind(int id) {
      this.id = id;
    }

    /** The number that the native side knows it by. */
    public int id() {
      return id;
    }
  }

  /** What a recognised reply says, where the answering host itself gives it. */
  public enum Says {
    /** The host answers. */
    UP,
    /** The port takes connections, or its service answered. */
    OPEN,
    /** The host answers, and nobody listens on the port. */
    CLOSED
  }

  /** Checks that there is a key where one is needed. */
  public Recognition {
    if (kind == Kind.ICMP || kind == Kind.TCP || kind == Kind.UDP) {
      Objects.requireNonNull(cookieKey, "cookieKey");
    }
  }

  /** The first 8 bytes of the cookies' key as a little-endian number; 0 where there are none. */
  public long key0() {
    return cookieKey == null ? 0 : cookieKey.key0();
  }

  /** The last 8 bytes of the cookies' key as a little-endian number; 0 where there are none. */
  public long key1() {
    return cookieKey == null ? 0 : cookieKey.key1();
  }
}
