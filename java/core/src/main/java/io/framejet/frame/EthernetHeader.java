package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An Ethernet II header (RFC 894, IEEE 802.3) in a buffer.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Destination MAC                        |
 * +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                               |                               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
 * |                          Source MAC                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           EtherType           |          Payload ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
 * </pre>
 *
 * <p>A VLAN tag is not looked through: a tagged frame's EtherType is {@link EtherType#VLAN}.
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a header that is too short they read what lies behind the
 * frame, or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made
 * to be wrapped again for every frame.
 */
public final class EthernetHeader {
  /** Offset of the destination MAC, 6 bytes. */
  public static final int DESTINATION = 0;

  /** Offset of the source MAC, 6 bytes. */
  public static final int SOURCE = 6;

  /** Offset of the EtherType, 2 bytes. */
  public static final int ETHER_TYPE = 12;

  /** Bytes of the header: the payload's offset. */
  public static final int LENGTH = 14;

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A header over nothing, to be wrapped. */
  public EthernetHeader() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a frame. They are not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public EthernetHeader wrap(ByteBuffer buffer, int offset, int length) {
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
    return length >= LENGTH;
  }

  /** What is wrong with it, or null when it is valid. */
  public @Nullable String problem() {
    return isValid() ? null : "shorter than an Ethernet header";
  }

  /** The buffer that was wrapped. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Where the frame begins in {@link #buffer()}. */
  public int offset() {
    return offset;
  }

  /** Bytes of the frame, header included. */
  public int length() {
    return length;
  }

  /** Where the payload begins in {@link #buffer()}. */
  public int payloadOffset() {
    return offset + LENGTH;
  }

  /** Bytes of the payload, padding included; 0 when there is not even a header. */
  public int payloadLength() {
    return Math.max(length - LENGTH, 0);
  }

  /** The destination MAC, see {@link MacAddress} for the form. */
  public long destination() {
    return MacAddress.read(buffer, offset + DESTINATION);
  }

  /** The source MAC, see {@link MacAddress} for the form. */
  public long source() {
    return MacAddress.read(buffer, offset + SOURCE);
  }

  /** What the payload is, 0 to 0xffff: see {@link EtherType}. Below 0x600 it is a length. */
  public int etherType() {
    return Bytes.getShort(buffer, offset + ETHER_TYPE);
  }

  /** Sets the destination MAC. */
  public EthernetHeader destination(long mac) {
    MacAddress.write(buffer, offset + DESTINATION, mac);
    return this;
  }

  /** Sets the source MAC. */
  public EthernetHeader source(long mac) {
    MacAddress.write(buffer, offset + SOURCE, mac);
    return this;
  }

  /** Sets what the payload is: the low 16 bits, see {@link EtherType}. */
  public EthernetHeader etherType(int etherType) {
    Bytes.putShort(buffer, offset + ETHER_TYPE, etherType);
    return this;
  }

  /** One line for logs: addresses, EtherType and length. */
  @Override
  public String toString() {
    if (!isValid()) {
      return "Ethernet, " + length + " bytes: " + problem();
    }
    final StringBuilder text = new StringBuilder(64);
    MacAddress.appendTo(text, source()).append(" > ");
    MacAddress.appendTo(text, destination()).append(", ").append(EtherType.name(etherType()));
    return text.append(", ").append(length).append(" bytes").toString();
  }
}
