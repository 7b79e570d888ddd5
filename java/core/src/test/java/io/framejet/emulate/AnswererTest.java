package io.framejet.emulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.frame.Checksum;
import io.framejet.frame.Frame;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.frame.TcpHeader;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.PortSet;
import io.framejet.target.TargetSet;
import io.framejet.testing.Allocation;
import io.framejet.testing.VethLab;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What made-up hosts answer, without any link. */
class AnswererTest {
  private static final int ASKER = Requests.ASKER;
  private static final int HOST = Requests.HOST;
  private static final Ipv6Address HOST6 = Requests.HOST6;
  private static final MacAddress MAC = Requests.MAC;
  private static final MacAddress HOST_MAC = HostEmulator.macOf(HOST);
  private static final SipHash KEY = new SipHash(3, 4);

  private final HostSet hosts =
      new HostSet(TargetSet.of("10.77.0.0/16"), Ipv6TargetSet.of("2001:db8::/104"), 1, KEY);
  private final Answerer answerer = answerer(hosts, true);

  private static Answerer answerer(HostSet hosts, boolean unreachable) {
    return new Answerer(hosts, new Ports(PortSet.of(Requests.OPEN), unreachable), 1500);
  }

  private static byte @Nullable [] ask(Answerer answerer, byte[] request) {
    // Among other bytes, as frames are in a ring.
    final ByteBuffer buffer = ByteBuffer.allocate(request.length + 128);
    Arrays.fill(buffer.array(), (byte) 0xa5);
    buffer.put(64, request);
    final Answer answer = answerer.answer();
    for (int i = 0; i < 2000; i++) {
      answer.buffer().put(i, (byte) 0xa5);
    }
    if (!answerer.answers(buffer, 64, request.length)) {
      return null;
    }
    final byte[] bytes = new byte[answer.length()];
    answer.buffer().get(0, bytes);
    return bytes;
  }

  private byte @Nullable [] ask(Frame request) {
    return ask(answerer, request.toByteArray());
  }

  private void shouldAnswer(Frame request, Frame expected) {
    final byte[] bytes = ask(request);
    assertThat(bytes).as("answer to %s", request).isNotNull();
    assertThat(Frame.of(bytes).toHex()).isEqualTo(padded(expected).toHex());
  }

  private static Frame padded(Frame frame) {
    return Frame.of(Arrays.copyOf(frame.toByteArray(), Math.max(60, frame.length())));
  }

  private void shouldIgnore(Frame request) {
    assertThat(ask(request)).as("%s", request).isNull();
  }

  @Test
  void shouldGiveEachHostAMacOfItsOwn() {
    assertThat(HostEmulator.macOf(Ipv4.parse("10.77.0.9"))).hasToString("02:04:0a:4d:00:09");
    final Ipv6Address address = Ipv6Address.parse("2001:db8::1:2345:6789");
    assertThat(Requests.mac(address)).hasToString("06:01:23:45:67:89");
    assertThat(Requests.mac(Ipv6Address.parse("2001:db8:0:0:ff12:3456:789a:bcde")))
        .hasToString("06:56:78:9a:bc:de");
    assertThat(Requests.mac(address).isLocallyAdministered()).isTrue();
    assertThat(Requests.mac(address).isUnicast()).isTrue();
  }

  @Test
  void shouldAnswerArp() {
    final Frame reply = Frame.ethernet(HOST_MAC, MAC).arpReply(HOST_MAC, HOST, MAC, ASKER).build();
    shouldAnswer(Requests.arp(HOST), reply);
    shouldAnswer(Frame.ethernet(MAC, HOST_MAC).arpRequest(MAC, ASKER, HOST).build(), reply);
    // Who looks whether the address is taken has none (RFC 5227).
    shouldAnswer(
        Frame.ethernet(MAC, MacAddress.BROADCAST).arpRequest(MAC, 0, HOST).build(),
        Frame.ethernet(HOST_MAC, MAC).arpReply(HOST_MAC, HOST, MAC, 0).build());
    // To whom the request names.
    shouldAnswer(
        Frame.ethernet(VethLab.FAR_MAC, MacAddress.BROADCAST).arpRequest(MAC, ASKER, HOST).build(),
        reply);
  }

