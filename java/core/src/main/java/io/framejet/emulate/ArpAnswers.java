package io.framejet.emulate;

import io.framejet.frame.ArpOperation;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.MacAddress;

/**
 * Answers ARP requests (RFC 826), probes before an address is taken (RFC 5227) included. A request
 * is broadcast, or sent to the host itself. The answer goes to the sender that the request names.
 */
final class ArpAnswers {
  private final HostSet hosts;
  private final ArpPacket request = new ArpPacket();
  private final ArpPacket reply = new ArpPacket();

  ArpAnswers(HostSet hosts) {
    this.hosts = hosts;
  }

  boolean answer(EthernetHeader ethernet, Answer answer) {
    final ArpPacket asked = request.wrap(ethernet);
    if (!asked.isValid() || asked.operation() != ArpOperation.REQUEST) {
      return false;
    }
    final int host = asked.targetIp();
    final long mac = HostSet.mac(host);
    if (!isAsked(ethernet.destination(), mac) || !isAnswerable(asked, host) || !hosts.isUp(host)) {
      return false;
    }
    final long asker = asked.senderMac();
    answer.begin(AnswerKind.ARP, asker, mac, EtherType.ARP, ArpPacket.LENGTH);
    reply
        .wrap(answer.buffer(), Answer.PAYLOAD, ArpPacket.LENGTH)
        .ethernetIpv4()
        .operation(ArpOperation.REPLY)
        .senderMac(mac)
        .senderIp(host)
        .targetMac(asker)
        .targetIp(asked.senderIp());
    return true;
  }

  private static boolean isAsked(long destination, long mac) {
    return destination == MacAddress.BROADCAST.toLong() || destination == mac;
  }

  /** Whether the sender is a host, or is about to take an address, and not that of the target. */
  private static boolean isAnswerable(ArpPacket asked, int host) {
    final int sender = asked.senderIp();
    return MacAddress.isUnicast(asked.senderMac())
        && sender != host
        && (sender == 0 || Ipv4Answers.isHost(sender));
  }
}
