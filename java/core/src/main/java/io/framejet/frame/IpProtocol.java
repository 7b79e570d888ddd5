package io.framejet.frame;

/**
 * Numbers of the protocol field of IPv4 and of the next header field of IPv6 (IANA protocol
 * numbers): what an IP packet holds.
 */
public final class IpProtocol {
  /** IPv6 hop-by-hop options, RFC 8200. */
  public static final int HOP_BY_HOP = 0;

  /** Internet control message protocol of IPv4, RFC 792. */
  public static final int ICMP = 1;

  /** IPv4 in IP, RFC 2003. */
  public static final int IPV4 = 4;

  /** Transmission control protocol, RFC 9293. */
  public static final int TCP = 6;

  /** User datagram protocol, RFC 768. */
  public static final int UDP = 17;

  /** IPv6 in IP, RFC 2473. */
  public static final int IPV6 = 41;

  /** IPv6 routing header, RFC 8200. */
  public static final int ROUTING = 43;

  /** IPv6 fragment header, RFC 8200. */
  public static final int FRAGMENT = 44;

  /** Internet control message protocol of IPv6, RFC 4443. */
  public static final int ICMPV6 = 58;

  /** Nothing follows an IPv6 header, RFC 8200. */
  public static final int NO_NEXT_HEADER = 59;

  /** IPv6 destination options, RFC 8200. */
  public static final int DESTINATION_OPTIONS = 60;

  private IpProtocol() {}

  /** Whether the number is that of an IPv6 extension header that {@link Ipv6Extension} reads. */
  public static boolean isExtension(int protocol) {
    return protocol == HOP_BY_HOP
        || protocol == ROUTING
        || protocol == FRAGMENT
        || protocol == DESTINATION_OPTIONS;
  }

  /** The short name, or the number when it is none of the above. */
  public static String name(int protocol) {
    return switch (protocol) {
      case HOP_BY_HOP -> "hop-by-hop options";
      case ICMP -> "ICMP";
      case IPV4 -> "IPv4";
      case TCP -> "TCP";
      case UDP -> "UDP";
      case IPV6 -> "IPv6";
      case ROUTING -> "routing header";
      case FRAGMENT -> "fragment header";
      case ICMPV6 -> "ICMPv6";
      case NO_NEXT_HEADER -> "no next header";
      case DESTINATION_OPTIONS -> "destination options";
      default -> Integer.toString(protocol);
    };
  }
}
