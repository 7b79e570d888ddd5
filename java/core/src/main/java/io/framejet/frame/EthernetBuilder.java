package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A frame with its Ethernet header, waiting for what it carries. From {@link Frame#ethernet}.
 * Immutable, and so thread-safe.
 */
public final class EthernetBuilder {
  private final MacAddress source;
  private final MacAddress destination;

  EthernetBuilder(MacAddress source, MacAddress destination) {
    this.source = source;
    this.destination = destination;
  }

  /**
   * Who has {@code targetIp}? Tell {@code senderIp} at {@code senderMac} (RFC 826). The target's
   * MAC is not known yet and is all zeros. A sender address of 0 makes it a probe of RFC 5227.
   */
  public FrameBuilder arpRequest(MacAddress senderMac, int senderIp, int targetIp) {
    final Layer arp = new Arp(ArpOperation.REQUEST, senderMac, senderIp, MacAddress.ZERO, targetIp);
    return carrying(EtherType.ARP, arp);
  }

  /** {@code senderIp} is at {@code senderMac}: the answer to who asked from target (RFC 826). */
  public FrameBuilder arpReply(
      MacAddress senderMac, int senderIp, MacAddress targetMac, int targetIp) {
    final Layer arp = new Arp(ArpOperation.REPLY, senderMac, senderIp, targetMac, targetIp);
    return carrying(EtherType.ARP, arp);
  }

  /**
   * Which IPv4 address has {@code targetMac}? Tell {@code senderMac} (RFC 903; a station that asks
   * about itself gives its own MAC twice). Both IPv4 addresses are 0.
   */
  public FrameBuilder rarpRequest(MacAddress senderMac, MacAddress targetMac) {
    return carrying(EtherType.RARP, new Arp(ArpOperation.RARP_REQUEST, senderMac, 0, targetMac, 0));
  }

  /** {@code targetMac} has {@code targetIp}, says the server {@code sender} (RFC 903). */
  public FrameBuilder rarpReply(
      MacAddress senderMac, int senderIp, MacAddress targetMac, int targetIp) {
    final Layer arp = new Arp(ArpOperation.RARP_REPLY, senderMac, senderIp, targetMac, targetIp);
    return carrying(EtherType.RARP, arp);
  }

  /**
   * Any bytes, copied now.
   *
   * @param etherType what they are, 0 to 0xffff: see {@link EtherType}
   * @throws IllegalArgumentException if the EtherType is not in that range
   */
  public FrameBuilder payload(int etherType, byte[] payload) {
    if (etherType < 0 || etherType > 0xffff) {
      throw new IllegalArgumentException("etherType=" + etherType);
    }
    return carrying(etherType, new Raw(payload.clone()));
  }

  private FrameBuilder carrying(int etherType, Layer payload) {
    return new FrameBuilder(List.of(new Ethernet(source, destination, etherType), payload));
  }

  private record Ethernet(MacAddress source, MacAddress destination, int etherType)
      implements Layer {
    @Override
    public int length() {
      return EthernetHeader.LENGTH;
    }

    @Override
    public void write(ByteBuffer buffer, int offset, int total) {
      new EthernetHeader()
          .wrap(buffer, offset, total)
          .destination(destination.toLong())
          .source(source.toLong())
          .etherType(etherType);
    }
  }

  private record Arp(
      int operation, MacAddress senderMac, int senderIp, MacAddress targetMac, int targetIp)
      implements Layer {
    @Override
    public int length() {
      return ArpPacket.LENGTH;
    }

    @Override
    public void write(ByteBuffer buffer, int offset, int total) {
      new ArpPacket()
          .wrap(buffer, offset, total)
          .ethernetIpv4()
          .operation(operation)
          .senderMac(senderMac.toLong())
          .senderIp(senderIp)
          .targetMac(targetMac.toLong())
          .targetIp(targetIp);
    }
  }

  // A class, since a record would offer its array to be compared by identity.
  private static final class Raw implements Layer {
    private final byte[] payload;

    Raw(byte[] payload) {
      this.payload = payload;
    }

    @Override
    public int length() {
      return payload.length;
    }

    @Override
    public void write(ByteBuffer buffer, int offset, int total) {
      buffer.put(offset, payload);
    }
  }
}