  @Test
  void shouldNotAnswerArpThatAsksForNobody() {
    shouldIgnore(Requests.arp(Ipv4.parse("10.78.0.1")));
    shouldIgnore(Frame.ethernet(MAC, VethLab.FAR_MAC).arpRequest(MAC, ASKER, HOST).build());
    shouldIgnore(Frame.ethernet(MAC, MacAddress.BROADCAST).arpRequest(MAC, HOST, HOST).build());
    shouldIgnore(
        Frame.ethernet(MAC, MacAddress.BROADCAST)
            .arpRequest(MacAddress.BROADCAST, ASKER, HOST)
            .build());
    shouldIgnore(Frame.ethernet(MAC, MacAddress.BROADCAST).arpRequest(MAC, -1, HOST).build());
    shouldIgnore(
        Frame.ethernet(MacAddress.BROADCAST, HOST_MAC).arpRequest(MAC, ASKER, HOST).build());
    shouldIgnore(Frame.ethernet(MAC, HOST_MAC).arpReply(MAC, ASKER, HOST_MAC, HOST).build());
    shouldIgnore(
        Frame.ethernet(MAC, MacAddress.BROADCAST).vlan(7).arpRequest(MAC, ASKER, HOST).build());
    final byte[] bytes = Requests.arp(HOST).toByteArray();
    for (int at = 12; at < 22; at++) {
      final byte[] other = bytes.clone();
      other[at] ^= 4;
      assertThat(ask(answerer, other)).as("byte %s", at).isNull();
    }
    for (int length = 0; length < 42; length++) {
      assertThat(ask(answerer, Arrays.copyOf(bytes, length))).isNull();
    }
    assertThat(ask(answerer, Arrays.copyOf(bytes, 42))).hasSize(60);
  }

  @Test
  void shouldEchoDataOfAnyLength() {
    final Random random = new Random(1);
    for (int length = 0; length <= 1472; length += length < 64 ? 1 : 61) {
      final byte[] data = new byte[length];
      random.nextBytes(data);
      shouldAnswer(
          Requests.echo(HOST, 0xb9, data),
          Frame.ethernet(HOST_MAC, MAC)
              .ipv4(HOST, ASKER)
              .dscp(0xb9 >> 2)
              .ecn(1)
              .dontFragment()
              .ttl(64)
              .echoReply(7, 9)
              .payload(data)
              .build());
    }
  }

  @Test
  void shouldHaveARightChecksumWhereItIsZeros() {
    // All zeros but the type: the reply sums up to 0, of which the checksum is 0xffff, not 0.
    final byte[] reply =
        ask(
            Frame.ethernet(MAC, HOST_MAC)
                .ipv4(ASKER, HOST)
                .echoRequest(0, 0)
                .payload(new byte[10])
                .build());
    assertThat(reply).isNotNull();
    assertThat(new byte[] {reply[36], reply[37]}).isEqualTo(new byte[] {-1, -1});
  }

