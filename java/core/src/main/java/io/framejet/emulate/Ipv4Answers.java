package io.framejet.emulate;

import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv4Header;

/**
 * Answers IPv4 packets that are sent to a host's own MAC. Ignored are fragments, for nothing is
 * kept between packets; packets with options, as many hosts do (RFC 7126); and those whose source
 * is no other host.
 */
final class Ipv4Answers {
  private static final int LOOPBACK = 127;
  private static final int MULTICAST = 224;

  private final HostSet hosts;
  private final IcmpAnswers icmp;
  private final TcpAnswers tcp;
  private final UdpAnswers udp;
  private final Ipv4Header packet = new Ipv4Header();

  Ipv4Answers(HostSet hosts, Ports ports, int mtu) {
    this.hosts = hosts;
    this.icmp = new IcmpAnswers();
    this.tcp = new TcpAnswers(hosts.key(), ports, mtu);
    this.udp = new UdpAnswers(ports);
  }

  boolean answer(EthernetHeader ethernet, Answer answer) {
    final Ipv4Header asked =
        packet.wrap(ethernet.buffer(), ethernet.payloadOffset(), ethernet.payloadLength());
    if (!asked.isValid()
        || asked.headerLength() != Ipv4Header.MIN_LENGTH
        || asked.isFragment()
        || !asked.isChecksumValid()) {
      return false;
    }
    final int host = asked.destination();
    final int asker = asked.source();
    if (ethernet.destination() != HostSet.mac(host)
        || asker == host
        || !isHost(asker)
        || !hosts.isUp(host)) {
      return false;
    }
    final long to = ethernet.source();
    return switch (asked.protocol()) {
      case IpProtocol.ICMP -> icmp.answer(asked, to, answer);
      case IpProtocol.TCP -> tcp.answer(asked, to, answer);
      case IpProtocol.UDP -> udp.answer(asked, to, answer);
      default -> false;
    };
  }

  /**
   * Begins the answer to a packet: Ethernet and IPv4 header, from the host that was asked to who
   * asked, TTL 64, not to be fragmented, and so with no identification (RFC 6864).
   */
  static void begin(
      AnswerKind kind,
      Ipv4Header asked,
      long to,
      int tos,
      Ipv4Header header,
      int length,
      Answer answer) {
    final int host = asked.destination();
    final int total = Ipv4Header.MIN_LENGTH + length;
    answer.begin(kind, to, HostSet.mac(host), EtherType.IPV4, total);
    header
        .wrap(answer.buffer(), Answer.PAYLOAD, total)
        .defaults()
        .typeOfService(tos)
        .totalLength(total)
        .dontFragment(true)
        .protocol(asked.protocol())
        .source(host)
        .destination(asked.source());
  }

  /** Whether an address can be one host's, and is not this host's own. */
  static boolean isHost(int address) {
    final int first = address >>> 24;
    return first != 0 && first != LOOPBACK && first < MULTICAST;
  }
}
