package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 header (RFC 791) in a buffer.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |Version|  IHL  |   DSCP    |ECN|         Total length          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |        Identification         |0|D|M|     Fragment offset     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      TTL      |   Protocol    |        Header checksum        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Source address                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      Destination address                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    Options ...                |    Padding    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a header that is too short they read what lies behind it,
 * or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to be
 * wrapped again for every packet.
 */
public final class Ipv4Header {
  /** Offset of the version and the header length, 4 bits each. */
  public static final int VERSION = 0;

  /** Offset of the type of service (DSCP, 6 bits, and ECN, 2 bits), 1 byte. */
  public static final int TYPE_OF_SERVICE = 1;

  /** Offset of the total length, 2 bytes. */
  public static final int TOTAL_LENGTH = 2;

  /** Offset of the identification, 2 bytes. */
  public static final int IDENTIFICATION = 4;

  /** Offset of the flags, 3 bits, and the fragment offset, 13 bits. */
  public static final int FRAGMENT = 6;

  /** Offset of the time to live, 1 byte. */
  public static final int TTL = 8;

  /** Offset of the protocol, 1 byte. */
  public static final int PROTOCOL = 9;

  /** Offset of the header checksum, 2 bytes. */
  public static final int CHECKSUM = 10;

  /** Offset of the source address, 4 bytes. */
  public static final int SOURCE = 12;

  /** Offset of the destination address, 4 bytes. */
  public static final int DESTINATION = 16;

  /** Offset of the options, 0 to 40 bytes. */
  public static final int OPTIONS = 20;

  /** Bytes of a header without options. */
  public static final int MIN_LENGTH = 20;

  /** Most bytes of a header. */
  public static final int MAX_LENGTH = 60;

  private static final int DONT_FRAGMENT = 0x4000;
  private static final int MORE_FRAGMENTS = 0x2000;

