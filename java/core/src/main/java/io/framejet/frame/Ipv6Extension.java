package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An IPv6 extension header (RFC 8200, section 4) in a buffer: hop-by-hop options, destination
 * options, routing or fragment. Which one it is stands in the header before it.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Next header  | Length/8 - 1  |  Options ...                  |  hop-by-hop, destination
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Next header  | Length/8 - 1  | Routing type  | Segments left |  routing
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  By type, 4 bytes, then addresses of 16 bytes ...             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Next header  |   Reserved    |     Fragment offset     |Res|M|  fragment
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Identification                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a header that is too short they read what lies behind it,
 * or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to be
 * wrapped again for every packet.
 */
public final class Ipv6Extension {
  /** Offset of the next header, 1 byte. */
  public static final int NEXT_HEADER = 0;

  /** Offset of the header's length in units of 8 bytes, the first 8 not counted, 1 byte. */
  public static final int HEADER_LENGTH = 1;

  /** Offset of the options of a hop-by-hop or destination options header. */
  public static final int OPTIONS = 2;

  /** Offset of a routing header's type, 1 byte. */
  public static final int ROUTING_TYPE = 2;

  /** Offset of a routing header's segments left, 1 byte. */
  public static final int SEGMENTS_LEFT = 3;

  /** Offset of a routing header's addresses, 16 bytes each. */
  public static final int ADDRESSES = 8;

  /** Offset of a fragment header's offset, 13 bits, and flags, 3 bits. */
  public static final int FRAGMENT = 2;

  /** Offset of a fragment header's identification, 4 bytes. */
  public static final int IDENTIFICATION = 4;

  /** Bytes of the shortest extension header, and of every fragment header. */
  public static final int MIN_LENGTH = 8;

  /** Routing type of the source route that RFC 5095 forbids. */
  public static final int SOURCE_ROUTE = 0;

  /** Routing type of mobile IPv6, RFC 6275. */
  public static final int MOBILE = 2;

  /** Routing type of segment routing, RFC 8754: the last address comes first. */
  public static final int SEGMENT_ROUTING = 4;

  private static final Malformed TOO_SHORT =
      new Malformed("shorter than an IPv6 extension header", 0);
  private static final Malformed TOO_LONG =
      new Malformed("header length goes past the end", HEADER_LENGTH);

