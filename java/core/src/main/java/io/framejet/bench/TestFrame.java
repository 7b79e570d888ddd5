package io.framejet.bench;

import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.receive.CaptureFilter;
import java.nio.ByteBuffer;

/**
 * The frames that are injected: EtherType 0x88b5, which IEEE 802 leaves for experiments and which
 * no stack takes; where frames begin with an IP header, UDP to the discard port of 198.18.0.0/15,
 * the network that RFC 2544 has for benchmarks. Their payload:
 *
 * <pre>
 *   0                   1                   2                   3
 *  +-------------------------------------------+-------------------+
 *  |               trial (24 bits)             |  thread (8 bits)  |
 *  +-------------------------------------------+-------------------+
 *  |                       sequence number                         |
 *  +---------------------------------------------------------------+
 *  |              departure, ns of CLOCK_REALTIME                  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |  zeros ...
 * </pre>
 */
final class TestFrame {
  static final int TAG = 0;
  static final int SEQUENCE = 4;
  static final int DEPARTURE = 8;
  static final int STAMP = 16;

  /** How much of a frame a receiver needs. */
  static final int SNAPLEN = 96;

  private static final int ETHER_TYPE = 0x88b5;
  private static final int ETHERNET = 14;
  private static final int IP_AND_UDP = 28;
  private static final int SOURCE_IP = 198 << 24 | 18 << 16 | 1;
  private static final int TARGET_IP = 198 << 24 | 18 << 16 | 2;
  private static final int SOURCE_PORT = 49152;
  private static final int DISCARD = 9;

  private final LinkType linkType;
  private final MacAddress source;
  private final MacAddress target;

  /** Frames for injectors of this link type, which may be IP even on an Ethernet link. */
  TestFrame(LinkType linkType, MacAddress source, MacAddress target) {
    this.linkType = linkType;
    this.source = source;
    this.target = target;
  }

  /** Where the payload begins in a frame as it is injected. */
  int payload() {
    return linkType == LinkType.ETHERNET ? ETHERNET : IP_AND_UDP;
  }

  /** The same frame again and again: all that injecting itself takes. */
  FrameTemplate plain(int frameSize, int tag) {
    return FrameTemplate.of(frame(frameSize, tag)).build();
  }

  /** Frames that are numbered, and that carry the time given as their target. */
  FrameTemplate stamped(int frameSize, int tag) {
    return FrameTemplate.of(frame(frameSize, tag))
        .vary(payload() + SEQUENCE, Integer.BYTES, FrameTemplate.Source.COUNTER, 0)
        .vary(payload() + DEPARTURE, Long.BYTES, FrameTemplate.Source.TARGET, 0)
        .build();
  }

  private Frame frame(int frameSize, int tag) {
    final int length = lengthOf(frameSize);
    final byte[] payload = new byte[length - payload()];
    ByteBuffer.wrap(payload).putInt(TAG, tag);
    return linkType == LinkType.ETHERNET
        ? Frame.ethernet(source, target).payload(ETHER_TYPE, payload).build()
        : Frame.ipv4(SOURCE_IP, TARGET_IP)
            .udp(SOURCE_PORT, DISCARD)
            .checksum(0)
            .payload(payload)
            .build();
  }

  /** Bytes as injected of a frame of this size: without FCS, and without an absent header. */
  int lengthOf(int frameSize) {
    return frameSize - (linkType == LinkType.ETHERNET ? FrameSizes.FCS : FrameSizes.OVERHEAD);
  }

  /** Where the payload begins in a frame as {@code receiving} sees it. */
  int payloadAt(LinkType receiving) {
    return payload()
        + (receiving == LinkType.ETHERNET && linkType != LinkType.ETHERNET ? ETHERNET : 0);
  }

  /** Takes the frames of one trial, whichever thread injected them. */
  CaptureFilter filter(LinkType receiving, int tag) {
    final int at = payloadAt(receiving);
    return CaptureFilter.of(
        instruction(0x20, 0, 0, at), // A = the word at `at`
        instruction(0x74, 0, 0, Byte.SIZE), // A >>= 8
        instruction(0x15, 0, 1, tag >>> Byte.SIZE), // A == trial?
        instruction(0x06, 0, 0, SNAPLEN),
        instruction(0x06, 0, 0, 0));
  }

  private static long instruction(int code, int ifTrue, int ifFalse, int k) {
    return code | (long) ifTrue << 16 | (long) ifFalse << 24 | (k & 0xffff_ffffL) << 32;
  }
}