  @Test
  void shouldNotAnswerPacketsThatAreNotPlain() {
    final byte[] data = {1, 2, 3};
    shouldIgnore(
        Frame.ethernet(MAC, MacAddress.BROADCAST).ipv4(ASKER, HOST).echoRequest(1, 1).build());
    shouldIgnore(
        Frame.ethernet(MAC, HOST_MAC).ipv4(HOST, HOST).echoRequest(1, 1).payload(data).build());
    for (String source : List.of("127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0")) {
      shouldIgnore(
          Frame.ethernet(MAC, HOST_MAC)
              .ipv4(Ipv4.parse(source), HOST)
              .echoRequest(1, 1)
              .payload(data)
              .build());
    }
    shouldIgnore(
        Frame.ethernet(MAC, HOST_MAC).ipv4(ASKER, HOST).moreFragments().echoRequest(1, 1).build());
    shouldIgnore(
        Frame.ethernet(MAC, HOST_MAC)
            .ipv4(ASKER, HOST)
            .fragmentOffset(8)
            .echoRequest(1, 1)
            .build());
    shouldIgnore(
        Frame.ethernet(MAC, HOST_MAC)
            .ipv4(ASKER, HOST)
            .options(new byte[] {1, 1, 1, 0})
            .echoRequest(1, 1)
            .build());
    shouldIgnore(
        Frame.ethernet(MAC, HOST_MAC).ipv4(ASKER, HOST).checksum(1).echoRequest(1, 1).build());
    shouldIgnore(
        Frame.ethernet(MAC, HOST_MAC).ipv4(ASKER, HOST).echoRequest(1, 1).checksum(1).build());
    shouldIgnore(Frame.ethernet(MAC, HOST_MAC).ipv4(ASKER, HOST).echoRequest(1, 1).code(3).build());
    shouldIgnore(Frame.ethernet(MAC, HOST_MAC).ipv4(ASKER, HOST).echoReply(1, 1).build());
    shouldIgnore(Frame.ethernet(MAC, HOST_MAC).vlan(7).ipv4(ASKER, HOST).echoRequest(1, 1).build());
    shouldIgnore(Frame.ethernet(MAC, HOST_MAC).ipv4(ASKER, HOST).payload(47, data).build());
  }

  private static Frame reset(int port, long sequence, long acknowledgment, int flags) {
    return Frame.ethernet(HOST_MAC, MAC)
        .ipv4(HOST, ASKER)
        .dontFragment()
        .tcp(port, 40_000)
        .sequence(sequence)
        .acknowledgment(acknowledgment)
        .flags(flags)
        .window(0)
        .build();
  }

  @Test
  void shouldResetWhatIsForNobody() {
    final int rst = TcpHeader.RST;
    final int both = TcpHeader.RST | TcpHeader.ACK;
    final byte[] none = {};
    final byte[] data = new byte[100];
    // RFC 9293, 3.10.7.1; sequence numbers go over their end.
    shouldAnswer(Requests.tcp(HOST, 81, TcpHeader.SYN, 0, none), reset(81, 0, 0xffff_fff1L, both));
    shouldAnswer(Requests.tcp(HOST, 81, TcpHeader.SYN, 0, data), reset(81, 0, 0x55, both));
    shouldAnswer(
        Requests.tcp(HOST, 81, TcpHeader.FIN | TcpHeader.SYN, 0, data), reset(81, 0, 0x56, both));
    shouldAnswer(Requests.tcp(HOST, 81, 0, 0, none), reset(81, 0, 0xffff_fff0L, both));
    for (int port : new int[] {80, 81}) {
      for (int flags : new int[] {TcpHeader.ACK, TcpHeader.ACK | TcpHeader.SYN, 0x19}) {
        shouldAnswer(Requests.tcp(HOST, port, flags, 77, data), reset(port, 77, 0, rst));
      }
      shouldIgnore(Requests.tcp(HOST, port, TcpHeader.RST, 0, none));
      shouldIgnore(Requests.tcp(HOST, port, both, 1, none));
    }
    shouldIgnore(Requests.tcp(HOST, 80, 0, 0, data));
    shouldIgnore(Requests.tcp(HOST, 80, TcpHeader.FIN, 0, none));
    shouldIgnore(Requests.tcp(HOST, 80, TcpHeader.FIN | TcpHeader.SYN, 0, none));
  }

