package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.frame.Checksum;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv4Builder;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every probe over IPv4 has to do. */
abstract class Ipv4ProbeConformance {
  static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  static final MacAddress PEER = MacAddress.parse("02:00:00:00:00:02");
  static final int IP = Ipv4.parse("10.77.0.1");
  static final int TARGET = Ipv4.parse("10.77.3.4");
  static final int ROUTER = Ipv4.parse("10.77.0.254");
  static final SipHash KEY = new SipHash(0x0706_0504_0302_0100L, 0x0f0e_0d0c_0b0a_0908L);

  final Random random = new Random(21);
  final Reply reply = new Reply();

  /** The probe, sent from {@link #MAC} and {@link #IP}. */
  abstract Probe probe(LinkType linkType, SipHash key);

  final Probe probe(LinkType linkType) {
    return probe(linkType, KEY);
  }

  /** The port to ask: 0 for none. */
  abstract int port();

  /** The frame that asks, built afresh and without a template. */
  abstract Frame question(LinkType linkType, MacAddress to, int target, int port);

  /**
   * Answers of the target's own.
   *
   * @param packet from the target to us
   */
  abstract List<Answered> answers(Ipv4Builder packet, int target, int port);

  /** What an ICMP error says, and the state that it means. */
  abstract List<Told> errors();

  /** A frame that answers. */
  record Answered(Frame frame, ReplyState state) {}

  /** An ICMP error. */
  record Told(int type, int code, boolean byTarget, ReplyState state) {}

  static long cookie(int target, int port) {
    return KEY.cookie(0, target & 0xffff_ffffL, port);
  }

  static Ipv4Builder packet(LinkType linkType, int source) {
    return packet(linkType, PEER, MAC, source, IP);
  }

  static Ipv4Builder packet(
      LinkType linkType, MacAddress from, MacAddress to, int source, int destination) {
    return linkType == LinkType.ETHERNET
        ? Frame.ethernet(from, to).ipv4(source, destination)
        : Frame.ipv4(source, destination);
  }

  /** The question as an ICMP error quotes it: without its link header, of so many bytes. */
  final byte[] quote(int target, int port, int length) {
    final byte[] packet = question(LinkType.IP, PEER, target, port).toByteArray();
    return Arrays.copyOf(packet, Math.min(length, packet.length));
  }

  final Frame error(LinkType linkType, int from, Told told, byte[] quote) {
    return packet(linkType, from).icmp(told.type(), told.code(), 0).payload(quote).build();
  }

  final Verdict read(Probe probe, Frame frame) {
    return probe.read(frame.toByteBuffer(), 0, frame.length(), reply);
  }

  /** Every answer and every error that there is to a question. */
  final List<Frame> replies(LinkType linkType) {
    final List<Frame> frames = new ArrayList<>();
    for (Answered each : answers(packet(linkType, TARGET), TARGET, port())) {
      frames.add(each.frame());
    }
    for (Told told : errors()) {
      frames.add(
          error(linkType, told.byTarget() ? TARGET : ROUTER, told, quote(TARGET, port(), 28)));
    }
    return frames;
  }

  /** The frame with one byte changed, and the IPv4 header's checksum left as it was. */
  static Frame with(LinkType linkType, Frame frame, int offset, int value) {
    final byte[] bytes = frame.toByteArray();
    bytes[offset] = (byte) value;
    return Frame.of(linkType, bytes);
  }

