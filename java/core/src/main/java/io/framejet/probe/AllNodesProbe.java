package io.framejet.probe;

import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Icmp6Message;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.Ipv6Header;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import java.nio.ByteBuffer;

/**
 * Asks all nodes of an IPv6 link at once for an echo (RFC 4443, section 4): a request to {@code
 * ff02::1}, which every node with an interest in being found answers from an address of its own.
 *
 * <p>With a link-local source the answers have link-local addresses, and {@link
 * Ipv6Address#linkLocal(MacAddress)} tells which of these are made of the node's MAC.
 *
 * <p>Identifier, sequence number and data hold the cookie of {@code ff02::1}: an answer proves that
 * the question was heard, and not whose address it names.
 */
public final class AllNodesProbe extends Icmp6Probe {
  private static final int DATA_LENGTH = Long.BYTES;

  private final FrameTemplate template;
  private final long cookie;

  /**
   * A probe that asks, and is answered, at these addresses.
   *
   * @param sourceMac of the link that probes are sent from
   * @param sourceIp an IPv6 address of that link
   * @param key of the cookie: a new one for each sweep, {@link SipHash#random()}
   * @throws IllegalArgumentException if the MAC is not that of one station, or the address not that
   *     of one node
   */
  public AllNodesProbe(MacAddress sourceMac, Ipv6Address sourceIp, SipHash key) {
    super(sourceMac, sourceIp, Icmp6Message.ECHO_REPLY);
    final Ipv6Address all = Ipv6Address.ALL_NODES;
    this.cookie = key.cookie(all.high(), all.low(), 0);
    final byte[] data = ByteBuffer.allocate(DATA_LENGTH).putLong(0, cookie).array();
    final Frame request =
        Frame.ethernet(sourceMac, all.multicastMac())
            .ipv6(sourceIp, all)
            .hopLimit(1)
            .echoRequest((int) (cookie >>> 16) & 0xffff, (int) cookie & 0xffff)
            .payload(data)
            .build();
    this.template = FrameTemplate.of(request).build();
  }

  @Override
  public String name() {
    return "all-nodes";
  }

  /** The one frame that asks all; nothing in it varies. */
  @Override
  public FrameTemplate template() {
    return template;
  }

  /** A reply's address is the one that it comes from. */
  @Override
  Verdict answer(Ipv6Header packet, Icmp6Message message, long mac, Reply reply) {
    final int carried = Fields.getInt(message.buffer(), message.offset() + Icmp6Message.IDENTIFIER);
    if (carried != (int) cookie
        || message.bodyLength() != DATA_LENGTH
        || Fields.getLong(message.buffer(), message.bodyOffset()) != cookie) {
      return Verdict.REFUSED;
    }
    if (message.code() != 0) {
      return Verdict.MALFORMED;
    }
    final long high = packet.sourceHigh();
    final long low = packet.sourceLow();
    reply.set(high, low, mac, mac).from(high, low, packet.hopLimit());
    return Verdict.REPLY;
  }
}
