package io.framejet.frame;

import java.nio.ByteBuffer;

/**
 * A 48-bit MAC address (EUI-48, IEEE 802). Immutable.
 *
 * <p>Hot paths keep an address as a {@code long}: its first octet on the wire is in bits 47 to 40,
 * bits 63 to 48 are 0. The static methods work on that form and allocate nothing.
 */
public final class MacAddress implements Comparable<MacAddress> {
  /** Bytes of a MAC address on the wire. */
  public static final int LENGTH = 6;

  /** All stations: {@code ff:ff:ff:ff:ff:ff}. */
  public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

  /** No station: {@code 00:00:00:00:00:00}, as in the target field of an ARP request. */
  public static final MacAddress ZERO = new MacAddress(0);

  private static final long MAX = 0xffff_ffff_ffffL;
  private static final long GROUP_BIT = 1L << 40;
  private static final long LOCAL_BIT = 1L << 41;
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final long bits;

  private MacAddress(long bits) {
    this.bits = bits;
  }

  /**
   * The address with these 48 bits.
   *
   * @throws IllegalArgumentException if any of bits 63 to 48 is set
   */
  public static MacAddress of(long bits) {
    if ((bits & ~MAX) != 0) {
      throw new IllegalArgumentException(
          "a MAC address has 48 bits: bits=0x" + Long.toHexString(bits));
    }
    return new MacAddress(bits);
  }

  /**
   * Reads an address as {@code 02:00:00:00:00:01}, {@code 02-00-00-00-00-01} or {@code
   * 0200.0000.0001}, in either case of letters.
   *
   * @throws IllegalArgumentException if the text is none of these; the message holds it
   */
  public static MacAddress parse(String text) {
    long bits = 0;
    final int length = text.length();
    final char separator = length > 2 && text.charAt(2) != '.' ? text.charAt(2) : ':';
    if (length == 17 && (separator == ':' || separator == '-')) {
      bits = digits(text, 3, separator);
    } else if (length == 14) {
      bits = digits(text, 5, '.');
    } else {
      bits = -1;
    }
    if (bits < 0) {
      throw new IllegalArgumentException(
          "not a MAC address: '" + text + "' (expected one like 02:00:00:00:00:01)");
    }
    return new MacAddress(bits);
  }

  /** Twelve hex digits with a separator at the end of every {@code group} characters; -1 if not. */
  private static long digits(String text, int group, char separator) {
    long bits = 0;
    for (int i = 0; i < text.length(); i++) {
      final char c = text.charAt(i);
      if (i % group == group - 1) {
        if (c != separator) {
          return -1;
        }
      } else {
        // Character.digit takes the digits of every script, so ask for ASCII first.
        final int digit = c < 0x80 ? Character.digit(c, 16) : -1;
        if (digit < 0) {
          return -1;
        }
        bits = bits << 4 | digit;
      }
    }
    return bits;
  }

  /**
   * The address whose six bytes begin at {@code offset}, as a long.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public static long read(ByteBuffer buffer, int offset) {
    final long low = Bytes.getInt(buffer, offset + 2) & 0xffff_ffffL;
    return (long) Bytes.getShort(buffer, offset) << 32 | low;
  }

  /**
   * Writes the low 48 bits of {@code mac} as six bytes from {@code offset} on.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public static void write(ByteBuffer buffer, int offset, long mac) {
    Bytes.putShort(buffer, offset, (int) (mac >>> 32));
    Bytes.putInt(buffer, offset + 2, (int) mac);
  }

  /** Appends the low 48 bits of {@code mac} as {@code 02:00:00:00:00:01}. */
  public static StringBuilder appendTo(StringBuilder text, long mac) {
    for (int shift = 44; shift >= 0; shift -= 4) {
      text.append(HEX[(int) (mac >>> shift) & 0xf]);
      if (shift % 8 == 0 && shift > 0) {
        text.append(':');
      }
    }
    return text;
  }

  /** Whether {@code mac} names a group of stations: multicast, or broadcast. */
  public static boolean isMulticast(long mac) {
    return (mac & GROUP_BIT) != 0;
  }

  /** Whether {@code mac} can be the address of one station: neither a group nor all zeros. */
  public static boolean isUnicast(long mac) {
    return (mac & GROUP_BIT) == 0 && (mac & MAX) != 0;
  }

  /** Whether this names a group of stations: multicast, or broadcast. */
  public boolean isMulticast() {
    return isMulticast(bits);
  }

  /** Whether this can be the address of one station: neither a group nor {@link #ZERO}. */
  public boolean isUnicast() {
    return isUnicast(bits);
  }

  /** Whether its assignment was made locally rather than by the IEEE (the U/L bit). */
  public boolean isLocallyAdministered() {
    return (bits & LOCAL_BIT) != 0;
  }

  /** The 48 bits, the first octet in bits 47 to 40. */
  public long toLong() {
    return bits;
  }

  @Override
  public int compareTo(MacAddress other) {
    return Long.compare(bits, other.bits);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MacAddress mac && mac.bits == bits;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(bits);
  }

  /** Six octets in lower case with colons between: {@code 02:00:00:00:00:01}. */
  @Override
  public String toString() {
    return appendTo(new StringBuilder(17), bits).toString();
  }
}
