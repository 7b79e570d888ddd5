package io.framejet.frame;

/** What the frames of a link begin with. */
public enum LinkType {
  /** The destination MAC of an Ethernet header. */
  ETHERNET(1, FrameBatch.MIN_FRAME),

  /** The header of an IPv4 or IPv6 packet, as on tun links and raw IP sockets. */
  IP(101, 0);

  private final int number;
  private final int minFrame;

  LinkType(int number, int minFrame) {
    this.number = number;
    this.minFrame = minFrame;
  }

  /** The number of this link type in capture files: LINKTYPE_ETHERNET or LINKTYPE_RAW. */
  public int number() {
    return number;
  }

  /** Bytes to which built frames are lengthened, 0 for none. */
  public int minFrame() {
    return minFrame;
  }
}
