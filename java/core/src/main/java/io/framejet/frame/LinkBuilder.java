package io.framejet.frame;

import java.nio.ByteBuffer;

/**
 * A frame as far as a header that ends with an EtherType, waiting for what it carries. Immutable,
 * and so thread-safe; every method gives another builder.
 */
public abstract sealed class LinkBuilder permits EthernetBuilder, VlanBuilder, SnapBuilder {
  LinkBuilder() {}

  /** The layers so far, this one included, with its EtherType set unless the caller has set it. */
  abstract Stack carrying(int etherType);

  /** The layers so far, this one included, with its EtherType a length (IEEE 802.3). */
  abstract Stack carryingLength();

  /**
   * An ARP request (RFC 826): who has {@code targetIp}? Its sender of 0 makes it a probe of RFC
   * 5227.
   */
  public FrameBuilder arpRequest(MacAddress senderMac, int senderIp, int targetIp) {
    return arp(EtherType.ARP, ArpOperation.REQUEST, senderMac, senderIp, MacAddress.ZERO, targetIp);
  }

  /** {@code senderIp} is at {@code senderMac}: the answer to who asked from target (RFC 826). */
  public FrameBuilder arpReply(
      MacAddress senderMac, int senderIp, MacAddress targetMac, int targetIp) {
    return arp(EtherType.ARP, ArpOperation.REPLY, senderMac, senderIp, targetMac, targetIp);
  }

  /**
   * Which IPv4 address has {@code targetMac}? Tell {@code senderMac} (RFC 903; a station that asks
   * about itself gives its own MAC twice). Both IPv4 addresses are 0.
   */
  public FrameBuilder rarpRequest(MacAddress senderMac, MacAddress targetMac) {
    return arp(EtherType.RARP, ArpOperation.RARP_REQUEST, senderMac, 0, targetMac, 0);
  }

  /** {@code targetMac} has {@code targetIp}, says the server {@code sender} (RFC 903). */
  public FrameBuilder rarpReply(
      MacAddress senderMac, int senderIp, MacAddress targetMac, int targetIp) {
    return arp(EtherType.RARP, ArpOperation.RARP_REPLY, senderMac, senderIp, targetMac, targetIp);
  }

  private FrameBuilder arp(
      int etherType,
      int operation,
      MacAddress senderMac,
      int senderIp,
      MacAddress targetMac,
      int targetIp) {
    final byte[] bytes = new byte[ArpPacket.LENGTH];
    new ArpPacket()
        .wrap(ByteBuffer.wrap(bytes), 0, bytes.length)
        .ethernetIpv4()
        .operation(operation)
        .senderMac(senderMac.toLong())
        .senderIp(senderIp)
        .targetMac(targetMac.toLong())
        .targetIp(targetIp);
    return carrying(etherType).and(new RawLayer(bytes)).complete();
  }

  /**
   * A VLAN tag (IEEE 802.1Q); tags stack.
   *
   * @param id 0 to 4095
   * @throws IllegalArgumentException if it is not in that range
   */
  public VlanBuilder vlan(int id) {
    return VlanBuilder.of(carrying(EtherType.VLAN), id);
  }

  /**
   * The outer of two VLAN tags, a service tag (IEEE 802.1ad).
   *
   * @param id 0 to 4095
   * @throws IllegalArgumentException if it is not in that range
   */
  public VlanBuilder serviceVlan(int id) {
    return VlanBuilder.of(carrying(EtherType.QINQ), id);
  }

  /** An IPv4 packet; addresses as {@link Ipv4} has them. */
  public Ipv4Builder ipv4(int source, int destination) {
    return Ipv4Builder.of(carrying(EtherType.IPV4), source, destination);
  }

  /** An IPv6 packet. */
  public Ipv6Builder ipv6(Ipv6Address source, Ipv6Address destination) {
    return Ipv6Builder.of(carrying(EtherType.IPV6), source, destination);
  }

  /**
   * An LLC header of unnumbered information (IEEE 802.2) and what it carries. The EtherType before
   * it becomes a length.
   *
   * @param dsap destination service access point, 0 to 255
   * @param ssap source service access point, 0 to 255
   */
  public FrameBuilder llc(int dsap, int ssap, byte[] payload) {
    final byte[] bytes = new byte[LlcHeader.LENGTH];
    new LlcHeader()
        .wrap(ByteBuffer.wrap(bytes), 0, bytes.length)
        .dsap(Limits.check("dsap", dsap, 0xff))
        .ssap(Limits.check("ssap", ssap, 0xff))
        .control(LlcHeader.UNNUMBERED);
    return carryingLength().and(new RawLayer(bytes)).and(new RawLayer(payload.clone())).complete();
  }

  /** LLC and SNAP headers (RFC 1042) that carry an EtherType; the one before becomes a length. */
  public SnapBuilder snap() {
    return snap(0);
  }

  /**
   * LLC and SNAP headers of an organization's own protocols.
   *
   * @param oui 0 to 0xffffff; 0 makes the protocol an EtherType
   */
  public SnapBuilder snap(int oui) {
    return SnapBuilder.of(carryingLength(), oui);
  }

  /**
   * Any bytes, copied now.
   *
   * @param etherType what they are, 0 to 0xffff: see {@link EtherType}
   * @throws IllegalArgumentException if the EtherType is not in that range
   */
  public FrameBuilder payload(int etherType, byte[] payload) {
    Limits.check("etherType", etherType, 0xffff);
    return carrying(etherType).and(new RawLayer(payload.clone())).complete();
  }
}
