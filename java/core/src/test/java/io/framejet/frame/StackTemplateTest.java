package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.frame.FrameTemplate.Source;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Templates over all layers write what building afresh does. */
class StackTemplateTest {
  private static final int IP = 14;
  private static final List<Long> PORTS = List.of(22L, 80L, 443L, 8080L, 65_535L);

  private final Random random = new Random(12);

  private static LinkBuilder ethernet() {
    return Frame.ethernet(Stacks.MAC, Stacks.PEER);
  }

  private static byte[] payload(long counter) {
    return ByteBuffer.allocate(11).put((byte) 7).putLong(1, counter).array();
  }

  /**
   * IPv4: target, identification as a counter, port from a list, a payload field at an odd offset.
   */
  private void shouldFollowIpv4(
      int transport, int portOffset, int payloadOffset, BiFunction<Integer, Long, Frame> build) {
    final FrameTemplate template =
        FrameTemplate.of(build.apply(0, 0L))
            .vary(IP + Ipv4Header.DESTINATION, 4, Source.TARGET)
            .vary(transport + portOffset, 2, PORTS)
            .vary(transport + payloadOffset + 1, 8, Source.COUNTER, 0)
            .checksums()
            .build();
    final ByteBuffer buffer = Golden.buffer(template.length());
    for (int i = 0; i < 2000; i++) {
      final int target = i % 5 == 0 ? -random.nextInt(2) : random.nextInt();
      final long sequence = random.nextInt(1_000_000);
      template.apply(Golden.fill(buffer), 0, target, sequence);
      assertThat(Golden.hex(buffer, 0, template.length()))
          .isEqualTo(build.apply(target, sequence).toHex());
    }
  }

  private static int port(long sequence) {
    return PORTS.get((int) (sequence % PORTS.size())).intValue();
  }

  @Test
  void shouldFollowUdpOverIpv4() {
    shouldFollowIpv4(
        IP + 20,
        UdpHeader.DESTINATION_PORT,
        UdpHeader.LENGTH,
        (target, n) ->
            ethernet().ipv4(Stacks.A, target).udp(1000, port(n)).payload(payload(n)).build());
  }

  @Test
  void shouldFollowTcpOverIpv4() {
    shouldFollowIpv4(
        IP + 20,
        TcpHeader.DESTINATION_PORT,
        TcpHeader.MIN_LENGTH,
        (target, n) ->
            ethernet().ipv4(Stacks.A, target).tcp(1, port(n)).syn().payload(payload(n)).build());
  }

  @Test
  void shouldFollowIcmpOverIpv4() {
    shouldFollowIpv4(
        IP + 20,
        Icmp4Message.SEQUENCE,
        Icmp4Message.LENGTH,
        (target, n) ->
            ethernet().ipv4(Stacks.A, target).echoRequest(9, port(n)).payload(payload(n)).build());
  }

  @Test
  void shouldFollowIpv6TargetsOfSixteenBytes() {
    final List<BiFunction<Ipv6Address, Long, Frame>> builds =
        List.of(
            (target, n) ->
                ethernet()
                    .vlan(7)
                    .ipv6(Stacks.A6, target)
                    .udp(port(n), 2)
                    .payload(payload(n))
                    .build(),
            (target, n) ->
                ethernet()
                    .vlan(7)
                    .ipv6(Stacks.A6, target)
                    .tcp(port(n), 2)
                    .sequence(5)
                    .payload(payload(n))
                    .build(),
            (target, n) ->
                ethernet()
                    .vlan(7)
                    .ipv6(Stacks.A6, target)
                    .echoRequest(port(n), 2)
                    .payload(payload(n))
                    .build());
    final int[] payloads = {UdpHeader.LENGTH, TcpHeader.MIN_LENGTH, Icmp6Message.LENGTH};
    final int[] ports = {UdpHeader.SOURCE_PORT, TcpHeader.SOURCE_PORT, Icmp6Message.IDENTIFIER};
    for (int kind = 0; kind < builds.size(); kind++) {
      final int ip = IP + VlanTag.LENGTH;
      final int transport = ip + Ipv6Header.LENGTH;
      final FrameTemplate template =
          FrameTemplate.of(builds.get(kind).apply(Stacks.C6, 0L))
              .vary(ip + Ipv6Header.DESTINATION, 16, Source.TARGET)
              .vary(transport + ports[kind], 2, PORTS)
              .vary(transport + payloads[kind] + 1, 8, Source.COUNTER, 0)
              .checksums()
              .build();
      final ByteBuffer buffer = Golden.buffer(template.length());
      for (int i = 0; i < 1000; i++) {
        final Ipv6Address target = Ipv6Address.of(random.nextLong(), random.nextLong());
        final long sequence = random.nextInt(1_000_000);
        template.apply(Golden.fill(buffer), 0, target.high(), target.low(), sequence);
        assertThat(Golden.hex(buffer, 0, template.length()))
            .isEqualTo(builds.get(kind).apply(target, sequence).toHex());
      }
    }
  }

