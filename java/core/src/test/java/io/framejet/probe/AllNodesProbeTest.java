package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.frame.Frame;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.Ipv6Builder;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AllNodesProbeTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER = MacAddress.parse("02:00:00:00:00:02");
  private static final Ipv6Address IP = Ipv6Address.linkLocal(MAC);
  private static final Ipv6Address NODE = Ipv6Address.linkLocal(PEER);
  private static final SipHash KEY = new SipHash(5, 6);
  private static final long COOKIE = KEY.cookie(0xff02_0000_0000_0000L, 1, 0);

  private final Probe probe = new AllNodesProbe(MAC, IP, KEY);
  private final Reply reply = new Reply();

  private static Ipv6Builder packet() {
    return Frame.ethernet(PEER, MAC).ipv6(NODE, IP);
  }

  private static Frame answer(long cookie, long data, int bytes) {
    final byte[] payload = Arrays.copyOf(ByteBuffer.allocate(8).putLong(0, data).array(), bytes);
    return packet()
        .echoReply((int) (cookie >>> 16) & 0xffff, (int) cookie & 0xffff)
        .payload(payload)
        .build();
  }

  private Verdict read(Frame frame) {
    return probe.read(frame.toByteBuffer(), 0, frame.length(), reply);
  }

  @Test
  void shouldAskAllNodes() {
    final Frame expected =
        Frame.ethernet(MAC, MacAddress.parse("33:33:00:00:00:01"))
            .ipv6(IP, Ipv6Address.parse("ff02::1"))
            .hopLimit(1)
            .echoRequest((int) (COOKIE >>> 16) & 0xffff, (int) COOKIE & 0xffff)
            .payload(ByteBuffer.allocate(8).putLong(0, COOKIE).array())
            .build();
    final byte[] bytes = new byte[expected.length()];
    Arrays.fill(bytes, (byte) 0xa5);
    probe.template().apply(ByteBuffer.wrap(bytes), 0, PEER.toLong(), 1, 2, 3);
    assertThat(Frame.of(bytes)).isEqualTo(expected);
    assertThat(probe.name()).isEqualTo("all-nodes");
  }

  @Test
  void shouldHearEveryNodeThatAnswers() {
    assertThat(read(answer(COOKIE, COOKIE, 8))).isEqualTo(Verdict.REPLY);
    assertThat(Ipv6Address.of(reply.addressHigh(), reply.addressLow())).isEqualTo(NODE);
    assertThat(reply.mac()).isEqualTo(PEER.toLong());
    assertThat(reply.ttl()).isEqualTo(64);
    assertThat(reply.state()).isEqualTo(ReplyState.UP);
    assertThat(FilterMachine.accepts(probe.filter(), answer(1, 2, 8).toByteArray(), false))
        .isTrue();
    assertThat(FilterMachine.accepts(probe.filter(), answer(1, 2, 8).toByteArray(), true))
        .isFalse();
  }

  @Test
  void shouldRefuseEveryOtherCookie() {
    for (int bit = 0; bit < 64; bit++) {
      assertThat(read(answer(COOKIE, COOKIE ^ 1L << bit, 8))).isEqualTo(Verdict.REFUSED);
      assertThat(read(answer(COOKIE ^ 1L << (bit & 31), COOKIE, 8))).isEqualTo(Verdict.REFUSED);
    }
    assertThat(read(answer(COOKIE, COOKIE, 7))).isEqualTo(Verdict.REFUSED);
    assertThat(read(answer(COOKIE, COOKIE, 0))).isEqualTo(Verdict.REFUSED);
  }

  @Test
  void shouldLeaveOrCountWhatIsNoAnswer() {
    assertThat(read(packet().echoRequest(1, 2).build())).isEqualTo(Verdict.OTHER);
    assertThat(read(packet().neighborAdvertisement(NODE).build())).isEqualTo(Verdict.OTHER);
    final byte[] broken = answer(COOKIE, COOKIE, 8).toByteArray();
    broken[57] ^= 1;
    assertThat(read(Frame.of(broken))).isEqualTo(Verdict.MALFORMED);
    final Frame answer = answer(COOKIE, COOKIE, 8);
    for (int length = 0; length < answer.length(); length++) {
      final ByteBuffer cut = answer.toByteBuffer().limit(length);
      assertThat(probe.read(cut, 0, length, reply)).isEqualTo(Verdict.MALFORMED);
    }
  }

  @Test
  void shouldNeverThrowOnAnyBytes() {
    final Random random = new Random(41);
    final byte[] answer = answer(COOKIE, COOKIE, 8).toByteArray();
    for (int round = 0; round < 100_000; round++) {
      final byte[] frame = answer.clone();
      for (int i = random.nextInt(4); i > 0; i--) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
      }
      final int length = random.nextInt(frame.length + 1);
      assertThat(probe.read(ByteBuffer.wrap(frame, 0, length), 0, length, reply)).isNotNull();
    }
  }
}