  @Test
  void shouldAcceptConnectionsOnOpenPorts() {
    final byte[] reply = ask(Requests.tcp(HOST, 80, TcpHeader.SYN, 0, new byte[4]));
    assertThat(reply).hasSize(60);
    final long isn = ByteBuffer.wrap(reply).getInt(38) & 0xffff_ffffL;
    assertThat(Frame.of(reply).toHex())
        .isEqualTo(
            padded(
                    Frame.ethernet(HOST_MAC, MAC)
                        .ipv4(HOST, ASKER)
                        .dontFragment()
                        .tcp(80, 40_000)
                        .sequence(isn)
                        .acknowledgment(0xffff_fff1L)
                        .flags(TcpHeader.SYN | TcpHeader.ACK)
                        .window(0xffff)
                        .maxSegmentSize(1460)
                        .build())
                .toHex());
    // What ends the handshake is no stray, what follows it is.
    shouldIgnore(Requests.tcp(HOST, 80, TcpHeader.ACK, isn + 1, new byte[0]));
    shouldAnswer(
        Requests.tcp(HOST, 80, TcpHeader.ACK | TcpHeader.PSH, isn + 1, new byte[9]),
        reset(80, isn + 1, 0, TcpHeader.RST));
    shouldAnswer(
        Requests.tcp(HOST, 80, TcpHeader.ACK | TcpHeader.FIN, isn + 1, new byte[0]),
        reset(80, isn + 1, 0, TcpHeader.RST));
    shouldAnswer(
        Requests.tcp(HOST, 80, TcpHeader.ACK, isn + 2, new byte[0]),
        reset(80, isn + 2, 0, TcpHeader.RST));
  }

  @Test
  void shouldTakeChecksumsThatANicWasToFinish() {
    final byte[] syn = Requests.tcp(HOST, 81, TcpHeader.SYN, 0, new byte[5]).toByteArray();
    final ByteBuffer view = ByteBuffer.wrap(syn);
    final int length = syn.length - 34;
    final int sum = ~Checksum.finish(Checksum.pseudoSum(ASKER, HOST, 6, 25)) & 0xffff;
    assertThat(length).isGreaterThanOrEqualTo(25);
    view.putShort(50, (short) sum);
    assertThat(ask(answerer, syn)).isNotNull();
    view.putShort(50, (short) (sum + 1));
    assertThat(ask(answerer, syn)).isNull();
  }

  @Test
  void shouldTellThatNobodyListensToUdp() {
    final Frame request = Requests.udp(HOST, 53, new byte[30]);
    final byte[] quoted = Arrays.copyOfRange(request.toByteArray(), 14, 42);
    final Frame expected =
        Frame.ethernet(HOST_MAC, MAC)
            .ipv4(HOST, ASKER)
            .dscp(48)
            .dontFragment()
            .icmp(Icmp4Message.UNREACHABLE, Icmp4Message.PORT_UNREACHABLE, 0)
            .payload(quoted)
            .build();
    shouldAnswer(request, expected);
    final byte[] bare = request.toByteArray();
    bare[40] = 0;
    bare[41] = 0;
    assertThat(ask(answerer, bare)).hasSize(70);
    bare[41] = 1;
    assertThat(ask(answerer, bare)).isNull();
    shouldIgnore(
        Frame.ethernet(MAC, HOST_MAC).ipv4(ASKER, HOST).udp(1, 2).length(7).checksum(0).build());
    shouldIgnore(
        Frame.ethernet(MAC, HOST_MAC).ipv4(ASKER, HOST).udp(1, 2).length(9).checksum(0).build());
    assertThat(ask(answerer(hosts, false), request.toByteArray())).isNull();
  }

  private static Frame advertisement(MacAddress to, Ipv6Address toAddress, boolean solicited) {
    return Frame.ethernet(Requests.mac(HOST6), to)
        .ipv6(HOST6, toAddress)
        .hopLimit(255)
        .neighborAdvertisement(HOST6)
        .flags(false, solicited, true)
        .targetLinkAddress(Requests.mac(HOST6))
        .build();
  }

  @Test
  void shouldAnswerNeighborSolicitations() {
    shouldAnswer(Requests.solicitation(HOST6), advertisement(MAC, Requests.ASKER6, true));
    shouldAnswer(
        Requests.unicastSolicitation(HOST6, VethLab.FAR_MAC),
        advertisement(VethLab.FAR_MAC, Requests.ASKER6, true));
    shouldAnswer(
        Requests.detection(HOST6),
        advertisement(MacAddress.parse("33:33:00:00:00:01"), Ipv6Address.ALL_NODES, false));
  }

