package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
  private final FrameDecoder decoder = new FrameDecoder();

  private static LinkBuilder ethernet() {
    return Frame.ethernet(Stacks.MAC, Stacks.PEER);
  }

  private static List<Frame> all() {
    final List<Frame> frames = new ArrayList<>(Stacks.ethernetFrames());
    frames.addAll(Stacks.ipFrames());
    return frames;
  }

  @Test
  void shouldFindEveryBuiltFrameWellFormedWithRightChecksums() {
    for (Frame frame : all()) {
      final FrameDecoder decoded = frame.decode();
      assertThat(decoded.problem()).as(frame.toString()).isNull();
      assertThat(decoded.checksumProblem()).as(frame.toString()).isNull();
      int at = decoded.frameOffset();
      for (int i = 0; i < decoded.layers(); i++) {
        assertThat(decoded.offset(i)).isEqualTo(at);
        at += decoded.length(i);
      }
      assertThat(at + decoded.paddingLength()).isEqualTo(frame.length());
    }
  }

  @Test
  void shouldReadAUdpDatagram() {
    final Frame frame =
        ethernet().vlan(7).ipv4(Stacks.A, Stacks.B).udp(1000, 53).payload(Stacks.DATA).build();
    final FrameDecoder decoded = frame.decode();
    assertThat(decoded.has(LayerType.VLAN)).isTrue();
    assertThat(decoded.vlan().id()).isEqualTo(7);
    assertThat(decoded.ipv4().destination()).isEqualTo(Stacks.B);
    assertThat(decoded.udp().destinationPort()).isEqualTo(53);
    assertThat(decoded.payloadOffset()).isEqualTo(14 + 4 + 20 + 8);
    assertThat(decoded.payloadLength()).isEqualTo(37);
    assertThat(decoded.has(LayerType.TCP)).isFalse();
    assertThatThrownBy(decoded::tcp)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("layer=TCP: not in this frame");
  }

  @Test
  void shouldReadTcpOptions() {
    final TcpHeader tcp =
        ethernet()
            .ipv6(Stacks.A6, Stacks.B6)
            .tcp(1, 2)
            .syn()
            .maxSegmentSize(1440)
            .windowScale(7)
            .sackPermitted()
            .timestamps(5, 0xffff_ffffL)
            .build()
            .decode()
            .tcp();
    assertThat(tcp.maxSegmentSize()).isEqualTo(1440);
    assertThat(tcp.windowScale()).isEqualTo(7);
    assertThat(tcp.isSackPermitted()).isTrue();
    assertThat(tcp.timestampValue()).isEqualTo(5);
    assertThat(tcp.timestampEcho()).isEqualTo(0xffff_ffffL);
  }

  @Test
  void shouldReadNeighborDiscovery() {
    final FrameDecoder decoded =
        ethernet()
            .ipv6(Stacks.A6, Stacks.B6)
            .neighborAdvertisement(Stacks.A6)
            .targetLinkAddress(Stacks.MAC)
            .build()
            .decode();
    assertThat(decoded.ipv6().hopLimit()).isEqualTo(255);
    assertThat(decoded.hasNdp()).isTrue();
    assertThat(decoded.ndp().targetLow()).isEqualTo(1);
    assertThat(decoded.ndp().isSolicited()).isTrue();
    assertThat(decoded.ndp().linkAddress(Options.TARGET_LINK_ADDRESS))
        .isEqualTo(Stacks.MAC.toLong());
    assertThat(decoded.ndp().linkAddress(Options.SOURCE_LINK_ADDRESS)).isEqualTo(-1);
  }

  @Test
  void shouldReadWhatAnErrorQuotesThoughItsEndIsMissing() {
    final byte[] cause =
        Frame.ipv4(Stacks.A, Stacks.B).udp(1000, 53).payload(Stacks.DATA).build().toByteArray();
    final FrameDecoder error =
        ethernet()
            .ipv4(Stacks.B, Stacks.A)
            .unreachable(Icmp4Message.PORT_UNREACHABLE)
            .payload(Arrays.copyOf(cause, 28))
            .build()
            .decode();
    assertThat(error.icmp4().isError()).isTrue();
    final FrameDecoder quote =
        decoder.decodeQuote(error.buffer(), error.icmp4().bodyOffset(), error.icmp4().bodyLength());
    assertThat(quote.problem()).isNull();
    assertThat(quote.udp().destinationPort()).isEqualTo(53);
  }

  @Test
  void shouldSayWhatIsWrongAndWhere() {
    final Ipv4Builder ip = ethernet().ipv4(Stacks.A, Stacks.B);
    shouldFail(ip.version(5).udp(1, 2).build(), "version is not 4", 14);
    shouldFail(ip.headerLength(16).udp(1, 2).build(), "header length is less than 20", 14);
    shouldFail(ip.totalLength(1000).udp(1, 2).build(), "total length goes past the end", 16);
    shouldFail(ip.totalLength(19).udp(1, 2).build(), "total length is less than the header", 16);
    shouldFail(ip.udp(1, 2).length(9).build(), "UDP length goes past the end", 38);
    shouldFail(ip.udp(1, 2).length(0).build(), "UDP length is less than 8", 38);
    shouldFail(ip.tcp(1, 2).headerLength(60).build(), "data offset goes past the end", 46);
    shouldFail(ip.tcp(1, 2).headerLength(0).build(), "data offset is less than 20", 46);
    shouldFail(
        ip.tcp(1, 2).rawOptions(new byte[] {1, 2, 0, 0}).build(), "option length is too small", 55);
    shouldFail(
        ip.tcp(1, 2).rawOptions(new byte[] {1, 1, 1, 8}).build(), "option without a length", 57);
    shouldFail(
        ip.options(new byte[] {(byte) 148, 9, 0, 0}).udp(1, 2).build(),
        "option length goes past the end",
        34);
    final Ipv6Builder ip6 = ethernet().ipv6(Stacks.A6, Stacks.B6);
    shouldFail(ip6.payloadLength(99).udp(1, 2).build(), "payload length goes past the end", 18);
    shouldFail(
        ip6.neighborSolicitation(Stacks.B6).rawOptions(new byte[8]).build(),
        "option length is too small",
        78);
    shouldFail(
        Frame.ofHex("ffffffffffff 020000000001 0400 aaaa03"), "802.3 length goes past the end", 12);
    shouldFail(Frame.ofHex("ffffffffffff 020000000001 8100 00"), "shorter than a VLAN tag", 14);
  }

  private static void shouldFail(Frame frame, String problem, int offset) {
    final FrameDecoder decoded = frame.decode();
    assertThat(decoded.problem()).as(frame.toHex()).isEqualTo(problem);
    assertThat(decoded.problemOffset()).as(problem).isEqualTo(offset);
    assertThat(frame.toString()).contains(problem);
    assertThat(FramePrinter.full(frame)).contains(problem).contains("at byte " + offset);
  }

  @Test
  void shouldEndChainsWithoutEnd() {
    VlanBuilder tags = ethernet().vlan(1);
    Ipv6Builder headers = ethernet().ipv6(Stacks.A6, Stacks.B6);
    Ipv4Builder tunnels = ethernet().ipv4(Stacks.A, Stacks.B);
    for (int i = 0; i < 100; i++) {
      tags = tags.vlan(i);
      headers = headers.destinationOptions(new byte[0]);
      tunnels = tunnels.ipv4(Stacks.A, Stacks.B);
    }
    for (Frame frame :
        List.of(
            tags.payload(0x88b5, new byte[1]).build(),
            headers.udp(1, 2).build(),
            tunnels.udp(1, 2).build())) {
      assertThat(frame.decode().problem()).isEqualTo("more layers than are walked");
      assertThat(frame.decode().layers()).isEqualTo(FrameDecoder.MAX_LAYERS);
    }
  }

  @Test
  void shouldNotReadTheTransportOfALaterFragment() {
    final Frame frame =
        ethernet().ipv4(Stacks.A, Stacks.B).fragmentOffset(8).payload(6, new byte[3]).build();
    assertThat(frame.decode().problem()).isNull();
    assertThat(frame.decode().has(LayerType.TCP)).isFalse();
    assertThat(frame.decode().payloadLength()).isEqualTo(3);
  }

  @Test
  void shouldNotThrowAtAnyTruncation() {
    for (Frame frame : all()) {
      for (int length = 0; length < frame.length(); length++) {
        // The buffer ends with the frame, so that a read beyond it would throw.
        final byte[] bytes = Arrays.copyOf(frame.toByteArray(), length);
        exercise(frame.linkType(), ByteBuffer.wrap(bytes), 0, length);
      }
    }
  }

  @Test
  void shouldNotThrowOnMutations() {
    final Random random = new Random(11);
    final List<Frame> frames = all();
    for (int round = 0; round < 30_000; round++) {
      final Frame frame = frames.get(random.nextInt(frames.size()));
      final byte[] bytes = Arrays.copyOf(frame.toByteArray(), 1 + random.nextInt(frame.length()));
      for (int i = random.nextInt(6); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] =
            (byte) (random.nextBoolean() ? random.nextInt() : -random.nextInt(2));
      }
      exercise(frame.linkType(), ByteBuffer.wrap(bytes), 0, bytes.length);
    }
  }

  private void exercise(LinkType linkType, ByteBuffer buffer, int offset, int length) {
    decoder.decode(linkType, buffer, offset, length);
    assertThat(decoder.layers()).isBetween(0, FrameDecoder.MAX_LAYERS);
    if (decoder.problem() != null) {
      assertThat(decoder.problemOffset()).isBetween(0, length);
    }
    for (int i = 0; i < decoder.layers(); i++) {
      assertThat(decoder.offset(i) + decoder.length(i)).isLessThanOrEqualTo(offset + length);
    }
    assertThat(String.valueOf(decoder.checksumProblem())).isNotEmpty();
    assertThat(FramePrinter.line(decoder)).isNotNull();
    assertThat(FramePrinter.full(decoder)).isNotEmpty();
    assertThat(FramePrinter.hex(decoder, true)).isNotNull();
    decoder.decodeQuote(buffer, offset, length);
  }

  @Test
  void shouldAllocateNothing() {
    final ByteBuffer[] buffers =
        all().stream()
            .map(
                frame -> {
                  final ByteBuffer buffer = ByteBuffer.allocateDirect(frame.length());
                  frame.copyTo(buffer, 0);
                  return buffer;
                })
            .toArray(ByteBuffer[]::new);
    final com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    final long thread = Thread.currentThread().getId();
    long layers = decodeAll(buffers, 20_000);
    // What the measurement itself allocates goes in a first one, and a late compile in a retry.
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 5 && allocated != 0; round++) {
      final long before = threads.getThreadAllocatedBytes(thread);
      layers += decodeAll(buffers, 1000);
      allocated = threads.getThreadAllocatedBytes(thread) - before;
    }
    assertThat(allocated).isZero();
    assertThat(layers).isPositive();
  }

  private long decodeAll(ByteBuffer[] buffers, int rounds) {
    long layers = 0;
    for (int round = 0; round < rounds; round++) {
      for (ByteBuffer buffer : buffers) {
        layers += decoder.decode(buffer, 0, buffer.limit()).layers();
      }
    }
    return layers;
  }

  /** The short cut for common frames is no other decoder: whatever the bytes, it tells the same. */
  @Test
  void shouldTellTheSameByTheShortCutAsLayerByLayer() {
    final List<Frame> frames = new ArrayList<>(Stacks.ethernetFrames());
    final Frame syn =
        ethernet()
            .ipv4(Stacks.A, Stacks.B)
            .tcp(1, 2)
            .syn()
            .maxSegmentSize(1460)
            .sackPermitted()
            .timestamps(7, 0)
            .noOperation()
            .windowScale(7)
            .build();
    for (int i = 0; i < 20; i++) {
      frames.add(syn);
      frames.add(ethernet().ipv4(Stacks.A, Stacks.B).udp(1, 2).payload(Stacks.DATA).build());
      frames.add(ethernet().ipv4(Stacks.A, Stacks.B).tcp(1, 2).payload(Stacks.DATA).build());
    }
    final List<byte[]> originals = frames.stream().map(Frame::toByteArray).toList();
    final ByteBuffer memory = Golden.buffer(2048);
    final FrameDecoder slow = new FrameDecoder();
    final Random random = new Random(31);
    int cuts = 0;
    for (int i = 0; i < 200_000; i++) {
      final byte[] bytes = originals.get(random.nextInt(originals.size())).clone();
      // The fields that decide stand near the front: most changes go there.
      for (int change = random.nextInt(4); change > 0; change--) {
        bytes[random.nextInt(Math.min(bytes.length, 70))] ^= (byte) (1 << random.nextInt(8));
      }
      final int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
      final ByteBuffer buffer = Golden.fill(memory.slice(0, bytes.length + 5));
      buffer.put(5, bytes);
      buffer.order(i % 8 == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      decoder.decode(buffer, 5, length);
      slow.decodeLayerByLayer(buffer, 5, length);
      assertThat(describe(decoder)).isEqualTo(describe(slow));
      cuts += decoder.isValid() ? 1 : 0;
    }
    assertThat(cuts).isGreaterThan(50_000);
  }

  private static String describe(FrameDecoder decoder) {
    final StringBuilder text = new StringBuilder();
    text.append(decoder.problem()).append(' ').append(decoder.problemOffset());
    for (int i = 0; i < decoder.layers(); i++) {
      text.append(' ').append(decoder.type(i)).append('@').append(decoder.offset(i));
      text.append('+').append(decoder.length(i));
    }
    for (LayerType type : LayerType.values()) {
      text.append(decoder.has(type) ? '1' : '0').append(decoder.indexOf(type));
    }
    text.append(" payload ").append(decoder.payloadOffset()).append('+');
    text.append(decoder.payloadLength()).append(" padding ").append(decoder.paddingLength());
    if (decoder.has(LayerType.UDP)) {
      text.append(decoder.udp()).append(decoder.udp().length());
    }
    if (decoder.has(LayerType.TCP)) {
      text.append(decoder.tcp()).append(decoder.tcp().length());
    }
    if (decoder.has(LayerType.IPV4)) {
      text.append(decoder.ipv4()).append(decoder.ipv4().length());
    }
    text.append(decoder.has(LayerType.ETHERNET) ? decoder.ethernet().length() : -1);
    return text.append(decoder.checksumProblem()).append(decoder).toString();
  }
}
