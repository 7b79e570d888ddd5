package io.framejet.emulate;

import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Icmp6Message;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv6Header;

/**
 * Answers ICMPv6 echo requests (RFC 4443, 4.2): the data comes back unchanged, with the traffic
 * class of the request and no flow label. Not those to a multicast address: one frame would have to
 * be answered by many hosts.
 */
final class Icmp6Answers {
  private final HostSet hosts;
  private final Ipv6Header header = new Ipv6Header();
  private final Icmp6Message reply = new Icmp6Message();

  Icmp6Answers(HostSet hosts) {
    this.hosts = hosts;
  }

  boolean answer(EthernetHeader ethernet, Ipv6Header asked, Icmp6Message icmp, Answer answer) {
    final long high = asked.destinationHigh();
    final long low = asked.destinationLow();
    final long mac = HostSet.mac6(low);
    if (ethernet.destination() != mac
        || !Ipv6Answers.isNode(asked.sourceHigh(), asked.sourceLow())
        || (asked.sourceHigh() == high && asked.sourceLow() == low)
        || !hosts.isUp(high, low)) {
      return false;
    }
    final int length = icmp.length();
    answer.begin(
        AnswerKind.ECHO6, ethernet.source(), mac, EtherType.IPV6, Ipv6Header.LENGTH + length);
    header
        .wrap(answer.buffer(), Answer.PAYLOAD, Ipv6Header.LENGTH + length)
        .defaults()
        .trafficClass(asked.trafficClass())
        .payloadLength(length)
        .nextHeader(IpProtocol.ICMPV6)
        .source(high, low)
        .destination(asked.sourceHigh(), asked.sourceLow());
    final int at = header.payloadOffset();
    answer.buffer().put(at, icmp.buffer(), icmp.offset(), length);
    reply
        .wrap(answer.buffer(), at, length)
        .type(Icmp6Message.ECHO_REPLY)
        .fillChecksum(header.pseudoSum(IpProtocol.ICMPV6, length));
    return true;
  }
}
