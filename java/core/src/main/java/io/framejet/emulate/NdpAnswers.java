package io.framejet.emulate;

import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Icmp6Message;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.Ipv6Header;
import io.framejet.frame.MacAddress;
import io.framejet.frame.NdpMessage;
import io.framejet.frame.Options;

/**
 * Answers neighbor solicitations (RFC 4861, 7.2.4), those of duplicate address detection (RFC 4862)
 * included, after the checks of section 7.1.1. The answer goes to the MAC in the solicitation's
 * option where there is one, else to the one it came from.
 *
 * <p>Of the options at most {@value #MAX_OPTIONS} are looked at; a solicitation has one or two, and
 * one with more is ignored.
 */
final class NdpAnswers {
  /** As many as an XDP program looks at too. */
  static final int MAX_OPTIONS = 4;

  private static final int HOP_LIMIT = 255;
  private static final int OPTION_LENGTH = 8;
  private static final int LENGTH = NdpMessage.NEIGHBOR_LENGTH + OPTION_LENGTH;
  private static final long SOLICITED_NODE_HIGH = 0xff02_0000_0000_0000L;
  private static final long SOLICITED_NODE_LOW = 0x1_ff00_0000L;
  private static final long SOLICITED_NODE_MAC = 0x3333_ff00_0000L;
  private static final long ALL_NODES_MAC = 0x3333_0000_0001L;
  private static final long LOW_24_BITS = 0xff_ffff;
  private static final long NONE = -1;
  private static final long MALFORMED = -2;

  private final HostSet hosts;
  private final NdpMessage request = new NdpMessage();
  private final NdpMessage reply = new NdpMessage();
  private final Icmp6Message icmpReply = new Icmp6Message();
  private final Ipv6Header header = new Ipv6Header();

  NdpAnswers(HostSet hosts) {
    this.hosts = hosts;
  }

  boolean answer(EthernetHeader ethernet, Ipv6Header asked, Icmp6Message icmp, Answer answer) {
    final NdpMessage ndp = request.wrap(icmp);
    if (!ndp.isValid() || asked.hopLimit() != HOP_LIMIT) {
      return false;
    }
    final long high = ndp.targetHigh();
    final long low = ndp.targetLow();
    final long source = sourceLinkAddress(ndp);
    final boolean detection = asked.sourceHigh() == 0 && asked.sourceLow() == 0;
    if (!isAsked(ethernet.destination(), asked, detection, high, low)
        || !isAnswerable(asked, detection, source, high, low)
        || !hosts.isUp(high, low)) {
      return false;
    }
    if (detection) {
      final Ipv6Address all = Ipv6Address.ALL_NODES;
      advertise(ALL_NODES_MAC, all.high(), all.low(), false, high, low, answer);
    } else {
      final long to = source == NONE ? ethernet.source() : source;
      advertise(to, asked.sourceHigh(), asked.sourceLow(), true, high, low, answer);
    }
    return true;
  }

  /** Whether it came to the group that the target listens to, or to the target itself. */
  private static boolean isAsked(
      long mac, Ipv6Header asked, boolean detection, long high, long low) {
    final long last = low & LOW_24_BITS;
    if (asked.destinationHigh() == SOLICITED_NODE_HIGH
        && asked.destinationLow() == (SOLICITED_NODE_LOW | last)) {
      return mac == (SOLICITED_NODE_MAC | last) || mac == HostSet.mac6(low);
    }
    return !detection
        && asked.destinationHigh() == high
        && asked.destinationLow() == low
        && mac == HostSet.mac6(low);
  }

  private static boolean isAnswerable(
      Ipv6Header asked, boolean detection, long source, long high, long low) {
    if (source == MALFORMED) {
      return false;
    }
    if (detection) {
      return source == NONE;
    }
    return Ipv6Answers.isNode(asked.sourceHigh(), asked.sourceLow())
        && !(asked.sourceHigh() == high && asked.sourceLow() == low)
        && (source == NONE || MacAddress.isUnicast(source));
  }

  /** The MAC in the option, {@link #NONE}, or {@link #MALFORMED} when any option is. */
  private static long sourceLinkAddress(NdpMessage ndp) {
    final int end = ndp.offset() + ndp.length();
    long source = NONE;
    int at = ndp.optionsOffset();
    for (int i = 0; i < MAX_OPTIONS && at < end; i++) {
      if (end - at < OPTION_LENGTH) {
        return MALFORMED;
      }
      final int length = (ndp.buffer().get(at + 1) & 0xff) << 3;
      if (length == 0 || length > end - at) {
        return MALFORMED;
      }
      if (source == NONE && ndp.buffer().get(at) == Options.SOURCE_LINK_ADDRESS) {
        source = MacAddress.read(ndp.buffer(), at + 2);
      }
      at += length;
    }
    return at == end ? source : MALFORMED;
  }

  private void advertise(
      long to, long toHigh, long toLow, boolean solicited, long high, long low, Answer answer) {
    final long mac = HostSet.mac6(low);
    answer.begin(AnswerKind.NDP, to, mac, EtherType.IPV6, Ipv6Header.LENGTH + LENGTH);
    header
        .wrap(answer.buffer(), Answer.PAYLOAD, Ipv6Header.LENGTH + LENGTH)
        .defaults()
        .payloadLength(LENGTH)
        .nextHeader(IpProtocol.ICMPV6)
        .hopLimit(HOP_LIMIT)
        .source(high, low)
        .destination(toHigh, toLow);
    icmpReply
        .wrap(answer.buffer(), header.payloadOffset(), LENGTH)
        .type(NdpMessage.NEIGHBOR_ADVERTISEMENT)
        .code(0)
        .rest(0);
    reply.wrap(icmpReply).flags(false, solicited, true).target(high, low);
    final int option = reply.offset() + NdpMessage.NEIGHBOR_LENGTH;
    answer.buffer().put(option, (byte) Options.TARGET_LINK_ADDRESS).put(option + 1, (byte) 1);
    MacAddress.write(answer.buffer(), option + 2, mac);
    icmpReply.fillChecksum(header.pseudoSum(IpProtocol.ICMPV6, LENGTH));
  }
}
