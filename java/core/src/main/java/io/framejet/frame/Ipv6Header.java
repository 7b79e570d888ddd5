package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An IPv6 header (RFC 8200) in a buffer, without the extension headers that may follow it: those
 * are {@link Ipv6Extension}s.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |Version| Traffic class |              Flow label               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |        Payload length         |  Next header  |   Hop limit   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                                                               |
 * +                        Source address                         +
 * |                          (16 bytes)                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                                                               |
 * +                      Destination address                      +
 * |                          (16 bytes)                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>Jumbograms (RFC 2675), which say a payload length of 0, are not understood.
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a header that is too short they read what lies behind it,
 * or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to be
 * wrapped again for every packet.
 */
public final class Ipv6Header {
  /** Offset of the version, 4 bits, traffic class, 8 bits, and flow label, 20 bits. */
  public static final int VERSION = 0;

  /** Offset of the payload length, 2 bytes. */
  public static final int PAYLOAD_LENGTH = 4;

  /** Offset of the next header, 1 byte. */
  public static final int NEXT_HEADER = 6;

  /** Offset of the hop limit, 1 byte. */
  public static final int HOP_LIMIT = 7;

  /** Offset of the source address, 16 bytes. */
  public static final int SOURCE = 8;

  /** Offset of the destination address, 16 bytes. */
  public static final int DESTINATION = 24;

  /** Bytes of the header. */
  public static final int LENGTH = 40;

