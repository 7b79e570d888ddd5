package io.framejet.probe;

import io.framejet.frame.ArpOperation;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.frame.Recognition;
import java.nio.ByteBuffer;

/**
 * Asks by broadcast who has an IPv4 address (RFC 826), and takes what the answer says in its own
 * sender fields.
 *
 * <p>ARP echoes nothing of the question. An answer that nobody asked for, or a forged one, cannot
 * be told from a true one by its bytes; which addresses were asked is the caller's to compare.
 */
public final class ArpProbe implements Probe {
  private static final long[] FILTER = {
    Bpf.statement(Bpf.LOAD_BYTE, Bpf.VLAN_TAG_PRESENT),
    Bpf.jump(Bpf.JUMP_IF_EQUAL, 0, 0, 3),
    Bpf.statement(Bpf.LOAD_HALF, EthernetHeader.ETHER_TYPE),
    Bpf.jump(Bpf.JUMP_IF_EQUAL, EtherType.ARP, 0, 1),
    Bpf.statement(Bpf.RETURN, Bpf.WHOLE_FRAME),
    Bpf.statement(Bpf.RETURN, 0),
  };

  private final long sourceMac;
  private final int sourceIp;
  private final FrameTemplate template;

  /**
   * A probe that asks, and is answered, at these addresses.
   *
   * @param sourceMac of the link that probes are sent from
   * @param sourceIp an IPv4 address of that link; or 0, which claims no address (RFC 5227)
   * @throws IllegalArgumentException if the MAC is not that of one station
   */
  public ArpProbe(MacAddress sourceMac, int sourceIp) {
    if (!sourceMac.isUnicast()) {
      throw new IllegalArgumentException("sourceMac=" + sourceMac + " is not one station's");
    }
    this.sourceMac = sourceMac.toLong();
    this.sourceIp = sourceIp;
    final Frame request =
        Frame.ethernet(sourceMac, MacAddress.BROADCAST).arpRequest(sourceMac, sourceIp, 0).build();
    this.template =
        FrameTemplate.of(request)
            .vary(EthernetHeader.LENGTH + ArpPacket.TARGET_IP, Ipv4.LENGTH, Source.TARGET)
            .build();
  }

  @Override
  public String name() {
    return "arp";
  }

  @Override
  public FrameTemplate template() {
    return template;
  }

  /** Accepts all ARP without a VLAN tag, too short packets as well. */
  @Override
  public long[] filter() {
    return FILTER.clone();
  }

  @Override
  public Recognition recognition() {
    return new Recognition(Recognition.Kind.ARP, sourceMac, 0, sourceIp & 0xffff_ffffL, null);
  }

  /**
   * Tells what a received frame is.
   *
   * <p>A reply is a whole ARP packet for Ethernet and IPv4 of operation 2 that names this probe's
   * own MAC and IPv4 address as its target, and a sender MAC that one station can have. The MAC
   * that the frame came from does not decide: see {@link Reply#ethernetSource()}.
   */
  @Override
  public Verdict read(ByteBuffer buffer, int offset, int length, Reply reply) {
    final EthernetHeader ethernet = reply.ethernet.wrap(buffer, offset, length);
    if (!ethernet.isValid()) {
      return Verdict.MALFORMED;
    }
    if (ethernet.etherType() != EtherType.ARP) {
      return Verdict.OTHER;
    }
    final ArpPacket arp = reply.arp.wrap(ethernet);
    if (arp.isTooShort()) {
      return Verdict.MALFORMED;
    }
    if (arp.hardwareType() != ArpPacket.ETHERNET || arp.protocolType() != EtherType.IPV4) {
      return Verdict.OTHER;
    }
    if (!arp.isValid()) {
      return Verdict.MALFORMED;
    }
    if (arp.operation() != ArpOperation.REPLY
        || arp.targetIp() != sourceIp
        || arp.targetMac() != sourceMac) {
      return Verdict.OTHER;
    }
    final long mac = arp.senderMac();
    if (!MacAddress.isUnicast(mac)) {
      return Verdict.MALFORMED;
    }
    reply.set(arp.senderIp(), mac, ethernet.source());
    return Verdict.REPLY;
  }
}
