package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.frame.Frame;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.Ipv6Builder;
import io.framejet.frame.MacAddress;
import io.framejet.frame.NdpBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NdpProbeTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER = MacAddress.parse("02:00:00:00:00:02");
  private static final MacAddress PROXY = MacAddress.parse("02:00:00:00:00:03");
  private static final Ipv6Address IP = Ipv6Address.parse("2001:db8::1");
  private static final Ipv6Address TARGET = Ipv6Address.parse("2001:db8::1:2345:6789");

  private final Random random = new Random(31);
  private final Probe probe = new NdpProbe(MAC, IP);
  private final Reply reply = new Reply();

  private static Ipv6Builder packet(MacAddress from) {
    return Frame.ethernet(from, MAC).ipv6(TARGET, IP);
  }

  private static NdpBuilder advertisement() {
    return packet(PEER).neighborAdvertisement(TARGET);
  }

  private static Frame answer() {
    return advertisement().targetLinkAddress(PEER).build();
  }

  private Verdict read(Frame frame) {
    return probe.read(frame.toByteBuffer(), 0, frame.length(), reply);
  }

  private boolean accepts(Frame frame) {
    return FilterMachine.accepts(probe.filter(), frame.toByteArray(), false);
  }

  private static Frame question(Ipv6Address target) {
    final Ipv6Address group = target.solicitedNode();
    return Frame.ethernet(MAC, group.multicastMac())
        .ipv6(IP, group)
        .neighborSolicitation(target)
        .sourceLinkAddress(MAC)
        .build();
  }

  @Test
  void shouldWriteTheSameBytesAsBuildingAfresh() {
    assertThat(probe.name()).isEqualTo("ndp");
    final byte[] bytes = new byte[90];
    for (int i = 0; i < 2000; i++) {
      final Ipv6Address target =
          i == 0 ? Ipv6Address.of(-1, -1) : Ipv6Address.of(random.nextLong(), random.nextLong());
      Arrays.fill(bytes, (byte) 0xa5);
      probe
          .template()
          .apply(ByteBuffer.wrap(bytes), 2, PEER.toLong(), target.high(), target.low(), 0);
      assertThat(Frame.of(bytes).toHex()).isEqualTo("a5a5" + question(target).toHex() + "a5a5");
    }
  }

  @Test
  void shouldRecogniseAdvertisements() {
    final ByteBuffer buffer = ByteBuffer.allocateDirect(100);
    answer().copyTo(buffer, 5);
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      assertThat(probe.read(buffer.order(order), 5, answer().length(), reply))
          .isEqualTo(Verdict.REPLY);
      shouldTell(PEER, PEER, false);
    }
    assertThat(reply).hasToString("2001:db8::1:2345:6789 is at 02:00:00:00:00:02");
  }

  private void shouldTell(MacAddress mac, MacAddress source, boolean router) {
    assertThat(reply.addressHigh()).isEqualTo(TARGET.high());
    assertThat(reply.addressLow()).isEqualTo(TARGET.low());
    assertThat(reply.mac()).isEqualTo(mac.toLong());
    assertThat(reply.ethernetSource()).isEqualTo(source.toLong());
    assertThat(reply.isRouter()).isEqualTo(router);
    assertThat(reply.state()).isEqualTo(ReplyState.UP);
    assertThat(reply.port()).isZero();
    assertThat(reply.ttl()).isEqualTo(255);
  }

  @Test
  void shouldTakeTheMacOfTheOptionOrElseOfTheFrame() {
    assertThat(read(advertisement().build())).isEqualTo(Verdict.REPLY);
    shouldTell(PEER, PEER, false);
    final Ipv6Address own = Ipv6Address.linkLocal(PROXY);
    final Frame proxied =
        Frame.ethernet(PROXY, MAC)
            .ipv6(own, IP)
            .neighborAdvertisement(TARGET)
            .flags(true, true, false)
            .option(200, new byte[14])
            .targetLinkAddress(PEER)
            .build();
    assertThat(read(proxied)).isEqualTo(Verdict.REPLY);
    shouldTell(PEER, PROXY, true);
    assertThat(reply.fromHigh()).isEqualTo(own.high());
    assertThat(reply.fromLow()).isEqualTo(own.low());
    assertThat(reply.toString()).contains("says fe80::").endsWith("a router");
  }

  @Test
  void shouldLeaveWhatIsNoAnswerToUs() {
    assertThat(read(question(IP))).isEqualTo(Verdict.OTHER);
    assertThat(read(advertisement().flags(false, false, true).build())).isEqualTo(Verdict.OTHER);
    final Frame toAll =
        Frame.ethernet(PEER, MAC)
            .ipv6(TARGET, Ipv6Address.ALL_NODES)
            .neighborAdvertisement(TARGET)
            .flags(false, false, true)
            .build();
    assertThat(read(toAll)).isEqualTo(Verdict.OTHER);
    assertThat(accepts(toAll)).isFalse();
    final Frame echo = packet(PEER).echoReply(1, 2).build();
    assertThat(read(echo)).isEqualTo(Verdict.OTHER);
    assertThat(accepts(echo)).isFalse();
    final Frame udp = packet(PEER).udp(1, 2).build();
    assertThat(read(udp)).isEqualTo(Verdict.OTHER);
    assertThat(accepts(udp)).isFalse();
    final Frame arp = Frame.ethernet(PEER, MAC).arpReply(PEER, 1, MAC, 2).build();
    assertThat(read(arp)).isEqualTo(Verdict.OTHER);
    assertThat(accepts(arp)).isFalse();
  }

  @Test
  void shouldCallWhatBreaksTheRulesMalformed() {
    final Ipv6Address group = Ipv6Address.parse("ff02::7");
    for (Frame frame :
        new Frame[] {
          packet(PEER).hopLimit(254).neighborAdvertisement(TARGET).build(),
          advertisement().checksum(1).build(),
          packet(PEER).icmp(136, 1, 0x6000_0000).payload(new byte[16]).build(),
          packet(PEER).icmp(136, 0, 0x6000_0000).payload(new byte[15]).build(),
          packet(PEER).neighborAdvertisement(group).build(),
          advertisement().rawOptions(new byte[8]).build(),
          advertisement().rawOptions(new byte[] {2, 2, 0, 0, 0, 0, 0, 1}).build(),
          advertisement().targetLinkAddress(MacAddress.BROADCAST).build(),
          packet(MacAddress.ZERO).neighborAdvertisement(TARGET).build(),
          Frame.ethernet(PEER, MAC).ipv6(group, IP).neighborAdvertisement(TARGET).build()
        }) {
      assertThat(read(frame)).as(frame.toString()).isEqualTo(Verdict.MALFORMED);
      assertThat(accepts(frame)).isTrue();
    }
  }

  @Test
  void shouldTakeNoTruncatedFrameForAnAnswer() {
    final Frame answer = answer();
    for (int length = 0; length < answer.length(); length++) {
      final ByteBuffer cut = answer.toByteBuffer().limit(length);
      assertThat(probe.read(cut, 0, length, reply)).isEqualTo(Verdict.MALFORMED);
    }
  }

  @Test
  void shouldNeverThrowNorFilterAReplyAway() {
    final long[] filter = probe.filter();
    final byte[] answer = answer().toByteArray();
    int replies = 0;
    for (int round = 0; round < 200_000; round++) {
      final byte[] frame = answer.clone();
      for (int i = random.nextInt(4); i > 0; i--) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
      }
      final int length = random.nextBoolean() ? frame.length : random.nextInt(frame.length);
      final ByteBuffer buffer = ByteBuffer.wrap(frame, 0, length);
      if (probe.read(buffer, 0, length, reply) == Verdict.REPLY) {
        replies++;
        assertThat(FilterMachine.accepts(filter, Arrays.copyOf(frame, length), false)).isTrue();
        assertThat(FilterMachine.accepts(filter, Arrays.copyOf(frame, length), true)).isFalse();
      }
    }
    assertThat(replies).isPositive();
  }

  @Test
  void shouldWantOneStationAndOneNode() {
    assertThatThrownBy(() -> new NdpProbe(MacAddress.BROADCAST, IP))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sourceMac=ff:ff:ff:ff:ff:ff");
    for (Ipv6Address address : new Ipv6Address[] {Ipv6Address.ANY, Ipv6Address.ALL_NODES}) {
      assertThatThrownBy(() -> new NdpProbe(MAC, address))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("sourceIp=" + address);
    }
  }
}
