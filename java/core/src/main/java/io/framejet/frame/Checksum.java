package io.framejet.frame;

import java.nio.ByteBuffer;

/**
 * The internet checksum (RFC 1071) and its incremental update (RFC 1624).
 *
 * <p>A <em>sum</em> is a partial one's complement sum that is not folded yet: sums of several
 * pieces (a pseudo-header, a header, a payload) may be added up as longs, as long as every piece
 * but the last has an even number of bytes. A <em>checksum</em> is what stands in the header, 0 to
 * 0xffff.
 */
public final class Checksum {
  private Checksum() {}

  /**
   * The checksum of {@code length} bytes. Over bytes that hold a right checksum the result is 0.
   *
   * @throws IndexOutOfBoundsException if the bytes do not lie before the buffer's limit
   */
  public static int of(ByteBuffer buffer, int offset, int length) {
    return finish(sum(buffer, offset, length));
  }

  /**
   * The sum of {@code length} bytes; an odd last byte is taken as if a zero followed it.
   *
   * @throws IndexOutOfBoundsException if the bytes do not lie before the buffer's limit
   */
  public static long sum(ByteBuffer buffer, int offset, int length) {
    Bytes.check(buffer, offset, length);
    long sum = 0;
    int at = offset;
    int left = length;
    // 2^16 is 1 in one's complement arithmetic, so words of 32 bits add up to the same once folded,
    // and 2^31 bytes of them do not overflow the long (RFC 1071, 2(C)).
    for (; left >= 8; at += 8, left -= 8) {
      final long word = Bytes.getLong(buffer, at);
      sum += halves(word);
    }
    for (; left >= 2; at += 2, left -= 2) {
      sum += Bytes.getShort(buffer, at);
    }
    if (left == 1) {
      sum += (long) Bytes.getByte(buffer, at) << 8;
    }
    return sum;
  }

  /**
   * The sum of the pseudo-header that TCP and UDP over IPv4 cover (RFC 9293, 3.1).
   *
   * @param source address, see {@link Ipv4} for the form
   * @param destination address
   * @param protocol see {@link IpProtocol}
   * @param segmentLength bytes of header and payload of that protocol
   */
  public static long pseudoSum(int source, int destination, int protocol, int segmentLength) {
    return (source & 0xffff_ffffL) + (destination & 0xffff_ffffL) + protocol + segmentLength;
  }

  /**
   * The sum of the pseudo-header that TCP, UDP and ICMPv6 over IPv6 cover (RFC 8200, 8.1).
   *
   * @param sourceHigh first 8 bytes of the source address, see {@link Ipv6Address} for the form
   * @param sourceLow its last 8
   * @param destinationHigh first 8 bytes of the final destination's address
   * @param destinationLow its last 8
   * @param protocol see {@link IpProtocol}
   * @param segmentLength bytes of header and payload of that protocol
   */
  public static long pseudoSum(
      long sourceHigh,
      long sourceLow,
      long destinationHigh,
      long destinationLow,
      int protocol,
      int segmentLength) {
    return halves(sourceHigh)
        + halves(sourceLow)
        + halves(destinationHigh)
        + halves(destinationLow)
        + protocol
        + segmentLength;
  }

  /** The two halves of an unsigned word, added: the same sum, with room for more above. */
  static long halves(long word) {
    return (word >>> 32) + (word & 0xffff_ffffL);
  }

  /** The checksum that a sum of 0 or more stands for: folded to 16 bits and complemented. */
  public static int finish(long sum) {
    return ~fold(sum) & 0xffff;
  }

  /**
   * A checksum after one aligned field that it covers has changed, by equation 3 of RFC 1624:
   * {@code HC' = ~(~HC + ~m + m')}. Equation 2, of RFC 1141, gives 0xffff where 0 is right.
   *
   * @param checksum the one in the header, 0 to 0xffff
   * @param oldValue the field as it was: 16, 32 or 64 bits, unsigned, at an even offset
   * @param newValue the field as it is now, of the same width
   */
  public static int update(int checksum, long oldValue, long newValue) {
    return finish((~checksum & 0xffff) + (~fold(oldValue) & 0xffff) + (long) fold(newValue));
  }

  /**
   * Replaces a field of a packet and updates the checksum that covers it.
   *
   * @param checksumOffset where the 16-bit checksum stands in the buffer
   * @param fieldOffset where the field stands in the buffer; may be odd
   * @param width bytes of the field, 1 to 8
   * @param value the new value; its low {@code width} bytes are stored
   */
  public static void replace(
      ByteBuffer buffer, int checksumOffset, int fieldOffset, int width, long value) {
    if (width < 1 || width > 8) {
      throw new IllegalArgumentException("width=" + width);
    }
    final boolean swapped = isSwapped(checksumOffset, fieldOffset, width);
    final int before = term(Bytes.get(buffer, fieldOffset, width), width, swapped);
    final int after = term(value, width, swapped);
    final int checksum = Bytes.getShort(buffer, checksumOffset);
    Bytes.put(buffer, fieldOffset, width, value);
    Bytes.putShort(buffer, checksumOffset, update(checksum, before, after));
  }

  /**
   * A sum folded to 16 bits, taken as an unsigned number. It is 0 for 0 alone: any other multiple
   * of 0xffff folds to 0xffff.
   */
  static int fold(long sum) {
    // Both halves at once: where the low ones add up to more than their bits hold, the carry goes
    // up into the sum of the high ones, which is the end-around carry (RFC 1071, 1).
    final int half = (int) ((sum + Long.rotateLeft(sum, 32)) >>> 32);
    return (half + Integer.rotateLeft(half, 16)) >>> 16;
  }

  /**
   * Whether a field's last byte is the first of a 16-bit word. A checksum stands at an even
   * distance from where its words begin, so it tells where words begin.
   */
  public static boolean isSwapped(int checksumOffset, int fieldOffset, int width) {
    return (fieldOffset + width - checksumOffset & 1) != 0;
  }

  /** What the low {@code width} bytes of a value add to a sum: a number of 16 bits. */
  static int term(long value, int width, boolean swapped) {
    final int folded = fold(value & (-1L >>> (64 - 8 * width)));
    // Shifting by a byte is swapping the two halves of the folded sum (RFC 1071, 2(B)).
    return swapped ? (folded << 8 | folded >>> 8) & 0xffff : folded;
  }
}
