package io.framejet.frame;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * IPv4 addresses as an {@code int}, the first octet in bits 31 to 24: the number that big-endian
 * bytes on the wire make. The number is unsigned, so compare two with {@link #compare}.
 */
public final class Ipv4 {
  /** Bytes of an address on the wire. */
  public static final int LENGTH = 4;

  private Ipv4() {}

  /**
   * Reads four decimal octets with dots between, and nothing else: no octet is left out, none has a
   * leading zero (which some tools take for octal).
   *
   * @throws IllegalArgumentException if the text is not that; the message holds it
   */
  public static int parse(String text) {
    int address = 0;
    int octets = 0;
    int octet = -1;
    final int length = text.length();
    for (int i = 0; i <= length; i++) {
      final char c = i < length ? text.charAt(i) : '.';
      if (c == '.' && octet >= 0 && octets < 4) {
        address = address << 8 | octet;
        octets++;
        octet = -1;
      } else if (c >= '0' && c <= '9' && octet != 0 && octet < 26) {
        octet = Math.max(octet, 0) * 10 + (c - '0');
        if (octet > 255) {
          throw malformed(text);
        }
      } else {
        throw malformed(text);
      }
    }
    if (octets != 4) {
      throw malformed(text);
    }
    return address;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "not an IPv4 address: '" + text + "' (expected one like 192.0.2.1)");
  }

  /** The address in dotted decimal: {@code 192.0.2.1}. */
  public static String format(int address) {
    return appendTo(new StringBuilder(15), address).toString();
  }

  /** Appends the address in dotted decimal. */
  public static StringBuilder appendTo(StringBuilder text, int address) {
    return text.append(address >>> 24)
        .append('.')
        .append(address >>> 16 & 0xff)
        .append('.')
        .append(address >>> 8 & 0xff)
        .append('.')
        .append(address & 0xff);
  }

  /** The number of {@code address}. */
  public static int fromInet(Inet4Address address) {
    final byte[] octets = address.getAddress();
    return (octets[0] & 0xff) << 24
        | (octets[1] & 0xff) << 16
        | (octets[2] & 0xff) << 8
        | (octets[3] & 0xff);
  }

  /** The {@code java.net} address of that number; no name is looked up. */
  public static Inet4Address toInet(int address) {
    final byte[] octets = {
      (byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address
    };
    try {
      return (Inet4Address) InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are always an IPv4 address", e);
    }
  }

  /**
   * The address whose four bytes begin at {@code offset}.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public static int read(ByteBuffer buffer, int offset) {
    return Bytes.getInt(buffer, offset);
  }

  /**
   * Writes the address as four bytes from {@code offset} on.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public static void write(ByteBuffer buffer, int offset, int address) {
    Bytes.putInt(buffer, offset, address);
  }

  /** Compares two addresses as unsigned numbers: 127.255.255.255 comes before 128.0.0.0. */
  public static int compare(int a, int b) {
    return Integer.compareUnsigned(a, b);
  }
}
