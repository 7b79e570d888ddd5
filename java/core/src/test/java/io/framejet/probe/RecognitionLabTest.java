package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.demux.ReplyDemultiplexer;
import io.framejet.engine.Engine;
import io.framejet.engine.EngineOptions;
import io.framejet.engine.Recognised;
import io.framejet.frame.Checksum;
import io.framejet.frame.Frame;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.LinkBuilder;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.Recognition;
import io.framejet.frame.SipHash;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import io.framejet.receive.ReceiverStatistics;
import io.framejet.testing.Collector;
import io.framejet.testing.Collector.Taken;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The XDP program tells replies from other frames exactly as the probe itself does: the same frames
 * go through both, right ones, nearly right ones and random ones.
 */
class RecognitionLabTest {
  private static final MacAddress MAC = VethLab.NEAR_MAC;
  private static final MacAddress PEER = VethLab.FAR_MAC;

  // Not the links' own: the host's own stack answers none of it.
  private static final int IP = Ipv4.parse("192.0.2.1");
  private static final Ipv6Address IP6 = Ipv6Address.parse("2001:db8::1");
  private static final SipHash KEY = new SipHash(3, 4);
  private static final int FRAMES = 8_000;
  private static final int GROUP = 500;

  private final Random random = new Random(20);
  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.takingXdpFrames();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private static Probe probe(Recognition.Kind kind) {
    return switch (kind) {
      case ARP -> new ArpProbe(MAC, IP);
      case ICMP -> new IcmpProbe(LinkType.ETHERNET, MAC, IP, KEY);
      case TCP -> new TcpProbe(LinkType.ETHERNET, MAC, IP, KEY);
      case UDP -> new UdpProbe(LinkType.ETHERNET, MAC, IP, KEY);
      case NDP -> new NdpProbe(MAC, IP6);
    };
  }

  // --- frames

