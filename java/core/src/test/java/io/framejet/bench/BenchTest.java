package io.framejet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.inject.Backends;
import io.framejet.inject.Rate;
import io.framejet.link.Lab;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.testing.Privileges;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On a lab of its own: what is counted, and by whom; no figure is expected to be high. */
class BenchTest {
  private Lab lab;

  @BeforeEach
  void open() throws FramejetException {
    Privileges.require();
    lab = Lab.open();
  }

  @AfterEach
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  private Bench.Builder bench() {
    return Bench.on(lab.near())
        .warmUp(Duration.ofMillis(20))
        .duration(Duration.ofMillis(50))
        .repetitions(2);
  }

  @ParameterizedTest
  @EnumSource(names = "RAWIP", mode = EnumSource.Mode.EXCLUDE)
  void shouldAgreeWithBothLinks(Backend backend) throws Exception {
    BackendStatus status = Backends.check(lab.near(), backend);
    org.junit.jupiter.api.Assumptions.assumeTrue(status.available(), status.reason());
    LinkCounters near = lab.near().counters();
    LinkCounters far = lab.far().counters();
    Measurement measured = bench().to(lab.far()).build().measure(Load.of(backend));
    Trial total = measured.total();
    assertThat(measured.disagreements()).isEmpty();
    assertThat(total.accepted()).isPositive();
    assertThat(total.delivered()).isEqualTo(total.accepted());
    assertThat(total.errors()).isZero();
    long all = total.accepted() + measured.warmUpFrames();
    assertThat(lab.near().counters().minus(near).txPackets()).isEqualTo(all);
    LinkCounters received = lab.far().counters().minus(far);
    assertThat(received.rxPackets()).isEqualTo(all);
    assertThat(received.rxBytes()).isEqualTo(all * 60);
    assertThat(total.nanos()).isGreaterThanOrEqualTo(100_000_000);
    assertThat(measured.pps().median()).isPositive();
  }

  @Test
  void shouldCountAnIfbByWhatItReceives() throws Exception {
    lab.editNear().addIfb("sink").up("sink");
    Link sink = Link.find("sink", lab.nearNamespace());
    Measurement measured =
        Bench.on(sink)
            .warmUp(Duration.ZERO)
            .duration(Duration.ofMillis(50))
            .repetitions(1)
            .build()
            .measure(Load.of(Backend.RING).withFrameSize(1518).withCores(2).withBatch(16));
    assertThat(measured.disagreements()).isEmpty();
    assertThat(sink.counters().rxPackets()).isEqualTo(measured.total().frames());
    assertThat(sink.counters().rxBytes()).isEqualTo(measured.total().frames() * 1514);
  }

  @Test
  void shouldMeasureWhatArrives() throws Exception {
    AtomicLong arrivals = new AtomicLong();
    AtomicLong gaps = new AtomicLong();
    AtomicLong longest = new AtomicLong();
    Measurement measured =
        bench()
            .to(lab.far())
            .repetitions(1)
            .duration(Duration.ofMillis(500))
            .build()
            .measure(
                Load.of(Backend.SOCKET).withRate(Rate.of(2000)).withCores(2),
                (latency, gap) -> {
                  arrivals.incrementAndGet();
                  gaps.addAndGet(gap == ArrivalListener.NONE ? 0 : gap);
                  longest.accumulateAndGet(latency, Math::max);
                });
    Trial trial = measured.total();
    // Never more than the rate allows; how many less is up to what else the machine does.
    assertThat(trial.accepted()).isBetween(1L, 1100L);
    assertThat(trial.arrived()).isEqualTo(trial.accepted());
    assertThat(trial.lost()).isZero();
    assertThat(trial.disagreements()).isEmpty();
    assertThat(arrivals).hasValue(trial.arrived());
    // From the first arrival to the last, and no more than that. What was missed is made up at
    // twice
    // the rate at most.
    assertThat(gaps.get()).isBetween((trial.accepted() - 20) * 250_000, trial.nanos());
    assertThat(longest.get()).isBetween(1L, 2_000_000_000L);
  }

