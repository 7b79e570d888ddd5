package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv6AddressTest {
  @ParameterizedTest
  @CsvSource({
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "::ffff:192.0.2.1, ::ffff:192.0.2.1",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    "fe80::0001, fe80::1"
  })
  void shouldParseAndFormatAsRfc5952(String text, String canonical) {
    assertThat(Ipv6Address.parse(text)).hasToString(canonical);
    assertThat(Ipv6Address.parse(canonical)).isEqualTo(Ipv6Address.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ":::",
        "1",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "1::2::3",
        "::1:",
        ":1::",
        "12345::",
        "g::",
        "fe80::1%eth0",
        "2001:db8::/32",
        "[::1]",
        "::1.2.3",
        "::1.2.3.4.5",
        "1.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1.2.3.4:5",
        " ::1",
        "::١"
      })
  void shouldRefuseEverythingElse(String text) {
    assertThatThrownBy(() -> Ipv6Address.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void shouldRoundTripThroughTextAndJavaNet() {
    final Random random = new Random(13);
    for (int i = 0; i < 2000; i++) {
      // Groups that are often zero.
      long high = random.nextLong();
      long low = random.nextLong();
      for (int group = 0; group < 4; group++) {
        high &= random.nextBoolean() ? -1 : ~(0xffffL << (16 * group));
        low &= random.nextBoolean() ? -1 : ~(0xffffL << (16 * group));
      }
      final Ipv6Address address = Ipv6Address.of(high, low);
      assertThat(Ipv6Address.parse(address.toString()))
          .isEqualTo(address)
          .hasSameHashCodeAs(address);
      if (high != 0 || low >>> 32 != 0xffff) {
        assertThat(Ipv6Address.fromInet(address.toInet())).isEqualTo(address);
      }
    }
  }

  @Test
  void shouldMakeTheAddressesOfNeighborDiscovery() {
    final Ipv6Address address = Ipv6Address.linkLocal(MacAddress.parse("02:00:5e:10:20:30"));
    assertThat(address).hasToString("fe80::5eff:fe10:2030");
    assertThat(address.isLinkLocal()).isTrue();
    assertThat(address.solicitedNode()).hasToString("ff02::1:ff10:2030");
    assertThat(address.solicitedNode().isMulticast()).isTrue();
    assertThat(address.solicitedNode().multicastMac()).hasToString("33:33:ff:10:20:30");
    assertThat(Ipv6Address.ALL_NODES).isLessThan(Ipv6Address.ALL_ROUTERS).hasToString("ff02::1");
    assertThat(Ipv6Address.ANY).isLessThan(Ipv6Address.of(-1, 0));
  }
}
