package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
  @ParameterizedTest
  @ValueSource(strings = {"02:00:5e:10:00:fe", "02-00-5E-10-00-FE", "0200.5e10.00fe"})
  void shouldParseEveryUsualForm(String text) {
    final MacAddress mac = MacAddress.parse(text);
    assertThat(mac.toLong()).isEqualTo(0x0200_5e10_00feL);
    assertThat(mac).hasToString("02:00:5e:10:00:fe").isEqualTo(MacAddress.of(0x0200_5e10_00feL));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "02",
        "02:00:00:00:00",
        "02:00:00:00:00:001",
        "02:00:00:00:00:0g",
        "02:00-00:00:00:01",
        "02.00.00.00.00.01",
        "0200:0000:0001",
        "020000000001",
        "02:00:00:00:00:01 ",
        "٠٢:00:00:00:00:01",
        "+2:00:00:00:00:01"
      })
  void shouldRefuseWhatIsNoMacAddress(String text) {
    assertThatThrownBy(() -> MacAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void shouldRefuseMoreThan48Bits() {
    assertThatThrownBy(() -> MacAddress.of(1L << 48)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MacAddress.of(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldTellGroupsFromStations() {
    assertThat(MacAddress.BROADCAST.isMulticast()).isTrue();
    assertThat(MacAddress.parse("01:00:5e:00:00:01").isMulticast()).isTrue();
    assertThat(MacAddress.parse("01:00:5e:00:00:01").isUnicast()).isFalse();
    assertThat(MacAddress.ZERO.isUnicast()).isFalse();
    assertThat(MacAddress.parse("02:00:00:00:00:01").isUnicast()).isTrue();
    assertThat(MacAddress.parse("02:00:00:00:00:01").isLocallyAdministered()).isTrue();
    assertThat(MacAddress.parse("00:1b:21:00:00:01").isLocallyAdministered()).isFalse();
  }

  @Test
  void shouldRoundTripThroughTextAndBuffersOfEitherOrder() {
    final Random random = new Random(1);
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      final ByteBuffer buffer = ByteBuffer.allocateDirect(9).order(order);
      for (int i = 0; i < 1000; i++) {
        final long bits = random.nextLong() >>> 16;
        Golden.fill(buffer);
        MacAddress.write(buffer, 1, bits);
        assertThat(MacAddress.read(buffer, 1)).isEqualTo(bits);
        assertThat(buffer.get(1)).isEqualTo((byte) (bits >>> 40));
        assertThat(buffer.get(0)).isEqualTo(Golden.FILL);
        assertThat(buffer.get(7)).isEqualTo(Golden.FILL);
        final MacAddress mac = MacAddress.of(bits);
        assertThat(MacAddress.parse(mac.toString())).isEqualTo(mac).hasSameHashCodeAs(mac);
      }
    }
  }

  @Test
  void shouldCompareFromTheFirstOctetOn() {
    assertThat(MacAddress.ZERO).isLessThan(MacAddress.BROADCAST);
    assertThat(MacAddress.parse("80:00:00:00:00:00"))
        .isGreaterThan(MacAddress.parse("7f:ff:ff:ff:ff:ff"));
  }
}
