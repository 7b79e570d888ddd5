package io.framejet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Over links that are made up: how much they carry is known. */
class ThroughputSearchTest {
  private static final Load LOAD = Load.of(Backend.RING);
  private static final long SECOND = 1_000_000_000;

  /** Sends at most {@code fastest}, and carries {@code carries} frames of a second's. */
  private static Trial over(Rate rate, double fastest, double carries) {
    long sent = Math.round(Math.min(rate.pps(), fastest));
    long arrived = Math.min(sent, Math.round(carries));
    CpuTime cpu = new CpuTime(0, 0, 0);
    return new Trial(
        sent, 0, 0, 0, 1, sent, 0, 0, arrived, arrived, 0, 0, SECOND, cpu, List.of(sent), true);
  }

  private static Throughput search(double fastest, double carries) throws FramejetException {
    return new ThroughputSearch(LOAD, rate -> over(rate, fastest, carries), () -> false).run();
  }

  @Test
  void shouldFindWhatALinkCarries() throws Exception {
    Throughput found = search(1e6, 437_000);
    assertThat(found.pps()).isLessThanOrEqualTo(437_000).isCloseTo(437_000, within(10_000.0));
    assertThat(found.complete()).isTrue();
    assertThat(found.points()).hasSizeLessThan(20);
    assertThat(found.points().get(0).loss()).isCloseTo(0.563, within(0.001));
  }

  @Test
  void shouldBeContentWithALinkThatLosesNothing() throws Exception {
    Throughput found = search(1e6, 2e6);
    assertThat(found.pps()).isEqualTo(1e6);
    assertThat(found.points()).hasSize(2).allMatch(Throughput.Point::lossless);
  }

  @Test
  void shouldFindNothingOnALinkThatLosesEverything() throws Exception {
    Throughput found = search(1e6, 0);
    assertThat(found.pps()).isZero();
    assertThat(found.points()).noneMatch(Throughput.Point::lossless);
  }

  @Test
  void shouldNotTrustARateAboveOneThatLost() throws Exception {
    // Loses at 900,000 by chance, and at no other rate.
    Throughput found =
        new ThroughputSearch(
                LOAD, rate -> over(rate, 1e6, rate.pps() == 900_000 ? 899_999 : 1e6), () -> false)
            .run();
    assertThat(found.pps()).isLessThan(900_000).isGreaterThan(880_000);
  }

  @Test
  void shouldStopWhenCancelled() throws Exception {
    int[] tries = {0};
    Throughput found =
        new ThroughputSearch(
                LOAD,
                rate -> {
                  tries[0]++;
                  return over(rate, 1e6, 5e5);
                },
                () -> tries[0] >= 3)
            .run();
    assertThat(tries[0]).isEqualTo(3);
    assertThat(found.complete()).isFalse();
  }
}
