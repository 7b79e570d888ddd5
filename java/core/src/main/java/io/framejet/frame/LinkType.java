package io.framejet.frame;

import org.jspecify.annotations.Nullable;

/** What the frames of a link begin with. */
public enum LinkType {
  /** The destination MAC of an Ethernet header. */
  ETHERNET(LinkType.NUMBER_ETHERNET, FrameBatch.MIN_FRAME, FrameBatch.MIN_HEADER),

  /** The header of an IPv4 or IPv6 packet, as on tun links and raw IP sockets. */
  IP(LinkType.NUMBER_RAW, 0, Ipv4Header.MIN_LENGTH);

  /** LINKTYPE_NULL of capture files: a protocol family of 4 bytes in the order of their host. */
  public static final int NUMBER_NULL = 0;

  /** LINKTYPE_ETHERNET: Ethernet II or 802.3. */
  public static final int NUMBER_ETHERNET = 1;

  /** LINKTYPE_RAW: IPv4 or IPv6 without a link header. */
  public static final int NUMBER_RAW = 101;

  /** LINKTYPE_LINUX_SLL: Linux "cooked" capture, 16 bytes of header. */
  public static final int NUMBER_LINUX_SLL = 113;

  /** LINKTYPE_IPV4: IPv4 without a link header. */
  public static final int NUMBER_IPV4 = 228;

  /** LINKTYPE_IPV6: IPv6 without a link header. */
  public static final int NUMBER_IPV6 = 229;

  /** LINKTYPE_LINUX_SLL2: Linux "cooked" capture, second version, 20 bytes of header. */
  public static final int NUMBER_LINUX_SLL2 = 276;

  // DLT_RAW of systems that wrote their own number instead of the registry's.
  private static final int DLT_RAW = 12;
  private static final int DLT_RAW_OPENBSD = 14;

  private final int number;
  private final int minFrame;
  private final int minHeader;

  LinkType(int number, int minFrame, int minHeader) {
    this.number = number;
    this.minFrame = minFrame;
    this.minHeader = minHeader;
  }

  /**
   * The link type that has this number in capture files (the LINKTYPE_ registry), or null when it
   * is none that can be injected. All numbers of bare IP give {@link #IP}.
   */
  public static @Nullable LinkType ofNumber(int number) {
    return switch (number) {
      case NUMBER_ETHERNET -> ETHERNET;
      case NUMBER_RAW, NUMBER_IPV4, NUMBER_IPV6, DLT_RAW, DLT_RAW_OPENBSD -> IP;
      default -> null;
    };
  }

  /** A name to print for a number of capture files: the registry's, or else the number itself. */
  public static String name(int number) {
    return switch (number) {
      case NUMBER_NULL -> "NULL";
      case NUMBER_ETHERNET -> "ETHERNET";
      case NUMBER_RAW, DLT_RAW, DLT_RAW_OPENBSD -> "RAW";
      case NUMBER_LINUX_SLL -> "LINUX_SLL";
      case NUMBER_IPV4 -> "IPV4";
      case NUMBER_IPV6 -> "IPV6";
      case NUMBER_LINUX_SLL2 -> "LINUX_SLL2";
      default -> Integer.toString(number);
    };
  }

  /** The number of this link type in capture files: LINKTYPE_ETHERNET or LINKTYPE_RAW. */
  public int number() {
    return number;
  }

  /** Bytes to which built frames are lengthened, 0 for none. */
  public int minFrame() {
    return minFrame;
  }

  /** Bytes of the header that a frame begins with, at least: what is shorter is no frame. */
  public int minHeader() {
    return minHeader;
  }

  /** What frames begin with, as a part of a sentence. */
  public String description() {
    return this == ETHERNET ? "an Ethernet header" : "an IP header";
  }
}
