package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.frame.Frame;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.Ipv4Builder;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.frame.TcpBuilder;
import io.framejet.frame.TcpHeader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TcpProbeTest extends Ipv4ProbeConformance {
  @Override
  Probe probe(LinkType linkType, SipHash key) {
    return new TcpProbe(linkType, MAC, IP, key);
  }

  @Override
  int port() {
    return 443;
  }

  private static int sourcePort(long cookie) {
    return 49_152 + ((int) (cookie >>> 32) & 0x3fff);
  }

  @Override
  Frame question(LinkType linkType, MacAddress to, int target, int port) {
    final long cookie = cookie(target, port);
    return packet(linkType, MAC, to, IP, target)
        .dontFragment()
        .tcp(sourcePort(cookie), port)
        .sequence(cookie & 0xffff_ffffL)
        .syn()
        .window(64_240)
        .maxSegmentSize(1460)
        .sackPermitted()
        .timestamps(cookie(IP, 0) >>> 32, 0)
        .noOperation()
        .windowScale(7)
        .build();
  }

  private static TcpBuilder segment(Ipv4Builder packet, int target, int port) {
    final long cookie = cookie(target, port);
    return packet.tcp(port, sourcePort(cookie)).acknowledgment(cookie + 1 & 0xffff_ffffL);
  }

  @Override
  List<Answered> answers(Ipv4Builder packet, int target, int port) {
    final TcpBuilder segment = segment(packet, target, port);
    return List.of(
        new Answered(segment.syn().ack().maxSegmentSize(1460).build(), ReplyState.OPEN),
        new Answered(segment.syn().ack().flags(0xd2).checksum(0xbad).build(), ReplyState.OPEN),
        new Answered(segment.rst().ack().build(), ReplyState.CLOSED),
        new Answered(segment.rst().build(), ReplyState.CLOSED));
  }

  @Override
  List<Told> errors() {
    final Stream<Told> filtered =
        Stream.of(1, 2, 3, 9, 10, 13)
            .map(code -> new Told(Icmp4Message.UNREACHABLE, code, false, ReplyState.FILTERED));
    final Stream<Told> others =
        Stream.of(
            new Told(Icmp4Message.UNREACHABLE, 3, true, ReplyState.FILTERED),
            new Told(Icmp4Message.UNREACHABLE, 0, false, ReplyState.UNREACHABLE),
            new Told(Icmp4Message.UNREACHABLE, 255, false, ReplyState.UNREACHABLE),
            new Told(Icmp4Message.TIME_EXCEEDED, 0, false, ReplyState.UNREACHABLE));
    return Stream.concat(filtered, others).toList();
  }

  @Override
  List<Integer> cookieBytes(Frame answer, LinkType linkType) {
    final int tcp = ip(linkType) + 20;
    return List.of(tcp, tcp + 1, tcp + 2, tcp + 3, tcp + 8, tcp + 9, tcp + 10, tcp + 11);
  }

  @Test
  void shouldSendAnOrdinarySyn() {
    final byte[] bytes = question(LinkType.ETHERNET, PEER, TARGET, 443).toByteArray();
    assertThat(bytes).hasSize(74);
    final TcpHeader tcp = new TcpHeader().wrap(ByteBuffer.wrap(bytes), 34, 40);
    assertThat(tcp.flags()).isEqualTo(TcpHeader.SYN);
    assertThat(tcp.maxSegmentSize()).isEqualTo(1460);
    assertThat(tcp.isSackPermitted()).isTrue();
    assertThat(tcp.windowScale()).isEqualTo(7);
    assertThat(tcp.timestampEcho()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x00, 0x01, 0x02, 0x10, 0x18, 0x11, 0x20})
  void shouldLeaveSegmentsOfOtherConnections(int flags) {
    final Frame frame =
        segment(packet(LinkType.ETHERNET, TARGET), TARGET, 443).flags(flags).build();
    assertThat(read(probe(LinkType.ETHERNET), frame)).isEqualTo(Verdict.OTHER);
    assertThat(accepts(probe(LinkType.ETHERNET).filter(), frame)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"22, OTHER", "49151, OTHER", "49152, REFUSED", "65535, REFUSED"})
  void shouldLeavePortsThatItDoesNotSendFrom(int to, Verdict verdict) {
    final Frame frame =
        packet(LinkType.ETHERNET, TARGET)
            .tcp(443, to)
            .acknowledgment(cookie(TARGET, 443) + 1 & 0xffff_ffffL)
            .syn()
            .ack()
            .build();
    assertThat(read(probe(LinkType.ETHERNET), frame)).isEqualTo(verdict);
    assertThat(accepts(probe(LinkType.ETHERNET).filter(), frame))
        .isEqualTo(verdict == Verdict.REFUSED);
  }
}
