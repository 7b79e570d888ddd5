package io.framejet.probe;

import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv4Builder;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.Recognition;
import io.framejet.frame.SipHash;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What probes over IPv4 share: finding the answer in a packet, and the probe in the quote of an
 * ICMP error (RFC 792), both by a cookie; and the filter that lets these through.
 *
 * <p>Who answers is who was asked: the cookie is made of the address that the answer comes from, or
 * that the quoted probe went to.
 */
abstract class Ipv4Probe implements Probe {
  /** Of a quote that is not of our probe. */
  static final int NOT_OURS = -1;

  /** Bytes behind the IPv4 header that every ICMP error quotes. */
  static final int QUOTED_LENGTH = 8;

  private static final int FRAGMENT_BITS = 0x3fff;
  private static final int VERSION_BITS = 0xf0;
  private static final int VERSION_4 = 0x40;

  private final LinkType linkType;
  private final MacAddress sourceMac;
  private final int sourceIp;
  private final int protocol;
  private final SipHash key;
  private final int ip;

  Ipv4Probe(LinkType linkType, MacAddress sourceMac, int sourceIp, int protocol, SipHash key) {
    if (linkType == LinkType.ETHERNET && !sourceMac.isUnicast()) {
      throw new IllegalArgumentException("sourceMac=" + sourceMac + " is not one station's");
    }
    this.linkType = linkType;
    this.sourceMac = sourceMac;
    this.sourceIp = sourceIp;
    this.protocol = protocol;
    this.key = key;
    this.ip = linkType == LinkType.ETHERNET ? EthernetHeader.LENGTH : 0;
  }

  /** A packet to nobody yet, that must not be fragmented. */
  final Ipv4Builder packet() {
    final Ipv4Builder packet =
        linkType == LinkType.ETHERNET
            ? Frame.ethernet(sourceMac, MacAddress.ZERO).ipv4(sourceIp, 0)
            : Frame.ipv4(sourceIp, 0);
    return packet.dontFragment();
  }

  /** A template of that packet whose MAC, if any, and destination vary. */
  final FrameTemplate.Builder varying(Frame frame) {
    final FrameTemplate.Builder template = FrameTemplate.of(frame).cookieKey(key);
    if (linkType == LinkType.ETHERNET) {
      template.vary(EthernetHeader.DESTINATION, MacAddress.LENGTH, Source.MAC);
    }
    return template.vary(ip + Ipv4Header.DESTINATION, Ipv4.LENGTH, Source.TARGET);
  }

  /** Where the IPv4 header begins in a frame. */
  final int ipOffset() {
    return ip;
  }

  /** Where what the IPv4 header carries begins in a frame of ours. */
  final int payloadOffset() {
    return ip + Ipv4Header.MIN_LENGTH;
  }

  /** The cookie of a target. */
  final long cookie(int address, int port) {
    return key.cookie(0, address & 0xffff_ffffL, port);
  }

  /**
   * Judges a packet of the probe's own protocol that is addressed to us and whole.
   *
   * @param answer of which all lengths are right
   * @param mac that the frame came from
   */
  abstract Verdict answer(Ipv4Header answer, long mac, Reply reply);

  /**
   * Whether the quoted packet is a probe of ours, by its cookie.
   *
   * @param quoted its header, sent by us with the probe's protocol; of its lengths the header's is
   *     right
   * @param at where the {@link #QUOTED_LENGTH} bytes behind it begin
   * @return the port that was asked, 0 if there are none; or {@link #NOT_OURS}
   */
  abstract int quotedPort(ByteBuffer buffer, int at, Ipv4Header quoted);

  /**
   * What an ICMP error says of the target.
   *
   * @param type {@link Icmp4Message#UNREACHABLE} or {@link Icmp4Message#TIME_EXCEEDED}
   * @param byTarget whether the target itself says so
   */
  abstract ReplyState errorState(int type, int code, boolean byTarget);

  /** Null without an Ethernet header: no program sees such frames. */
  @Override
  public final @Nullable Recognition recognition() {
    if (linkType != LinkType.ETHERNET) {
      return null;
    }
    final Recognition.Kind kind =
        switch (protocol) {
          case IpProtocol.ICMP -> Recognition.Kind.ICMP;
          case IpProtocol.TCP -> Recognition.Kind.TCP;
          default -> Recognition.Kind.UDP;
        };
    return new Recognition(kind, sourceMac.toLong(), 0, sourceIp & 0xffff_ffffL, key);
  }

