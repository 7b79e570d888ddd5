package io.framejet.frame;

import java.nio.ByteBuffer;

/**
 * The short cut of {@link FrameDecoder} for what most frames are: UDP or TCP in a plain IPv4 packet
 * in Ethernet II, and nothing wrong with it. Such a frame is known by few reads, and its layers are
 * listed only when somebody asks. Whatever else it may be is left to the walk layer by layer.
 *
 * <pre>
 *   14 bytes    20 bytes       8, or 20 to 60     up to the IPv4 header's total length
 *   Ethernet  | IPv4 header  | UDP or TCP       | payload, if any                      | padding
 * </pre>
 */
final class CommonFrame {
  private static final byte ETHERNET = code(LayerType.ETHERNET);
  private static final byte IPV4 = code(LayerType.IPV4);
  private static final byte UDP = code(LayerType.UDP);
  private static final byte TCP = code(LayerType.TCP);
  private static final byte PAYLOAD = code(LayerType.PAYLOAD);

  private static final int SEGMENT = EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH;
  private static final int LEAST = SEGMENT + UdpHeader.LENGTH;

  private int frameOffset;
  private byte type;
  private int headerLength;
  private int end;

  /** A type as a small number that never leaves a decoder. */
  @SuppressWarnings("EnumOrdinal")
  static byte code(LayerType type) {
    return (byte) type.ordinal();
  }

  /** Whether it is such a frame; if so, the other methods tell of it. */
  boolean matches(ByteBuffer frame, int offset, int length) {
    if (length < LEAST) {
      return false;
    }
    // EtherType, version and header length, type of service, total length, identification.
    final long front = Bytes.getLong(frame, offset + EthernetHeader.ETHER_TYPE);
    // Flags and fragment offset, TTL, protocol, checksum, and a part of the source address.
    final long middle = Bytes.getLong(frame, offset + SEGMENT - 14);
    final int totalLength = (int) (front >>> 16) & 0xffff;
    final boolean plain = front >>> 40 == (EtherType.IPV4 << 8 | 0x45);
    if (!plain || (middle >>> 48 & 0x3fff) != 0 || totalLength > length - EthernetHeader.LENGTH) {
      return false;
    }
    frameOffset = offset;
    final int segment = totalLength - Ipv4Header.MIN_LENGTH;
    final int at = offset + SEGMENT;
    return switch ((int) (middle >>> 32) & 0xff) {
      case IpProtocol.UDP -> isUdp(frame, at, segment);
      case IpProtocol.TCP -> isTcp(frame, at, segment);
      default -> false;
    };
  }

  private boolean isUdp(ByteBuffer frame, int at, int segment) {
    if (segment < UdpHeader.LENGTH) {
      return false;
    }
    final int datagram = Bytes.getShort(frame, at + UdpHeader.DATAGRAM_LENGTH);
    if (datagram < UdpHeader.LENGTH || datagram > segment) {
      return false;
    }
    type = UDP;
    headerLength = UdpHeader.LENGTH;
    end = at + datagram;
    return true;
  }

  private boolean isTcp(ByteBuffer frame, int at, int segment) {
    if (segment < TcpHeader.MIN_LENGTH) {
      return false;
    }
    final int header = Bytes.getByte(frame, at + TcpHeader.DATA_OFFSET) >>> 4 << 2;
    if (header < TcpHeader.MIN_LENGTH || header > segment) {
      return false;
    }
    if (!areCommonOptions(frame, at + TcpHeader.OPTIONS, header - TcpHeader.MIN_LENGTH)) {
      return false;
    }
    type = TCP;
    headerLength = header;
    end = at + segment;
    return true;
  }

  /** Those of Linux: none, or timestamps alone, or all that a SYN has. */
  private static boolean areCommonOptions(ByteBuffer frame, int at, int length) {
    return switch (length) {
      case 0 -> true;
      case 12 -> Bytes.getInt(frame, at) == 0x0101_080a;
      case 20 ->
          (Bytes.getLong(frame, at) & 0xffff_0000_ffff_ffffL) == 0x0204_0000_0402_080aL
              && Bytes.getInt(frame, at + 16) >>> 8 == 0x01_0303;
      default -> false;
    };
  }

  /** UDP or TCP, as {@link #code} has it. */
  byte type() {
    return type;
  }

  /** Whether UDP or TCP carries nothing. */
  boolean isEmpty() {
    return frameOffset + SEGMENT + headerLength == end;
  }

  /** Where what UDP or TCP carries ends, and padding begins. */
  int end() {
    return end;
  }

  /** Writes down the layers, as walking the frame layer by layer does; of nothing no payload. */
  void list(byte[] types, int[] offsets, int[] lengths) {
    types[0] = ETHERNET;
    offsets[0] = frameOffset;
    lengths[0] = EthernetHeader.LENGTH;
    types[1] = IPV4;
    offsets[1] = frameOffset + EthernetHeader.LENGTH;
    lengths[1] = Ipv4Header.MIN_LENGTH;
    types[2] = type;
    offsets[2] = frameOffset + SEGMENT;
    lengths[2] = headerLength;
    types[3] = PAYLOAD;
    offsets[3] = offsets[2] + headerLength;
    lengths[3] = end - offsets[3];
  }
}
