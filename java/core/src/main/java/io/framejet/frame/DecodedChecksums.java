package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The checksums of a decoded frame: what they cover, and whether they are right. */
final class DecodedChecksums {
  private static final int NONE = -1;

  private DecodedChecksums() {}

  /** As {@link FrameDecoder#checksumProblem()} has it. */
  static @Nullable String problem(FrameDecoder frame) {
    if (frame.has(LayerType.IPV4) && !frame.ipv4().isChecksumValid()) {
      return "IPv4 header checksum is wrong";
    }
    final int at = frame.isValid() && !frame.isCut() ? transportIndex(frame) : NONE;
    return at == NONE ? null : transportProblem(frame, at);
  }

  private static @Nullable String transportProblem(FrameDecoder frame, int at) {
    return switch (frame.type(at)) {
      case UDP ->
          frame.udp().checksum() == 0 || isRight(frame, at, IpProtocol.UDP)
              ? null
              : "UDP checksum is wrong";
      case TCP -> isRight(frame, at, IpProtocol.TCP) ? null : "TCP checksum is wrong";
      case ICMP6 -> isRight(frame, at, IpProtocol.ICMPV6) ? null : "ICMPv6 checksum is wrong";
      default -> Checksum.finish(segmentSum(frame, at)) == 0 ? null : "ICMP checksum is wrong";
    };
  }

  private static boolean isRight(FrameDecoder frame, int index, int protocol) {
    final long sum = pseudoSum(frame, index, protocol) + segmentSum(frame, index);
    return Checksum.finish(sum) == 0;
  }

  private static long segmentSum(FrameDecoder frame, int index) {
    return Checksum.sum(frame.buffer(), frame.offset(index), segmentLength(frame, index));
  }

  private static int segmentLength(FrameDecoder frame, int index) {
    return frame.paddingOffset() - frame.offset(index);
  }

  private static long pseudoSum(FrameDecoder frame, int index, int protocol) {
    final ByteBuffer buffer = frame.buffer();
    final int header = addressesOffset(frame, index);
    final boolean four = isIpv4(frame, header);
    final int width = four ? Ipv4.LENGTH : Ipv6Address.LENGTH;
    final int source = header + (four ? Ipv4Header.SOURCE : Ipv6Header.SOURCE);
    return Checksum.sum(buffer, source, width)
        + Checksum.sum(buffer, destinationOffset(frame, index), width)
        + protocol
        + segmentLength(frame, index);
  }

  private static boolean isIpv4(FrameDecoder frame, int header) {
    return Bytes.getByte(frame.buffer(), header) >>> 4 == 4;
  }

  /** The layer of TCP, UDP or ICMP, or -1. */
  static int transportIndex(FrameDecoder frame) {
    for (int i = frame.layers() - 1; i >= 0; i--) {
      switch (frame.type(i)) {
        case UDP, TCP, ICMP4, ICMP6 -> {
          return i;
        }
        default -> {}
      }
    }
    return NONE;
  }

  /** Where the IP header begins that carries layer {@code index}, or -1. */
  static int addressesOffset(FrameDecoder frame, int index) {
    for (int i = index - 1; i >= 0; i--) {
      final LayerType type = frame.type(i);
      if (type == LayerType.IPV4 || type == LayerType.IPV6) {
        return frame.offset(i);
      }
    }
    return NONE;
  }

  /** Where the destination address stands that checksums of layer {@code index} cover. */
  static int destinationOffset(FrameDecoder frame, int index) {
    for (int i = index - 1; i >= 0 && frame.type(i) != LayerType.IPV6; i--) {
      if (frame.type(i) == LayerType.ROUTING) {
        final Ipv6Extension routing = frame.routing(i);
        if (routing.hasFinalDestination()) {
          final int address = routing.finalDestination() * Ipv6Address.LENGTH;
          return routing.offset() + Ipv6Extension.ADDRESSES + address;
        }
      }
    }
    final int header = addressesOffset(frame, index);
    return header + (isIpv4(frame, header) ? Ipv4Header.DESTINATION : Ipv6Header.DESTINATION);
  }
}
