package io.framejet.frame;

import java.net.Inet6Address;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * A 128-bit IPv6 address (RFC 4291). Immutable.
 *
 * <p>Hot paths keep an address as two {@code long}s: {@code high} are its first 8 bytes on the
 * wire, {@code low} its last 8, both big-endian. The static methods work on that form; but for
 * {@link #parse} and text they allocate nothing.
 */
public final class Ipv6Address implements Comparable<Ipv6Address> {
  /** Bytes of an address on the wire. */
  public static final int LENGTH = 16;

  /** No address: {@code ::}. */
  public static final Ipv6Address ANY = new Ipv6Address(0, 0);

  /** All nodes of the link: {@code ff02::1}. */
  public static final Ipv6Address ALL_NODES = new Ipv6Address(0xff02_0000_0000_0000L, 1);

  /** All routers of the link: {@code ff02::2}. */
  public static final Ipv6Address ALL_ROUTERS = new Ipv6Address(0xff02_0000_0000_0000L, 2);

  private static final int GROUPS = 8;

  private final long high;
  private final long low;

  private Ipv6Address(long high, long low) {
    this.high = high;
    this.low = low;
  }

  /** The address of these 128 bits. */
  public static Ipv6Address of(long high, long low) {
    return new Ipv6Address(high, low);
  }

  /**
   * Reads an address in any form of RFC 4291, section 2.2: eight groups of up to four hex digits,
   * one run of zero groups as {@code ::}, the last two groups as dotted decimal. No zone, prefix
   * length or brackets.
   *
   * @throws IllegalArgumentException if the text is not that; the message holds it
   */
  public static Ipv6Address parse(String text) {
    final int[] groups = new int[GROUPS];
    int count = 0;
    int gap = -1;
    int at = 0;
    final int length = text.length();
    if (text.startsWith("::")) {
      gap = 0;
      at = 2;
    }
    while (at < length) {
      if (count == GROUPS) {
        throw malformed(text);
      }
      final int end = endOfGroup(text, at);
      if (end < length && text.charAt(end) == '.') {
        count = dotted(text, at, groups, count);
        at = length;
        break;
      }
      groups[count++] = group(text, at, end);
      at = end;
      if (at < length) {
        // A colon, and behind it another group or the second colon of the gap.
        at++;
        if (at < length && text.charAt(at) == ':' && gap < 0) {
          gap = count;
          at++;
        } else if (at == length) {
          throw malformed(text);
        }
      }
    }
    if (gap < 0 ? count != GROUPS : count == GROUPS) {
      throw malformed(text);
    }
    return ofGroups(groups, count, gap < 0 ? count : gap);
  }

  private static int endOfGroup(String text, int begin) {
    int end = begin;
    while (end < text.length() && text.charAt(end) != ':' && text.charAt(end) != '.') {
      end++;
    }
    return end;
  }

  private static int group(String text, int begin, int end) {
    int value = 0;
    for (int i = begin; i < end; i++) {
      // Character.digit takes the digits of every script, so ask for ASCII first.
      final int digit = text.charAt(i) < 0x80 ? Character.digit(text.charAt(i), 16) : -1;
      if (digit < 0) {
        throw malformed(text);
      }
      value = value << 4 | digit;
    }
    if (end == begin || end - begin > 4) {
      throw malformed(text);
    }
    return value;
  }

  private static int dotted(String text, int begin, int[] groups, int count) {
    if (count > GROUPS - 2) {
      throw malformed(text);
    }
    final int address;
    try {
      address = Ipv4.parse(text.substring(begin));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(malformed(text).getMessage(), e);
    }
    groups[count] = address >>> 16;
    groups[count + 1] = address & 0xffff;
    return count + 2;
  }

  private static Ipv6Address ofGroups(int[] groups, int count, int gap) {
    long high = 0;
    long low = 0;
    for (int i = 0; i < GROUPS; i++) {
      final int group;
      if (i < gap) {
        group = groups[i];
      } else {
        final int fromEnd = GROUPS - i;
        group = fromEnd <= count - gap ? groups[count - fromEnd] : 0;
      }
      if (i < GROUPS / 2) {
        high = high << 16 | group;
      } else {
        low = low << 16 | group;
      }
    }
    return new Ipv6Address(high, low);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "not an IPv6 address: '" + text + "' (expected one like 2001:db8::1)");
  }

  /**
   * The link-local address {@code fe80::/64} whose interface identifier is made of a MAC (modified
   * EUI-64, RFC 4291, appendix A).
   */
  public static Ipv6Address linkLocal(MacAddress mac) {
    final long bits = mac.toLong();
    final long identifier =
        (bits >>> 24 ^ 0x02_0000L) << 40 | 0xff_fe00_0000L | (bits & 0xff_ffffL);
    return new Ipv6Address(0xfe80_0000_0000_0000L, identifier);
  }

  /**
   * The solicited-node multicast address that neighbors of this one listen on (RFC 4291, 2.7.1).
   */
  public Ipv6Address solicitedNode() {
    return new Ipv6Address(0xff02_0000_0000_0000L, 0x1_ff00_0000L | (low & 0xff_ffffL));
  }

  /** The MAC that frames to this multicast address go to: {@code 33:33} and 32 bits (RFC 2464). */
  public MacAddress multicastMac() {
    return MacAddress.of(0x3333_0000_0000L | (low & 0xffff_ffffL));
  }

  /** Writes the address as 16 bytes from {@code offset} on. */
  public static void write(ByteBuffer buffer, int offset, long high, long low) {
    Bytes.putLong(buffer, offset, high);
    Bytes.putLong(buffer, offset + Long.BYTES, low);
  }

  /**
   * The address whose 16 bytes begin at {@code offset}.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public static Ipv6Address read(ByteBuffer buffer, int offset) {
    return new Ipv6Address(Bytes.getLong(buffer, offset), Bytes.getLong(buffer, offset + 8));
  }

  /**
   * Appends the address as RFC 5952 wants it: lower case, no leading zeros, the longest run of two
   * or more zero groups (the first of equals) as {@code ::}, and IPv4-mapped ones dotted.
   */
  public static StringBuilder appendTo(StringBuilder text, long high, long low) {
    if (high == 0 && low >>> 32 == 0xffff) {
      return Ipv4.appendTo(text.append("::ffff:"), (int) low);
    }
    int gap = -1;
    int longest = 1;
    for (int i = 0; i < GROUPS; i++) {
      int run = 0;
      while (i + run < GROUPS && groupOf(high, low, i + run) == 0) {
        run++;
      }
      if (run > longest) {
        gap = i;
        longest = run;
      }
    }
    for (int i = 0; i < GROUPS; i++) {
      if (i == gap) {
        text.append("::");
        i += longest - 1;
      } else {
        if (i > 0 && i != gap + longest) {
          text.append(':');
        } else if (i > 0 && gap < 0) {
          text.append(':');
        }
        text.append(Integer.toHexString(groupOf(high, low, i)));
      }
    }
    return text;
  }

  private static int groupOf(long high, long low, int index) {
    final long half = index < 4 ? high : low;
    return (int) (half >>> (16 * (3 - (index & 3)))) & 0xffff;
  }

  /** Whether the address names a group of nodes: {@code ff00::/8}. */
  public static boolean isMulticast(long high) {
    return high >>> 56 == 0xff;
  }

  /** Whether this names a group of nodes: {@code ff00::/8}. */
  public boolean isMulticast() {
    return isMulticast(high);
  }

  /** Whether this is good on its own link only: {@code fe80::/10}. */
  public boolean isLinkLocal() {
    return high >>> 54 == 0x3fa;
  }

  /** Compares two addresses as unsigned numbers. */
  public static int compare(long highA, long lowA, long highB, long lowB) {
    final int order = Long.compareUnsigned(highA, highB);
    return order != 0 ? order : Long.compareUnsigned(lowA, lowB);
  }

  /** The address of {@code java.net}'s; its zone is left out. */
  public static Ipv6Address fromInet(Inet6Address address) {
    return read(ByteBuffer.wrap(address.getAddress()), 0);
  }

  /** The {@code java.net} address, without a zone; no name is looked up. */
  public Inet6Address toInet() {
    final ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
    write(bytes, 0, high, low);
    try {
      return Inet6Address.getByAddress(null, bytes.array(), -1);
    } catch (UnknownHostException e) {
      throw new AssertionError("sixteen bytes are always an IPv6 address", e);
    }
  }

  /** The first 8 bytes. */
  public long high() {
    return high;
  }

  /** The last 8 bytes. */
  public long low() {
    return low;
  }

  @Override
  public int compareTo(Ipv6Address other) {
    return compare(high, low, other.high, other.low);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ipv6Address address && address.high == high && address.low == low;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(high) * 31 + Long.hashCode(low);
  }

  /** As RFC 5952 wants it: {@code 2001:db8::1}. */
  @Override
  public String toString() {
    return appendTo(new StringBuilder(39), high, low).toString();
  }
}