  static int ip(LinkType linkType) {
    return linkType == LinkType.ETHERNET ? 14 : 0;
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldWriteTheSameBytesAsBuildingAfresh(LinkType linkType) {
    final Probe probe = probe(linkType);
    final int[] ports = {port(), 0, 1, 53, 111, 123, 137, 161, 3478, 5353, 5683, 65_535};
    for (int i = 0; i < 2000; i++) {
      final int target = i % 50 == 0 ? -1 : random.nextInt();
      final int port = port() == 0 ? 0 : ports[i % ports.length];
      final MacAddress to = MacAddress.of(random.nextLong() >>> 16);
      final FrameTemplate template = probe.template(port);
      final byte[] bytes = new byte[template.length() + 4];
      Arrays.fill(bytes, (byte) 0xa5);
      final ByteBuffer buffer = ByteBuffer.wrap(bytes);
      buffer.order(i % 2 == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      template.apply(buffer, 2, to.toLong(), 0, target & 0xffff_ffffL, port);
      assertThat(Frame.of(bytes).toHex())
          .isEqualTo("a5a5" + question(linkType, to, target, port).toHex() + "a5a5");
      assertThat(probe.template(port)).isSameAs(template);
    }
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldRecogniseAnswersOfTheTarget(LinkType linkType) {
    final Probe probe = probe(linkType);
    final List<Ipv4Builder> packets =
        List.of(
            packet(linkType, TARGET).ttl(57),
            packet(linkType, TARGET).ttl(57).options(new byte[] {(byte) 148, 4, 0, 0}));
    for (Ipv4Builder packet : packets) {
      for (Answered answer : answers(packet, TARGET, port())) {
        final ByteBuffer buffer = ByteBuffer.allocateDirect(answer.frame().length() + 7);
        answer.frame().copyTo(buffer, 7);
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
          buffer.order(order);
          assertThat(probe.read(buffer, 7, answer.frame().length(), reply))
              .isEqualTo(Verdict.REPLY);
          shouldTell(linkType, answer.state(), TARGET);
          assertThat(reply.ttl()).isEqualTo(57);
        }
      }
    }
  }

  private void shouldTell(LinkType linkType, ReplyState state, int from) {
    assertThat(reply.address()).isEqualTo(TARGET);
    assertThat(reply.addressLow()).isEqualTo(TARGET & 0xffff_ffffL);
    assertThat(reply.addressHigh()).isZero();
    assertThat(reply.port()).isEqualTo(port());
    assertThat(reply.state()).isEqualTo(state);
    assertThat((int) reply.fromLow()).isEqualTo(from);
    assertThat(reply.fromHigh()).isZero();
    final long mac = linkType == LinkType.ETHERNET ? PEER.toLong() : 0;
    assertThat(reply.mac()).isEqualTo(mac);
    assertThat(reply.ethernetSource()).isEqualTo(mac);
    assertThat(reply.isRouter()).isFalse();
    assertThat(reply.toString()).startsWith("10.77.3.4");
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldRecogniseErrorsThatQuoteTheQuestion(LinkType linkType) {
    final Probe probe = probe(linkType);
    for (Told told : errors()) {
      final int from = told.byTarget() ? TARGET : ROUTER;
      for (int quoted : new int[] {28, 29, 40, 1000}) {
        assertThat(read(probe, error(linkType, from, told, quote(TARGET, port(), quoted))))
            .as("%s, %s bytes", told, quoted)
            .isEqualTo(Verdict.REPLY);
        shouldTell(linkType, told.state(), from);
        assertThat(reply.ttl()).isEqualTo(64);
      }
    }
  }

  /** A router may have put options in, and the quote then has them too. */
  @Test
  void shouldReadAQuoteWithOptions() {
    final byte[] plain = quote(TARGET, port(), 28);
    final byte[] longer = new byte[32];
    System.arraycopy(plain, 0, longer, 0, 20);
    longer[0] = 0x46;
    longer[20] = (byte) 148;
    longer[21] = 4;
    System.arraycopy(plain, 20, longer, 24, 8);
    final Told told = errors().get(0);
    final Probe probe = probe(LinkType.ETHERNET);
    final Frame frame = error(LinkType.ETHERNET, told.byTarget() ? TARGET : ROUTER, told, longer);
    assertThat(read(probe, frame)).isEqualTo(Verdict.REPLY);
    assertThat(FilterMachine.accepts(probe.filter(), frame.toByteArray(), false)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldRefuseAnswersFromAnotherAddressOrPort(LinkType linkType) {
    final Probe probe = probe(linkType);
    final int other = Ipv4.parse("10.77.3.5");
    for (Answered answer : answers(packet(linkType, other), TARGET, port())) {
      assertThat(read(probe, answer.frame())).isEqualTo(Verdict.REFUSED);
    }
    for (Told told : errors()) {
      final byte[] quote = quote(TARGET, port(), 28);
      quote[19]++; // the quoted destination: the cookie is another's then
      assertThat(read(probe, error(linkType, ROUTER, told, quote))).isEqualTo(Verdict.REFUSED);
    }
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldRefuseWhatAnswersASweepWithAnotherKey(LinkType linkType) {
    final Probe probe = probe(linkType, new SipHash(7, 8));
    for (Frame frame : replies(linkType)) {
      assertThat(read(probe, frame)).isEqualTo(Verdict.REFUSED);
    }
  }

  /** No single bit of the cookie may be wrong. */
  abstract List<Integer> cookieBytes(Frame answer, LinkType linkType);

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldRefuseOrLeaveAnyOtherCookie(LinkType linkType) {
    final Probe probe = probe(linkType);
    for (Answered answer : answers(packet(linkType, TARGET), TARGET, port())) {
      final byte[] bytes = answer.frame().toByteArray();
      for (int at : cookieBytes(answer.frame(), linkType)) {
        for (int bit = 0; bit < 8; bit++) {
          final Frame forged = with(linkType, answer.frame(), at, bytes[at] ^ 1 << bit);
          assertThat(read(probe, forged)).isIn(Verdict.REFUSED, Verdict.OTHER);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldLeaveWhatIsNotForUs(LinkType linkType) {
    final Probe probe = probe(linkType);
    final int ip = ip(linkType);
    for (Frame frame : replies(linkType)) {
      // To another address; a fragment; the first of fragments; of another protocol.
      assertThat(read(probe, with(linkType, frame, ip + 19, 9))).isEqualTo(Verdict.OTHER);
      assertThat(read(probe, with(linkType, frame, ip + 7, 1))).isEqualTo(Verdict.OTHER);
      assertThat(read(probe, with(linkType, frame, ip + 6, 0x20))).isEqualTo(Verdict.OTHER);
      assertThat(read(probe, with(linkType, frame, ip + 9, 132))).isEqualTo(Verdict.OTHER);
    }
    assertThat(read(probe, question(linkType, MAC, IP, port()))).isEqualTo(Verdict.OTHER);
  }

  @Test
  void shouldLeaveVlansAndOtherVersionsOfIp() {
    final Frame answer = replies(LinkType.ETHERNET).get(0);
    final Probe probe = probe(LinkType.ETHERNET);
    assertThat(read(probe, with(LinkType.ETHERNET, answer, 12, 0x81))).isEqualTo(Verdict.OTHER);
    assertThat(read(probe, with(LinkType.ETHERNET, answer, 14, 0x65))).isEqualTo(Verdict.MALFORMED);
    final Frame packet = replies(LinkType.IP).get(0);
    assertThat(read(probe(LinkType.IP), with(LinkType.IP, packet, 0, 0x65)))
        .isEqualTo(Verdict.OTHER);
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldTakeNoTruncatedFrameForAnAnswer(LinkType linkType) {
    final Probe probe = probe(linkType);
    for (Frame frame : replies(linkType)) {
      final int ip = ip(linkType);
      final int end = ip + (frame.toByteBuffer().getShort(ip + 2) & 0xffff);
      for (int length = 0; length < frame.length(); length++) {
        // The limit is the frame's end: a read beyond it would throw.
        final Verdict verdict = probe.read(frame.toByteBuffer().limit(length), 0, length, reply);
        assertThat(verdict).isEqualTo(length < end ? Verdict.MALFORMED : Verdict.REPLY);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldNeverThrowOnAnyBytes(LinkType linkType) {
    final Probe probe = probe(linkType);
    final List<Frame> frames = replies(linkType);
    for (int round = 0; round < 200_000; round++) {
      final byte[] frame = frames.get(round % frames.size()).toByteArray();
      final int reach = Math.min(frame.length, ip(linkType) + 64);
      for (int i = random.nextInt(5); i > 0; i--) {
        frame[random.nextInt(reach)] = (byte) random.nextInt(256);
      }
      final int offset = random.nextInt(8);
      final int length = random.nextBoolean() ? frame.length : random.nextInt(frame.length);
      final ByteBuffer buffer = ByteBuffer.allocate(offset + length);
      buffer.put(offset, frame, 0, length);
      assertThat(probe.read(buffer, offset, length, reply)).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldFilterAnswersAndErrorsOnly(LinkType linkType) {
    final Probe probe = probe(linkType);
    final long[] filter = probe.filter();
    final int ip = ip(linkType);
    for (Frame frame : replies(linkType)) {
      assertThat(FilterMachine.accepts(filter, frame.toByteArray(), false)).isTrue();
      for (int at : new int[] {ip + 6, ip + 7, ip + 16, ip + 19}) {
        final Frame other = with(linkType, frame, at, 0x2d);
        assertThat(FilterMachine.accepts(filter, other.toByteArray(), false)).isFalse();
      }
      if (linkType == LinkType.ETHERNET) {
        assertThat(FilterMachine.accepts(filter, frame.toByteArray(), true)).isFalse();
      }
    }
    assertThat(accepts(filter, question(linkType, PEER, TARGET, port()))).isFalse();
    assertThat(accepts(filter, packet(linkType, TARGET).tcp(443, 50_000).ack().build())).isFalse();
    assertThat(accepts(filter, packet(linkType, TARGET).echoRequest(1, 2).build())).isFalse();
    final Told told = errors().get(0);
    final byte[] elsewhere = quote(TARGET, port(), 28);
    elsewhere[15] = 9; // quoted source
    assertThat(accepts(filter, error(linkType, ROUTER, told, elsewhere))).isFalse();
    filter[0] = 0;
    assertThat(probe.filter()[0]).isNotZero();
  }

  static boolean accepts(long[] filter, Frame frame) {
    return FilterMachine.accepts(filter, frame.toByteArray(), false);
  }

  /** The filter may not lose what the probe would take, whatever the bytes. */
  @ParameterizedTest
  @EnumSource(LinkType.class)
  void shouldFilterNoReplyAway(LinkType linkType) {
    final Probe probe = probe(linkType);
    final long[] filter = probe.filter();
    final List<Frame> frames = replies(linkType);
    int taken = 0;
    for (int round = 0; round < 100_000; round++) {
      final byte[] frame = frames.get(round % frames.size()).toByteArray();
      frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
      if (probe.read(ByteBuffer.wrap(frame), 0, frame.length, reply) == Verdict.REPLY) {
        taken++;
        assertThat(FilterMachine.accepts(filter, frame, false)).isTrue();
      }
    }
    assertThat(taken).isPositive();
  }

  /** An ICMP message's checksum made right again. */
  static void fixIcmp(ByteBuffer frame, int icmp, int length) {
    frame.putShort(icmp + Icmp4Message.CHECKSUM, (short) 0);
    frame.putShort(icmp + Icmp4Message.CHECKSUM, (short) Checksum.of(frame, icmp, length));
  }
}
