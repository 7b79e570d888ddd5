package io.framejet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.bench.ArrivalListener;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TimingsTest {
  @Test
  void shouldPutEveryValueIntoOneBin() {
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      Histogram histogram = new Histogram(60_000_000_000L, 3);
      for (int i = 0; i < 1000; i++) {
        histogram.recordValue((long) Math.pow(10, random.nextDouble() * 10.7));
      }
      long counted = 0;
      double edge = 0;
      for (Object each : Timings.bins(histogram)) {
        Map<?, ?> bin = (Map<?, ?>) each;
        counted += (long) Json.number(bin, "count", 0);
        assertThat(Json.number(bin, "from_us", -1)).isGreaterThanOrEqualTo(edge);
        edge = Json.number(bin, "to_us", -1);
        assertThat(edge).isGreaterThan(Json.number(bin, "from_us", -1));
      }
      assertThat(counted).isEqualTo(1000);
    }
  }

  @Test
  void shouldBinByTenToADecade() {
    Histogram histogram = new Histogram(60_000_000_000L, 3);
    histogram.recordValueWithCount(0, 2);
    histogram.recordValue(110_000);
    assertThat(Timings.bins(histogram)).hasSize(32);
    Map<?, ?> first = (Map<?, ?>) Timings.bins(histogram).get(0);
    assertThat(Json.number(first, "from_us", -1)).isZero();
    assertThat(Json.number(first, "to_us", -1)).isEqualTo(0.1);
    assertThat(Json.number(first, "count", -1)).isEqualTo(2);
    Map<?, ?> last = (Map<?, ?>) Timings.bins(histogram).get(31);
    assertThat(Json.number(last, "from_us", -1)).isEqualTo(100);
    assertThat(Json.number(last, "to_us", -1)).isEqualTo(125);
  }

  @Test
  void shouldGivePercentilesAndLeaveOutTheMissingGap() {
    Timings timings = new Timings();
    for (int i = 1; i <= 1000; i++) {
      timings.onArrival(i * 1000L, i == 1 ? ArrivalListener.NONE : 2000);
    }
    Map<String, @Nullable Object> out = Json.object();
    timings.addTo(out, 500_000);
    Map<?, ?> latency = Json.map(out, "latency_us");
    assertThat(Json.number(latency, "p50", 0)).isBetween(499.0, 501.0);
    assertThat(Json.number(latency, "p99", 0)).isBetween(989.0, 991.0);
    assertThat(Json.number(latency, "p99_9", 0)).isBetween(998.0, 1000.0);
    Map<?, ?> gaps = Json.map(out, "gaps_us");
    assertThat(Json.number(gaps, "count", 0)).isEqualTo(999);
    assertThat(Json.number(gaps, "asked", 0)).isEqualTo(2);
    assertThat(Json.number(gaps, "stddev", -1)).isZero();
  }

  @Test
  void shouldSayNothingOfNothing() {
    Map<String, @Nullable Object> out = Json.object();
    new Timings().addTo(out, 0);
    assertThat(List.copyOf(out.keySet())).isEmpty();
  }
}
