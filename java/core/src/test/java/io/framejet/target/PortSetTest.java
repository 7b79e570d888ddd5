package io.framejet.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortSetTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "22,80,443,8000-8100|104|22,80,443,8000-8100",
        "80|1|80",
        "1-65535|65535|1-65535",
        " 443 , 22 - 23 ,22|3|22-23,443",
        "3,1,2,5-4000,4|4000|1-4000",
        "0080|1|80"
      })
  void shouldReadPortsAndRanges(String text, int size, String sorted) {
    final PortSet set = PortSet.parse(text);
    assertThat(set.size()).isEqualTo(size);
    assertThat(set).hasToString(sorted).isEqualTo(PortSet.parse(sorted));
    assertThat(set).hasSameHashCodeAs(PortSet.parse(sorted));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "22,",
        "0",
        "65536",
        "99999999999",
        "80-",
        "-80",
        "90-80",
        "http",
        "1-2-3",
        "22;80",
        "0-10",
        "+1",
        "٢٢"
      })
  void shouldRefuseEverythingElseSoThatAUserUnderstands(String text) {
    assertThatThrownBy(() -> PortSet.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not a list of ports: '" + text + "' (");
  }

  @Test
  void shouldNumberPortsInAscendingOrder() {
    final PortSet set = PortSet.parse("443,22,8000-8002");
    final int[] ports = {22, 443, 8000, 8001, 8002};
    for (int i = 0; i < ports.length; i++) {
      assertThat(set.portAt(i)).isEqualTo(ports[i]);
      assertThat(set.indexOf(ports[i])).isEqualTo(i);
    }
    for (int port : new int[] {-1, 0, 21, 7999, 8003, 65_535, 65_536, Integer.MIN_VALUE}) {
      assertThat(set.indexOf(port)).isEqualTo(-1);
      assertThat(set.contains(port)).isFalse();
    }
    assertThat(set.contains(443)).isTrue();
    assertThatThrownBy(() -> set.portAt(5)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> set.portAt(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void shouldBeMadeOfNumbers() {
    assertThat(PortSet.of(443, 22, 22)).isEqualTo(PortSet.parse("22,443"));
    assertThatThrownBy(() -> PortSet.of()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PortSet.of(0)).hasMessage("port=0: 1 to 65535");
    assertThatThrownBy(() -> PortSet.of(65_536)).hasMessage("port=65536: 1 to 65535");
  }
}
