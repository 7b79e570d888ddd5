package io.framejet.emulate;

import io.framejet.frame.Icmp4Message;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.UdpHeader;

/**
 * Answers UDP datagrams: nobody listens on any port (RFC 1122, 4.1.3.1), which an ICMP port
 * unreachable tells that quotes the IPv4 header and 8 bytes behind it (RFC 792). Unlike a real
 * host, a made-up one sets itself no limit on how many it sends.
 */
final class UdpAnswers {
  /** Precedence 6, internetwork control, as Linux sends its ICMP errors (RFC 1812, 4.3.2.5). */
  private static final int TOS = 0xc0;

  private static final int QUOTED = Ipv4Header.MIN_LENGTH + UdpHeader.LENGTH;
  private static final int LENGTH = Icmp4Message.LENGTH + QUOTED;

  private final Ports ports;
  private final UdpHeader datagram = new UdpHeader();
  private final Ipv4Header header = new Ipv4Header();
  private final Icmp4Message reply = new Icmp4Message();

  UdpAnswers(Ports ports) {
    this.ports = ports;
  }

  boolean answer(Ipv4Header asked, long to, Answer answer) {
    final UdpHeader udp =
        datagram.wrap(asked.buffer(), asked.payloadOffset(), asked.payloadLength());
    if (!ports.portUnreachable() || !udp.isValid() || !isChecksumRight(asked, udp)) {
      return false;
    }
    Ipv4Answers.begin(AnswerKind.UNREACHABLE, asked, to, TOS, header, LENGTH, answer);
    header.protocol(IpProtocol.ICMP).fillChecksum();
    reply
        .wrap(answer.buffer(), header.payloadOffset(), LENGTH)
        .type(Icmp4Message.UNREACHABLE)
        .code(Icmp4Message.PORT_UNREACHABLE)
        .rest(0);
    answer.buffer().put(reply.bodyOffset(), asked.buffer(), asked.offset(), QUOTED);
    reply.fillChecksum();
    return true;
  }

  private static boolean isChecksumRight(Ipv4Header asked, UdpHeader udp) {
    final int checksum = udp.checksum();
    return checksum == 0 || Transport.isChecksumRight(asked, udp.datagramLength(), checksum);
  }
}