  /** A frame that answers, or by one thing does not. */
  private byte[] frame(Probe probe) {
    final byte[] right = answer(probe).toByteArray();
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> {
        return right;
      }
      case 3, 4, 5, 6 -> {
        return changed(right);
      }
      case 7 -> {
        return repaired(changed(right));
      }
      case 8 -> {
        return Arrays.copyOf(right, 14 + random.nextInt(right.length - 13));
      }
      default -> {
        final byte[] longer = Arrays.copyOf(right, right.length + random.nextInt(40));
        return random.nextBoolean() ? changed(longer) : longer;
      }
    }
  }

  /** Some bytes of it changed, mostly where they count. */
  private byte[] changed(byte[] frame) {
    final byte[] changed = frame.clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      final int at = 12 + random.nextInt(changed.length - 12);
      changed[at] =
          (byte) (random.nextBoolean() ? random.nextInt() : changed[at] ^ 1 << random.nextInt(8));
    }
    return changed;
  }

  /** The checksum of an ICMP message made right again, if it is one. */
  private static byte[] repaired(byte[] frame) {
    if (frame.length >= 50 && frame[12] == 8 && frame[23] == 1) {
      final Ipv4Header ip = new Ipv4Header().wrap(ByteBuffer.wrap(frame), 14, frame.length - 14);
      if (ip.isValid() && ip.payloadLength() >= Icmp4Message.LENGTH) {
        new Icmp4Message().wrap(ip.buffer(), ip.payloadOffset(), ip.payloadLength()).fillChecksum();
      }
    } else if (frame.length >= 62 && (frame[12] & 0xff) == 0x86 && frame[20] == 58) {
      final ByteBuffer bytes = ByteBuffer.wrap(frame);
      final int length = Math.min(bytes.getShort(18) & 0xffff, frame.length - 54);
      if (length >= 8) {
        bytes.putShort(56, (short) 0);
        final long sum =
            Checksum.sum(bytes, 22, 32) + 58 + length + Checksum.sum(bytes, 54, length);
        bytes.putShort(56, (short) Checksum.finish(sum));
      }
    }
    return frame;
  }

  private Frame answer(Probe probe) {
    final LinkBuilder ethernet = Frame.ethernet(PEER, MAC);
    final int target = Ipv4.parse("192.0.2.0") | random.nextInt(256);
    final int port = random.nextInt(1 << 16);
    final Ipv6Address target6 = Ipv6Address.of(IP6.high(), random.nextInt(1 << 16));
    final int options = 4 * random.nextInt(3);
    if (probe instanceof ArpProbe) {
      return ethernet.arpReply(PEER, target, MAC, IP).build();
    }
    if (probe instanceof NdpProbe) {
      return random.nextBoolean()
          ? ethernet.ipv6(target6, IP6).hopLimit(255).neighborAdvertisement(target6).build()
          : ethernet
              .ipv6(target6, IP6)
              .hopLimit(255)
              .neighborAdvertisement(target6)
              .targetLinkAddress(PEER)
              .build();
    }
    if (random.nextInt(3) == 0) {
      final byte[] asked = new byte[probe.template(port).length()];
      probe
          .template(port)
          .apply(ByteBuffer.wrap(asked), 0, PEER.toLong(), 0, target & 0xffff_ffffL, port);
      final int quoted = 28 + random.nextInt(asked.length - 14 - 28 + 1);
      final byte[] quote = Arrays.copyOfRange(asked, 14, 14 + quoted);
      return random.nextBoolean()
          ? ethernet.ipv4(target, IP).unreachable(random.nextInt(16)).payload(quote).build()
          : ethernet.ipv4(target ^ 3, IP).timeExceeded(0).payload(quote).build();
    }
    final long cookie = KEY.cookie(0, target & 0xffff_ffffL, probe instanceof IcmpProbe ? 0 : port);
    if (probe instanceof IcmpProbe) {
      return ethernet
          .ipv4(target, IP)
          .options(new byte[options])
          .echoReply((int) (cookie >>> 16) & 0xffff, (int) cookie & 0xffff)
          .payload(ByteBuffer.allocate(8).putLong(0, cookie).array())
          .build();
    }
    if (probe instanceof TcpProbe) {
      return ethernet
          .ipv4(target, IP)
          .options(new byte[options])
          .tcp(port, SourcePort.of(cookie))
          .flags(random.nextBoolean() ? 0x12 : 0x14)
          .acknowledgment((cookie & 0xffff_ffffL) + 1 & 0xffff_ffffL)
          .build();
    }
    return ethernet
        .ipv4(target, IP)
        .options(new byte[options])
        .udp(port, SourcePort.of(cookie))
        .payload(new byte[random.nextInt(20)])
        .build();
  }

  // --- both sides

  private static void read(Probe probe, byte[] frame, long[] counts, List<String> replies) {
    if (!FilterMachine.accepts(probe.filter(), frame, false)) {
      return;
    }
    switch (probe.read(ByteBuffer.wrap(frame), 0, frame.length, new Reply())) {
      case REPLY -> {
        counts[0]++;
        replies.add(HexFormat.of().formatHex(frame));
      }
      case OTHER -> counts[1]++;
      case REFUSED -> counts[2]++;
      case MALFORMED -> counts[3]++;
    }
  }

  private static long[] counts(Recognised seen) {
    return new long[] {seen.replies(), seen.others(), seen.refused(), seen.malformed()};
  }

  private Engine open(Probe probe, boolean consume) throws FramejetException {
    return Engine.open(
        lab.near(),
        EngineOptions.defaults()
            .withSlots(32)
            .withRecognition(Objects.requireNonNull(probe.recognition()))
            .withConsume(consume));
  }

  private Collector collect(Engine engine) throws FramejetException {
    return Collector.on(
        lab.near(), ReceiverOptions.defaults().withBackend(Backend.XDP).withEngine(engine));
  }

  private void send(List<byte[]> frames) {
    Threads.pinned(
        () -> {
          try (Injector far =
              Injector.open(lab.far(), InjectorOptions.defaults().withBackend(Backend.SOCKET))) {
            for (byte[] frame : frames) {
              assertThat(far.send(Frame.of(frame))).isTrue();
            }
          }
          return null;
        });
  }

  @ParameterizedTest
  @EnumSource(Recognition.Kind.class)
  void shouldJudgeAsTheProbeDoes(Recognition.Kind kind) throws FramejetException {
    final Probe probe = probe(kind);
    final long[] expected = new long[4];
    final List<String> replies = new ArrayList<>();
    try (Engine engine = open(probe, false);
        Collector near = collect(engine)) {
      for (int sent = 0; sent < FRAMES; sent += GROUP) {
        final long before = lab.nearCounters().rxPackets();
        final List<byte[]> group = new ArrayList<>();
        for (int i = 0; i < GROUP; i++) {
          final byte[] frame = padded(frame(probe));
          group.add(frame);
          read(probe, frame, expected, replies);
        }
        send(group);
        Wait.until(() -> lab.nearCounters().rxPackets() == before + GROUP, "all frames");
        assertThat(counts(engine.recognised()))
            .as("%s after %s frames", kind, sent + GROUP)
            .containsExactly(expected);
        assertThat(engine.recognised().undecided()).isZero();
      }
      assertThat(expected[0]).isGreaterThan(FRAMES / 4);
      assertThat(expected[1]).isPositive();
      assertThat(expected[2] > 0)
          .isEqualTo(kind != Recognition.Kind.ARP && kind != Recognition.Kind.NDP);
      assertThat(expected[3]).isPositive();
      assertThat(
              near.await(replies.size()).stream().map(Taken::bytes).map(HexFormat.of()::formatHex))
          .containsExactlyElementsOf(replies);
    }
  }

  /** What the program sums up is word for word what the probe reads out of the frame. */
  @ParameterizedTest
  @EnumSource(Recognition.Kind.class)
  void shouldSumUpWhatTheProbeReads(Recognition.Kind kind) throws FramejetException {
    final Probe probe = probe(kind);
    final List<String> expected = new ArrayList<>();
    final List<String> read = new ArrayList<>();
    final int[] frames = new int[1];
    final ReplyDemultiplexer demultiplexer =
        new ReplyDemultiplexer(probe, (reply, time) -> read.add(reply + " ttl " + reply.ttl()));
    final EngineOptions options =
        EngineOptions.defaults()
            .withSlots(32)
            .withRecognition(Objects.requireNonNull(probe.recognition()))
            .withReplies(1 << 13);
    try (Engine engine = Engine.open(lab.near(), options);
        Receiver near =
            Receiver.open(
                lab.near(),
                ReceiverOptions.defaults()
                    .withBackend(Backend.XDP)
                    .withEngine(engine)
                    .withReplies(true))) {
      final long before = lab.nearCounters().rxPackets();
      final List<byte[]> sent = new ArrayList<>();
      for (int i = 0; i < FRAMES; i++) {
        sent.add(padded(frame(probe)));
      }
      for (byte[] frame : sent) {
        final Reply reply = new Reply();
        if (FilterMachine.accepts(probe.filter(), frame, false)
            && probe.read(ByteBuffer.wrap(frame), 0, frame.length, reply) == Verdict.REPLY) {
          expected.add(reply + " ttl " + reply.ttl());
        }
      }
      send(sent);
      Wait.until(() -> lab.nearCounters().rxPackets() == before + FRAMES, "all frames");
      while (near.poll(
              frame -> {
                frames[0]++;
                demultiplexer.onFrame(frame);
              },
              demultiplexer,
              1000)
          > 0) {
        // More may be there.
      }
      assertThat(read).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(near.statistics().delivered()).isEqualTo(expected.size());
      assertThat(engine.recognised().replies()).isEqualTo(expected.size());
      if (kind == Recognition.Kind.NDP) {
        assertThat(frames[0]).as("no room for IPv6").isEqualTo(expected.size());
      } else {
        assertThat(frames[0]).as("the exception").isLessThan(expected.size() / 2);
      }
    }
  }

  /** As it goes out, for short ones are lengthened. */
  private static byte[] padded(byte[] frame) {
    return frame.length < 60 ? Arrays.copyOf(frame, 60) : frame;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldKeepRepliesFromTheHostsOwnStackWhenAsked(boolean consume) throws FramejetException {
    final Probe probe = probe(Recognition.Kind.ARP);
    final byte[] reply = padded(answer(probe).toByteArray());
    final byte[] other = reply.clone();
    other[14 + 27] ^= 1; // to another address
    try (Engine engine = open(probe, consume);
        Collector near = collect(engine);
        Collector stack =
            Collector.on(lab.near(), ReceiverOptions.defaults().withBackend(Backend.SOCKET))) {
      send(List.of(reply, other, reply, other));
      near.await(2);
      assertThat(near.settle()).extracting(Taken::bytes).containsExactly(reply, reply);
      final List<Taken> passed = stack.await(consume ? 2 : 4);
      if (consume) {
        assertThat(passed).extracting(Taken::bytes).containsExactly(other, other);
      } else {
        assertThat(passed).extracting(Taken::bytes).containsExactly(reply, other, reply, other);
      }
      assertThat(stack.settle()).hasSize(consume ? 2 : 4);
    }
  }

  @Test
  void shouldPassRepliesOnThatFoundNoRoom() throws FramejetException {
    final Probe probe = probe(Recognition.Kind.ARP);
    final int sent = 20_000;
    final byte[] reply = padded(answer(probe).toByteArray());
    try (Engine engine = open(probe, true);
        Receiver full =
            Receiver.open(
                lab.near(),
                ReceiverOptions.defaults()
                    .withBackend(Backend.XDP)
                    .withEngine(engine)
                    .withRingBytes(1 << 17));
        Collector stack = Collector.on(lab.near())) {
      send(Collections.nCopies(sent, reply));
      Wait.until(() -> engine.recognised().replies() == sent, "all replies");
      final ReceiverStatistics statistics = full.statistics();
      assertThat(statistics.dropped()).isPositive();
      assertThat(statistics.delivered() + statistics.dropped()).isEqualTo(sent);
      stack.await((int) statistics.dropped());
      assertThat(stack.settle()).hasSize((int) statistics.dropped());
    }
  }
}
