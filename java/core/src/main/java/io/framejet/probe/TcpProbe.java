package io.framejet.probe;

import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.frame.TcpHeader;
import java.nio.ByteBuffer;

/**
 * Asks a TCP port whether it takes connections (RFC 9293): a SYN with the options that an ordinary
 * stack sends.
 *
 * <p>The sequence number is the low 32 bits of the cookie of address and port, the source port is
 * chosen by 14 others. A SYN-ACK or RST that acknowledges that number to that port is an answer. An
 * ICMP error quotes both.
 *
 * <p>When a SYN-ACK comes in, the kernel of this host, which knows of no connection, answers it by
 * a RST, and so the target forgets it again.
 */
public final class TcpProbe extends Ipv4Probe {
  private static final int MAX_SEGMENT = 1460;
  private static final int WINDOW = 64_240;
  private static final int WINDOW_SCALE = 7;
  private static final int SYN_ACK = TcpHeader.SYN | TcpHeader.ACK;
  private static final String ERRORS = "errors";

  private final FrameTemplate template;
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
  public TcpProbe(LinkType linkType, MacAddress sourceMac, int sourceIp, SipHash key) {
    super(linkType, sourceMac, sourceIp, IpProtocol.TCP, key);
    final int tcp = payloadOffset();
    // The clock of timestamps begins anywhere (RFC 7323, section 5.4), and may stand still.
    final Frame syn =
        packet()
            .tcp(SourcePort.FIRST, 0)
            .syn()
            .window(WINDOW)
            .maxSegmentSize(MAX_SEGMENT)
            .sackPermitted()
            .timestamps(cookie(sourceIp, 0) >>> Integer.SIZE, 0)
            .noOperation()
            .windowScale(WINDOW_SCALE)
            .build();
    this.template =
        varying(syn)
            .varyByCookie(
                tcp + TcpHeader.SOURCE_PORT,
                Short.BYTES,
                SourcePort.SHIFT,
                SourcePort.MASK,
                SourcePort.FIRST)
            .vary(tcp + TcpHeader.DESTINATION_PORT, Short.BYTES, Source.PORT)
            .varyByCookie(tcp + TcpHeader.SEQUENCE, Integer.BYTES, 0)
            .checksums()
            .build();
    this.filter = makeFilter();
  }

  private long[] makeFilter() {
    final int tcp = ipOffset();
    final FilterProgram program =
        filterPackets()
            .jump(Bpf.JUMP_IF_EQUAL, IpProtocol.ICMP, ERRORS, FilterProgram.NEXT)
            .require(IpProtocol.TCP);
    SourcePort.require(program, tcp + TcpHeader.DESTINATION_PORT)
        .then(Bpf.LOAD_BYTE_AT_X, tcp + TcpHeader.FLAGS)
        .jump(Bpf.JUMP_IF_BITS, TcpHeader.RST, FilterProgram.ACCEPT, FilterProgram.NEXT)
        .then(Bpf.AND, SYN_ACK)
        .jump(Bpf.JUMP_IF_EQUAL, SYN_ACK, FilterProgram.ACCEPT, FilterProgram.REFUSE);
    return filterErrors(
        program.at(ERRORS).then(Bpf.LOAD_BYTE_AT_X, ipOffset() + Icmp4Message.TYPE));
  }

  @Override
  public String name() {
    return "tcp";
  }

  @Override
  public FrameTemplate template() {
    return template;
  }

  /**
   * Accepts SYN-ACK and RST to a port that probes are sent from, and ICMP errors that quote a TCP
   * segment of ours.
   */
  @Override
  public long[] filter() {
    return filter.clone();
  }

  @Override
  Verdict answer(Ipv4Header answer, long mac, Reply reply) {
    // The checksum may be unfinished: see ReceivedFrame.checksumReady().
    final TcpHeader tcp =
        reply.tcp.wrap(answer.buffer(), answer.payloadOffset(), answer.payloadLength());
    if (!tcp.isValid()) {
      return Verdict.MALFORMED;
    }
    final boolean reset = tcp.hasFlags(TcpHeader.RST);
    final int to = tcp.destinationPort();
    if (!(reset || tcp.hasFlags(SYN_ACK)) || !SourcePort.isOne(to)) {
      return Verdict.OTHER;
    }
    final int from = answer.source();
    final int port = tcp.sourcePort();
    final long cookie = cookie(from, port);
    if (to != SourcePort.of(cookie) || (int) tcp.acknowledgment() != (int) cookie + 1) {
      return Verdict.REFUSED;
    }
    reply
        .set(from, mac, mac)
        .state(reset ? ReplyState.CLOSED : ReplyState.OPEN, port)
        .from(0, from & 0xffff_ffffL, answer.ttl());
    return Verdict.REPLY;
  }

  @Override
  int quotedPort(ByteBuffer buffer, int at, Ipv4Header quoted) {
    final int port = Fields.getShort(buffer, at + TcpHeader.DESTINATION_PORT);
    final long cookie = cookie(quoted.destination(), port);
    final boolean ours =
        Fields.getShort(buffer, at + TcpHeader.SOURCE_PORT) == SourcePort.of(cookie)
            && Fields.getInt(buffer, at + TcpHeader.SEQUENCE) == (int) cookie;
    return ours ? port : NOT_OURS;
  }

  /** The codes by which filters, or hosts for them, refuse a port; as nmap takes them. */
  @Override
  ReplyState errorState(int type, int code, boolean byTarget) {
    if (type != Icmp4Message.UNREACHABLE) {
      return ReplyState.UNREACHABLE;
    }
    return switch (code) {
      case Icmp4Message.HOST_UNREACHABLE,
          Icmp4Message.PROTOCOL_UNREACHABLE,
          Icmp4Message.PORT_UNREACHABLE,
          Icmp4Message.NETWORK_PROHIBITED,
          Icmp4Message.HOST_PROHIBITED,
          Icmp4Message.ADMINISTRATIVELY_PROHIBITED ->
          ReplyState.FILTERED;
      default -> ReplyState.UNREACHABLE;
    };
  }
}
