package io.framejet.bench;

import io.framejet.link.Link;
import java.util.List;

/**
 * Sizes of Ethernet frames as RFC 2544 counts them, from the destination MAC up to and including
 * the FCS: a frame of size 64 is 60 bytes in a {@code FrameBatch}.
 */
public final class FrameSizes {
  /** The sizes that RFC 2544 section 9.1 names for Ethernet. */
  public static final List<Integer> RFC_2544 = List.of(64, 128, 256, 512, 1024, 1280, 1518);

  /** Smallest frame on an Ethernet. */
  public static final int MIN = 64;

  /** Header and FCS: what a frame has beside the payload that a link's MTU speaks of. */
  static final int OVERHEAD = 18;

  static final int HEADER = 14;
  static final int FCS = 4;

  /** Preamble, start of frame delimiter and interframe gap (IEEE 802.3), in bytes. */
  private static final int PREAMBLE_AND_GAP = 20;

  private static final int BITS = 8;

  private FrameSizes() {}

  /** The longest frame that {@code link} takes. */
  public static int largestOf(Link link) {
    return Math.max(MIN, link.mtu() + OVERHEAD);
  }

  /** Bits of a frame, FCS included. */
  public static long bits(int frameSize) {
    return (long) frameSize * BITS;
  }

  /** Bits that a frame takes of an Ethernet, with preamble and interframe gap. */
  public static long wireBits(int frameSize) {
    return (long) (frameSize + PREAMBLE_AND_GAP) * BITS;
  }

  /**
   * Frames per second at line rate.
   *
   * @param speedMbps the link's speed in Mbit/s
   */
  public static double lineRate(int frameSize, long speedMbps) {
    return speedMbps * 1e6 / wireBits(frameSize);
  }
}
