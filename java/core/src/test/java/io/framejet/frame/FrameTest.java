package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER = MacAddress.parse("02:00:00:00:00:02");
  private static final int IP = Ipv4.parse("192.0.2.1");
  private static final int PEER_IP = Ipv4.parse("192.0.2.2");
  private static final String PADDING = "000000000000000000000000000000000000";

  @Test
  void shouldBuildAnArpRequest() {
    final Frame frame =
        Frame.ethernet(MAC, MacAddress.BROADCAST).arpRequest(MAC, IP, PEER_IP).build();
    assertThat(frame.toHex())
        .isEqualTo(
            "ffffffffffff0200000000010806"
                + "0001080006040001020000000001c0000201000000000000c0000202"
                + PADDING);
    assertThat(frame.length()).isEqualTo(60);
    assertThat(frame)
        .hasToString(
            "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ARP, 60 bytes: ARP request, "
                + "192.0.2.1 at 02:00:00:00:00:01 > 192.0.2.2 at 00:00:00:00:00:00");
  }

  @Test
  void shouldBuildAnArpReply() {
    assertThat(Frame.ethernet(MAC, PEER).arpReply(MAC, IP, PEER, PEER_IP).build().toHex())
        .isEqualTo(
            "0200000000020200000000010806"
                + "0001080006040002020000000001c0000201020000000002c0000202"
                + PADDING);
  }

  @Test
  void shouldBuildBothKindsOfRarp() {
    assertThat(Frame.ethernet(MAC, MacAddress.BROADCAST).rarpRequest(MAC, MAC).build().toHex())
        .isEqualTo(
            "ffffffffffff0200000000018035"
                + "00010800060400030200000000010000000002000000000100000000"
                + PADDING);
    assertThat(Frame.ethernet(MAC, PEER).rarpReply(MAC, IP, PEER, PEER_IP).build().toHex())
        .isEqualTo(
            "0200000000020200000000018035"
                + "0001080006040004020000000001c0000201020000000002c0000202"
                + PADDING);
  }

  @Test
  void shouldPadAPayloadOnlyWhenItIsShort() {
    assertThat(Frame.ethernet(MAC, PEER).payload(0x88b5, new byte[] {1}).build().toHex())
        .isEqualTo("02000000000202000000000188b501" + "00".repeat(45));
    assertThat(Frame.ethernet(MAC, PEER).payload(0x88b5, new byte[46]).build().length())
        .isEqualTo(60);
    assertThat(Frame.ethernet(MAC, PEER).payload(0x88b5, new byte[1500]).build().length())
        .isEqualTo(1514);
    assertThatThrownBy(() -> Frame.ethernet(MAC, PEER).payload(0x10000, new byte[1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldKeepItsBytesToItself() {
    final byte[] bytes = {1, 2, 3};
    final Frame frame = Frame.of(bytes);
    bytes[0] = 9;
    frame.toByteArray()[1] = 9;
    assertThat(frame.toHex()).isEqualTo("010203");
    assertThat(frame.toByteBuffer().isReadOnly()).isTrue();
    assertThat(frame).isEqualTo(Frame.ofHex("010203")).hasSameHashCodeAs(Frame.ofHex("010203"));
    assertThat(frame).isNotEqualTo(Frame.ofHex("010204"));
    final byte[] payload = {7};
    final FrameBuilder builder = Frame.ethernet(MAC, PEER).payload(0x88b5, payload);
    payload[0] = 8;
    assertThat(builder.build().toByteArray()[14]).isEqualTo((byte) 7);
  }

  @Test
  void shouldCopyToAnOffsetAndTouchNothingElse() {
    final ByteBuffer buffer = Golden.buffer(5);
    Frame.ofHex("010203").copyTo(buffer, 1);
    assertThat(Golden.hex(buffer, 0, 5)).isEqualTo("a5010203a5");
    assertThat(buffer.position()).isZero();
    assertThat(Frame.of(buffer, 1, 3).toHex()).isEqualTo("010203");
    assertThatThrownBy(() -> Frame.of(buffer, 3, 3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ffffffffffff0200",
        "FF FF FF FF FF FF 02 00",
        "ff:ff:ff:ff:ff:ff 02:00\n",
        "0xff,0xff,0xff,0xff,0xff,0xff,0x02,0x00",
        "0xffffffffffff0200",
        "\n  ffff\r\n  ffff ffff\n\n0200",
        "\t0x0000:  ffff ffff ffff\n\t0x0006:  0200",
        "\t0x0000:  ffff ffff ffff 0200  ........",
        "\t0x0000:  ffff ffff ffff                 ab  cd 0200\n\t0x0006:  0200      ..",
        "0000: ff ff ff ff ff ff\n0006: 02 00"
      })
  void shouldReadHexHoweverItIsWritten(String text) {
    assertThat(Frame.ofHex(text).toHex()).isEqualTo("ffffffffffff0200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "0x", "f", "ff f", "fg", "ff;ff", "0x0000:", "ff 0x0xff", "é"})
  void shouldRefuseWhatIsNoHex(String text) {
    assertThatThrownBy(() -> Frame.ofHex(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldNameTheLineOfAMistake() {
    assertThatThrownBy(() -> Frame.ofHex("ff\nff\nxyz"))
        .hasMessage("not whole bytes in hexadecimal: 'xyz' in line 3");
  }

  @Test
  void shouldKeepBrokenFramesAsTheyAre() {
    assertThat(Frame.ofHex("ff").length()).isEqualTo(1);
    assertThat(Frame.ofHex("ff")).hasToString("Ethernet, 1 bytes: shorter than an Ethernet header");
  }
}
