package io.framejet.frame;

/**
 * A frame as far as an IP header, waiting for what it carries. Immutable, and so thread-safe; every
 * method gives another builder.
 */
public abstract sealed class IpBuilder permits Ipv4Builder, Ipv6Builder {
  IpBuilder() {}

  /** The layers so far, with what follows set unless the caller has set it. */
  abstract Stack carrying(int protocol);

  /** The pseudo-header's sum for a segment of a protocol, its length not yet added. */
  abstract long pseudoSum(int protocol);

  /** Which ICMP belongs to the IP version. */
  abstract int icmpProtocol();

  /** The type of an echo request. */
  abstract int echoRequestType();

  /** The type of an echo reply. */
  abstract int echoReplyType();

  /** The type of an unreachable message. */
  abstract int unreachableType();

  /** The type of a time exceeded message. */
  abstract int timeExceededType();

  /**
   * A UDP datagram; length and checksum are filled in.
   *
   * @throws IllegalArgumentException if a port is not 0 to 65,535
   */
  public UdpBuilder udp(int sourcePort, int destinationPort) {
    return UdpBuilder.of(
        carrying(IpProtocol.UDP), pseudoSum(IpProtocol.UDP), sourcePort, destinationPort);
  }

  /**
   * A TCP segment; data offset and checksum are filled in.
   *
   * @throws IllegalArgumentException if a port is not 0 to 65,535
   */
  public TcpBuilder tcp(int sourcePort, int destinationPort) {
    return TcpBuilder.of(
        carrying(IpProtocol.TCP), pseudoSum(IpProtocol.TCP), sourcePort, destinationPort);
  }

  /**
   * An ICMP message, ICMPv6 in IPv6; the checksum is filled in.
   *
   * @param type 0 to 255, see {@link Icmp4Message} and {@link Icmp6Message}
   * @param code 0 to 255
   * @param rest the four bytes behind the checksum
   * @throws IllegalArgumentException if type or code is not in that range
   */
  public IcmpBuilder icmp(int type, int code, int rest) {
    final long pseudoSum =
        icmpProtocol() == IpProtocol.ICMPV6 ? pseudoSum(IpProtocol.ICMPV6) : IcmpBuilder.NO_PSEUDO;
    return IcmpBuilder.of(carrying(icmpProtocol()), pseudoSum, type, code, rest);
  }

  /**
   * An ICMP echo request; its data is the payload.
   *
   * @param identifier 0 to 0xffff
   * @param sequence 0 to 0xffff
   * @throws IllegalArgumentException if one is not in that range
   */
  public IcmpBuilder echoRequest(int identifier, int sequence) {
    return icmp(echoRequestType(), 0, halves(identifier, sequence));
  }

  /**
   * An ICMP echo reply; its data is the payload.
   *
   * @param identifier 0 to 0xffff
   * @param sequence 0 to 0xffff
   * @throws IllegalArgumentException if one is not in that range
   */
  public IcmpBuilder echoReply(int identifier, int sequence) {
    return icmp(echoReplyType(), 0, halves(identifier, sequence));
  }

  /**
   * An ICMP unreachable message. Its payload is the packet that caused it, from the IP header on.
   *
   * @param code 0 to 255, such as {@link Icmp4Message#PORT_UNREACHABLE} or {@link
   *     Icmp6Message#PORT_UNREACHABLE}
   */
  public IcmpBuilder unreachable(int code) {
    return icmp(unreachableType(), code, 0);
  }

  /**
   * An ICMP time exceeded message. Its payload is the packet that caused it, from the IP header on.
   *
   * @param code 0 for in transit, 1 for in reassembly
   */
  public IcmpBuilder timeExceeded(int code) {
    return icmp(timeExceededType(), code, 0);
  }

  static int halves(int identifier, int sequence) {
    return Limits.check("identifier", identifier, 0xffff) << 16
        | Limits.check("sequence", sequence, 0xffff);
  }

  /**
   * Any bytes, copied now.
   *
   * @param protocol what they are, 0 to 255: see {@link IpProtocol}
   * @throws IllegalArgumentException if the protocol is not in that range
   */
  public FrameBuilder payload(int protocol, byte[] payload) {
    Limits.check("protocol", protocol, 0xff);
    return carrying(protocol).and(new RawLayer(payload.clone())).complete();
  }

  /** An IPv4 packet inside (RFC 2003; RFC 2473 in IPv6). */
  public Ipv4Builder ipv4(int source, int destination) {
    return Ipv4Builder.of(carrying(IpProtocol.IPV4), source, destination);
  }

  /** An IPv6 packet inside (RFC 4213; RFC 2473 in IPv6). */
  public Ipv6Builder ipv6(Ipv6Address source, Ipv6Address destination) {
    return Ipv6Builder.of(carrying(IpProtocol.IPV6), source, destination);
  }
}