  @Test
  void shouldNotAnswerSolicitationsThatMustBeDiscarded() {
    final Ipv6Address group = HOST6.solicitedNode();
    final MacAddress mac = group.multicastMac();
    // RFC 4861, 7.1.1, and 4.3 for the source of a solicitation without an address.
    shouldIgnore(
        Frame.ethernet(MAC, mac)
            .ipv6(Requests.ASKER6, group)
            .hopLimit(254)
            .neighborSolicitation(HOST6)
            .build());
    shouldIgnore(
        Frame.ethernet(MAC, mac)
            .ipv6(Ipv6Address.ANY, group)
            .hopLimit(255)
            .neighborSolicitation(HOST6)
            .sourceLinkAddress(MAC)
            .build());
    shouldIgnore(
        Frame.ethernet(MAC, Requests.mac(HOST6))
            .ipv6(Ipv6Address.ANY, HOST6)
            .hopLimit(255)
            .neighborSolicitation(HOST6)
            .build());
    for (byte[] options :
        List.of(
            new byte[] {1, 0, 1, 2, 3, 4, 5, 6},
            new byte[] {1, 1, 2},
            new byte[] {1, 2, 2, 0, 0, 0, 0, 1},
            new byte[40])) {
      shouldIgnore(
          Frame.ethernet(MAC, mac)
              .ipv6(Requests.ASKER6, group)
              .hopLimit(255)
              .neighborSolicitation(HOST6)
              .rawOptions(options)
              .build());
    }
    shouldIgnore(
        Frame.ethernet(MAC, mac)
            .ipv6(Requests.ASKER6, group)
            .hopLimit(255)
            .neighborSolicitation(HOST6)
            .checksum(7)
            .build());
    shouldIgnore(
        Frame.ethernet(MAC, mac)
            .ipv6(HOST6, group)
            .hopLimit(255)
            .neighborSolicitation(HOST6)
            .build());
    shouldIgnore(
        Frame.ethernet(MAC, MacAddress.BROADCAST)
            .ipv6(Requests.ASKER6, group)
            .hopLimit(255)
            .neighborSolicitation(HOST6)
            .build());
    shouldIgnore(
        Frame.ethernet(MAC, mac)
            .ipv6(Requests.ASKER6, Ipv6Address.ALL_NODES)
            .hopLimit(255)
            .neighborSolicitation(HOST6)
            .build());
  }

  @Test
  void shouldEchoOverIpv6() {
    final Random random = new Random(2);
    for (int length = 0; length <= 1452; length += length < 32 ? 1 : 71) {
      final byte[] data = new byte[length];
      random.nextBytes(data);
      shouldAnswer(
          Requests.echo6(HOST6, data),
          Frame.ethernet(Requests.mac(HOST6), MAC)
              .ipv6(HOST6, Requests.ASKER6)
              .trafficClass(0x2e)
              .echoReply(7, 9)
              .payload(data)
              .build());
    }
    shouldIgnore(
        Frame.ethernet(MAC, Ipv6Address.ALL_NODES.multicastMac())
            .ipv6(Requests.ASKER6, Ipv6Address.ALL_NODES)
            .echoRequest(1, 1)
            .build());
    shouldIgnore(
        Frame.ethernet(MAC, Requests.mac(HOST6))
            .ipv6(Requests.ASKER6, HOST6)
            .hopByHop(new byte[6])
            .echoRequest(1, 1)
            .build());
    shouldIgnore(
        Frame.ethernet(MAC, Requests.mac(HOST6))
            .ipv6(Requests.ASKER6, HOST6)
            .echoRequest(1, 1)
            .checksum(9)
            .build());
  }

