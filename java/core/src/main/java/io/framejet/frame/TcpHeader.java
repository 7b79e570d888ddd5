package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A TCP header (RFC 9293) in a buffer. {@link Options} walks its options.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Source port          |       Destination port        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Sequence number                        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    Acknowledgment number                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Offset| Rsrvd |C|E|U|A|P|R|S|F|            Window             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Checksum            |        Urgent pointer         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Options ...                                                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a header that is too short they read what lies behind it,
 * or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to be
 * wrapped again for every packet.
 */
public final class TcpHeader {
  /** Flag: no more data from the sender. */
  public static final int FIN = 0x01;

  /** Flag: synchronize sequence numbers. */
  public static final int SYN = 0x02;

  /** Flag: reset the connection. */
  public static final int RST = 0x04;

  /** Flag: push. */
  public static final int PSH = 0x08;

  /** Flag: the acknowledgment number is meant. */
  public static final int ACK = 0x10;

  /** Flag: the urgent pointer is meant. */
  public static final int URG = 0x20;

  /** Flag: ECN echo (RFC 3168). */
  public static final int ECE = 0x40;

  /** Flag: congestion window reduced (RFC 3168). */
  public static final int CWR = 0x80;

  /** Offset of the source port, 2 bytes. */
  public static final int SOURCE_PORT = 0;

  /** Offset of the destination port, 2 bytes. */
  public static final int DESTINATION_PORT = 2;

  /** Offset of the sequence number, 4 bytes. */
  public static final int SEQUENCE = 4;

  /** Offset of the acknowledgment number, 4 bytes. */
  public static final int ACKNOWLEDGMENT = 8;

  /** Offset of the data offset, 4 bits, and 4 reserved bits. */
  public static final int DATA_OFFSET = 12;

  /** Offset of the flags, 1 byte. */
  public static final int FLAGS = 13;

  /** Offset of the window, 2 bytes. */
  public static final int WINDOW = 14;

  /** Offset of the checksum, 2 bytes. */
  public static final int CHECKSUM = 16;

  /** Offset of the urgent pointer, 2 bytes. */
  public static final int URGENT_POINTER = 18;

  /** Offset of the options, 0 to 40 bytes. */
  public static final int OPTIONS = 20;

  /** Bytes of a header without options. */
  public static final int MIN_LENGTH = 20;

  /** Most bytes of a header. */
  public static final int MAX_LENGTH = 60;

  private static final Malformed TOO_SHORT = new Malformed("shorter than a TCP header", 0);
  private static final Malformed OFFSET_SHORT =
      new Malformed("data offset is less than 20", DATA_OFFSET);
  private static final Malformed OFFSET_LONG =
      new Malformed("data offset goes past the end", DATA_OFFSET);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A header over nothing, to be wrapped. */
  public TcpHeader() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a segment and nothing else. They are
   * not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public TcpHeader wrap(ByteBuffer buffer, int offset, int length) {
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
    if (length < MIN_LENGTH) {
      return TOO_SHORT;
    }
    final int headerLength = headerLength();
    if (headerLength < MIN_LENGTH) {
      return OFFSET_SHORT;
    }
    return headerLength > length ? OFFSET_LONG : null;
  }

  /** Where the payload begins in {@link #buffer()}. */
  public int payloadOffset() {
    return offset + headerLength();
  }

  /** Bytes of the payload. */
  public int payloadLength() {
    return length - headerLength();
  }

  /** Bytes of the options, 0 to 40. */
  public int optionsLength() {
    return headerLength() - MIN_LENGTH;
  }

  /** The source port, 0 to 65,535. */
  public int sourcePort() {
    return Bytes.getShort(buffer, offset + SOURCE_PORT);
  }

  /** The destination port, 0 to 65,535. */
  public int destinationPort() {
    return Bytes.getShort(buffer, offset + DESTINATION_PORT);
  }

  /** The sequence number, 0 to 0xffffffff. */
  public long sequence() {
    return Bytes.getInt(buffer, offset + SEQUENCE) & 0xffff_ffffL;
  }

