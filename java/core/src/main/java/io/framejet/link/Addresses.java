package io.framejet.link;

import io.framejet.frame.MacAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/** Addresses and prefixes as text. Nothing here asks a name server. */
final class Addresses {
  /** Four decimal numbers; no leading zeros, which some take for octal. */
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:0|[1-9]\\d{0,2})\\.){3}(?:0|[1-9]\\d{0,2})");

  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final int IPV6_GROUPS = 8;

  private Addresses() {}

  /** An address and the length of its prefix. */
  record Prefix(InetAddress address, int length) {
    /** The same with all bits behind the prefix 0. */
    Prefix network() {
      final byte[] octets = address.getAddress();
      for (int bit = length; bit < octets.length * 8; bit++) {
        octets[bit / 8] &= (byte) ~(0x80 >> bit % 8);
      }
      return new Prefix(make(octets), length);
    }

    boolean contains(InetAddress other) {
      return other.getAddress().length == address.getAddress().length
          && new Prefix(other, length).network().equals(network());
    }
  }

  /**
   * Reads an IPv4 or IPv6 address.
   *
   * @throws IllegalArgumentException if it is none, for instance a name
   */
  static InetAddress parse(String text) {
    try {
      if (IPV4.matcher(text).matches()) {
        final String[] parts = text.split("\\.", -1);
        final byte[] octets = new byte[parts.length];
        for (int i = 0; i < parts.length; i++) {
          final int value = Integer.parseInt(parts[i]);
          if (value > 255) {
            throw notAnAddress(text);
          }
          octets[i] = (byte) value;
        }
        return InetAddress.getByAddress(octets);
      }
      if (IPV6.matcher(text).matches()) {
        // A literal with a colon is never looked up as a name.
        return InetAddress.getByName("[" + text + "]");
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an IPv4 or IPv6 address: '" + text + "'", e);
    }
    throw notAnAddress(text);
  }

  /**
   * Reads {@code 10.0.0.0/8} or {@code 2001:db8::/32}.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Prefix parsePrefix(String text) {
    final int slash = text.indexOf('/');
    final String digits = text.substring(slash + 1);
    if (slash < 0 || !digits.matches("\\d{1,3}")) {
      throw new IllegalArgumentException(
          "not a prefix: '" + text + "' (expected one like 10.0.0.0/8)");
    }
    final InetAddress address = parse(text.substring(0, slash));
    final int length = Integer.parseInt(digits);
    if (length > bits(address)) {
      throw new IllegalArgumentException("prefix length=" + length + " too long in '" + text + "'");
    }
    return new Prefix(address, length);
  }

  /** An address as {@code ip} prints it: for IPv6 in the short form of RFC 5952. */
  static String text(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address.getHostAddress();
    }
    final ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
    int zerosStart = -1;
    int zerosLength = 1; // RFC 5952 section 4.2.2: a single group of zeros is not shortened
    for (int i = 0; i < IPV6_GROUPS; i++) {
      int length = 0;
      while (i + length < IPV6_GROUPS && octets.getShort(2 * (i + length)) == 0) {
        length++;
      }
      if (length > zerosLength) {
        zerosStart = i;
        zerosLength = length;
      }
    }
    final StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < IPV6_GROUPS; i++) {
      if (i == zerosStart) {
        text.append("::");
        i += zerosLength - 1;
        continue;
      }
      if (i > 0 && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(Short.toUnsignedInt(octets.getShort(2 * i))));
    }
    return text.toString();
  }

  static int family(InetAddress address) {
    return address instanceof Inet6Address ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET;
  }

  static int bits(InetAddress address) {
    return address.getAddress().length * 8;
  }

  static byte[] octets(MacAddress mac) {
    final byte[] octets = new byte[MacAddress.LENGTH];
    MacAddress.write(ByteBuffer.wrap(octets), 0, mac.toLong());
    return octets;
  }

  private static InetAddress make(byte[] octets) {
    try {
      // getByAddress(octets) would make an Inet4Address of an IPv4-mapped IPv6 address.
      return octets.length == 16
          ? Inet6Address.getByAddress(null, octets, -1)
          : InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + octets.length, e);
    }
  }

  private static IllegalArgumentException notAnAddress(String text) {
    return new IllegalArgumentException("not an IPv4 or IPv6 address: '" + text + "'");
  }
}
