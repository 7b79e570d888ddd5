package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Ipv4;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.target.PortSet;
import io.framejet.testing.Command;
import io.framejet.testing.VethLab;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sweeps by raw IP sockets: the kernel routes the probes and finds out the MACs. */
class RawipSweepTest {
  private static final int OPEN = 7001;
  private static final int CLOSED = 7002;

  private @Nullable VethLab opened;

  @AfterEach
  void closeLab() {
    if (opened != null) {
      opened.close();
    }
  }

  private VethLab use(VethLab lab) {
    opened = lab;
    return lab;
  }

  private static Sweep.Builder icmp(VethLab lab) throws FramejetException {
    return with(Sweep.icmp(lab.near()));
  }

  private static Sweep.Builder with(Sweep.Builder sweep) {
    return sweep.backend(Backend.RAWIP).rate(Rate.of(10_000)).retries(5).seed(4711);
  }

  private static SweepReport run(Sweep sweep) throws FramejetException {
    assertThat(sweep.plan().resolves()).isFalse();
    SweepReport report = sweep.run();
    SweepReport.Counts counts = report.counts();
    assertThat(report.complete()).isTrue();
    assertThat(report.backend()).isEqualTo(Backend.RAWIP);
    assertThat(counts.hostsUp() + counts.hostsSilent() + counts.possiblyLost())
        .isEqualTo(counts.targets());
    assertThat(counts.possiblyLost()).isZero();
    assertThat(counts.refused()).isZero();
    assertThat(counts.malformed()).isZero();
    assertThat(report.transmitted().accepted())
        .isEqualTo(
            counts.probesSent()
                + report.resolution().probesSent()
                + report.resolution().answersSent());
    return report;
  }