  /** The acknowledgment number, 0 to 0xffffffff. */
  public long acknowledgment() {
    return Bytes.getInt(buffer, offset + ACKNOWLEDGMENT) & 0xffff_ffffL;
  }

  /** Bytes of the header, 0 to 60: the data offset, in words of 4 there. */
  public int headerLength() {
    return Bytes.getByte(buffer, offset + DATA_OFFSET) >>> 4 << 2;
  }

  /** The flags, 0 to 255: a sum of {@link #SYN} and the like. */
  public int flags() {
    return Bytes.getByte(buffer, offset + FLAGS);
  }

  /** Whether all of these flags are set. */
  public boolean hasFlags(int flags) {
    return (flags() & flags) == flags;
  }

  /** The window, 0 to 65,535, not scaled. */
  public int window() {
    return Bytes.getShort(buffer, offset + WINDOW);
  }

  /** The checksum of pseudo-header and segment, 0 to 0xffff. */
  public int checksum() {
    return Bytes.getShort(buffer, offset + CHECKSUM);
  }

  /** The urgent pointer, 0 to 65,535. */
  public int urgentPointer() {
    return Bytes.getShort(buffer, offset + URGENT_POINTER);
  }

  /**
   * Where the first option of a kind begins in {@link #buffer()}, or -1 when there is none or a
   * malformed option comes before it.
   *
   * @param kind as in {@link Options}, not 0 or 1
   * @param optionLength bytes that it must have, its kind and length included
   */
  public int option(int kind, int optionLength) {
    int at = offset + OPTIONS;
    final int end = payloadOffset();
    while (at < end) {
      final int found = Bytes.getByte(buffer, at);
      if (found == Options.NO_OPERATION) {
        at++;
        continue;
      }
      if (found == Options.END || end - at < 2) {
        return -1;
      }
      final int bytes = Bytes.getByte(buffer, at + 1);
      if (bytes < 2 || bytes > end - at) {
        return -1;
      }
      if (found == kind && bytes == optionLength) {
        return at;
      }
      at += bytes;
    }
    return -1;
  }

  /** The maximum segment size, 0 to 65,535 bytes; -1 when the option is not there. */
  public int maxSegmentSize() {
    final int at = option(Options.MAX_SEGMENT_SIZE, 4);
    return at < 0 ? -1 : Bytes.getShort(buffer, at + 2);
  }

  /** The window scale (RFC 7323), 0 to 255 bits to shift; -1 when the option is not there. */
  public int windowScale() {
    final int at = option(Options.WINDOW_SCALE, 3);
    return at < 0 ? -1 : Bytes.getByte(buffer, at + 2);
  }

  /** Whether selective acknowledgments are permitted (RFC 2018). */
  public boolean isSackPermitted() {
    return option(Options.SACK_PERMITTED, 2) >= 0;
  }

  /** The timestamp value (RFC 7323), 0 to 0xffffffff; -1 when the option is not there. */
  public long timestampValue() {
    final int at = option(Options.TIMESTAMPS, 10);
    return at < 0 ? -1 : Bytes.getInt(buffer, at + 2) & 0xffff_ffffL;
  }

  /** The timestamp echo reply (RFC 7323), 0 to 0xffffffff; -1 when the option is not there. */
  public long timestampEcho() {
    final int at = option(Options.TIMESTAMPS, 10);
    return at < 0 ? -1 : Bytes.getInt(buffer, at + 6) & 0xffff_ffffL;
  }

  /**
   * Whether the checksum is right.
   *
   * @param pseudoSum of {@link Ipv4Header#pseudoSum} or {@link Ipv6Header#pseudoSum} with the
   *     segment's length
   */
  public boolean isChecksumValid(long pseudoSum) {
    return Checksum.finish(pseudoSum + Checksum.sum(buffer, offset, length)) == 0;
  }

