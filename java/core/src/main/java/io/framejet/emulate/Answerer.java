package io.framejet.emulate;

import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.MacAddress;
import java.nio.ByteBuffer;

/**
 * Says what the made-up hosts answer to a frame, if anything. Of no link and no backend: the same
 * frames get the same answers from {@code native/bpf/emulator.bpf.c}, byte for byte.
 *
 * <p>A frame that lies about itself in any way gets no answer, and neither does one with a VLAN
 * tag: the hosts are on the link, not on a VLAN of it. Not thread-safe; allocates nothing.
 */
final class Answerer {
  private final ArpAnswers arp;
  private final Ipv4Answers ipv4;
  private final Ipv6Answers ipv6;
  private final EthernetHeader ethernet = new EthernetHeader();
  private final Answer answer = new Answer();

  /**
   * Hosts on a link.
   *
   * @param mtu of the link, in bytes
   */
  Answerer(HostSet hosts, Ports ports, int mtu) {
    this.arp = new ArpAnswers(hosts);
    this.ipv4 = new Ipv4Answers(hosts, ports, mtu);
    this.ipv6 = new Ipv6Answers(hosts);
  }

  /** Whether the {@code length} bytes from {@code offset} on get an {@link #answer()}. */
  boolean answers(ByteBuffer buffer, int offset, int length) {
    final EthernetHeader asked = ethernet.wrap(buffer, offset, length);
    if (!asked.isValid() || !MacAddress.isUnicast(asked.source())) {
      return false;
    }
    return switch (asked.etherType()) {
      case EtherType.ARP -> arp.answer(asked, answer);
      case EtherType.IPV4 -> ipv4.answer(asked, answer);
      case EtherType.IPV6 -> ipv6.answer(asked, answer);
      default -> false;
    };
  }

  /** The answer to the frame that was last asked about. */
  Answer answer() {
    return answer;
  }
}
