package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.capture.CaptureReader;
import io.framejet.capture.CapturedFrame;
import io.framejet.inject.Rate;
import io.framejet.link.LinkCounters;
import io.framejet.testing.Command;
import io.framejet.testing.FarSide;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The XDP program of the link: frames made and replies told within the kernel. */
class XdpSweepTest extends SweepConformance {
  /** Of an ARP packet, in its frame. */
  private static final int TARGET_ADDRESS = 38;

  /**
   * The far side fetches frames by a thread, which wakes up later than a softirq runs: meanwhile
   * its queue of 256 overflows. Where the thread is to be seen, it is put behind everybody else.
   */
  private static final String FETCH_LATE =
      """
      set -e
      mount -t sysfs none /sys
      echo 1 > /sys/class/net/v1/threaded
      cd /proc
      for id in [0-9]*; do
        case $(cat "$id/comm" 2>/dev/null) in
          napi/v1-*) chrt --idle --pid 0 "$id" || true ;;
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

  /** The program notes when the driver takes each probe: an answer comes after that. */
  @Test
  void shouldMeasureTheTimeOfEachAnswer() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    SweepReport report = run(lab, sweep(lab).targets("10.77.0.0/18").rate(Rate.MAX).build());
    long[] hosts = {0, 0};
    report.forEachHost(
        host -> {
          hosts[0] += host.self() ? 0 : 1;
          hosts[1] += !host.self() && host.rttMicros() == 0 ? 1 : 0;
        });
    assertThat(hosts[0]).isEqualTo(16_382);
    // Of times that are evenly spread over a send of thousands, a sixth is too late.
    assertThat(hosts[1]).as("at once").isLessThan(200);
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

  /** A veth counts as sent what the far side has fetched, and that may be after the sweep. */
  private static SweepReport runBeforeAllIsFetched(Sweep.Builder sweep) throws FramejetException {
    SweepReport report = sweep.retries(0).build().run();
    assertThat(report.complete()).isTrue();
    assertThat(report.transmitted().kernelDropped()).isPositive();
    assertThat(report.transmitted().accepted()).isEqualTo(report.counts().probesSent());
    assertThat(report.transmitted().kernelPackets())
        .isLessThanOrEqualTo(report.counts().probesSent());
    return report;
  }

  @Test
  void shouldSendAgainWhatTheDriverDropped() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    fetchLate(lab);
    SweepReport report = runBeforeAllIsFetched(sweep(lab).targets("10.77.0.0/19"));
    assertThat(report.counts().probesSent()).isEqualTo(8190);
    assertThat(report.counts().possiblyLost()).isZero();
    assertThat(report.counts().hostsSilent()).isEqualTo(8190);
    Wait.until(() -> lab.farCounters().rxPackets() == 8190, "all probes at the far side");
  }

  @Test
  void shouldKnowWhichProbesTheDriverTook() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    fetchLate(lab);
    for (int cores = 1; cores <= 2; cores++) {
      Sweep.Builder sweep = sweep(lab).targets("10.77.0.0/19").retries(0).cores(cores);
      SweepReport report = run(lab, sweep.waitTime(Duration.ofSeconds(20)).build());
      assertThat(report.transmitted().kernelDropped()).isPositive();
      assertThat(report.counts().unasked()).isZero();
      assertThat(report.counts().hostsUp()).isEqualTo(8191);
    }
  }

  @Test
  void shouldKeepEveryFrameThatTheDriverTook(@TempDir Path folder) throws FramejetException {
    VethLab lab = use(VethLab.silent());
    fetchLate(lab);
    Path file = folder.resolve("sweep.pcapng");
    SweepReport report = runBeforeAllIsFetched(sweep(lab).targets("10.77.0.0/20").pcap(file));
    assertThat(report.counts().probesSent()).isEqualTo(4094);
    List<Integer> targets = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(file)) {
      for (CapturedFrame frame = reader.next(); frame != null; frame = reader.next()) {
        targets.add(frame.buffer().getInt(frame.offset() + TARGET_ADDRESS));
      }
    }
    assertThat(targets).hasSize(4094).doesNotHaveDuplicates();
  }

  private static void fetchLate(VethLab lab) throws FramejetException {
    Command.of("unshare", "--mount", "sh", "-c", FETCH_LATE).in(lab.farNamespace()).succeed();
  }

  /**
   * Replies wait for the end of the send that goes on: one that has thrown does not hear of them.
   */
  @Test
  void shouldNotCallAListenerThatHasThrownAgain() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    LinkCounters before = lab.nearCounters();
    RuntimeException enough = new IllegalStateException("enough");
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    List<FarSide.Request> asked = new ArrayList<>();
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              asked.add(request);
              if (asked.size() == 1) {
                side.send(request.reply());
              } else if (asked.size() == 1000) { // of the second send, while that is not over
                side.send(request.reply());
                side.send(asked.get(0).reply(request.fromMac()));
              }
            })) {
      Sweep sweep =
          sweep(lab)
              .targets("10.77.32.0/19")
              .listener(
                  new SweepListener() {
                    @Override
                    public void onHost(HostResult host) {
                      heard.add("host");
                      awaitReceived(3);
                    }

                    @Override
                    public void onConflict(HostResult host) {
                      heard.add("conflict");
                      throw enough;
                    }

                    @Override
                    public void onProgress(SweepProgress progress) {
                      awaitReceived(1);
                    }

                    private void awaitReceived(long frames) {
                      Wait.until(
                          () -> lab.nearCounters().minus(before).rxPackets() >= frames, "replies");
                    }
                  })
              .build();
      assertThatThrownBy(sweep::run).isSameAs(enough);
      assertThat(far.requests()).isGreaterThan(1000);
      // If its send is over when its answer is read, the other host is told of before the conflict.
      assertThat(heard).startsWith("host").endsWith("conflict").containsOnlyOnce("conflict");
    }
  }

  @Test
  void shouldAccountForEveryReplyWhenTheLinkGoesDown() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    for (int hosts = 5000; hosts <= 40_000; hosts += 7000) {
      AtomicInteger last = new AtomicInteger(hosts);
      Sweep sweep =
          sweep(lab)
              .targets("10.77.0.0/16")
              .listener(
                  new SweepListener() {
                    @Override
                    public void onHost(HostResult host) {
                      if (last.decrementAndGet() == 0) {
                        setDown(lab);
                      }
                    }
                  })
              .build();
      assertThatThrownBy(sweep::run).isInstanceOf(FramejetException.class);
      SweepReport.Counts counts = Objects.requireNonNull(sweep.report()).counts();
      assertThat(counts.replies())
          .isEqualTo(counts.hostsUp() - 1 + counts.duplicates() + counts.unasked());
      lab.nearEditor().up(VethLab.NEAR);
      lab.awaitCarrier();
    }
  }

  private static void setDown(VethLab lab) {
    try {
      lab.nearEditor().down(VethLab.NEAR);
    } catch (FramejetException e) {
      throw new AssertionError(e);
    }
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
