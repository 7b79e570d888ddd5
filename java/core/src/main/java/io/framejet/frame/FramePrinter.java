package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.Locale;

/** Frames as text for people: in one line, in full, and as bytes. The forms are no contract. */
public final class FramePrinter {
  private static final String RESET = "\u001b[0m";
  // Foreground colours of ANSI X3.64, one after the other for every layer.
  private static final int[] COLORS = {36, 35, 33, 32, 34, 31};
  private static final int ROW = 16;

  private FramePrinter() {}

  /** One line, as tcpdump -e: link addresses and length, then each layer that matters. */
  public static String line(Frame frame) {
    return line(frame.decode());
  }

  /** One line of a frame that was decoded. */
  public static String line(FrameDecoder decoder) {
    final StringBuilder text = new StringBuilder(160);
    for (int i = 0; i < decoder.layers(); i++) {
      final LayerType type = decoder.type(i);
      if (type != LayerType.PAYLOAD || !decoder.isValid()) {
        text.append(i == 0 ? "" : ": ").append(describe(decoder, i));
      }
    }
    return text.toString();
  }

  /**
   * In full, as tshark -V: a line for each layer with its place, and its fields below. Lines end
   * with a line feed.
   */
  public static String full(Frame frame) {
    return full(frame.decode());
  }

  /** In full, of a frame that was decoded. */
  public static String full(FrameDecoder decoder) {
    final StringBuilder text = new StringBuilder(1024);
    text.append("Frame, ").append(decoder.frameLength()).append(" bytes\n");
    for (int i = 0; i < decoder.layers(); i++) {
      final int at = decoder.offset(i) - decoder.frameOffset();
      text.append(decoder.type(i)).append(", bytes ").append(at).append(" to ");
      text.append(at + decoder.length(i) - 1).append('\n');
      if (isMalformed(decoder, i)) {
        line(text, "malformed", decoder.problem() + " (at byte " + decoder.problemOffset() + ")");
      } else {
        fields(text, decoder, i);
      }
    }
    if (decoder.isValid() && decoder.paddingLength() > 0) {
      text.append("padding, ").append(decoder.paddingLength()).append(" bytes\n");
    }
    final String checksums = decoder.checksumProblem();
    if (checksums != null) {
      line(text, "checksums", checksums);
    }
    return text.toString();
  }

  /**
   * The bytes in rows of 16 with offset and text, as {@link Frame#ofHex} reads them when there are
   * no colours. Lines end with a line feed.
   *
   * @param color whether each layer has a colour of its own, by ANSI escape sequences
   */
  public static String hex(Frame frame, boolean color) {
    return hex(frame.decode(), color);
  }

