package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.frame.Frame;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.Ipv4Builder;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IcmpProbeTest extends Ipv4ProbeConformance {
  @Override
  Probe probe(LinkType linkType, SipHash key) {
    return new IcmpProbe(linkType, MAC, IP, key);
  }

  @Override
  int port() {
    return 0;
  }

  @Override
  Frame question(LinkType linkType, MacAddress to, int target, int port) {
    final long cookie = cookie(target, 0);
    return packet(linkType, MAC, to, IP, target)
        .dontFragment()
        .echoRequest((int) (cookie >>> 16) & 0xffff, (int) cookie & 0xffff)
        .payload(data(cookie))
        .build();
  }

  private static byte[] data(long cookie) {
    return ByteBuffer.allocate(8).putLong(0, cookie).array();
  }

  @Override
  List<Answered> answers(Ipv4Builder packet, int target, int port) {
    final long cookie = cookie(target, 0);
    return List.of(
        new Answered(
            packet
                .echoReply((int) (cookie >>> 16) & 0xffff, (int) cookie & 0xffff)
                .payload(data(cookie))
                .build(),
            ReplyState.UP));
  }

  @Override
  List<Told> errors() {
    return List.of(
        new Told(Icmp4Message.UNREACHABLE, 1, false, ReplyState.UNREACHABLE),
        new Told(Icmp4Message.UNREACHABLE, 2, true, ReplyState.UNREACHABLE),
        new Told(Icmp4Message.UNREACHABLE, 13, false, ReplyState.UNREACHABLE),
        new Told(Icmp4Message.TIME_EXCEEDED, 0, false, ReplyState.UNREACHABLE));
  }

  @Override
  List<Integer> cookieBytes(Frame answer, LinkType linkType) {
    final int icmp = ip(linkType) + 20;
    return IntStream.range(icmp + Icmp4Message.IDENTIFIER, icmp + 16).boxed().toList();
  }

  @Test
  void shouldWriteTheseBytes() {
    final Frame frame = question(LinkType.ETHERNET, PEER, TARGET, 0);
    final byte[] bytes = new byte[60];
    probe(LinkType.ETHERNET)
        .template()
        .apply(ByteBuffer.wrap(bytes), 0, PEER.toLong(), 0, TARGET, 0);
    assertThat(Frame.of(bytes)).isEqualTo(frame);
    final String cookie = String.format("%016x", cookie(TARGET, 0));
    assertThat(frame.toHex())
        .startsWith("020000000002" + "020000000001" + "0800" + "45000024000040004001")
        .contains("0a4d0001" + "0a4d0304" + "0800")
        .endsWith(cookie.substring(8) + cookie + "00".repeat(10));
  }

  @Test
  void shouldBelieveNoneOfAMillionForgeries() {
    final Probe probe = probe(LinkType.ETHERNET);
    final ByteBuffer frame =
        ByteBuffer.wrap(
            answers(packet(LinkType.ETHERNET, TARGET), TARGET, 0).get(0).frame().toByteArray());
    final ByteBuffer error =
        ByteBuffer.wrap(
            error(LinkType.ETHERNET, ROUTER, errors().get(0), quote(TARGET, 0, 28)).toByteArray());
    int refused = 0;
    for (int i = 0; i < 1_000_000; i++) {
      // From any address, with any identifier, sequence and data, and with a right checksum.
      frame.putInt(26, i % 2 == 0 ? TARGET : random.nextInt());
      frame.putInt(38, random.nextInt());
      frame.putLong(42, random.nextLong());
      fixIcmp(frame, 34, 16);
      if (probe.read(frame, 0, 60, reply) == Verdict.REFUSED) {
        refused++;
      }
      error.putInt(58, random.nextInt());
      error.putInt(66, random.nextInt());
      fixIcmp(error, 34, 36);
      if (probe.read(error, 0, error.limit(), reply) == Verdict.REFUSED) {
        refused++;
      }
    }
    assertThat(refused).isEqualTo(2_000_000);
  }

  @Test
  void shouldWantAllDataBackAndNoMore() {
    final long cookie = cookie(TARGET, 0);
    final Probe probe = probe(LinkType.ETHERNET);
    for (int length : new int[] {0, 7, 9, 56}) {
      final ByteBuffer data = ByteBuffer.allocate(Math.max(8, length)).putLong(0, cookie);
      final byte[] bytes = Arrays.copyOf(data.array(), length);
      final Frame frame =
          packet(LinkType.ETHERNET, TARGET)
              .echoReply((int) (cookie >>> 16) & 0xffff, (int) cookie & 0xffff)
              .payload(bytes)
              .build();
      assertThat(read(probe, frame)).isEqualTo(Verdict.REFUSED);
    }
  }

  @Test
  void shouldCallBrokenOnesMalformed() {
    final Frame answer = answers(packet(LinkType.ETHERNET, TARGET), TARGET, 0).get(0).frame();
    final Probe probe = probe(LinkType.ETHERNET);
    // Checksum, code.
    assertThat(read(probe, with(LinkType.ETHERNET, answer, 36, ~answer.toByteArray()[36])))
        .isEqualTo(Verdict.MALFORMED);
    assertThat(read(probe, with(LinkType.ETHERNET, answer, 35, 1))).isEqualTo(Verdict.MALFORMED);
  }

  @Test
  void shouldWantTheMacOfOneStationOnEthernetAlone() {
    assertThatThrownBy(() -> new IcmpProbe(LinkType.ETHERNET, MacAddress.BROADCAST, IP, KEY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new IcmpProbe(LinkType.IP, MacAddress.ZERO, IP, KEY).name()).isEqualTo("icmp");
  }
}
