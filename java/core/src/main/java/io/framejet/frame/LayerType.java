package io.framejet.frame;

/** Kinds of layers that a {@link FrameDecoder} tells apart. */
public enum LayerType {
  /** {@link EthernetHeader}. */
  ETHERNET("Ethernet"),
  /** {@link VlanTag}. */
  VLAN("VLAN"),
  /** {@link LlcHeader}, SNAP included. */
  LLC("LLC"),
  /** {@link ArpPacket}, RARP included. */
  ARP("ARP"),
  /** {@link Ipv4Header}. */
  IPV4("IPv4"),
  /** {@link Ipv6Header}. */
  IPV6("IPv6"),
  /** {@link Ipv6Extension}, hop-by-hop options. */
  HOP_BY_HOP("IPv6 hop-by-hop options"),
  /** {@link Ipv6Extension}, routing. */
  ROUTING("IPv6 routing header"),
  /** {@link Ipv6Extension}, fragment. */
  FRAGMENT("IPv6 fragment header"),
  /** {@link Ipv6Extension}, destination options. */
  DESTINATION_OPTIONS("IPv6 destination options"),
  /** {@link Icmp4Message}. */
  ICMP4("ICMP"),
  /** {@link Icmp6Message}, neighbor discovery included. */
  ICMP6("ICMPv6"),
  /** {@link UdpHeader}. */
  UDP("UDP"),
  /** {@link TcpHeader}. */
  TCP("TCP"),
  /** What no other layer reads. */
  PAYLOAD("payload");

  private final String text;

  LayerType(String text) {
    this.text = text;
  }

  /** The name for people. */
  @Override
  public String toString() {
    return text;
  }
}
