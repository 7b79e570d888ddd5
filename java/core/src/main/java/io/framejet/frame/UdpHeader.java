package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A UDP header (RFC 768) in a buffer.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Source port          |       Destination port        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |            Length             |           Checksum            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a header that is too short they read what lies behind it,
 * or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to be
 * wrapped again for every packet.
 */
public final class UdpHeader {
  /** Offset of the source port, 2 bytes. */
  public static final int SOURCE_PORT = 0;

  /** Offset of the destination port, 2 bytes. */
  public static final int DESTINATION_PORT = 2;

  /** Offset of the length of header and payload, 2 bytes. */
  public static final int DATAGRAM_LENGTH = 4;

  /** Offset of the checksum, 2 bytes. */
  public static final int CHECKSUM = 6;

  /** Bytes of the header. */
  public static final int LENGTH = 8;

  private static final Malformed TOO_SHORT = new Malformed("shorter than a UDP header", 0);
  private static final Malformed LENGTH_SHORT =
      new Malformed("UDP length is less than 8", DATAGRAM_LENGTH);
  private static final Malformed LENGTH_LONG =
      new Malformed("UDP length goes past the end", DATAGRAM_LENGTH);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A header over nothing, to be wrapped. */
  public UdpHeader() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a datagram. They are not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public UdpHeader wrap(ByteBuffer buffer, int offset, int length) {
    Bytes.check(buffer, offset, length);
    lay(buffer, offset, length);
    return this;
  }

  /** Wraps bytes that are known to lie before the limit. */
  void lay(ByteBuffer newBuffer, int newOffset, int newLength) {
    if (!Bytes.isSame(buffer, newBuffer)) {
      buffer = newBuffer;
    }
    offset = newOffset;
    length = newLength;
  }

  /** Whether all getters may be used. */
  public boolean isValid() {
    return check() == null;
  }

  /** What is wrong with it, one of a few constant texts, or null when it is valid. */
  public @Nullable String problem() {
    final Malformed malformed = check();
    return malformed == null ? null : malformed.problem();
  }

  /** The buffer that was wrapped. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Where the header begins in {@link #buffer()}. */
  public int offset() {
    return offset;
  }

  /** Bytes that were wrapped, from the header's first on. */
  public int length() {
    return length;
  }

  @Nullable Malformed check() {
    return check(false);
  }

  /** The same for a datagram of which the end may be missing. */
  @Nullable Malformed check(boolean cut) {
    if (length < LENGTH) {
      return TOO_SHORT;
    }
    final int datagramLength = datagramLength();
    if (datagramLength < LENGTH) {
      return LENGTH_SHORT;
    }
    return datagramLength > length && !cut ? LENGTH_LONG : null;
  }

  /** Where the payload begins in {@link #buffer()}. */
  public int payloadOffset() {
    return offset + LENGTH;
  }

  /** Bytes of the payload, by the length field but at most those that are there. */
  public int payloadLength() {
    return Math.min(datagramLength(), length) - LENGTH;
  }

  /** The source port, 0 to 65,535. */
  public int sourcePort() {
    return Bytes.getShort(buffer, offset + SOURCE_PORT);
  }

  /** The destination port, 0 to 65,535. */
  public int destinationPort() {
    return Bytes.getShort(buffer, offset + DESTINATION_PORT);
  }

  /** Bytes of header and payload, 0 to 65,535, as the field says. */
  public int datagramLength() {
    return Bytes.getShort(buffer, offset + DATAGRAM_LENGTH);
  }

  /** The checksum, 0 to 0xffff; 0 for none. */
  public int checksum() {
    return Bytes.getShort(buffer, offset + CHECKSUM);
  }

  /**
   * Whether the checksum is right, or none was sent.
   *
   * @param pseudoSum of {@link Ipv4Header#pseudoSum} or {@link Ipv6Header#pseudoSum} with {@link
   *     #datagramLength()}
   */
  public boolean isChecksumValid(long pseudoSum) {
    return checksum() == 0
        || Checksum.finish(pseudoSum + Checksum.sum(buffer, offset, datagramLength())) == 0;
  }

  /** Sets the source port: the low 16 bits. */
  public UdpHeader sourcePort(int sourcePort) {
    Bytes.putShort(buffer, offset + SOURCE_PORT, sourcePort);
    return this;
  }

  /** Sets the destination port: the low 16 bits. */
  public UdpHeader destinationPort(int destinationPort) {
    Bytes.putShort(buffer, offset + DESTINATION_PORT, destinationPort);
    return this;
  }

  /** Sets the bytes of header and payload: the low 16 bits. */
  public UdpHeader datagramLength(int datagramLength) {
    Bytes.putShort(buffer, offset + DATAGRAM_LENGTH, datagramLength);
    return this;
  }

  /** Sets the checksum: the low 16 bits; 0 for none. */
  public UdpHeader checksum(int checksum) {
    Bytes.putShort(buffer, offset + CHECKSUM, checksum);
    return this;
  }

  /**
   * Sets the checksum to what is right for the datagram as it is, over all that was wrapped. Call
   * it last. A result of 0 is stored as 0xffff.
   *
   * @param pseudoSum of {@link Ipv4Header#pseudoSum} or {@link Ipv6Header#pseudoSum} with {@link
   *     #datagramLength()}
   */
  public UdpHeader fillChecksum(long pseudoSum) {
    checksum(0);
    final int checksum = Checksum.finish(pseudoSum + Checksum.sum(buffer, offset, length));
    return checksum(checksum == 0 ? 0xffff : checksum);
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final String problem = problem();
    if (problem != null) {
      return "UDP, " + length + " bytes: " + problem;
    }
    return "UDP "
        + sourcePort()
        + " > "
        + destinationPort()
        + ", length "
        + (datagramLength() - LENGTH);
  }
}