  @Test
  void shouldFindEveryHostByEcho() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    SweepReport report = run(icmp(lab).targets("10.77.0.0/24").build());
    assertThat(report.counts().targets()).isEqualTo(255); // 10.77.0.0 is no host's
    assertThat(report.counts().hostsUp()).isEqualTo(255);
    assertThat(report.resolution().probesSent()).isZero();
    // And the kernel's own ARP.
    assertThat(report.transmitted().kernelPackets()).isGreaterThan(report.transmitted().accepted());
    report.forEachHost(
        host -> {
          assertThat(host.mac()).isEqualTo(host.self() ? VethLab.NEAR_MAC : VethLab.FAR_MAC);
          assertThat(host.ttl()).isEqualTo(host.self() ? -1 : 64);
        });
  }

  @Test
  void shouldTellOpenPortsFromClosedOnes() throws IOException {
    VethLab lab = use(VethLab.answering());
    try (ServerSocket open =
        lab.farNamespace()
            .<ServerSocket, IOException>call(
                () -> {
                  ServerSocket socket = new ServerSocket();
                  socket.bind(new InetSocketAddress("0.0.0.0", OPEN), 4096);
                  return socket;
                })) {
      assertThat(open.isBound()).isTrue();
      SweepReport report =
          run(
              with(Sweep.tcp(lab.near()))
                  .targets("10.77.8.0/25")
                  .ports(PortSet.of(OPEN, CLOSED))
                  .build());
      assertThat(report.counts().answers().open()).isEqualTo(128);
      assertThat(report.counts().answers().closed()).isEqualTo(128);
      report.forEachTarget(
          each -> {
            assertThat(each.portState()).isEqualTo(each.port() == OPEN ? "open" : "closed");
            assertThat(each.mac()).isEqualTo(VethLab.FAR_MAC);
          });
    }
  }

  @Test
  void shouldFindClosedUdpPorts() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    lab.farNamespace().sysctl("net/ipv4/icmp_ratelimit", "0");
    lab.farNamespace().sysctl("net/ipv4/icmp_ratemask", "0");
    SweepReport report =
        run(
            with(Sweep.udp(lab.near()))
                .targets("10.77.8.1-5")
                .ports(PortSet.of(53, CLOSED))
                .build());
    assertThat(report.counts().answers().closed()).isEqualTo(10);
  }

  /** The rounds go on after the kernel has given up on the neighbors, which takes three seconds. */
  @Test
  void shouldCallSilentWhomTheKernelFindsNoMacOf() throws FramejetException {
    VethLab lab = use(VethLab.answering("10.77.16.0/28"));
    // Reachable by no route at all: a socket that is bound to the link looks there all the same.
    Command.of("ip", "route", "add", "unreachable", "10.77.16.31")
        .in(lab.nearNamespace())
        .succeed();
    SweepReport report =
        run(
            icmp(lab)
                .targets("10.77.16.0/27")
                .retries(3)
                .waitTime(Duration.ofMillis(1300))
                .build());
    assertThat(report.counts().hostsUp()).isEqualTo(16);
    assertThat(report.counts().hostsSilent()).isEqualTo(16);
    report.forEachTarget(
        host -> {
          boolean up = (host.address() & 31) < 16;
          assertThat(host.state()).isEqualTo(up ? HostState.UP : HostState.SILENT);
          assertThat(host.mac()).isEqualTo(up ? VethLab.FAR_MAC : null);
          assertThat(host.tries()).isBetween(up ? 1 : 4, 4);
        });
  }

  /** A link that takes no IPv4 any more, as with an MTU below 68: the kernel finds no route. */
  @Test
  void shouldNotCallSilentWhomTheKernelFindsNoWayTo() throws FramejetException {
    VethLab lab = use(VethLab.open());
    Command ip = Command.of("ip").in(lab.nearNamespace());
    ip.with("link", "add", "d0", "type", "ifb").succeed();
    ip.with("address", "add", "10.88.0.1/24", "dev", "d0").succeed();
    ip.with("link", "set", "d0", "up").succeed();
    Link link = Link.find("d0", lab.nearNamespace());
    AtomicBoolean cut = new AtomicBoolean();
    Sweep sweep =
        with(Sweep.icmp(link))
            .targets("10.88.0.0/24")
            .rate(Rate.of(200))
            .retries(0)
            .waitTime(Duration.ofMillis(50))
            .listener(
                new SweepListener() {
                  @Override
                  public void onProgress(SweepProgress progress) {
                    if (progress.probesSent() > 20 && cut.compareAndSet(false, true)) {
                      ip.with("link", "set", "d0", "mtu", "67").succeed();
                    }
                  }
                })
            .build();
    SweepReport report = sweep.run();
    SweepReport.Counts counts = report.counts();
    assertThat(counts.probesSent()).isBetween(21L, 200L).isEqualTo(report.transmitted().accepted());
    assertThat(counts.hostsUp()).isEqualTo(1); // the link itself
    // An ifb drops what it is given, and says so: who was asked may be lost as well.
    assertThat(counts.hostsSilent() + counts.possiblyLost()).isEqualTo(253);
    assertThat(counts.notProbed()).isEqualTo(253 - counts.probesSent()).isPositive();
    assertThat(counts.possiblyLost()).isGreaterThanOrEqualTo(counts.notProbed());
  }

  @Test
  void shouldLeaveRoutersToTheKernel() throws FramejetException {
    VethLab lab = use(VethLab.open());
    lab.farEditor().addLocalRoute("192.0.2.0/27");
    lab.nearEditor().addRoute(VethLab.NEAR, "192.0.2.0/27", "10.77.0.2");
    SweepReport report = run(icmp(lab).targets("192.0.2.0/27").offLink(true).build());
    assertThat(report.counts().hostsUp()).isEqualTo(32);
    assertThat(report.counts().conflicts()).isZero();
    report.forEachHost(
        host -> {
          assertThat(host.mac()).isEqualTo(VethLab.FAR_MAC);
          assertThat(host.note()).isEqualTo("router");
        });
  }

  @Test
  void shouldAskFromAnAddressThatTheKernelDoesNotOwn() throws FramejetException {
    VethLab lab = use(VethLab.answering("10.77.16.0/24"));
    Sweep sweep = icmp(lab).targets("10.77.16.0/26").source(Ipv4.parse("10.77.40.1")).build();
    assertThat(sweep.plan().claimsSource()).isTrue();
    SweepReport report = run(sweep);
    assertThat(report.counts().hostsUp()).isEqualTo(64);
    assertThat(report.resolution().answersSent()).isPositive();
  }

  @Test
  void shouldRefuseWhatTakesFrames() throws FramejetException {
    VethLab lab = use(VethLab.open());
    assertThatThrownBy(() -> with(Sweep.arp(lab.near())).targets("10.77.0.0/24").build())
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
        .hasMessageContaining("rawip sends IP packets alone");
    assertThatThrownBy(() -> icmp(lab).targets("10.77.0.0/24").pcap(Path.of("/dev/null")).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one file can not hold both");
  }
}