  /** Sets all 20 bytes: no options, no flags, a window of 65,535, and all else 0. */
  public TcpHeader defaults() {
    Bytes.putInt(buffer, offset, 0);
    Bytes.putInt(buffer, offset + SEQUENCE, 0);
    Bytes.putInt(buffer, offset + ACKNOWLEDGMENT, 0);
    Bytes.putInt(buffer, offset + DATA_OFFSET, 0x5000_ffff);
    Bytes.putInt(buffer, offset + CHECKSUM, 0);
    return this;
  }

  /** Sets the source port: the low 16 bits. */
  public TcpHeader sourcePort(int sourcePort) {
    Bytes.putShort(buffer, offset + SOURCE_PORT, sourcePort);
    return this;
  }

  /** Sets the destination port: the low 16 bits. */
  public TcpHeader destinationPort(int destinationPort) {
    Bytes.putShort(buffer, offset + DESTINATION_PORT, destinationPort);
    return this;
  }

  /** Sets the sequence number: the low 32 bits. */
  public TcpHeader sequence(long sequence) {
    Bytes.putInt(buffer, offset + SEQUENCE, (int) sequence);
    return this;
  }

  /** Sets the acknowledgment number: the low 32 bits. */
  public TcpHeader acknowledgment(long acknowledgment) {
    Bytes.putInt(buffer, offset + ACKNOWLEDGMENT, (int) acknowledgment);
    return this;
  }

  /** Sets the data offset in bytes, of which a multiple of 4 up to 60 can be said. */
  public TcpHeader headerLength(int headerLength) {
    final int reserved = Bytes.getByte(buffer, offset + DATA_OFFSET) & 0xf;
    Bytes.putByte(buffer, offset + DATA_OFFSET, headerLength >>> 2 << 4 | reserved);
    return this;
  }

  /** Sets the flags: the low 8 bits. */
  public TcpHeader flags(int flags) {
    Bytes.putByte(buffer, offset + FLAGS, flags);
    return this;
  }

  /** Sets the window: the low 16 bits. */
  public TcpHeader window(int window) {
    Bytes.putShort(buffer, offset + WINDOW, window);
    return this;
  }

  /** Sets the checksum: the low 16 bits. */
  public TcpHeader checksum(int checksum) {
    Bytes.putShort(buffer, offset + CHECKSUM, checksum);
    return this;
  }

  /** Sets the urgent pointer: the low 16 bits. */
  public TcpHeader urgentPointer(int urgentPointer) {
    Bytes.putShort(buffer, offset + URGENT_POINTER, urgentPointer);
    return this;
  }

  /**
   * Sets the checksum to what is right for the segment as it is. Call it last.
   *
   * @param pseudoSum of {@link Ipv4Header#pseudoSum} or {@link Ipv6Header#pseudoSum} with the
   *     segment's length
   */
  public TcpHeader fillChecksum(long pseudoSum) {
    checksum(0);
    return checksum(Checksum.finish(pseudoSum + Checksum.sum(buffer, offset, length)));
  }

  /** Appends the flags as tcpdump writes them: {@code S.} for SYN and ACK, {@code none}. */
  static StringBuilder appendFlags(StringBuilder text, int flags) {
    if (flags == 0) {
      return text.append("none");
    }
    final String letters = "FSRP.UEW";
    for (int i = 0; i < letters.length(); i++) {
      if ((flags >>> i & 1) != 0) {
        text.append(letters.charAt(i));
      }
    }
    return text;
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final String problem = problem();
    if (problem != null) {
      return "TCP, " + length + " bytes: " + problem;
    }
    final StringBuilder text = new StringBuilder(96).append("TCP ");
    text.append(sourcePort()).append(" > ").append(destinationPort()).append(", flags [");
    appendFlags(text, flags()).append("], seq ").append(sequence());
    if (hasFlags(ACK)) {
      text.append(", ack ").append(acknowledgment());
    }
    return text.append(", win ")
        .append(window())
        .append(", length ")
        .append(payloadLength())
        .toString();
  }
}
