package io.framejet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AxisTest {
  private static List<String> texts(Axis axis) {
    return axis.ticks().stream().map(Axis.Tick::text).toList();
  }

  @Test
  void shouldEndAtARoundNumber() {
    assertThat(texts(Axis.fromZero("", 0.73))).containsExactly("0", "0.2", "0.4", "0.6", "0.8");
    assertThat(texts(Axis.fromZero("", 12))).containsExactly("0", "2.5", "5", "7.5", "10", "12.5");
    assertThat(texts(Axis.fromZero("", 0))).hasSizeGreaterThan(1).startsWith("0");
    assertThat(texts(Axis.logarithmic("", 3, 2500)))
        .containsExactly("1", "10", "100", "1000", "10k");
  }

  @Test
  void shouldHoldWhatItIsMadeFor() {
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      double highest = Math.pow(10, random.nextDouble() * 12 - 6);
      Axis linear = Axis.fromZero("", highest);
      assertThat(linear.max()).isGreaterThanOrEqualTo(highest * (1 - 1e-9));
      assertThat(linear.at(highest)).isBetween(0.5, 1.0);
      Axis wide = Axis.logarithmic("", highest, highest * 50);
      assertThat(wide.min()).isLessThanOrEqualTo(highest * (1 + 1e-6));
      assertThat(wide.at(highest)).isLessThan(wide.at(highest * 50));
    }
    assertThat(Axis.fromZero("", 10).at(5)).isCloseTo(0.5, within(1e-9));
    assertThat(Axis.logarithmic("", 1, 100).at(10)).isCloseTo(0.5, within(1e-9));
  }
}