  @Override
  public final Verdict read(ByteBuffer buffer, int offset, int length, Reply reply) {
    final EthernetHeader ethernet = reply.ethernet.wrap(buffer, offset, length);
    long mac = 0;
    if (linkType == LinkType.ETHERNET) {
      if (!ethernet.isValid()) {
        return Verdict.MALFORMED;
      }
      if (ethernet.etherType() != EtherType.IPV4) {
        return Verdict.OTHER;
      }
      mac = ethernet.source();
    }
    final Ipv4Header packet = reply.ipv4.wrap(buffer, offset + ip, length - ip);
    if (linkType == LinkType.IP && length > 0 && packet.version() != 4) {
      return Verdict.OTHER;
    }
    if (!packet.isValid()) {
      return Verdict.MALFORMED;
    }
    if (packet.destination() != sourceIp || packet.isFragment()) {
      return Verdict.OTHER;
    }
    if (packet.protocol() == IpProtocol.ICMP) {
      return icmp(packet, mac, reply);
    }
    return packet.protocol() == protocol ? answer(packet, mac, reply) : Verdict.OTHER;
  }

  private Verdict icmp(Ipv4Header packet, long mac, Reply reply) {
    final Icmp4Message message =
        reply.icmp4.wrap(packet.buffer(), packet.payloadOffset(), packet.payloadLength());
    if (message.length() < Icmp4Message.LENGTH) {
      return Verdict.MALFORMED;
    }
    final int type = message.type();
    if (type == Icmp4Message.UNREACHABLE || type == Icmp4Message.TIME_EXCEEDED) {
      return error(packet, message, mac, reply);
    }
    return protocol == IpProtocol.ICMP ? answer(packet, mac, reply) : Verdict.OTHER;
  }

  private Verdict error(Ipv4Header packet, Icmp4Message message, long mac, Reply reply) {
    final int left = message.bodyLength();
    final Ipv4Header quoted = reply.quoted4.wrap(message.buffer(), message.bodyOffset(), left);
    // Not isValid(): the end of what is quoted is missing as a rule.
    if (left < Ipv4Header.MIN_LENGTH
        || quoted.version() != 4
        || quoted.headerLength() < Ipv4Header.MIN_LENGTH
        || quoted.headerLength() + QUOTED_LENGTH > left) {
      return Verdict.MALFORMED;
    }
    if (quoted.source() != sourceIp
        || quoted.protocol() != protocol
        || quoted.fragmentOffset() != 0) {
      return Verdict.OTHER;
    }
    final int port = quotedPort(message.buffer(), quoted.payloadOffset(), quoted);
    if (port == NOT_OURS) {
      return Verdict.REFUSED;
    }
    if (!message.isChecksumValid()) {
      return Verdict.MALFORMED;
    }
    final int target = quoted.destination();
    final int from = packet.source();
    reply
        .set(target, mac, mac)
        .state(errorState(message.type(), message.code(), from == target), port)
        .from(0, from & 0xffff_ffffL, packet.ttl());
    return Verdict.REPLY;
  }

  /**
   * Begins a filter: refuses all but untagged, whole IPv4 packets to us; then A is the protocol and
   * X the IPv4 header's length.
   */
  final FilterProgram filterPackets() {
    final FilterProgram program = new FilterProgram();
    if (linkType == LinkType.ETHERNET) {
      program.then(Bpf.LOAD_BYTE, Bpf.VLAN_TAG_PRESENT).require(0);
      program.then(Bpf.LOAD_HALF, EthernetHeader.ETHER_TYPE).require(EtherType.IPV4);
    } else {
      program.then(Bpf.LOAD_BYTE, 0).then(Bpf.AND, VERSION_BITS).require(VERSION_4);
    }
    return program
        .then(Bpf.LOAD_WORD, ip + Ipv4Header.DESTINATION)
        .require(sourceIp)
        .then(Bpf.LOAD_HALF, ip + Ipv4Header.FRAGMENT)
        .jump(Bpf.JUMP_IF_BITS, FRAGMENT_BITS, FilterProgram.REFUSE, FilterProgram.NEXT)
        .then(Bpf.LOAD_X_HEADER_LENGTH, ip)
        .then(Bpf.LOAD_BYTE, ip + Ipv4Header.PROTOCOL);
  }

  /** Ends a filter: A is the type of an ICMP message; accepts errors that quote our protocol. */
  final long[] filterErrors(FilterProgram program) {
    final int quoted = ip + Icmp4Message.BODY;
    return program
        .jump(Bpf.JUMP_IF_EQUAL, Icmp4Message.UNREACHABLE, "quote", FilterProgram.NEXT)
        .require(Icmp4Message.TIME_EXCEEDED)
        .at("quote")
        .then(Bpf.LOAD_BYTE_AT_X, quoted + Ipv4Header.PROTOCOL)
        .require(protocol)
        .then(Bpf.LOAD_WORD_AT_X, quoted + Ipv4Header.SOURCE)
        .require(sourceIp)
        .build();
  }
}
