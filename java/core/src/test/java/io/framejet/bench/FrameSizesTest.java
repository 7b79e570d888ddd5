package io.framejet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameSizesTest {
  /** The frame rates that RFC 2544 (appendix B) gives for Ethernet of 10 Mbit/s. */
  @ParameterizedTest
  @CsvSource({"64,14880", "128,8445", "256,4528", "512,2349", "1024,1197", "1280,961", "1518,812"})
  void shouldKnowTheLineRatesOfTheRfc(int size, int fps) {
    assertThat(FrameSizes.lineRate(size, 10)).isCloseTo(fps, within(1.0));
  }

  @Test
  void shouldCountPreambleAndGapOnTheWireOnly() {
    assertThat(FrameSizes.bits(64)).isEqualTo(512);
    assertThat(FrameSizes.wireBits(64)).isEqualTo(672);
  }
}
