package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class HeaderTest {
  private static final String ETHERNET = "ffffffffffff0200000000010806";
  private static final String ARP = "0001080006040001020000000001c0000201000000000000c0000202";

  @Test
  void shouldWriteAnEthernetHeaderAndNothingElse() {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      final ByteBuffer buffer = Golden.buffer(20).order(order);
      new EthernetHeader()
          .wrap(buffer, 3, 14)
          .destination(0xffff_ffff_ffffL)
          .source(0x0200_0000_0001L)
          .etherType(EtherType.ARP);
      assertThat(Golden.hex(buffer, 0, 20)).isEqualTo("a5a5a5" + ETHERNET + "a5a5a5");
    }
  }

  @Test
  void shouldWriteAnArpPacketAndNothingElse() {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      final ByteBuffer buffer = Golden.buffer(30).order(order);
      new ArpPacket()
          .wrap(buffer, 1, 28)
          .ethernetIpv4()
          .operation(ArpOperation.REQUEST)
          .senderMac(0x0200_0000_0001L)
          .senderIp(Ipv4.parse("192.0.2.1"))
          .targetMac(0)
          .targetIp(Ipv4.parse("192.0.2.2"));
      assertThat(Golden.hex(buffer, 0, 30)).isEqualTo("a5" + ARP + "a5");
    }
  }

  @Test
  void shouldReadWhatIsThere() {
    final ByteBuffer buffer =
        Frame.ofHex(ETHERNET + ARP).toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    final EthernetHeader ethernet = new EthernetHeader().wrap(buffer, 0, 42);
    assertThat(ethernet.isValid()).isTrue();
    assertThat(ethernet.problem()).isNull();
    assertThat(ethernet.destination()).isEqualTo(0xffff_ffff_ffffL);
    assertThat(ethernet.source()).isEqualTo(0x0200_0000_0001L);
    assertThat(ethernet.etherType()).isEqualTo(EtherType.ARP);
    assertThat(ethernet.payloadOffset()).isEqualTo(14);
    assertThat(ethernet.payloadLength()).isEqualTo(28);
    assertThat(ethernet).hasToString("02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ARP, 42 bytes");

    final ArpPacket arp = new ArpPacket().wrap(ethernet);
    assertThat(arp.isValid()).isTrue();
    assertThat(arp.hardwareType()).isEqualTo(1);
    assertThat(arp.protocolType()).isEqualTo(0x800);
    assertThat(arp.hardwareLength()).isEqualTo(6);
    assertThat(arp.protocolLength()).isEqualTo(4);
    assertThat(arp.operation()).isEqualTo(ArpOperation.REQUEST);
    assertThat(arp.senderMac()).isEqualTo(0x0200_0000_0001L);
    assertThat(Ipv4.format(arp.senderIp())).isEqualTo("192.0.2.1");
    assertThat(arp.targetMac()).isZero();
    assertThat(Ipv4.format(arp.targetIp())).isEqualTo("192.0.2.2");
    assertThat(arp)
        .hasToString(
            "ARP request, 192.0.2.1 at 02:00:00:00:00:01 > 192.0.2.2 at 00:00:00:00:00:00");
  }

  @Test
  void shouldReportAndNotThrowAtEveryTruncation() {
    final ByteBuffer buffer = Frame.ofHex(ETHERNET + ARP).toByteBuffer();
    for (int length = 0; length < 42; length++) {
      final ByteBuffer cut = buffer.duplicate().limit(length);
      final EthernetHeader ethernet = new EthernetHeader().wrap(cut, 0, length);
      final ArpPacket arp = new ArpPacket().wrap(ethernet);
      assertThat(ethernet.isValid()).isEqualTo(length >= 14);
      assertThat(ethernet.problem() == null).isEqualTo(length >= 14);
      assertThat(arp.isValid()).isFalse();
      assertThat(arp.problem()).isEqualTo("shorter than an ARP packet");
      assertThat(ethernet.toString() + arp).contains(length + " bytes");
    }
  }

  @Test
  void shouldNameTheLieInTheFixedFields() {
    assertThat(problemWith(ArpPacket.HARDWARE_TYPE + 1, 6)).contains("hardware type");
    assertThat(problemWith(ArpPacket.PROTOCOL_TYPE, 0x86)).contains("protocol type");
    assertThat(problemWith(ArpPacket.HARDWARE_LENGTH, 255)).contains("hardware length");
    assertThat(problemWith(ArpPacket.PROTOCOL_LENGTH, 16)).contains("protocol length");
  }

  private static String problemWith(int offset, int value) {
    final byte[] bytes = Frame.ofHex(ARP).toByteArray();
    bytes[offset] = (byte) value;
    return String.valueOf(new ArpPacket().wrap(ByteBuffer.wrap(bytes), 0, 28).problem());
  }

  @Test
  void shouldRefuseToWrapWhatIsNotThere() {
    final ByteBuffer buffer = ByteBuffer.allocate(14);
    assertThatThrownBy(() -> new EthernetHeader().wrap(buffer, 1, 14))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("offset=1 length=14 limit=14");
    assertThatThrownBy(() -> new ArpPacket().wrap(buffer, 0, -1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new ArpPacket().wrap(buffer, Integer.MAX_VALUE, 14))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(new EthernetHeader().isValid()).isFalse();
    assertThat(new ArpPacket().isValid()).isFalse();
  }

  @Test
  void shouldNameTheNumbersItKnows() {
    assertThat(EtherType.name(EtherType.QINQ)).isEqualTo("QinQ");
    assertThat(EtherType.name(0x88b5)).isEqualTo("0x88b5");
    assertThat(ArpOperation.name(ArpOperation.RARP_REPLY)).isEqualTo("RARP reply");
    assertThat(ArpOperation.name(25)).isEqualTo("25");
  }
}