  @Test
  void shouldHaveTheKernelPaceFramesOfXdp() throws Exception {
    lab.close();
    lab = Lab.builder().gro(true).open();
    AtomicLong longest = new AtomicLong();
    AtomicLong shortest = new AtomicLong(Long.MAX_VALUE);
    Measurement measured =
        bench()
            .to(lab.far())
            .repetitions(1)
            .duration(Duration.ofMillis(300))
            .build()
            .measure(
                Load.of(Backend.XDP).withRate(Rate.of(4000)).withCores(2),
                (latency, gap) -> {
                  longest.accumulateAndGet(latency, Math::max);
                  shortest.accumulateAndGet(latency, Math::min);
                });
    Trial trial = measured.total();
    assertThat(trial.accepted()).isBetween(20L, 1240L); // few on a busy machine
    assertThat(trial.arrived()).isEqualTo(trial.accepted());
    assertThat(trial.disagreements()).isEmpty();
    assertThat(trial.perCore()).hasSize(2).doesNotContain(0L);
    assertThat(trial.perCore().get(0) + trial.perCore().get(1)).isEqualTo(trial.accepted());
    // The wait for its time, a quarter of a ms and more, is no part of a frame's latency.
    assertThat(shortest.get()).isLessThan(200_000);
    assertThat(longest.get()).isBetween(1L, 2_000_000_000L);
  }

  @Test
  void shouldSearchForTheThroughput() throws Exception {
    Throughput found =
        bench().to(lab.far()).build().search(Load.of(Backend.RING).withRate(Rate.of(20_000)));
    assertThat(found.complete()).isTrue();
    assertThat(found.points()).hasSizeGreaterThanOrEqualTo(2);
    for (Throughput.Point point : found.points()) {
      assertThat(point.trial().lost()).isBetween(0L, point.trial().accepted());
    }
    assertThat(found.pps()).isBetween(0.0, 25_000.0);
  }

  @Test
  void shouldNotTakeForeignFramesForItsOwn() throws Exception {
    Bench flood = Bench.on(lab.near()).duration(Duration.ofSeconds(20)).repetitions(1).build();
    Thread other =
        new Thread(
            () -> {
              try {
                flood.measure(Load.of(Backend.SOCKET).withRate(Rate.of(1000)));
              } catch (FramejetException e) {
                throw new IllegalStateException(e);
              }
            });
    LinkCounters before = lab.near().counters();
    other.start();
    while (lab.near().counters().minus(before).txPackets() == 0) {
      Thread.onSpinWait();
    }
    Measurement measured =
        bench()
            .to(lab.far())
            .repetitions(1)
            .duration(Duration.ofMillis(300))
            .build()
            .measure(Load.of(Backend.RING).withRate(Rate.of(1000)), ArrivalListener.NOTHING);
    flood.cancel();
    other.join();
    Trial trial = measured.total();
    assertThat(trial.arrived()).isEqualTo(trial.accepted());
    assertThat(trial.linkFrames()).isGreaterThan(trial.accepted());
    assertThat(trial.frames()).isEqualTo(trial.accepted());
    assertThat(trial.disagreements()).hasSize(2);
  }

  @Test
  void shouldKeepFiguresWhenCancelled() throws Exception {
    Bench[] bench = new Bench[1];
    bench[0] = bench().repetitions(5).onTrial(trial -> bench[0].cancel()).build();
    Measurement measured = bench[0].measure(Load.of(Backend.RING));
    assertThat(measured.trials()).hasSize(1);
    assertThat(measured.total().accepted()).isPositive();
  }

  @Test
  void shouldRefuseFramesThatTheLinkDoesNotTake() {
    assertThatThrownBy(() -> bench().build().measure(Load.of(Backend.RING).withFrameSize(9018)))
        .isInstanceOfSatisfying(
            FramejetException.class,
            fault -> assertThat(fault.code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE))
        .hasMessageContaining("9018")
        .hasMessageContaining("v0");
  }

  @Test
  void shouldFailWhenTheLinkGoesDown() throws Exception {
    lab.editNear().down("v0");
    assertThatThrownBy(() -> bench().build().measure(Load.of(Backend.SOCKET)))
        .isInstanceOfSatisfying(
            FramejetException.class,
            fault -> assertThat(fault.code()).isEqualTo(ErrorCode.LINK_DOWN));
  }
}
