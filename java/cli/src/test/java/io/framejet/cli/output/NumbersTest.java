package io.framejet.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0",
        "999 | 999",
        "1000 | 1,000",
        "65534 | 65,534",
        "16777216 | 16,777,216",
        "-1000 | -1,000"
      })
  void shouldGroupDigits(long number, String text) {
    assertThat(Numbers.grouped(number)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0.000 s",
        "164400000 | 0.164 s",
        "9999499999 | 9.999 s",
        "12340000000 | 12.3 s",
        "59949000000 | 59.9 s",
        "59960000000 | 60.0 s",
        "245000000000 | 4 min 5 s",
        "12000000000000 | 3 h 20 min",
        "262800000000000 | 3 days 1 h",
      })
  void shouldWriteTimes(long nanos, String text) {
    assertThat(Numbers.duration(nanos)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10000 | 10,000 pps",
        "123.4 | 123 pps",
        "100 | 100 pps",
        "99.9996 | 100 pps",
        "50 | 50 pps",
        "33.3333 | 33.333 pps",
        "1.5 | 1.5 pps",
        "0.5 | 0.5 pps",
        "0.001 | 0.001 pps",
        "0.0001 | 1.0E-4 pps",
        "0 | 0 pps",
      })
  void shouldNotRoundASlowRateToNoneOrTwice(double pps, String text) {
    assertThat(Numbers.rate(pps)).isEqualTo(text);
  }

  @Test
  void shouldNotRoundUpToAll() {
    assertThat(Numbers.percent(65_533, 65_534)).isEqualTo("99.9 %");
    assertThat(Numbers.percent(65_534, 65_534)).isEqualTo("100.0 %");
    assertThat(Numbers.percent(0, 0)).isEqualTo("100.0 %");
  }
}