  @Test
  void shouldHaveAChosenShareOfHostsUp() {
    final TargetSet all = TargetSet.of("10.77.0.0/16");
    final Ipv6TargetSet all6 = Ipv6TargetSet.of("2001:db8::/112");
    for (double share : new double[] {0, 0.1, 0.5, 1}) {
      final HostSet some = new HostSet(all, all6, share, KEY);
      final HostSet same = new HostSet(all, all6, share, new SipHash(3, 4));
      final HostSet others = new HostSet(all, all6, share, new SipHash(3, 5));
      int up = 0;
      int up6 = 0;
      int differ = 0;
      for (int i = 0; i < 1 << 16; i++) {
        final int address = all.addressAt(i);
        up += some.isUp(address) ? 1 : 0;
        up6 += some.isUp(all6.highAt(i), all6.lowAt(i)) ? 1 : 0;
        differ += some.isUp(address) == others.isUp(address) ? 0 : 1;
        assertThat(same.isUp(address)).isEqualTo(some.isUp(address));
      }
      // Four standard deviations.
      final double spread = 4 * Math.sqrt(share * (1 - share) * (1 << 16));
      assertThat((double) up).isBetween(share * (1 << 16) - spread, share * (1 << 16) + spread);
      assertThat((double) up6).isBetween(share * (1 << 16) - spread, share * (1 << 16) + spread);
      assertThat(differ > 0).isEqualTo(share > 0 && share < 1);
    }
  }

  @Test
  void shouldAnswerOnlyForHostsThatAreUp() {
    final HostSet some =
        new HostSet(
            TargetSet.builder().add("10.77.0.0/16").exclude("10.77.3.0/24").build(),
            Ipv6TargetSet.of("2001:db8::/112"),
            0.5,
            KEY);
    final Answerer half = answerer(some, true);
    for (int i = 0; i < 1 << 12; i++) {
      final int address = Ipv4.parse("10.77.0.0") + i * 16;
      assertThat(ask(half, Requests.arp(address).toByteArray()) != null)
          .isEqualTo(some.isUp(address));
      final Ipv6Address address6 = Ipv6Address.of(HOST6.high(), i);
      assertThat(ask(half, Requests.solicitation(address6).toByteArray()) != null)
          .isEqualTo(some.isUp(address6.high(), address6.low()));
    }
    assertThat(some.isUp(HOST)).isFalse();
  }

  @Test
  void shouldSurviveHostileFrames() {
    final Random random = new Random(77);
    int answers = 0;
    for (byte[] frame : Requests.spoiled(random, 20_000)) {
      final byte[] answer = ask(answerer, frame);
      if (answer != null) {
        answers++;
        assertThat(answer.length).isBetween(60, Math.max(86, Math.max(60, frame.length)));
      }
    }
    // Of most requests a bit was flipped that their checksum covers; not of all.
    assertThat(answers).isBetween(100, 10_000);
  }

  @Test
  void shouldNotAllocate() throws Exception {
    final Random random = new Random(5);
    final List<byte[]> frames = Requests.spoiled(random, 500);
    Requests.right(random).forEach(frame -> frames.add(frame.toByteArray()));
    final List<ByteBuffer> buffers = frames.stream().map(ByteBuffer::wrap).toList();
    final Answerer made = answerer(hosts, true);
    int answers = 0;
    for (int i = 0; i < 20; i++) {
      answers += askAll(made, buffers);
    }
    final Allocation allocation = Allocation.ofThisThread();
    final long before = allocation.bytes();
    for (int i = 0; i < 20; i++) {
      answers += askAll(made, buffers);
    }
    assertThat(allocation.bytes() - before).isLessThan(buffers.size());
    assertThat(answers).isPositive();
  }

  private static int askAll(Answerer answerer, List<ByteBuffer> frames) {
    int answers = 0;
    for (int i = 0; i < frames.size(); i++) {
      final ByteBuffer frame = frames.get(i);
      answers += answerer.answers(frame, 0, frame.capacity()) ? 1 : 0;
    }
    return answers;
  }
}