  private int type;

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A header over nothing, to be wrapped. */
  public Ipv6Extension() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a header and what follows it. They
   * are not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public Ipv6Extension wrap(ByteBuffer buffer, int offset, int length) {
    Bytes.check(buffer, offset, length);
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    return this;
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

  /** Says which header this is: {@link IpProtocol#isExtension} holds for the number. */
  public Ipv6Extension type(int protocol) {
    this.type = protocol;
    return this;
  }

  /** Which header this is, as {@link #type(int)} was told; see {@link IpProtocol}. */
  public int type() {
    return type;
  }

  @Nullable Malformed check() {
    if (length < MIN_LENGTH) {
      return TOO_SHORT;
    }
    return headerLength() > length ? TOO_LONG : null;
  }

  /** Where the next header begins in {@link #buffer()}. */
  public int payloadOffset() {
    return offset + headerLength();
  }

  /** Bytes of what follows. */
  public int payloadLength() {
    return length - headerLength();
  }

  /** What follows, 0 to 255: see {@link IpProtocol}. */
  public int nextHeader() {
    return Bytes.getByte(buffer, offset + NEXT_HEADER);
  }

  /** Bytes of the header, 8 to 2048. */
  public int headerLength() {
    return type == IpProtocol.FRAGMENT
        ? MIN_LENGTH
        : (Bytes.getByte(buffer, offset + HEADER_LENGTH) + 1) << 3;
  }

  /** A routing header's type, 0 to 255. */
  public int routingType() {
    return Bytes.getByte(buffer, offset + ROUTING_TYPE);
  }

  /** A routing header's nodes still to be visited, 0 to 255. */
  public int segmentsLeft() {
    return Bytes.getByte(buffer, offset + SEGMENTS_LEFT);
  }

  /** The addresses that a routing header has room for, 0 to 127. */
  public int addresses() {
    return (headerLength() - ADDRESSES) / Ipv6Address.LENGTH;
  }

  /**
   * The first 8 bytes of a routing header's address.
   *
   * @param index 0 to {@link #addresses()} - 1, as they stand in the header
   */
  public long addressHigh(int index) {
    return Bytes.getLong(buffer, offset + ADDRESSES + index * Ipv6Address.LENGTH);
  }

  /** The last 8 bytes of a routing header's address. */
  public long addressLow(int index) {
    return Bytes.getLong(buffer, offset + ADDRESSES + index * Ipv6Address.LENGTH + Long.BYTES);
  }

  /**
   * Whether this header names another final destination than the IPv6 header, as a routing header
   * of a known type does with segments left. That one is in the pseudo-header of checksums.
   */
  public boolean hasFinalDestination() {
    return type == IpProtocol.ROUTING
        && segmentsLeft() > 0
        && addresses() > 0
        && (routingType() == SOURCE_ROUTE
            || routingType() == MOBILE
            || routingType() == SEGMENT_ROUTING);
  }

  /** Which of the addresses is the final destination. Only with one. */
  public int finalDestination() {
    return routingType() == SEGMENT_ROUTING ? 0 : addresses() - 1;
  }

  /** A fragment header's offset in the whole packet's, 0 to 65,528 bytes (in units of 8 there). */
  public int fragmentOffset() {
    return Bytes.getShort(buffer, offset + FRAGMENT) & 0xfff8;
  }

  /** Whether more fragments follow. */
  public boolean isMoreFragments() {
    return (Bytes.getShort(buffer, offset + FRAGMENT) & 1) != 0;
  }

  /** The identification that fragments of one packet share, 0 to 0xffffffff. */
  public long identification() {
    return Bytes.getInt(buffer, offset + IDENTIFICATION) & 0xffff_ffffL;
  }

  /** Sets what follows: the low 8 bits, see {@link IpProtocol}. */
  public Ipv6Extension nextHeader(int protocol) {
    Bytes.putByte(buffer, offset + NEXT_HEADER, protocol);
    return this;
  }

  /**
   * Sets the bytes of the header, of which a multiple of 8 from 8 to 2048 can be said. A fragment
   * header has no such field: there the byte is reserved.
   */
  public Ipv6Extension headerLength(int headerLength) {
    Bytes.putByte(buffer, offset + HEADER_LENGTH, (headerLength >> 3) - 1);
    return this;
  }

  /** Sets a routing header's type: the low 8 bits. */
  public Ipv6Extension routingType(int routingType) {
    Bytes.putByte(buffer, offset + ROUTING_TYPE, routingType);
    return this;
  }

  /** Sets a routing header's nodes still to be visited: the low 8 bits. */
  public Ipv6Extension segmentsLeft(int segmentsLeft) {
    Bytes.putByte(buffer, offset + SEGMENTS_LEFT, segmentsLeft);
    return this;
  }

  /** Sets a routing header's address. */
  public Ipv6Extension address(int index, long high, long low) {
    Ipv6Address.write(buffer, offset + ADDRESSES + index * Ipv6Address.LENGTH, high, low);
    return this;
  }

  /** Sets a fragment header's reserved byte to 0, its offset in bytes, and whether more follow. */
  public Ipv6Extension fragment(int fragmentOffset, boolean more) {
    Bytes.putByte(buffer, offset + HEADER_LENGTH, 0);
    Bytes.putShort(buffer, offset + FRAGMENT, (fragmentOffset & 0xfff8) | (more ? 1 : 0));
    return this;
  }

  /** Sets a fragment header's identification: the low 32 bits. */
  public Ipv6Extension identification(long identification) {
    Bytes.putInt(buffer, offset + IDENTIFICATION, (int) identification);
    return this;
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final String problem = problem();
    final String name = "IPv6 " + IpProtocol.name(type);
    if (problem != null) {
      return name + ", " + length + " bytes: " + problem;
    }
    return switch (type) {
      case IpProtocol.ROUTING ->
          name + ", type " + routingType() + ", segments left " + segmentsLeft();
      case IpProtocol.FRAGMENT ->
          name + " at " + fragmentOffset() + (isMoreFragments() ? ", more follow" : ", the last");
      default -> name + ", " + headerLength() + " bytes";
    };
  }
}
