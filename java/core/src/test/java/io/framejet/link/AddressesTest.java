package io.framejet.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1",
    "255.255.255.255, 255.255.255.255",
    "2001:db8:0:0:0:0:0:1, 2001:db8::1",
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "0:0:1:2:3:4:5:6, ::1:2:3:4:5:6",
    "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::"
  })
  void shouldWriteAddressesAsRfc5952Does(String text, String expected) {
    assertThat(Addresses.text(Addresses.parse(text))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.01",
        "10.0.0.1.2",
        "1",
        "0x7f.0.0.1",
        " 10.0.0.1",
        "1::2::3",
        ":",
        "fe80::1%lo",
        "g::1",
        "[::1]",
        "10.0.0.1/8"
      })
  void shouldRefuseWhatIsNoAddress(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Addresses.parse(text))
        .withMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.1", "10.0.0.0/33", "10.0.0.0/", "/8", "::/129", "10.0.0.0/-1", "a/8"})
  void shouldRefuseWhatIsNoPrefix(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Addresses.parsePrefix(text));
  }

  @ParameterizedTest
  @CsvSource({
    "10.77.0.1/16, 10.77.255.255, true",
    "10.77.0.1/16, 10.78.0.0, false",
    "10.77.0.1/0, 192.0.2.1, true",
    "10.77.0.1/32, 10.77.0.1, true",
    "10.77.0.1/31, 10.77.0.2, false",
    "2001:db8::1/64, 2001:db8::ffff, true",
    "2001:db8::1/64, 2001:db8:0:1::1, false",
    "0.0.0.0/0, ::1, false"
  })
  void shouldTellWhatAPrefixContains(String prefix, String address, boolean expected) {
    assertThat(Addresses.parsePrefix(prefix).contains(Addresses.parse(address)))
        .isEqualTo(expected);
  }

  @Test
  void shouldKeepAnIpv4MappedAddressIpv6InAPrefix() throws Exception {
    final byte[] octets = new byte[16];
    octets[10] = -1;
    octets[11] = -1;
    octets[12] = 10;
    final InetAddress mapped = Inet6Address.getByAddress(null, octets, -1);
    final Addresses.Prefix network = new Addresses.Prefix(mapped, 104).network();
    assertThat(network.address()).isInstanceOf(Inet6Address.class);
    assertThat(Addresses.text(network.address())).isEqualTo("::ffff:a00:0");
  }
}
