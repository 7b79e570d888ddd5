package io.framejet.frame;

import java.util.Locale;

/**
 * Numbers of the EtherType field (IEEE 802 numbers, kept by IANA): what an Ethernet frame holds.
 */
public final class EtherType {
  /** Internet protocol version 4, RFC 894. */
  public static final int IPV4 = 0x0800;

  /** Address resolution protocol, RFC 826. */
  public static final int ARP = 0x0806;

  /** Reverse address resolution protocol, RFC 903. */
  public static final int RARP = 0x8035;

  /** A VLAN tag (customer tag), IEEE 802.1Q. */
  public static final int VLAN = 0x8100;

  /** An outer VLAN tag (service tag), IEEE 802.1ad. */
  public static final int QINQ = 0x88a8;

  /** Internet protocol version 6, RFC 2464. */
  public static final int IPV6 = 0x86dd;

  private EtherType() {}

  /** The short name, or the number as {@code 0x88b5} when it is none of the above. */
  public static String name(int etherType) {
    return switch (etherType) {
      case IPV4 -> "IPv4";
      case ARP -> "ARP";
      case RARP -> "RARP";
      case VLAN -> "VLAN";
      case QINQ -> "QinQ";
      case IPV6 -> "IPv6";
      default -> String.format(Locale.ROOT, "0x%04x", etherType);
    };
  }
}
