package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArpProbeTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER = MacAddress.parse("02:00:00:00:00:02");
  private static final int IP = Ipv4.parse("192.0.2.1");
  private static final int PEER_IP = Ipv4.parse("192.0.2.2");

  private final ArpProbe probe = new ArpProbe(MAC, IP);
  private final Reply reply = new Reply();

  private static Frame answer() {
    return Frame.ethernet(PEER, MAC).arpReply(PEER, PEER_IP, MAC, IP).build();
  }

  private Verdict read(Frame frame) {
    return probe.read(frame.toByteBuffer(), 0, frame.length(), reply);
  }

  /** The answer with one byte replaced. */
  private Verdict readWith(int offset, int value) {
    final byte[] bytes = answer().toByteArray();
    bytes[offset] = (byte) value;
    return read(Frame.of(bytes));
  }

  @Test
  void shouldAskByBroadcast() {
    final ByteBuffer buffer = ByteBuffer.allocateDirect(60);
    probe.template().apply(buffer, 0, PEER_IP);
    assertThat(Frame.of(buffer, 0, 60))
        .isEqualTo(Frame.ethernet(MAC, MacAddress.BROADCAST).arpRequest(MAC, IP, PEER_IP).build());
    assertThat(probe.name()).isEqualTo("arp");
    assertThat(probe.template().fields())
        .singleElement()
        .satisfies(
            field -> {
              assertThat(field.offset()).isEqualTo(38);
              assertThat(field.width()).isEqualTo(4);
              assertThat(field.source()).isEqualTo(Source.TARGET);
            });
    assertThat(probe.template().checksums()).isEmpty();
  }

  @Test
  void shouldRecogniseAnAnswerAtAnyOffsetInEitherOrder() {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      final ByteBuffer buffer = ByteBuffer.allocateDirect(80).order(order);
      answer().copyTo(buffer, 7);
      // 42 bytes: replies on a veth come without padding.
      assertThat(probe.read(buffer, 7, 42, reply)).isEqualTo(Verdict.REPLY);
      assertThat(reply.address()).isEqualTo(PEER_IP);
      assertThat(reply.mac()).isEqualTo(PEER.toLong());
      assertThat(reply.ethernetSource()).isEqualTo(PEER.toLong());
      assertThat(reply).hasToString("192.0.2.2 is at 02:00:00:00:00:02");
    }
  }

  @Test
  void shouldBelieveThePacketAndTellWhereItCameFrom() {
    final MacAddress proxy = MacAddress.parse("02:00:00:00:00:03");
    assertThat(read(Frame.ethernet(proxy, MAC).arpReply(PEER, PEER_IP, MAC, IP).build()))
        .isEqualTo(Verdict.REPLY);
    assertThat(reply.mac()).isEqualTo(PEER.toLong());
    assertThat(reply.ethernetSource()).isEqualTo(proxy.toLong());
    assertThat(reply).hasToString("192.0.2.2 is at 02:00:00:00:00:02, says 02:00:00:00:00:03");
  }

  @Test
  void shouldLeaveWhatAnswersSomebodyElse() {
    assertThat(read(Frame.ethernet(PEER, MAC).arpReply(PEER, PEER_IP, MAC, IP + 1).build()))
        .isEqualTo(Verdict.OTHER);
    assertThat(read(Frame.ethernet(PEER, MAC).arpReply(PEER, PEER_IP, PEER, IP).build()))
        .isEqualTo(Verdict.OTHER);
    assertThat(
            read(Frame.ethernet(PEER, MacAddress.BROADCAST).arpRequest(PEER, PEER_IP, IP).build()))
        .isEqualTo(Verdict.OTHER);
    assertThat(read(Frame.ethernet(PEER, MAC).rarpReply(PEER, PEER_IP, MAC, IP).build()))
        .isEqualTo(Verdict.OTHER);
    assertThat(read(Frame.ethernet(PEER, MAC).payload(0x8100, new byte[46]).build()))
        .isEqualTo(Verdict.OTHER);
  }

  @ParameterizedTest
  @CsvSource({
    "12, 0x86, OTHER", // EtherType
    "15, 6, OTHER", // hardware type
    "16, 0x86, OTHER", // protocol type
    "18, 0, MALFORMED", // hardware length
    "18, 255, MALFORMED",
    "19, 16, MALFORMED", // protocol length
    "20, 1, OTHER", // operation
    "21, 1, OTHER",
    "21, 4, OTHER",
    "22, 3, MALFORMED", // a group's MAC
    "59, 0xff, REPLY" // padding
  })
  void shouldJudgeEveryFixedField(int offset, String value, Verdict verdict) {
    assertThat(readWith(offset, Integer.decode(value))).isEqualTo(verdict);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:00:5e:00:00:01"})
  void shouldNotBelieveAMacThatNoStationHas(String mac) {
    final MacAddress sender = MacAddress.parse(mac);
    assertThat(read(Frame.ethernet(PEER, MAC).arpReply(sender, PEER_IP, MAC, IP).build()))
        .isEqualTo(Verdict.MALFORMED);
    assertThatThrownBy(() -> new ArpProbe(sender, IP)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldCallEveryTruncationMalformed() {
    for (int length = 0; length < 42; length++) {
      final ByteBuffer cut = answer().toByteBuffer().limit(length);
      assertThat(probe.read(cut, 0, length, reply)).isEqualTo(Verdict.MALFORMED);
    }
  }

  @Test
  void shouldNeverThrowOnAnyBytes() {
    final Random random = new Random(11);
    final byte[] answer = answer().toByteArray();
    final Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    for (int round = 0; round < 200_000; round++) {
      final byte[] bytes;
      if (random.nextBoolean()) {
        bytes = answer.clone();
        for (int i = random.nextInt(4); i > 0; i--) {
          bytes[random.nextInt(42)] = (byte) random.nextInt(256);
        }
      } else {
        bytes = new byte[60];
        random.nextBytes(bytes);
        System.arraycopy(answer, 0, bytes, 0, random.nextInt(42));
      }
      final int offset = random.nextInt(20);
      final int length = random.nextInt(61 - offset);
      // The limit is the frame's end: a read beyond it would throw.
      final ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, offset + length);
      counts.merge(probe.read(buffer, offset, length, reply), 1, Integer::sum);
      final ByteBuffer whole = ByteBuffer.wrap(bytes);
      counts.merge(probe.read(whole, 0, 60, reply), 1, Integer::sum);
    }
    assertThat(counts).containsOnlyKeys(Verdict.REPLY, Verdict.OTHER, Verdict.MALFORMED);
  }

  @Test
  void shouldFilterLikeTcpdumpDoes() {
    final long[] filter = probe.filter();
    // ldb [VLAN_TAG_PRESENT]; jneq #0, drop; ldh [12]; jneq #0x806, drop; ret #262144; drop: ret #0
    assertThat(filter)
        .containsExactly(
            0xffff_f030_0000_0030L,
            0x0000_0000_0300_0015L,
            0x0000_000c_0000_0028L,
            0x0000_0806_0100_0015L,
            0x0004_0000_0000_0006L,
            0x0000_0000_0000_0006L);
    filter[0] = 0;
    assertThat(probe.filter()[0]).isNotZero();
  }

  @Test
  void shouldAcceptAllUntaggedArpAndNothingElse() {
    final long[] filter = probe.filter();
    final byte[] answer = answer().toByteArray();
    assertThat(run(filter, answer, false)).isPositive();
    assertThat(run(filter, answer, true)).isZero();
    assertThat(run(filter, Arrays.copyOf(answer, 14), false)).isPositive();
    assertThat(run(filter, Arrays.copyOf(answer, 13), false)).isZero();
    answer[13] = 0;
    assertThat(run(filter, answer, false)).isZero();
  }

  /** The few instructions of classic BPF that the filter has. */
  private static int run(long[] program, byte[] frame, boolean tagged) {
    final ByteBuffer bytes = ByteBuffer.wrap(frame);
    int a = 0;
    for (int pc = 0; pc < program.length; pc++) {
      final int k = (int) (program[pc] >>> 32);
      final int ifTrue = (int) (program[pc] >>> 16) & 0xff;
      final int ifFalse = (int) (program[pc] >>> 24) & 0xff;
      switch ((int) program[pc] & 0xffff) {
        case 0x30 -> {
          assertThat(k).isEqualTo(-4096 + 48);
          a = tagged ? 1 : 0;
        }
        case 0x28 -> {
          if (k + 2 > frame.length) {
            return 0;
          }
          a = bytes.getShort(k) & 0xffff;
        }
        case 0x15 -> pc += a == k ? ifTrue : ifFalse;
        case 0x06 -> {
          return k;
        }
        default -> throw new AssertionError("instruction " + Long.toHexString(program[pc]));
      }
    }
    throw new AssertionError("ran off the end");
  }
}
