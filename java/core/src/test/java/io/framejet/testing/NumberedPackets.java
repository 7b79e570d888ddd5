package io.framejet.testing;

import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * IP packets that carry a number and bytes that follow from it, for links without a link header.
 */
public final class NumberedPackets {
  /** A protocol for experiments (RFC 3692), which no kernel answers with more than ICMP. */
  private static final int EXPERIMENT = 253;

  private static final int SOURCE = Ipv4.parse("10.99.0.1");
  private static final int DESTINATION = Ipv4.parse("10.99.0.2");
  private static final Ipv6Address SOURCE6 = Ipv6Address.parse("fd00:99::1");
  private static final Ipv6Address DESTINATION6 = Ipv6Address.parse("fd00:99::2");
  private static final int IPV4_HEADER = 20;
  private static final int IPV6_HEADER = 40;

  private NumberedPackets() {}

  /** The IPv4 packet {@code number}, {@code length} bytes long, 24 at least, near to far. */
  public static Frame ipv4(int number, int length) {
    return Frame.ipv4(SOURCE, DESTINATION)
        .identification(1 + number % 0xffff)
        .payload(EXPERIMENT, payload(number, length - IPV4_HEADER))
        .build();
  }

  /** The IPv6 packet {@code number}, {@code length} bytes long, 44 at least, near to far. */
  public static Frame ipv6(int number, int length) {
    return Frame.ipv6(SOURCE6, DESTINATION6)
        .payload(EXPERIMENT, payload(number, length - IPV6_HEADER))
        .build();
  }

  private static byte[] payload(int number, int length) {
    byte[] bytes = new byte[length];
    for (int i = 4; i < length; i++) {
      bytes[i] = (byte) (number * 31 + i * 7);
    }
    ByteBuffer.wrap(bytes).putInt(0, number);
    return bytes;
  }

  /** A length for packet {@code number}: all between the shortest and the longest, by steps. */
  public static int length(int number, int longest) {
    return 24 + (int) (number * 37L % (longest - 23));
  }

  /** Those of them that are numbered packets. */
  public static List<byte[]> only(List<Collector.Taken> taken) {
    return taken.stream().map(Collector.Taken::bytes).filter(NumberedPackets::isNumbered).toList();
  }

  private static boolean isNumbered(byte[] packet) {
    return packet.length > 9 && packet[(packet[0] & 0xf0) == 0x40 ? 9 : 6] == (byte) EXPERIMENT;
  }
}
