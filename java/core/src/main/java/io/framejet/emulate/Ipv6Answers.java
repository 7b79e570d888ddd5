package io.framejet.emulate;

import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Icmp6Message;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.Ipv6Header;
import io.framejet.frame.NdpMessage;

/**
 * Answers ICMPv6: neighbor solicitations, and echo requests that are sent to a host's own MAC. All
 * else is ignored, TCP and UDP over IPv6 and packets with extension headers among it.
 */
final class Ipv6Answers {
  private final NdpAnswers ndp;
  private final Icmp6Answers echo;
  private final Ipv6Header packet = new Ipv6Header();
  private final Icmp6Message message = new Icmp6Message();

  Ipv6Answers(HostSet hosts) {
    this.ndp = new NdpAnswers(hosts);
    this.echo = new Icmp6Answers(hosts);
  }

  boolean answer(EthernetHeader ethernet, Answer answer) {
    final Ipv6Header asked =
        packet.wrap(ethernet.buffer(), ethernet.payloadOffset(), ethernet.payloadLength());
    if (!asked.isValid() || asked.nextHeader() != IpProtocol.ICMPV6) {
      return false;
    }
    final int length = asked.payloadLength();
    final Icmp6Message icmp = message.wrap(asked.buffer(), asked.payloadOffset(), length);
    if (!icmp.isValid()
        || icmp.code() != 0
        || !icmp.isChecksumValid(asked.pseudoSum(IpProtocol.ICMPV6, length))) {
      return false;
    }
    return switch (icmp.type()) {
      case NdpMessage.NEIGHBOR_SOLICITATION -> ndp.answer(ethernet, asked, icmp, answer);
      case Icmp6Message.ECHO_REQUEST -> echo.answer(ethernet, asked, icmp, answer);
      default -> false;
    };
  }

  /** Whether an address can be one node's, and is not this node's own: {@code ::1}. */
  static boolean isNode(long high, long low) {
    return !Ipv6Address.isMulticast(high) && (high != 0 || (low != 0 && low != 1));
  }
}
