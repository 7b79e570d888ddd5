package io.framejet.capture;

/** What the frames of a capture file begin with: numbers of the LINKTYPE_ registry. */
public final class LinkType {
  /** BSD loopback: a protocol family of 4 bytes in the order of the capturing host. */
  public static final int NULL = 0;

  /** Ethernet II or 802.3. */
  public static final int ETHERNET = 1;

  /** IPv4 or IPv6 without a link header, as on a tun link. */
  public static final int RAW = 101;

  /** Linux "cooked" capture, 16 bytes of header. */
  public static final int LINUX_SLL = 113;

  /** IPv4 without a link header. */
  public static final int IPV4 = 228;

  /** IPv6 without a link header. */
  public static final int IPV6 = 229;

  /** Linux "cooked" capture, second version, 20 bytes of header. */
  public static final int LINUX_SLL2 = 276;

  private LinkType() {}

  /** A name to print: the registry's for the numbers above, else the number. */
  public static String name(int linkType) {
    return switch (linkType) {
      case NULL -> "NULL";
      case ETHERNET -> "ETHERNET";
      case RAW -> "RAW";
      case LINUX_SLL -> "LINUX_SLL";
      case IPV4 -> "IPV4";
      case IPV6 -> "IPV6";
      case LINUX_SLL2 -> "LINUX_SLL2";
      default -> Integer.toString(linkType);
    };
  }
}
