package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4Test {
  @Test
  void shouldParseDottedDecimal() {
    assertThat(Ipv4.parse("0.0.0.0")).isZero();
    assertThat(Ipv4.parse("10.0.0.1")).isEqualTo(0x0a00_0001);
    assertThat(Ipv4.parse("255.255.255.255")).isEqualTo(-1);
    assertThat(Ipv4.parse("192.0.2.200")).isEqualTo(0xc000_02c8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "1.2.3.256",
        "1.2.3.01",
        "1.2.3.00",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.-4",
        "0x1.2.3.4",
        "1.2.3.1000000000000",
        "a.b.c.d",
        "1.2.3.٤",
        "1.2.3.4/8"
      })
  void shouldRefuseEverythingElse(String text) {
    assertThatThrownBy(() -> Ipv4.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void shouldRoundTripThroughTextAndJavaNet() {
    final Random random = new Random(2);
    for (int i = 0; i < 1000; i++) {
      final int address = random.nextInt();
      assertThat(Ipv4.parse(Ipv4.format(address))).isEqualTo(address);
      assertThat(Ipv4.fromInet(Ipv4.toInet(address))).isEqualTo(address);
      assertThat(Ipv4.toInet(address).getHostAddress()).isEqualTo(Ipv4.format(address));
    }
  }

  @Test
  void shouldCompareUnsigned() {
    assertThat(Ipv4.compare(0x7fff_ffff, 0x8000_0000)).isNegative();
    assertThat(Ipv4.compare(-1, 0)).isPositive();
    assertThat(Ipv4.compare(-1, -1)).isZero();
  }
}
