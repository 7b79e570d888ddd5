package io.framejet.probe;

import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Icmp6Message;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.Ipv6Header;
import io.framejet.frame.MacAddress;
import java.nio.ByteBuffer;

/**
 * What probes that are answered by ICMPv6 (RFC 4443) on the link share: finding the message in a
 * frame, and the filter that lets it through. Answers have no extension headers.
 */
abstract class Icmp6Probe implements Probe {
  private static final int IP = EthernetHeader.LENGTH;
  private static final int WORDS = Ipv6Address.LENGTH / Integer.BYTES;

  private final MacAddress sourceMac;
  private final Ipv6Address sourceIp;
  private final int answerType;
  private final long[] filter;

  Icmp6Probe(MacAddress sourceMac, Ipv6Address sourceIp, int answerType) {
    if (!sourceMac.isUnicast()) {
      throw new IllegalArgumentException("sourceMac=" + sourceMac + " is not one station's");
    }
    if (sourceIp.isMulticast() || sourceIp.equals(Ipv6Address.ANY)) {
      throw new IllegalArgumentException("sourceIp=" + sourceIp + " is not one node's");
    }
    this.sourceMac = sourceMac;
    this.sourceIp = sourceIp;
    this.answerType = answerType;
    this.filter = makeFilter();
  }

  private long[] makeFilter() {
    final FilterProgram program = new FilterProgram();
    program.then(Bpf.LOAD_BYTE, Bpf.VLAN_TAG_PRESENT).require(0);
    program.then(Bpf.LOAD_HALF, EthernetHeader.ETHER_TYPE).require(EtherType.IPV6);
    program.then(Bpf.LOAD_BYTE, IP + Ipv6Header.NEXT_HEADER).require(IpProtocol.ICMPV6);
    program.then(Bpf.LOAD_BYTE, IP + Ipv6Header.LENGTH + Icmp6Message.TYPE).require(answerType);
    final ByteBuffer address = ByteBuffer.allocate(Ipv6Address.LENGTH);
    Ipv6Address.write(address, 0, sourceIp.high(), sourceIp.low());
    for (int i = WORDS - 1; i >= 0; i--) {
      final int at = i * Integer.BYTES;
      program.then(Bpf.LOAD_WORD, IP + Ipv6Header.DESTINATION + at).require(address.getInt(at));
    }
    return program.build();
  }

  final MacAddress sourceMac() {
    return sourceMac;
  }

  final Ipv6Address sourceIp() {
    return sourceIp;
  }

  /** Accepts the ICMPv6 messages to us of the type that answers, right or wrong. */
  @Override
  public final long[] filter() {
    return filter.clone();
  }

  /**
   * Judges a message to us of the type that answers, its checksum right.
   *
   * @param packet that it came in
   * @param mac that the frame came from
   */
  abstract Verdict answer(Ipv6Header packet, Icmp6Message message, long mac, Reply reply);

  @Override
  public final Verdict read(ByteBuffer buffer, int offset, int length, Reply reply) {
    final EthernetHeader ethernet = reply.ethernet.wrap(buffer, offset, length);
    if (!ethernet.isValid()) {
      return Verdict.MALFORMED;
    }
    if (ethernet.etherType() != EtherType.IPV6) {
      return Verdict.OTHER;
    }
    final Ipv6Header packet = reply.ipv6.wrap(buffer, offset + IP, length - IP);
    if (!packet.isValid()) {
      return Verdict.MALFORMED;
    }
    if (packet.destinationHigh() != sourceIp.high()
        || packet.destinationLow() != sourceIp.low()
        || packet.nextHeader() != IpProtocol.ICMPV6) {
      return Verdict.OTHER;
    }
    final int bytes = packet.payloadLength();
    final Icmp6Message message = reply.icmp6.wrap(buffer, packet.payloadOffset(), bytes);
    if (!message.isValid()) {
      return Verdict.MALFORMED;
    }
    if (message.type() != answerType) {
      return Verdict.OTHER;
    }
    if (!message.isChecksumValid(packet.pseudoSum(IpProtocol.ICMPV6, bytes))
        || Ipv6Address.isMulticast(packet.sourceHigh())) {
      return Verdict.MALFORMED;
    }
    return answer(packet, message, ethernet.source(), reply);
  }
}