  @Test
  void shouldFollowNeighborSolicitations() {
    final FrameTemplate template =
        FrameTemplate.of(solicitation(Stacks.C6))
            .vary(3, 3, Source.TARGET)
            .vary(IP + Ipv6Header.DESTINATION + 13, 3, Source.TARGET)
            .vary(IP + Ipv6Header.LENGTH + NdpMessage.TARGET, 16, Source.TARGET)
            .checksums()
            .build();
    final ByteBuffer buffer = Golden.buffer(template.length());
    for (int i = 0; i < 1000; i++) {
      final Ipv6Address target = Ipv6Address.of(random.nextLong(), random.nextLong());
      template.apply(Golden.fill(buffer), 0, target);
      assertThat(Golden.hex(buffer, 0, template.length())).isEqualTo(solicitation(target).toHex());
    }
    assertThat(template.sequence()).isZero();
  }

  private static Frame solicitation(Ipv6Address target) {
    final Ipv6Address group = target.solicitedNode();
    return Frame.ethernet(Stacks.MAC, group.multicastMac())
        .ipv6(Stacks.A6, group)
        .neighborSolicitation(target)
        .sourceLinkAddress(Stacks.MAC)
        .build();
  }

  @Test
  void shouldFollowTheFinalDestinationOfARoutingHeader() {
    final int address = IP + Ipv6Header.LENGTH + Ipv6Extension.ADDRESSES;
    final FrameTemplate template =
        FrameTemplate.of(routed(Stacks.C6)).vary(address, 16, Source.TARGET).checksums().build();
    final ByteBuffer buffer = Golden.buffer(template.length());
    final Ipv6Address target = Ipv6Address.of(random.nextLong(), random.nextLong());
    template.apply(buffer, 0, target);
    assertThat(Golden.hex(buffer, 0, template.length())).isEqualTo(routed(target).toHex());
  }

  private static Frame routed(Ipv6Address target) {
    return ethernet()
        .ipv6(Stacks.A6, Stacks.B6)
        .routing(Ipv6Extension.SOURCE_ROUTE, 1, target)
        .udp(1, 2)
        .build();
  }

  @Test
  void shouldWriteShortFramesWithoutALinkHeader() {
    final FrameTemplate template =
        FrameTemplate.of(Frame.ipv4(Stacks.A, 0).echoRequest(1, 2).build())
            .vary(Ipv4Header.DESTINATION, 4, Source.TARGET)
            .checksums()
            .build();
    assertThat(template.length()).isEqualTo(28);
    final ByteBuffer buffer = Golden.buffer(30);
    template.apply(buffer, 1, Stacks.B);
    assertThat(Golden.hex(buffer, 0, 30))
        .isEqualTo("a5" + Frame.ipv4(Stacks.A, Stacks.B).echoRequest(1, 2).build().toHex() + "a5");
  }

  @Test
  void shouldRefuseWhatCannotBeFollowed() {
    final Frame frame = ethernet().ipv4(Stacks.A, Stacks.B).udp(1, 2).build();
    assertThatThrownBy(
            () -> FrameTemplate.of(frame).vary(IP - 1, 2, Source.COUNTER).checksums().build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("and beyond it: offset=13 width=2");
    assertThatThrownBy(
            () -> FrameTemplate.of(Frame.ofHex("00".repeat(14) + "ff")).vary(0, 1, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameTemplate.of(frame).vary(0, 2, Source.LIST))
        .isInstanceOf(IllegalArgumentException.class);
    final Frame broken = ethernet().ipv4(Stacks.A, Stacks.B).version(5).udp(1, 2).build();
    assertThatThrownBy(() -> FrameTemplate.of(broken).checksums())
        .hasMessage("frame is malformed: version is not 4 offset=14");
  }
}
