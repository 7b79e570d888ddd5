package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The bytes of every header and of every kind of frame, written over what others left behind. Those
 * of whole frames are scapy's, from {@code stacks.py}.
 */
class GoldenTest {
  private static final String A6 = "20010db8000000000000000000000001";
  private static final String B6 = "20010db8000000000000000000000002";

  /** Writes where others wrote, at an odd place and in either byte order: and nothing besides. */
  private static void shouldWrite(String golden, Consumer<ByteBuffer> write) {
    final int length = golden.length() / 2;
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      final ByteBuffer buffer = Golden.buffer(length + 10).order(order);
      write.accept(buffer);
      assertThat(Golden.hex(buffer, 0, length + 10))
          .isEqualTo("a5".repeat(3) + golden + "a5".repeat(7));
      assertThat(buffer.position()).isZero();
      assertThat(buffer.order()).isEqualTo(order);
    }
  }

  /** A header that is there in full is valid; cut anywhere, it says so and does not throw. */
  private static void shouldNotice(String golden, Function<ByteBuffer, Told> wrap) {
    final byte[] bytes = Frame.ofHex(golden).toByteArray();
    assertThat(wrap.apply(ByteBuffer.wrap(bytes)).problem()).isNull();
    for (int length = 0; length < bytes.length; length++) {
      final Told told = wrap.apply(ByteBuffer.wrap(Arrays.copyOf(bytes, length)));
      assertThat(told.problem()).as("cut to %s of %s", length, golden).isNotEmpty();
      assertThat(told.text()).contains(length + " bytes", String.valueOf(told.problem()));
    }
  }

  private record Told(@Nullable String problem, String text) {}

  @Test
  void shouldWriteVlanTags() {
    final String tag = "b0070800";
    shouldWrite(
        tag,
        at ->
            new VlanTag()
                .wrap(at, 3, 4)
                .control(0)
                .priority(5)
                .dropEligible(true)
                .id(7)
                .etherType(0x800));
    // Each part of the control information leaves the others alone.
    shouldWrite("a007a5a5", at -> new VlanTag().wrap(at, 3, 4).id(7));
    shouldWrite("25a5a5a5", at -> new VlanTag().wrap(at, 3, 4).priority(1));
    shouldWrite("b5a5a5a5", at -> new VlanTag().wrap(at, 3, 4).dropEligible(true));
    shouldNotice(
        tag,
        bytes -> {
          final VlanTag read = new VlanTag().wrap(bytes, 0, bytes.limit());
          return new Told(read.problem(), read.toString());
        });
  }

  @Test
  void shouldWriteLlcAndSnap() {
    shouldWrite("424203", at -> new LlcHeader().wrap(at, 3, 3).dsap(0x42).ssap(0x42).control(3));
    final String snap = "aaaa0300000c2000";
    shouldWrite(
        snap,
        at ->
            new LlcHeader()
                .wrap(at, 3, 8)
                .dsap(LlcHeader.SNAP)
                .ssap(LlcHeader.SNAP)
                .control(LlcHeader.UNNUMBERED)
                .oui(0x00000c)
                .protocol(0x2000));
    shouldNotice(
        snap,
        bytes -> {
          final LlcHeader read = new LlcHeader().wrap(bytes, 0, bytes.limit());
          return new Told(read.problem(), read.toString());
        });
  }

  @Test
  void shouldWriteIpv4() {
    // 45b9 + 0014 + 1234 + 4000 + 1e11 + c000 + 0201 + c000 + 0202 = 23a15 -> 3a17 -> c5e8
    final String header = "45b9001412344000" + "1e11c5e8" + "c0000201c0000202";
    shouldWrite(
        header,
        at ->
            new Ipv4Header()
                .wrap(at, 3, 20)
                .defaults()
                .dscp(46)
                .ecn(1)
                .totalLength(20)
                .identification(0x1234)
                .dontFragment(true)
                .ttl(30)
                .protocol(IpProtocol.UDP)
                .source(Stacks.A)
                .destination(Stacks.B)
                .fillChecksum());
    shouldWrite(
        "6f" + "a5".repeat(5) + "2008" + "a5".repeat(12),
        at ->
            new Ipv4Header()
                .wrap(at, 3, 20)
                .version(6)
                .headerLength(60)
                .fragment(0)
                .moreFragments(true)
                .fragmentOffset(64));
    shouldNotice(
        header,
        bytes -> {
          final Ipv4Header read = new Ipv4Header().wrap(bytes, 0, bytes.limit());
          return new Told(read.problem(), read.toString());
        });
  }

  @Test
  void shouldWriteIpv6() {
    final String header = "6b81234500001109" + A6 + B6;
    shouldWrite(
        header,
        at ->
            new Ipv6Header()
                .wrap(at, 3, 40)
                .defaults()
                .trafficClass(0xb8)
                .flowLabel(0x12345)
                .payloadLength(0)
                .nextHeader(IpProtocol.UDP)
                .hopLimit(9)
                .source(Stacks.A6)
                .destination(Stacks.B6));
    shouldWrite("45a5a5a5" + "a5".repeat(36), at -> new Ipv6Header().wrap(at, 3, 40).version(4));
    shouldNotice(
        header,
        bytes -> {
          final Ipv6Header read = new Ipv6Header().wrap(bytes, 0, bytes.limit());
          return new Told(read.problem(), read.toString());
        });
  }

  @Test
  void shouldWriteIpv6Extensions() {
    shouldWrite(
        "3a00" + "a5".repeat(6),
        at -> extension(IpProtocol.HOP_BY_HOP, at, 8).nextHeader(58).headerLength(8));
    shouldWrite(
        "3c01" + "a5".repeat(14),
        at -> extension(IpProtocol.DESTINATION_OPTIONS, at, 16).nextHeader(60).headerLength(16));
    shouldWrite(
        "11020401" + "a5".repeat(4) + B6,
        at ->
            extension(IpProtocol.ROUTING, at, 24)
                .nextHeader(17)
                .headerLength(24)
                .routingType(Ipv6Extension.SEGMENT_ROUTING)
                .segmentsLeft(1)
                .address(0, Stacks.B6.high(), Stacks.B6.low()));
    shouldWrite(
        "11000041deadbeef",
        at ->
            extension(IpProtocol.FRAGMENT, at, 8)
                .nextHeader(17)
                .fragment(64, true)
                .identification(0xdead_beefL));
    for (String each :
        List.of("11000041deadbeef", "1102040100000000" + B6, "3a01" + "00".repeat(14))) {
      final int type = each.startsWith("1100") ? IpProtocol.FRAGMENT : IpProtocol.ROUTING;
      shouldNotice(
          each,
          bytes -> {
            final Ipv6Extension read = new Ipv6Extension().type(type).wrap(bytes, 0, bytes.limit());
            return new Told(read.problem(), read.toString());
          });
    }
  }

  private static Ipv6Extension extension(int type, ByteBuffer at, int length) {
    return new Ipv6Extension().type(type).wrap(at, 3, length);
  }

  @Test
  void shouldWriteIcmp4() {
    final String echo = "0800e5c412340007"; // 0800 + 1234 + 0007 = 1a3b
    shouldWrite(
        echo,
        at ->
            new Icmp4Message()
                .wrap(at, 3, 8)
                .type(Icmp4Message.ECHO_REQUEST)
                .code(0)
                .identifier(0x1234)
                .sequence(7)
                .fillChecksum());
    shouldWrite(
        "0304abcd00000500",
        at ->
            new Icmp4Message()
                .wrap(at, 3, 8)
                .type(Icmp4Message.UNREACHABLE)
                .code(Icmp4Message.FRAGMENTATION_NEEDED)
                .checksum(0xabcd)
                .rest(0)
                .nextHopMtu(1280));
    shouldWrite(
        "0e00abcd00010002" + "000003e8000007d0ffffffff",
        at ->
            new Icmp4Message()
                .wrap(at, 3, Icmp4Message.TIMESTAMP_LENGTH)
                .type(Icmp4Message.TIMESTAMP_REPLY)
                .code(0)
                .checksum(0xabcd)
                .rest(0x0001_0002)
                .originate(1000)
                .receive(2000)
                .transmit(0xffff_ffffL));
    shouldNotice(
        echo,
        bytes -> {
          final Icmp4Message read = new Icmp4Message().wrap(bytes, 0, bytes.limit());
          return new Told(read.problem(), read.toString());
        });
  }

  @Test
  void shouldWriteIcmp6() {
    final String tooBig = "0200abcd00000500";
    shouldWrite(
        tooBig,
        at ->
            new Icmp6Message()
                .wrap(at, 3, 8)
                .type(Icmp6Message.PACKET_TOO_BIG)
                .code(0)
                .checksum(0xabcd)
                .mtu(1280));
    // Of a pseudo-header that adds up to 1: 8000 + 1234 + 0007 + 1 = 923c
    shouldWrite(
        "80006dc312340007",
        at ->
            new Icmp6Message()
                .wrap(at, 3, 8)
                .type(Icmp6Message.ECHO_REQUEST)
                .code(0)
                .identifier(0x1234)
                .sequence(7)
                .fillChecksum(1));
    shouldNotice(
        tooBig,
        bytes -> {
          final Icmp6Message read = new Icmp6Message().wrap(bytes, 0, bytes.limit());
          return new Told(read.problem(), read.toString());
        });
  }

  @Test
  void shouldWriteNeighborDiscovery() {
    final String solicitation = "8700abcd00000000" + B6;
    shouldWrite(
        solicitation,
        at -> {
          icmp6(at, 24, NdpMessage.NEIGHBOR_SOLICITATION);
          new NdpMessage().wrap(at, 3, 24).target(Stacks.B6.high(), Stacks.B6.low());
        });
    shouldWrite(
        "8800abcdc0000000" + "a5".repeat(16),
        at -> {
          icmp6(at, 24, NdpMessage.NEIGHBOR_ADVERTISEMENT);
          new NdpMessage().wrap(at, 3, 24).flags(true, true, false);
        });
    final String router = "8600abcd40c00708" + "00007530000003e8";
    shouldWrite(
        router,
        at -> {
          icmp6(at, 16, NdpMessage.ROUTER_ADVERTISEMENT);
          new NdpMessage()
              .wrap(at, 3, 16)
              .hopLimit(64)
              .routerFlags(0xc0)
              .routerLifetime(1800)
              .reachableTime(30_000)
              .retransmissionTimer(1000);
        });
    final String redirect = "8900abcd00000000" + A6 + B6;
    for (String each : List.of(solicitation, router, redirect, "8500abcd00000000")) {
      shouldNotice(
          each,
          bytes -> {
            final NdpMessage read = new NdpMessage().wrap(bytes, 0, bytes.limit());
            return new Told(read.problem(), read.toString());
          });
    }
  }

  private static void icmp6(ByteBuffer at, int length, int type) {
    new Icmp6Message().wrap(at, 3, length).type(type).code(0).checksum(0xabcd).rest(0);
  }

  @Test
  void shouldWriteUdp() {
    // Of a pseudo-header that adds up to 1: 03e8 + 0035 + 0008 + 1 = 0426
    final String header = "03e800350008fbd9";
    shouldWrite(
        header,
        at ->
            new UdpHeader()
                .wrap(at, 3, 8)
                .sourcePort(1000)
                .destinationPort(53)
                .datagramLength(8)
                .fillChecksum(1));
    shouldNotice(
        header,
        bytes -> {
          final UdpHeader read = new UdpHeader().wrap(bytes, 0, bytes.limit());
          return new Told(read.problem(), read.toString());
        });
  }

  @Test
  void shouldWriteTcp() {
    final String header = "03e8005089abcdef00000001" + "50120200abcd0003";
    shouldWrite(
        header,
        at ->
            new TcpHeader()
                .wrap(at, 3, 20)
                .defaults()
                .sourcePort(1000)
                .destinationPort(80)
                .sequence(0x89ab_cdefL)
                .acknowledgment(1)
                .flags(TcpHeader.SYN | TcpHeader.ACK)
                .window(512)
                .checksum(0xabcd)
                .urgentPointer(3));
    shouldWrite(
        "a5".repeat(12) + "f5" + "a5".repeat(7),
        at -> new TcpHeader().wrap(at, 3, 20).headerLength(60));
    final String options = header.replace("5012", "8012") + "020405b4" + "01030307" + "04020000";
    for (String each : List.of(header, options)) {
      shouldNotice(
          each,
          bytes -> {
            final TcpHeader read = new TcpHeader().wrap(bytes, 0, bytes.limit());
            return new Told(read.problem(), read.toString());
          });
    }
  }

  static List<String> frames() throws IOException {
    try (InputStream golden = GoldenTest.class.getResourceAsStream("/frame/stacks.hex")) {
      return new String(golden.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }

  @Test
  void shouldWriteFramesOfEveryKind() throws IOException {
    final List<Frame> frames = new ArrayList<>(Stacks.ethernetFrames());
    frames.addAll(Stacks.ipFrames());
    final List<String> golden = frames();
    assertThat(golden).hasSameSizeAs(frames);
    for (int i = 0; i < frames.size(); i++) {
      final Frame frame = frames.get(i);
      assertThat(frame.toHex()).as("frame %s", i).isEqualTo(golden.get(i));
      shouldWrite(golden.get(i), at -> frame.copyTo(at, 3));
      final FrameTemplate template = FrameTemplate.of(frame).build();
      shouldWrite(golden.get(i), at -> template.apply(at, 3, 0));
    }
  }

  /** A frame that says how long it is, says where its end is missing. */
  @Test
  void shouldSayWhatIsMissingAtEveryTruncation() {
    final List<Frame> frames = new ArrayList<>(Stacks.ethernetFrames());
    frames.addAll(Stacks.ipFrames());
    final FrameDecoder decoder = new FrameDecoder();
    for (Frame frame : frames) {
      final FrameDecoder whole = frame.decode();
      final boolean counted =
          whole.has(LayerType.IPV4)
              || whole.has(LayerType.IPV6)
              || whole.has(LayerType.ARP)
              || whole.has(LayerType.LLC);
      final int end = counted ? frame.length() - whole.paddingLength() : whole.payloadOffset();
      for (int length = 0; length < end; length++) {
        final ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(frame.toByteArray(), length));
        decoder.decode(frame.linkType(), cut, 0, length);
        assertThat(decoder.isValid()).as("%s cut to %s", frame, length).isFalse();
        assertThat(decoder.problem()).isNotEmpty();
        assertThat(decoder.problemOffset()).isBetween(0, length);
        assertThat(FramePrinter.line(decoder)).contains(String.valueOf(decoder.problem()));
      }
    }
  }
}