  private static final Malformed TOO_SHORT = new Malformed("shorter than an IPv4 header", 0);
  private static final Malformed NOT_4 = new Malformed("version is not 4", VERSION);
  private static final Malformed HEADER_SHORT =
      new Malformed("header length is less than 20", VERSION);
  private static final Malformed HEADER_LONG =
      new Malformed("header length goes past the end", VERSION);
  private static final Malformed TOTAL_SHORT =
      new Malformed("total length is less than the header", TOTAL_LENGTH);
  private static final Malformed TOTAL_LONG =
      new Malformed("total length goes past the end", TOTAL_LENGTH);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A header over nothing, to be wrapped. */
  public Ipv4Header() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a packet, with any padding. They are
   * not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public Ipv4Header wrap(ByteBuffer buffer, int offset, int length) {
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

  /** The same for a packet of which the end may be missing, as ICMP errors quote them. */
  @Nullable Malformed check(boolean cut) {
    if (length < MIN_LENGTH) {
      return TOO_SHORT;
    }
    final int first = Bytes.getByte(buffer, offset);
    if (first >>> 4 != 4) {
      return NOT_4;
    }
    final int headerLength = (first & 0xf) << 2;
    if (headerLength < MIN_LENGTH) {
      return HEADER_SHORT;
    }
    if (headerLength > length) {
      return HEADER_LONG;
    }
    final int totalLength = totalLength();
    if (totalLength < headerLength) {
      return TOTAL_SHORT;
    }
    return totalLength > length && !cut ? TOTAL_LONG : null;
  }

  /** Where the payload begins in {@link #buffer()}. */
  public int payloadOffset() {
    return offset + headerLength();
  }

  /** Bytes of the payload, by the total length but at most those that are there. */
  public int payloadLength() {
    return Math.min(totalLength(), length) - headerLength();
  }

  /** Bytes of the options, 0 to 40. */
  public int optionsLength() {
    return headerLength() - MIN_LENGTH;
  }

  /** The version, 0 to 15. */
  public int version() {
    return Bytes.getByte(buffer, offset + VERSION) >>> 4;
  }

  /** Bytes of the header, 0 to 60, as its own field says (in words of 4 there). */
  public int headerLength() {
    return (Bytes.getByte(buffer, offset + VERSION) & 0xf) << 2;
  }

  /** DSCP and ECN in one, 0 to 255. */
  public int typeOfService() {
    return Bytes.getByte(buffer, offset + TYPE_OF_SERVICE);
  }

  /** The differentiated services code point (RFC 2474), 0 to 63. */
  public int dscp() {
    return typeOfService() >>> 2;
  }

  /** The explicit congestion notification (RFC 3168), 0 to 3. */
  public int ecn() {
    return typeOfService() & 3;
  }

  /** Bytes of the packet, header included, 0 to 65,535, as the field says. */
  public int totalLength() {
    return Bytes.getShort(buffer, offset + TOTAL_LENGTH);
  }

  /** The identification that fragments of one packet share, 0 to 0xffff. */
  public int identification() {
    return Bytes.getShort(buffer, offset + IDENTIFICATION);
  }

  /** Whether the packet must not be fragmented (DF). */
  public boolean isDontFragment() {
    return (fragment() & DONT_FRAGMENT) != 0;
  }

  /** Whether more fragments follow (MF). */
  public boolean isMoreFragments() {
    return (fragment() & MORE_FRAGMENTS) != 0;
  }

  /** Where the payload belongs in the whole packet's, 0 to 65,528 bytes (in units of 8 there). */
  public int fragmentOffset() {
    return (fragment() & 0x1fff) << 3;
  }

  /** Whether this is a part of a packet: more follow, or it is not the first. */
  public boolean isFragment() {
    return (fragment() & (MORE_FRAGMENTS | 0x1fff)) != 0;
  }

  /** The three flags and the fragment offset in one, 0 to 0xffff. */
  public int fragment() {
    return Bytes.getShort(buffer, offset + FRAGMENT);
  }

  /** The time to live, 0 to 255 hops. */
  public int ttl() {
    return Bytes.getByte(buffer, offset + TTL);
  }

  /** What the payload is, 0 to 255: see {@link IpProtocol}. */
  public int protocol() {
    return Bytes.getByte(buffer, offset + PROTOCOL);
  }

  /** The header checksum, 0 to 0xffff. */
  public int checksum() {
    return Bytes.getShort(buffer, offset + CHECKSUM);
  }

  /** The source address, see {@link Ipv4} for the form. */
  public int source() {
    return Bytes.getInt(buffer, offset + SOURCE);
  }

  /** The destination address, see {@link Ipv4} for the form. */
  public int destination() {
    return Bytes.getInt(buffer, offset + DESTINATION);
  }

  /** Whether the header checksum is right. */
  public boolean isChecksumValid() {
    return Checksum.of(buffer, offset, headerLength()) == 0;
  }

  /**
   * The sum of the pseudo-header that TCP and UDP checksums cover (RFC 9293, 3.1), for {@link
   * Checksum#finish}.
   *
   * @param protocol of the segment, see {@link IpProtocol}
   * @param segmentLength bytes of the segment, 0 to 65,535
   */
  public long pseudoSum(int protocol, int segmentLength) {
    return Checksum.pseudoSum(source(), destination(), protocol, segmentLength);
  }

  /** Sets all 20 bytes: version 4, no options, total length 20, TTL 64, and all else 0. */
  public Ipv4Header defaults() {
    Bytes.putInt(buffer, offset, 0x4500_0014);
    Bytes.putInt(buffer, offset + IDENTIFICATION, 0);
    Bytes.putInt(buffer, offset + TTL, 0x4000_0000);
    Bytes.putInt(buffer, offset + SOURCE, 0);
    Bytes.putInt(buffer, offset + DESTINATION, 0);
    return this;
  }

  /** Sets the version: the low 4 bits. */
  public Ipv4Header version(int version) {
    final int low = Bytes.getByte(buffer, offset + VERSION) & 0xf;
    Bytes.putByte(buffer, offset + VERSION, version << 4 | low);
    return this;
  }

  /** Sets the header length in bytes, of which a multiple of 4 up to 60 can be said. */
  public Ipv4Header headerLength(int headerLength) {
    final int high = Bytes.getByte(buffer, offset + VERSION) & 0xf0;
    Bytes.putByte(buffer, offset + VERSION, high | (headerLength >>> 2 & 0xf));
    return this;
  }

  /** Sets DSCP and ECN: the low 8 bits. */
  public Ipv4Header typeOfService(int typeOfService) {
    Bytes.putByte(buffer, offset + TYPE_OF_SERVICE, typeOfService);
    return this;
  }

  /** Sets the differentiated services code point: the low 6 bits. */
  public Ipv4Header dscp(int dscp) {
    return typeOfService(dscp << 2 | ecn());
  }

  /** Sets the explicit congestion notification: the low 2 bits. */
  public Ipv4Header ecn(int ecn) {
    return typeOfService((typeOfService() & 0xfc) | (ecn & 3));
  }

  /** Sets the bytes of the packet, header included: the low 16 bits. */
  public Ipv4Header totalLength(int totalLength) {
    Bytes.putShort(buffer, offset + TOTAL_LENGTH, totalLength);
    return this;
  }

  /** Sets the identification: the low 16 bits. */
  public Ipv4Header identification(int identification) {
    Bytes.putShort(buffer, offset + IDENTIFICATION, identification);
    return this;
  }

  /** Sets the three flags and the fragment offset: the low 16 bits. */
  public Ipv4Header fragment(int fragment) {
    Bytes.putShort(buffer, offset + FRAGMENT, fragment);
    return this;
  }

  /** Sets whether the packet must not be fragmented (DF). */
  public Ipv4Header dontFragment(boolean dont) {
    return fragment((fragment() & ~DONT_FRAGMENT) | (dont ? DONT_FRAGMENT : 0));
  }

  /** Sets whether more fragments follow (MF). */
  public Ipv4Header moreFragments(boolean more) {
    return fragment((fragment() & ~MORE_FRAGMENTS) | (more ? MORE_FRAGMENTS : 0));
  }

  /** Sets the fragment offset in bytes, of which a multiple of 8 up to 65,528 can be said. */
  public Ipv4Header fragmentOffset(int fragmentOffset) {
    return fragment((fragment() & 0xe000) | (fragmentOffset >>> 3 & 0x1fff));
  }

  /** Sets the time to live: the low 8 bits. */
  public Ipv4Header ttl(int ttl) {
    Bytes.putByte(buffer, offset + TTL, ttl);
    return this;
  }

  /** Sets what the payload is: the low 8 bits, see {@link IpProtocol}. */
  public Ipv4Header protocol(int protocol) {
    Bytes.putByte(buffer, offset + PROTOCOL, protocol);
    return this;
  }

  /** Sets the header checksum: the low 16 bits. */
  public Ipv4Header checksum(int checksum) {
    Bytes.putShort(buffer, offset + CHECKSUM, checksum);
    return this;
  }

  /** Sets the header checksum to what is right for the header as it is. Call it last. */
  public Ipv4Header fillChecksum() {
    checksum(0);
    return checksum(Checksum.of(buffer, offset, headerLength()));
  }

  /** Sets the source address. */
  public Ipv4Header source(int source) {
    Bytes.putInt(buffer, offset + SOURCE, source);
    return this;
  }

  /** Sets the destination address. */
  public Ipv4Header destination(int destination) {
    Bytes.putInt(buffer, offset + DESTINATION, destination);
    return this;
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final String problem = problem();
    if (problem != null) {
      return "IPv4, " + length + " bytes: " + problem;
    }
    final StringBuilder text = new StringBuilder(96).append("IPv4 ");
    Ipv4.appendTo(Ipv4.appendTo(text, source()).append(" > "), destination());
    text.append(", ").append(IpProtocol.name(protocol())).append(", ttl ").append(ttl());
    if (isFragment()) {
      text.append(", fragment at ").append(fragmentOffset());
      text.append(isMoreFragments() ? ", more follow" : ", the last");
    }
    return text.append(", ").append(totalLength()).append(" bytes").toString();
  }
}
