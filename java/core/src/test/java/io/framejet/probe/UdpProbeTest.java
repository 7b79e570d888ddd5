package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.frame.Frame;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.Ipv4Builder;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UdpProbeTest extends Ipv4ProbeConformance {
  @Override
  Probe probe(LinkType linkType, SipHash key) {
    return new UdpProbe(linkType, MAC, IP, key);
  }

  @Override
  int port() {
    return 4711;
  }

  private static int sourcePort(long cookie) {
    return 49_152 + ((int) (cookie >>> 32) & 0x3fff);
  }

  @Override
  Frame question(LinkType linkType, MacAddress to, int target, int port) {
    final long cookie = cookie(target, port);
    return packet(linkType, MAC, to, IP, target)
        .dontFragment()
        .identification(0x8000 + ((int) (cookie >>> 46) & 0x7fff))
        .udp(sourcePort(cookie), port)
        .payload(payload(port, cookie))
        .build();
  }

  /** The payloads as they stand in the RFCs, C the cookie's digits. */
  static byte[] payload(int port, long cookie) {
    final String hex =
        switch (port) {
          case 53 -> "CCCC 0000 0001 0000 0000 0000 00 0002 0001";
          case 111 ->
              "CCCCCCCC 00000000 00000002 000186a0 00000002 00000000"
                  + "0000000000000000 0000000000000000";
          case 123 -> "23" + "00".repeat(39) + "CCCCCCCCCCCCCCCC";
          case 137 -> "CCCC 0000 0001 0000 0000 0000 20 434b" + "41".repeat(30) + "00 0021 0001";
          case 161 ->
              "3028 020101 0406 7075626c6963 a01b 020301CCCC 020100 020100"
                  + "300e 300c 0608 2b06010201010100 0500";
          case 3478 -> "0001 0000 2112a442 CCCCCCCCCCCCCCCC 00000000";
          case 5353 ->
              "CCCC 0000 0001 0000 0000 0000"
                  + "09 5f7365727669636573 07 5f646e732d7364 04 5f756470 05 6c6f63616c 00 000c 0001";
          case 5683 -> "4001 CCCC bb 2e77656c6c2d6b6e6f776e 04 636f7265";
          default -> "CCCCCCCCCCCCCCCC";
        };
    final String digits = hex.replace(" ", "");
    final int width = (int) digits.chars().filter(c -> c == 'C').count();
    final String low = String.format("%016x", cookie).substring(16 - width);
    return HexFormat.of().parseHex(digits.replace("C".repeat(width), low));
  }

  @Override
  List<Answered> answers(Ipv4Builder packet, int target, int port) {
    final int to = sourcePort(cookie(target, port));
    return List.of(
        new Answered(packet.udp(port, to).build(), ReplyState.OPEN),
        new Answered(packet.udp(port, to).payload(new byte[30]).build(), ReplyState.OPEN),
        new Answered(packet.udp(port, to).checksum(0xbad).build(), ReplyState.OPEN));
  }

  @Override
  List<Told> errors() {
    return List.of(
        new Told(Icmp4Message.UNREACHABLE, 3, true, ReplyState.CLOSED),
        new Told(Icmp4Message.UNREACHABLE, 3, false, ReplyState.FILTERED),
        new Told(Icmp4Message.UNREACHABLE, 1, false, ReplyState.FILTERED),
        new Told(Icmp4Message.UNREACHABLE, 13, true, ReplyState.FILTERED),
        new Told(Icmp4Message.TIME_EXCEEDED, 0, false, ReplyState.UNREACHABLE));
  }

  @Override
  List<Integer> cookieBytes(Frame answer, LinkType linkType) {
    final int udp = ip(linkType) + 20;
    return List.of(udp, udp + 1, udp + 2, udp + 3);
  }

  @Test
  void shouldCheckTheQuotedIdentificationToo() {
    final byte[] quote = quote(TARGET, 4711, 28);
    for (int at : new int[] {4, 5, 20, 21, 22, 23}) {
      for (int bit = 0; bit < 8; bit++) {
        final byte[] other = quote.clone();
        other[at] ^= (byte) (1 << bit);
        final Frame frame = error(LinkType.ETHERNET, TARGET, errors().get(0), other);
        assertThat(read(probe(LinkType.ETHERNET), frame)).isEqualTo(Verdict.REFUSED);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"53, OTHER", "49151, OTHER", "49152, REFUSED", "65535, REFUSED"})
  void shouldLeavePortsThatItDoesNotSendFrom(int to, Verdict verdict) {
    final Frame frame = packet(LinkType.ETHERNET, TARGET).udp(4711, to).build();
    assertThat(read(probe(LinkType.ETHERNET), frame)).isEqualTo(verdict);
    assertThat(accepts(probe(LinkType.ETHERNET).filter(), frame))
        .isEqualTo(verdict == Verdict.REFUSED);
  }

  @Test
  void shouldHaveTemplatesForKnownPortsAndOneForTheRest() {
    final Probe probe = probe(LinkType.ETHERNET);
    for (int port = 0; port < 0x10000; port++) {
      final boolean known = List.of(53, 111, 123, 137, 161, 3478, 5353, 5683).contains(port);
      assertThat(probe.template(port) != probe.template()).as("port %s", port).isEqualTo(known);
    }
    final byte[] bytes = new byte[60];
    probe.template(7).apply(ByteBuffer.wrap(bytes), 0, PEER.toLong(), 0, TARGET, 7);
    assertThat(ByteBuffer.wrap(bytes).getLong(42)).isEqualTo(cookie(TARGET, 7));
  }
}