  /** The bytes of a frame that was decoded. */
  public static String hex(FrameDecoder decoder, boolean color) {
    final StringBuilder text = new StringBuilder(decoder.frameLength() * 8);
    for (int row = 0; row < decoder.frameLength(); row += ROW) {
      text.append(String.format(Locale.ROOT, "%04x:  ", row));
      final int end = Math.min(row + ROW, decoder.frameLength());
      digits(text, decoder, row, end, color);
      text.append("  ".repeat(row + ROW - end)).append(" ".repeat((row + ROW - end) / 2));
      text.append("  ");
      for (int i = row; i < end; i++) {
        final int octet = Bytes.getByte(decoder.buffer(), decoder.frameOffset() + i);
        text.append(octet > ' ' && octet < 0x7f ? (char) octet : '.');
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static void digits(
      StringBuilder text, FrameDecoder decoder, int begin, int end, boolean color) {
    int current = 0;
    for (int i = begin; i < end; i++) {
      if (i > begin && i % 2 == 0) {
        text.append(' ');
      }
      final int wanted = color ? colorOf(decoder, i) : 0;
      if (wanted != current) {
        text.append(current == 0 ? "" : RESET);
        text.append(wanted == 0 ? "" : "\u001b[" + wanted + "m");
        current = wanted;
      }
      final int octet = Bytes.getByte(decoder.buffer(), decoder.frameOffset() + i);
      text.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 15, 16));
    }
    text.append(current == 0 ? "" : RESET);
  }

  /** The colour of a byte, by the last layer that holds it; 0 for padding. */
  private static int colorOf(FrameDecoder decoder, int index) {
    for (int i = decoder.layers() - 1; i >= 0; i--) {
      final int at = decoder.offset(i) - decoder.frameOffset();
      if (index >= at && index < at + decoder.length(i)) {
        return COLORS[i % COLORS.length];
      }
    }
    return 0;
  }

  private static boolean isMalformed(FrameDecoder decoder, int index) {
    return !decoder.isValid() && index == decoder.layers() - 1;
  }

  private static String describe(FrameDecoder decoder, int index) {
    final ByteBuffer buffer = decoder.buffer();
    final int at = decoder.offset(index);
    final int rest = decoder.paddingOffset() - at;
    if (isMalformed(decoder, index)) {
      return decoder.type(index) + ", " + rest + " bytes: " + decoder.problem();
    }
    return switch (decoder.type(index)) {
      case ETHERNET -> decoder.ethernet().toString();
      case VLAN -> new VlanTag().wrap(buffer, at, rest).toString();
      case LLC -> decoder.llc().toString();
      case ARP -> decoder.arp().toString();
      case IPV4 -> new Ipv4Header().wrap(buffer, at, toEnd(decoder, at)).toString();
      case IPV6 -> new Ipv6Header().wrap(buffer, at, toEnd(decoder, at)).toString();
      case HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS ->
          extension(decoder, index).toString();
      case ICMP4 -> decoder.icmp4().toString();
      case ICMP6 -> decoder.hasNdp() ? decoder.ndp().toString() : decoder.icmp6().toString();
      case UDP -> decoder.udp().toString();
      case TCP -> decoder.tcp().toString();
      case PAYLOAD -> "payload, " + decoder.length(index) + " bytes";
    };
  }

  private static int toEnd(FrameDecoder decoder, int at) {
    return decoder.frameOffset() + decoder.frameLength() - at;
  }

  private static Ipv6Extension extension(FrameDecoder decoder, int index) {
    final int protocol =
        switch (decoder.type(index)) {
          case HOP_BY_HOP -> IpProtocol.HOP_BY_HOP;
          case ROUTING -> IpProtocol.ROUTING;
          case FRAGMENT -> IpProtocol.FRAGMENT;
          default -> IpProtocol.DESTINATION_OPTIONS;
        };
    return new Ipv6Extension()
        .type(protocol)
        .wrap(decoder.buffer(), decoder.offset(index), decoder.length(index));
  }

  private static void fields(StringBuilder text, FrameDecoder decoder, int index) {
    final ByteBuffer buffer = decoder.buffer();
    final int at = decoder.offset(index);
    switch (decoder.type(index)) {
      case ETHERNET -> {
        final EthernetHeader header = decoder.ethernet();
        line(text, "destination", MacAddress.of(header.destination()));
        line(text, "source", MacAddress.of(header.source()));
        line(text, "EtherType", EtherType.name(header.etherType()));
      }
      case VLAN -> {
        final VlanTag tag = new VlanTag().wrap(buffer, at, VlanTag.LENGTH);
        line(text, "VLAN", tag.id());
        line(text, "priority", tag.priority());
        line(text, "drop eligible", tag.isDropEligible());
        line(text, "EtherType", EtherType.name(tag.etherType()));
      }
      case ARP -> {
        final ArpPacket arp = decoder.arp();
        line(text, "operation", ArpOperation.name(arp.operation()));
        line(text, "sender MAC", MacAddress.of(arp.senderMac()));
        line(text, "sender address", Ipv4.format(arp.senderIp()));
        line(text, "target MAC", MacAddress.of(arp.targetMac()));
        line(text, "target address", Ipv4.format(arp.targetIp()));
      }
      case IPV4 -> ipv4(text, new Ipv4Header().wrap(buffer, at, toEnd(decoder, at)));
      case IPV6 -> ipv6(text, new Ipv6Header().wrap(buffer, at, toEnd(decoder, at)));
      case UDP -> {
        line(text, "source port", decoder.udp().sourcePort());
        line(text, "destination port", decoder.udp().destinationPort());
        line(text, "length", decoder.udp().datagramLength());
        hex(text, "checksum", decoder.udp().checksum(), 4);
      }
      case TCP -> tcp(text, decoder.tcp());
      case ICMP4 -> {
        line(text, "message", Icmp4Message.name(decoder.icmp4().type(), decoder.icmp4().code()));
        hex(text, "checksum", decoder.icmp4().checksum(), 4);
        hex(text, "rest of header", decoder.icmp4().rest(), 8);
        if (decoder.icmp4().isError()) {
          quote(text, buffer, decoder.icmp4().bodyOffset(), decoder.icmp4().bodyLength());
        }
      }
      case ICMP6 -> {
        line(text, "message", Icmp6Message.name(decoder.icmp6().type(), decoder.icmp6().code()));
        hex(text, "checksum", decoder.icmp6().checksum(), 4);
        if (decoder.hasNdp()) {
          line(text, "neighbor discovery", decoder.ndp());
          options(text, new Options().wrap(decoder.ndp()));
        } else {
          hex(text, "rest of header", decoder.icmp6().rest(), 8);
        }
        if (decoder.icmp6().isError()) {
          quote(text, buffer, decoder.icmp6().bodyOffset(), decoder.icmp6().bodyLength());
        }
      }
      case LLC -> line(text, "header", decoder.llc());
      case HOP_BY_HOP, DESTINATION_OPTIONS -> {
        line(text, "next header", IpProtocol.name(extension(decoder, index).nextHeader()));
        options(text, new Options().wrap(extension(decoder, index)));
      }
      case ROUTING, FRAGMENT -> {
        final Ipv6Extension header = extension(decoder, index);
        line(text, "next header", IpProtocol.name(header.nextHeader()));
        line(text, "header", header);
      }
      case PAYLOAD -> line(text, "length", decoder.length(index));
    }
  }

  private static void ipv4(StringBuilder text, Ipv4Header header) {
    line(text, "header length", header.headerLength());
    line(text, "DSCP", header.dscp());
    line(text, "ECN", header.ecn());
    line(text, "total length", header.totalLength());
    hex(text, "identification", header.identification(), 4);
    line(text, "don't fragment", header.isDontFragment());
    line(text, "more fragments", header.isMoreFragments());
    line(text, "fragment offset", header.fragmentOffset());
    line(text, "TTL", header.ttl());
    line(text, "protocol", IpProtocol.name(header.protocol()));
    hex(text, "checksum", header.checksum(), 4);
    line(text, "source", Ipv4.format(header.source()));
    line(text, "destination", Ipv4.format(header.destination()));
    options(text, new Options().wrap(header));
  }

  private static void ipv6(StringBuilder text, Ipv6Header header) {
    hex(text, "traffic class", header.trafficClass(), 2);
    hex(text, "flow label", header.flowLabel(), 5);
    line(text, "payload length", header.packetPayloadLength());
    line(text, "next header", IpProtocol.name(header.nextHeader()));
    line(text, "hop limit", header.hopLimit());
    line(text, "source", Ipv6Address.of(header.sourceHigh(), header.sourceLow()));
    line(text, "destination", Ipv6Address.of(header.destinationHigh(), header.destinationLow()));
  }

  private static void tcp(StringBuilder text, TcpHeader header) {
    line(text, "source port", header.sourcePort());
    line(text, "destination port", header.destinationPort());
    line(text, "sequence", header.sequence());
    line(text, "acknowledgment", header.acknowledgment());
    line(text, "header length", header.headerLength());
    line(text, "flags", TcpHeader.appendFlags(new StringBuilder(8), header.flags()));
    line(text, "window", header.window());
    hex(text, "checksum", header.checksum(), 4);
    line(text, "urgent pointer", header.urgentPointer());
    options(text, new Options().wrap(header));
  }

  private static void options(StringBuilder text, Options options) {
    while (options.next()) {
      line(text, "option", "type " + options.type() + ", " + options.length() + " bytes");
    }
  }

  private static void quote(StringBuilder text, ByteBuffer buffer, int offset, int length) {
    line(text, "quotes", line(new FrameDecoder().decodeQuote(buffer, offset, length)));
  }

  private static void line(StringBuilder text, String name, Object value) {
    text.append("    ").append(name).append(": ").append(value).append('\n');
  }

  private static void hex(StringBuilder text, String name, int value, int digits) {
    line(text, name, String.format(Locale.ROOT, "0x%0" + digits + "x", value));
  }
}
