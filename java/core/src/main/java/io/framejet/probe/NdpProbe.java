package io.framejet.probe;

import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.frame.Icmp6Message;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.Ipv6Header;
import io.framejet.frame.MacAddress;
import io.framejet.frame.NdpMessage;
import io.framejet.frame.Options;
import io.framejet.frame.Recognition;

/**
 * Asks the neighbors of an IPv6 link who has an address (RFC 4861): a solicitation to the address's
 * solicited-node group.
 *
 * <p>Like ARP it echoes nothing of the question. Which addresses were asked is the caller's to
 * compare. That an answer has not been routed its hop limit of 255 says.
 */
public final class NdpProbe extends Icmp6Probe {
  private static final int IP = EthernetHeader.LENGTH;
  private static final int NDP = IP + Ipv6Header.LENGTH;
  private static final int HOP_LIMIT = 255;

  /** The low bytes of an address that are part of its group, and of the group's MAC. */
  private static final int GROUP_BYTES = 3;

  private final FrameTemplate template;

  /**
   * A probe that asks, and is answered, at these addresses.
   *
   * @param sourceMac of the link that probes are sent from
   * @param sourceIp an IPv6 address of that link: link-local, or of the targets' prefix
   * @throws IllegalArgumentException if the MAC is not that of one station, or the address not that
   *     of one node
   */
  public NdpProbe(MacAddress sourceMac, Ipv6Address sourceIp) {
    super(sourceMac, sourceIp, NdpMessage.NEIGHBOR_ADVERTISEMENT);
    final Ipv6Address group = Ipv6Address.ANY.solicitedNode();
    final Frame solicitation =
        Frame.ethernet(sourceMac, group.multicastMac())
            .ipv6(sourceIp, group)
            .neighborSolicitation(Ipv6Address.ANY)
            .sourceLinkAddress(sourceMac)
            .build();
    final int endOfMac = EthernetHeader.DESTINATION + MacAddress.LENGTH;
    final int endOfGroup = IP + Ipv6Header.DESTINATION + Ipv6Address.LENGTH;
    this.template =
        FrameTemplate.of(solicitation)
            .vary(endOfMac - GROUP_BYTES, GROUP_BYTES, Source.TARGET)
            .vary(endOfGroup - GROUP_BYTES, GROUP_BYTES, Source.TARGET)
            .vary(NDP + NdpMessage.TARGET, Ipv6Address.LENGTH, Source.TARGET)
            .checksums()
            .build();
  }

  @Override
  public String name() {
    return "ndp";
  }

  /** The frame that asks a target; it goes to a group, whatever MAC it is applied to. */
  @Override
  public FrameTemplate template() {
    return template;
  }

  @Override
  public Recognition recognition() {
    final Ipv6Address address = sourceIp();
    return new Recognition(
        Recognition.Kind.NDP, sourceMac().toLong(), address.high(), address.low(), null);
  }

  /**
   * A reply is a solicited neighbor advertisement to us that keeps the rules of RFC 4861, section
   * 7.1.2. The MAC is that of its target link-layer address option, or else the one that it came
   * from.
   */
  @Override
  Verdict answer(Ipv6Header packet, Icmp6Message message, long mac, Reply reply) {
    final NdpMessage advertisement = reply.ndp.wrap(message);
    if (packet.hopLimit() != HOP_LIMIT || message.code() != 0 || !advertisement.isValid()) {
      return Verdict.MALFORMED;
    }
    final long high = advertisement.targetHigh();
    final Options options = reply.options.wrap(advertisement);
    long given = mac;
    while (options.next()) {
      if (options.type() == Options.TARGET_LINK_ADDRESS) {
        given = MacAddress.read(message.buffer(), options.dataOffset());
      }
    }
    if (options.problem() != null
        || Ipv6Address.isMulticast(high)
        || !MacAddress.isUnicast(given)) {
      return Verdict.MALFORMED;
    }
    if (!advertisement.isSolicited()) {
      return Verdict.OTHER;
    }
    reply
        .set(high, advertisement.targetLow(), given, mac)
        .from(packet.sourceHigh(), packet.sourceLow(), packet.hopLimit())
        .router(advertisement.isRouter());
    return Verdict.REPLY;
  }
}
