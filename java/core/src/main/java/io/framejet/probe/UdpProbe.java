package io.framejet.probe;

import io.framejet.frame.FrameTemplate;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.frame.UdpHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Asks a UDP port (RFC 768) by a payload that the service of that port answers; see {@link
 * UdpPayload}.
 *
 * <p>The source port is chosen by 14 bits of the cookie of address and port, the IPv4
 * identification is 15 others, and the payload has some of it where its protocol has room. Whatever
 * comes back from that address and port to that source port is an answer: few services echo more.
 * An ICMP error quotes the identification too.
 *
 * <p>A port that does not answer is open or filtered: nobody can tell.
 */
public final class UdpProbe extends Ipv4Probe {
  // Never 0: a raw socket would put another number in its place (raw(7)).
  private static final int IDENTIFICATION_SHIFT = SourcePort.NEXT_SHIFT;
  private static final int IDENTIFICATION_MASK = 0x7fff;
  private static final int FIRST_IDENTIFICATION = 0x8000;
  private static final String ERRORS = "errors";

  private final FrameTemplate template;

  // The ports with a payload of their own, ascending, and their templates.
  private final int[] ports;
  private final FrameTemplate[] templates;
  private final long[] filter;

  /**
   * A probe that asks from, and is answered at, these addresses.
   *
   * @param linkType whether frames begin with an Ethernet header
   * @param sourceMac of the link that probes are sent from; of no use without an Ethernet header
   * @param sourceIp an IPv4 address of that link
   * @param key of the cookies: a new one for each sweep, {@link SipHash#random()}
   * @throws IllegalArgumentException if the MAC is not that of one station where one is needed
   */
  public UdpProbe(LinkType linkType, MacAddress sourceMac, int sourceIp, SipHash key) {
    super(linkType, sourceMac, sourceIp, IpProtocol.UDP, key);
    this.template = template(UdpPayload.ANY);
    this.ports = UdpPayload.ports();
    this.templates = new FrameTemplate[ports.length];
    for (int i = 0; i < ports.length; i++) {
      templates[i] = template(UdpPayload.of(ports[i]));
    }
    this.filter = makeFilter();
  }

  private FrameTemplate template(UdpPayload payload) {
    final int udp = payloadOffset();
    final FrameTemplate.Builder builder =
        varying(packet().udp(SourcePort.FIRST, 0).payload(payload.bytes()).build())
            .varyByCookie(
                ipOffset() + Ipv4Header.IDENTIFICATION,
                Short.BYTES,
                IDENTIFICATION_SHIFT,
                IDENTIFICATION_MASK,
                FIRST_IDENTIFICATION)
            .varyByCookie(
                udp + UdpHeader.SOURCE_PORT,
                Short.BYTES,
                SourcePort.SHIFT,
                SourcePort.MASK,
                SourcePort.FIRST)
            .vary(udp + UdpHeader.DESTINATION_PORT, Short.BYTES, Source.PORT);
    return builder
        .varyByCookie(udp + UdpHeader.LENGTH + payload.cookieOffset(), payload.cookieWidth(), 0)
        .checksums()
        .build();
  }

  private long[] makeFilter() {
    final FilterProgram program =
        filterPackets()
            .jump(Bpf.JUMP_IF_EQUAL, IpProtocol.ICMP, ERRORS, FilterProgram.NEXT)
            .require(IpProtocol.UDP);
    SourcePort.require(program, ipOffset() + UdpHeader.DESTINATION_PORT)
        .then(Bpf.RETURN, Bpf.WHOLE_FRAME);
    return filterErrors(
        program.at(ERRORS).then(Bpf.LOAD_BYTE_AT_X, ipOffset() + Icmp4Message.TYPE));
  }

  @Override
  public String name() {
    return "udp";
  }

  @Override
  public FrameTemplate template() {
    return template;
  }

  @Override
  public FrameTemplate template(int port) {
    final int at = Arrays.binarySearch(ports, port);
    return at < 0 ? template : templates[at];
  }

  /**
   * Accepts UDP to a port that probes are sent from, and ICMP errors that quote a UDP datagram of
   * ours.
   */
  @Override
  public long[] filter() {
    return filter.clone();
  }

  @Override
  Verdict answer(Ipv4Header answer, long mac, Reply reply) {
    // The checksum may be unfinished: see ReceivedFrame.checksumReady().
    final UdpHeader udp =
        reply.udp.wrap(answer.buffer(), answer.payloadOffset(), answer.payloadLength());
    if (!udp.isValid()) {
      return Verdict.MALFORMED;
    }
    final int to = udp.destinationPort();
    if (!SourcePort.isOne(to)) {
      return Verdict.OTHER;
    }
    final int from = answer.source();
    final int port = udp.sourcePort();
    if (to != SourcePort.of(cookie(from, port))) {
      return Verdict.REFUSED;
    }
    reply
        .set(from, mac, mac)
        .state(ReplyState.OPEN, port)
        .from(0, from & 0xffff_ffffL, answer.ttl());
    return Verdict.REPLY;
  }

  @Override
  int quotedPort(ByteBuffer buffer, int at, Ipv4Header quoted) {
    final int port = Fields.getShort(buffer, at + UdpHeader.DESTINATION_PORT);
    final long cookie = cookie(quoted.destination(), port);
    final boolean ours =
        Fields.getShort(buffer, at + UdpHeader.SOURCE_PORT) == SourcePort.of(cookie)
            && quoted.identification() == identification(cookie);
    return ours ? port : NOT_OURS;
  }

  private static int identification(long cookie) {
    return FIRST_IDENTIFICATION + ((int) (cookie >>> IDENTIFICATION_SHIFT) & IDENTIFICATION_MASK);
  }

  /** That nobody listens only the target itself can know. */
  @Override
  ReplyState errorState(int type, int code, boolean byTarget) {
    if (type != Icmp4Message.UNREACHABLE) {
      return ReplyState.UNREACHABLE;
    }
    return byTarget && code == Icmp4Message.PORT_UNREACHABLE
        ? ReplyState.CLOSED
        : ReplyState.FILTERED;
  }
}
