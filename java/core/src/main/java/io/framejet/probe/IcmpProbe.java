package io.framejet.probe;

import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import java.nio.ByteBuffer;

/**
 * Asks an IPv4 host for an echo (RFC 792, RFC 1122 section 3.2.2.6).
 *
 * <p>Identifier and sequence number hold the low 32 bits of the target's cookie, the 8 bytes of
 * data all of it. An answer brings all of that back from the address that was asked. An ICMP error
 * quotes identifier and sequence number at least, and counts as an answer by these.
 */
public final class IcmpProbe extends Ipv4Probe {
  private static final int DATA_LENGTH = Long.BYTES;

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
  public IcmpProbe(LinkType linkType, MacAddress sourceMac, int sourceIp, SipHash key) {
    super(linkType, sourceMac, sourceIp, IpProtocol.ICMP, key);
    final int icmp = payloadOffset();
    this.template =
        varying(packet().echoRequest(0, 0).payload(new byte[DATA_LENGTH]).build())
            .varyByCookie(icmp + Icmp4Message.IDENTIFIER, Integer.BYTES, 0)
            .varyByCookie(icmp + Icmp4Message.BODY, DATA_LENGTH, 0)
            .checksums()
            .build();
    this.filter = makeFilter();
  }

  private long[] makeFilter() {
    final int type = ipOffset() + Icmp4Message.TYPE;
    return filterErrors(
        filterPackets()
            .require(IpProtocol.ICMP)
            .then(Bpf.LOAD_BYTE_AT_X, type)
            .jump(
                Bpf.JUMP_IF_EQUAL,
                Icmp4Message.ECHO_REPLY,
                FilterProgram.ACCEPT,
                FilterProgram.NEXT));
  }

  @Override
  public String name() {
    return "icmp";
  }

  @Override
  public FrameTemplate template() {
    return template;
  }

  /** Accepts echo replies to us, and ICMP errors that quote an ICMP message of ours. */
  @Override
  public long[] filter() {
    return filter.clone();
  }

  @Override
  Verdict answer(Ipv4Header answer, long mac, Reply reply) {
    final Icmp4Message message = reply.icmp4;
    if (message.type() != Icmp4Message.ECHO_REPLY) {
      return Verdict.OTHER;
    }
    final int from = answer.source();
    final long cookie = cookie(from, 0);
    final ByteBuffer buffer = message.buffer();
    if (message.rest() != (int) cookie
        || message.bodyLength() != DATA_LENGTH
        || Fields.getLong(buffer, message.bodyOffset()) != cookie) {
      return Verdict.REFUSED;
    }
    if (message.code() != 0 || !message.isChecksumValid()) {
      return Verdict.MALFORMED;
    }
    reply.set(from, mac, mac).from(0, from & 0xffff_ffffL, answer.ttl());
    return Verdict.REPLY;
  }

  @Override
  int quotedPort(ByteBuffer buffer, int at, Ipv4Header quoted) {
    final boolean request = Fields.getByte(buffer, at) == Icmp4Message.ECHO_REQUEST;
    final int carried = Fields.getInt(buffer, at + Icmp4Message.IDENTIFIER);
    return request && carried == (int) cookie(quoted.destination(), 0) ? 0 : NOT_OURS;
  }

  @Override
  ReplyState errorState(int type, int code, boolean byTarget) {
    return ReplyState.UNREACHABLE;
  }
}
