package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import io.framejet.testing.Command;
import io.framejet.testing.VethLab;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The XDP program of the link: frames made and replies told within the kernel. */
class XdpSweepTest extends SweepConformance {
  private static final String FETCH_LATE =
      """
      set -e
      mount -t sysfs none /sys
      echo 1 > /sys/class/net/v1/threaded
      cd /proc
      for id in [0-9]*; do
        case $(cat "$id/comm" 2>/dev/null) in
          napi/v1-*) chrt --idle --pid 0 "$id" ;;
        esac
      done
      """;

  @Override
  Backend backend() {
    return Backend.XDP;
  }

  @Override
  boolean queues() {
    return false;
  }

  @Override
  void prepare(VethLab lab) throws FramejetException {
    lab.farEditor().gro(VethLab.FAR, true);
  }

  @Test
  void shouldHaveSeveralCoresMakeTheProbes() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    for (String targets : List.of("10.77.0.0/16", "10.77.0.0/30", "10.77.3.0/24")) {
      SweepReport report = run(lab, sweep(lab).targets(targets).retries(5).cores(2).build());
      SweepReport.Counts counts = report.counts();
      assertThat(counts.hostsUp()).isEqualTo(counts.targets());
      assertThat(counts.unasked()).isZero();
      List<Long> perCore = report.transmitted().probesPerCore();
      assertThat(perCore).hasSize(2);
      assertThat(perCore.get(0) + perCore.get(1)).isEqualTo(counts.probesSent());
      report.forEachHost(host -> assertThat(host.rttMicros()).isGreaterThanOrEqualTo(0));
    }
  }

  @Test
  void shouldGiveEveryCoreAPartOfTheRate() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    Sweep sweep = sweep(lab).targets("10.77.0.0/22").rate(Rate.of(8000)).cores(2).build();
    long begin = System.nanoTime();
    SweepReport report = run(lab, sweep);
    assertThat(System.nanoTime() - begin).isGreaterThan(100_000_000);
    assertThat(report.counts().hostsUp()).isEqualTo(1023);
    assertThat(report.transmitted().probesPerCore()).doesNotContain(0L);
  }

  @Test
  void shouldKeepARateInTheKernel() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    SweepReport report = run(lab, sweep(lab).targets("10.77.1.0/24").rate(Rate.of(2000)).build());
    assertThat(report.counts().hostsUp()).isEqualTo(256);
    // Not faster than twice the rate, even where much was to be caught up with.
    assertThat(report.timing().sendNanos()).isGreaterThan(255 * 250_000L);
  }

  @Test
  void shouldSendAgainWhatTheDriverDropped() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    SweepReport report = run(lab, sweep(lab).targets("10.77.0.0/24").retries(0).build());
    assertThat(report.transmitted().kernelDropped()).isZero();
    // The far side fetches frames by a thread that is scheduled behind everybody else: too late.
    Command.of("unshare", "--mount", "sh", "-c", FETCH_LATE).in(lab.farNamespace()).succeed();
    report = run(lab, sweep(lab).targets("10.77.0.0/16").retries(0).build());
    assertThat(report.transmitted().kernelDropped()).isPositive();
    assertThat(report.counts().probesSent()).isEqualTo(65_533);
    assertThat(report.counts().possiblyLost()).isZero();
    assertThat(report.counts().hostsSilent()).isEqualTo(65_533);
    assertThat(lab.farCounters().rxPackets()).isEqualTo(65_533 + 254);
  }

  @Test
  void shouldRefuseCoresThatItCanNotUse() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    assertThatThrownBy(
            () -> sweep(lab).backend(Backend.RING).targets("10.77.0.0/24").cores(2).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("xdp");
    assertThatThrownBy(
            () -> sweep(lab).targets("10.77.0.0/24").cores(2).pcap(Path.of("x.pcapng")).build())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sweep(lab).cores(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sweep(lab).cores(47)).isInstanceOf(IllegalArgumentException.class);
  }
}