  private static final Malformed TOO_SHORT = new Malformed("shorter than an IPv6 header", 0);
  private static final Malformed NOT_6 = new Malformed("version is not 6", VERSION);
  private static final Malformed PAYLOAD_LONG =
      new Malformed("payload length goes past the end", PAYLOAD_LENGTH);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A header over nothing, to be wrapped. */
  public Ipv6Header() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a packet, with any padding. They are
   * not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public Ipv6Header wrap(ByteBuffer buffer, int offset, int length) {
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

  @Nullable Malformed check() {
    return check(false);
  }

  /** The same for a packet of which the end may be missing, as ICMP errors quote them. */
  @Nullable Malformed check(boolean cut) {
    if (length < LENGTH) {
      return TOO_SHORT;
    }
    if (version() != 6) {
      return NOT_6;
    }
    return packetPayloadLength() > length - LENGTH && !cut ? PAYLOAD_LONG : null;
  }

  /** Where the payload, extension headers included, begins in {@link #buffer()}. */
  public int payloadOffset() {
    return offset + LENGTH;
  }

  /** Bytes of the payload, by the payload length but at most those that are there. */
  public int payloadLength() {
    return Math.min(packetPayloadLength(), length - LENGTH);
  }

  /** The version, 0 to 15. */
  public int version() {
    return Bytes.getByte(buffer, offset + VERSION) >>> 4;
  }

  /** The traffic class, 0 to 255: as IPv4's type of service. */
  public int trafficClass() {
    return Bytes.getShort(buffer, offset + VERSION) >>> 4 & 0xff;
  }

  /** The flow label (RFC 6437), 0 to 0xfffff. */
  public int flowLabel() {
    return Bytes.getInt(buffer, offset + VERSION) & 0xf_ffff;
  }

  /** Bytes of the payload, extension headers included, 0 to 65,535, as the field says. */
  public int packetPayloadLength() {
    return Bytes.getShort(buffer, offset + PAYLOAD_LENGTH);
  }

  /** What the payload begins with, 0 to 255: see {@link IpProtocol}. */
  public int nextHeader() {
    return Bytes.getByte(buffer, offset + NEXT_HEADER);
  }

  /** The hop limit, 0 to 255. */
  public int hopLimit() {
    return Bytes.getByte(buffer, offset + HOP_LIMIT);
  }

  /** The source address' first 8 bytes, see {@link Ipv6Address} for the form. */
  public long sourceHigh() {
    return Bytes.getLong(buffer, offset + SOURCE);
  }

  /** The source address' last 8 bytes. */
  public long sourceLow() {
    return Bytes.getLong(buffer, offset + SOURCE + Long.BYTES);
  }

  /** The destination address' first 8 bytes, see {@link Ipv6Address} for the form. */
  public long destinationHigh() {
    return Bytes.getLong(buffer, offset + DESTINATION);
  }

  /** The destination address' last 8 bytes. */
  public long destinationLow() {
    return Bytes.getLong(buffer, offset + DESTINATION + Long.BYTES);
  }

  /**
   * The sum of the pseudo-header that TCP, UDP and ICMPv6 checksums cover (RFC 8200, 8.1), for
   * {@link Checksum#finish}. With a routing header the destination in it is the last one: {@link
   * Ipv6Extension#hasFinalDestination()}.
   *
   * @param protocol of the segment, see {@link IpProtocol}
   * @param segmentLength bytes of the segment, extension headers not included
   */
  public long pseudoSum(int protocol, int segmentLength) {
    return Checksum.pseudoSum(
        sourceHigh(), sourceLow(), destinationHigh(), destinationLow(), protocol, segmentLength);
  }

  /** Sets all 40 bytes: version 6, nothing follows, hop limit 64, and all else 0. */
  public Ipv6Header defaults() {
    Bytes.putInt(buffer, offset, 0x6000_0000);
    Bytes.putInt(buffer, offset + PAYLOAD_LENGTH, IpProtocol.NO_NEXT_HEADER << 8 | 64);
    return source(0, 0).destination(0, 0);
  }

  /** Sets the version: the low 4 bits. */
  public Ipv6Header version(int version) {
    final int low = Bytes.getByte(buffer, offset + VERSION) & 0xf;
    Bytes.putByte(buffer, offset + VERSION, version << 4 | low);
    return this;
  }

  /** Sets the traffic class: the low 8 bits. */
  public Ipv6Header trafficClass(int trafficClass) {
    final int others = Bytes.getShort(buffer, offset + VERSION) & 0xf00f;
    Bytes.putShort(buffer, offset + VERSION, others | (trafficClass & 0xff) << 4);
    return this;
  }

  /** Sets the flow label: the low 20 bits. */
  public Ipv6Header flowLabel(int flowLabel) {
    final int others = Bytes.getInt(buffer, offset + VERSION) & 0xfff0_0000;
    Bytes.putInt(buffer, offset + VERSION, others | (flowLabel & 0xf_ffff));
    return this;
  }

  /** Sets the bytes of the payload, extension headers included: the low 16 bits. */
  public Ipv6Header payloadLength(int payloadLength) {
    Bytes.putShort(buffer, offset + PAYLOAD_LENGTH, payloadLength);
    return this;
  }

  /** Sets what the payload begins with: the low 8 bits, see {@link IpProtocol}. */
  public Ipv6Header nextHeader(int nextHeader) {
    Bytes.putByte(buffer, offset + NEXT_HEADER, nextHeader);
    return this;
  }

  /** Sets the hop limit: the low 8 bits. */
  public Ipv6Header hopLimit(int hopLimit) {
    Bytes.putByte(buffer, offset + HOP_LIMIT, hopLimit);
    return this;
  }

  /** Sets the source address. */
  public Ipv6Header source(long high, long low) {
    Ipv6Address.write(buffer, offset + SOURCE, high, low);
    return this;
  }

  /** Sets the source address. */
  public Ipv6Header source(Ipv6Address address) {
    return source(address.high(), address.low());
  }

  /** Sets the destination address. */
  public Ipv6Header destination(long high, long low) {
    Ipv6Address.write(buffer, offset + DESTINATION, high, low);
    return this;
  }

  /** Sets the destination address. */
  public Ipv6Header destination(Ipv6Address address) {
    return destination(address.high(), address.low());
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final String problem = problem();
    if (problem != null) {
      return "IPv6, " + length + " bytes: " + problem;
    }
    final StringBuilder text = new StringBuilder(128).append("IPv6 ");
    Ipv6Address.appendTo(text, sourceHigh(), sourceLow()).append(" > ");
    Ipv6Address.appendTo(text, destinationHigh(), destinationLow());
    text.append(", ").append(IpProtocol.name(nextHeader())).append(", hop limit ");
    return text.append(hopLimit())
        .append(", payload ")
        .append(packetPayloadLength())
        .append(" bytes")
        .toString();
  }
}
