package io.framejet.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The short cut of {@link FrameDecoder} for what most frames are: UDP or TCP in a plain IPv4 packet
 * in Ethernet II, and nothing wrong with it. Such a frame is known by few reads, and its layers are
 * listed only when somebody asks. Whatever else it may be is left to the walk layer by layer, and
 * so are little-endian buffers.
 *
 * <pre>
 *   14 bytes    20 bytes       8, or 20 to 60     up to the IPv4 header's total length
 *   Ethernet  | IPv4 header  | UDP or TCP       | payload, if any                      | padding
 * </pre>
 */
final class CommonFrame {
  /** No such frame. */
  static final int NO_LAYERS = 0;

  private static final byte ETHERNET = code(LayerType.ETHERNET);
  private static final byte IPV4 = code(LayerType.IPV4);
  private static final byte UDP = code(LayerType.UDP);
  private static final byte TCP = code(LayerType.TCP);
  private static final byte PAYLOAD = code(LayerType.PAYLOAD);

  private static final int HEADERS = 1 << ETHERNET | 1 << IPV4;
  private static final int UDP_LAYERS = HEADERS | 1 << UDP;
  private static final int TCP_LAYERS = HEADERS | 1 << TCP;
  private static final int PAYLOAD_LAYER = 1 << PAYLOAD;

  private static final int SEGMENT = EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH;
  private static final int LEAST = SEGMENT + UdpHeader.LENGTH;

  /** EtherType, version and header length. */
  private static final int PLAIN_IPV4 = EtherType.IPV4 << 8 | 0x45;

  private static final long FRAGMENT_BITS = 0x3fffL << 48;

  private final Ipv4Header ipv4;
  private final UdpHeader udp;
  private final TcpHeader tcp;
  private int headerLength;
  private int end;

  /** Of a decoder with these flyweights, which are laid over the headers of such a frame. */
  CommonFrame(Ipv4Header ipv4, UdpHeader udp, TcpHeader tcp) {
    this.ipv4 = ipv4;
    this.udp = udp;
    this.tcp = tcp;
  }

  /** A type as a small number that never leaves a decoder. */
  @SuppressWarnings("EnumOrdinal")
  static byte code(LayerType type) {
    return (byte) type.ordinal();
  }

  /**
   * Looks whether it is such a frame; if so, lays the flyweights of IPv4 and of UDP or TCP over its
   * headers, and the other methods tell of it.
   *
   * @return a bit for the {@link #code} of each of its layers, or {@link #NO_LAYERS}
   */
  int match(ByteBuffer frame, int offset, int length) {
    if (length < LEAST
        || frame.order() != ByteOrder.BIG_ENDIAN
        || (offset & ~Bytes.OFFSET_MASK) != 0) {
      return NO_LAYERS;
    }
    final int begin = offset & Bytes.OFFSET_MASK;
    // EtherType, version and header length, type of service, total length, identification.
    final long front = frame.getLong(begin + EthernetHeader.ETHER_TYPE);
    // Flags and fragment offset, TTL, protocol, checksum, and a part of the source address.
    final long middle = frame.getLong(begin + SEGMENT - 14);
    final int segment = ((int) (front >>> 16) & 0xffff) - Ipv4Header.MIN_LENGTH;
    if (front >>> 40 != PLAIN_IPV4 || (middle & FRAGMENT_BITS) != 0 || segment > length - SEGMENT) {
      return NO_LAYERS;
    }
    final int protocol = (int) (middle >>> 32) & 0xff;
    final int at = begin + SEGMENT;
    final int itsLayers =
        protocol == IpProtocol.UDP
            ? matchUdp(frame, at, segment)
            : protocol == IpProtocol.TCP ? matchTcp(frame, at, segment) : NO_LAYERS;
    if (itsLayers != NO_LAYERS) {
      ipv4.lay(frame, begin + EthernetHeader.LENGTH, length - EthernetHeader.LENGTH);
    }
    return itsLayers;
  }

  private int matchUdp(ByteBuffer frame, int at, int segment) {
    final int datagram = frame.getShort(at + UdpHeader.DATAGRAM_LENGTH) & 0xffff;
    if (datagram < UdpHeader.LENGTH || datagram > segment) {
      return NO_LAYERS;
    }
    udp.lay(frame, at, segment);
    headerLength = UdpHeader.LENGTH;
    end = at + datagram;
    return datagram == UdpHeader.LENGTH ? UDP_LAYERS : UDP_LAYERS | PAYLOAD_LAYER;
  }

  private int matchTcp(ByteBuffer frame, int at, int segment) {
    if (segment < TcpHeader.MIN_LENGTH) {
      return NO_LAYERS;
    }
    final int header = (frame.get(at + TcpHeader.DATA_OFFSET) & 0xf0) >>> 2;
    if (header < TcpHeader.MIN_LENGTH
        || header > segment
        || !areCommonOptions(frame, at + TcpHeader.OPTIONS, header)) {
      return NO_LAYERS;
    }
    tcp.lay(frame, at, segment);
    headerLength = header;
    end = at + segment;
    return header == segment ? TCP_LAYERS : TCP_LAYERS | PAYLOAD_LAYER;
  }

  /** Those of Linux: none, or timestamps alone, or all that a SYN has. */
  private static boolean areCommonOptions(ByteBuffer frame, int at, int headerLength) {
    return switch (headerLength - TcpHeader.MIN_LENGTH) {
      case 0 -> true;
      case 12 -> frame.getInt(at) == 0x0101_080a;
      case 20 ->
          (frame.getLong(at) & 0xffff_0000_ffff_ffffL) == 0x0204_0000_0402_080aL
              && frame.getInt(at + 16) >>> 8 == 0x01_0303;
      default -> false;
    };
  }

  /** Where what UDP or TCP carries ends, and padding begins. */
  int end() {
    return end;
  }

  /** Writes down the layers, as walking the frame layer by layer does; of nothing no payload. */
  void list(int offset, byte[] types, int[] offsets, int[] lengths) {
    types[0] = ETHERNET;
    offsets[0] = offset;
    lengths[0] = EthernetHeader.LENGTH;
    types[1] = IPV4;
    offsets[1] = offset + EthernetHeader.LENGTH;
    lengths[1] = Ipv4Header.MIN_LENGTH;
    types[2] = headerLength == UdpHeader.LENGTH ? UDP : TCP;
    offsets[2] = offset + SEGMENT;
    lengths[2] = headerLength;
    types[3] = PAYLOAD;
    offsets[3] = offsets[2] + headerLength;
    lengths[3] = end - offsets[3];
  }
}
