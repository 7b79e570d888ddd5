package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.capture.CaptureReader;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.inject.Rate;
import io.framejet.link.LinkEditor;
import io.framejet.target.PortSet;
import io.framejet.testing.Command;
import io.framejet.testing.Threads;
import io.framejet.testing.TunLab;
import io.framejet.testing.Wait;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sweeps over a link whose frames begin with an IP header, answered by Linux's own stack. */
class TunSweepTest {
  private static final String NETWORK = "10.98.0.0/20";
  private static final String OWN = "10.98.0.1";
  private static final int OPEN = 7001;
  private static final int CLOSED = 7002;
  private static final Duration SHORT = Duration.ofMillis(100);

  private TunLab lab;

  @TempDir private Path folder;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = TunLab.open();
    LinkEditor.of(lab.nearNamespace()).addAddress(TunLab.NEAR, OWN + "/20");
    far().addLocalRoute(NETWORK).addLocalTableRoute(TunLab.FAR, OWN + "/32");
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private LinkEditor far() {
    return LinkEditor.of(lab.farNamespace());
  }

  private Sweep.Builder icmp() throws FramejetException {
    return Sweep.icmp(lab.near()).rate(Rate.of(20_000)).retries(5).seed(4711);
  }

  private static SweepReport run(Sweep sweep) throws FramejetException {
    assertThat(sweep.plan().resolves()).isFalse();
    assertThat(sweep.plan().sourceMac()).isEqualTo(MacAddress.ZERO);
    SweepReport report = sweep.run();
    SweepReport.Counts counts = report.counts();
    assertThat(report.complete()).isTrue();
    assertThat(counts.hostsUp() + counts.hostsSilent() + counts.possiblyLost())
        .isEqualTo(counts.targets());
    assertThat(report.resolution().probesSent()).isZero();
    assertThat(report.transmitted().accepted()).isEqualTo(counts.probesSent());
    report.forEachTarget(host -> assertThat(host.mac()).isNull());
    return report;
  }

  @ParameterizedTest
  @EnumSource(
      value = Backend.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"XDP", "XSK"}) // which want an Ethernet header
  void shouldFindEveryHostByEcho(Backend backend) throws FramejetException {
    SweepReport report = run(icmp().backend(backend).targets(NETWORK).build());
    assertThat(report.backend()).isEqualTo(backend);
    assertThat(report.counts().targets()).isEqualTo(4094);
    assertThat(report.counts().hostsUp()).isEqualTo(4094);
    assertThat(report.counts().possiblyLost()).isZero();
    assertThat(report.counts().conflicts()).isZero();
    assertThat(report.counts().refused()).isZero();
    assertThat(report.counts().malformed()).isZero();
    assertThat(report.transmitted().kernelPackets()).isEqualTo(report.transmitted().accepted());
    report.forEachHost(
        host -> {
          boolean self = host.addressText().equals(OWN);
          assertThat(host.self()).isEqualTo(self);
          assertThat(host.ttl()).isEqualTo(self ? -1 : 64);
          assertThat(host.note()).isEqualTo(self ? "self" : "");
        });
  }

  @Test
  void shouldTellOpenPortsFromClosedOnes() throws IOException {
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
              Sweep.tcp(lab.near())
                  .targets("10.98.1.0/24")
                  .ports(PortSet.of(OPEN, CLOSED))
                  .retries(5)
                  .build());
      assertThat(report.counts().answers().open()).isEqualTo(256);
      assertThat(report.counts().answers().closed()).isEqualTo(256);
      report.forEachTarget(
          each -> assertThat(each.portState()).isEqualTo(each.port() == OPEN ? "open" : "closed"));
    }
  }

  @Test
  void shouldFindClosedUdpPorts() throws FramejetException {
    lab.farNamespace().sysctl("net/ipv4/icmp_ratelimit", "0");
    lab.farNamespace().sysctl("net/ipv4/icmp_ratemask", "0");
    SweepReport report =
        run(
            Sweep.udp(lab.near())
                .targets("10.98.1.1-5")
                .ports(PortSet.of(53, CLOSED))
                .retries(5)
                .build());
    assertThat(report.counts().answers().closed()).isEqualTo(10);
  }

  @Test
  void shouldAskThePeerOfAPointToPointLink() throws FramejetException {
    Command.of("ip", "addr", "add", "10.97.0.1", "peer", "10.97.0.2/32", "dev", TunLab.NEAR)
        .in(lab.nearNamespace())
        .succeed();
    far().addAddress(TunLab.FAR, "10.97.0.2/32").addRoute(TunLab.FAR, "10.97.0.1/32");
    Sweep sweep = icmp().targets("10.97.0.2").build();
    assertThat(sweep.plan().sourceText()).isEqualTo("10.97.0.1");
    assertThat(run(sweep).counts().hostsUp()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Backend.class,
      names = {"RING", "RAWIP"})
  void shouldGoBeyondTheLinkWithoutARouterWhenAllowedTo(Backend backend) throws FramejetException {
    String beyond = "203.0.113.0/28";
    assertThatThrownBy(() -> icmp().targets(beyond).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not on link t0");
    far().addLocalRoute(beyond);
    SweepReport report = run(icmp().backend(backend).targets(beyond).offLink(true).build());
    assertThat(report.counts().hostsUp()).isEqualTo(16);
    report.forEachHost(host -> assertThat(host.note()).isEmpty());
  }

  /** Without ARP nobody has to be told who has the address. */
  @Test
  void shouldAskFromAnAddressThatTheKernelDoesNotOwn() throws FramejetException {
    String source = "10.98.0.77";
    far().addLocalTableRoute(TunLab.FAR, source + "/32");
    Sweep sweep = icmp().targets("10.98.0.64/27").source(Ipv4.parse(source)).build();
    assertThat(sweep.plan().claimsSource()).isFalse();
    SweepReport report = run(sweep);
    assertThat(report.counts().hostsUp()).isEqualTo(32);
    assertThat(report.counts().probesSent()).isGreaterThanOrEqualTo(31);
  }

  @Test
  void shouldRefuseAnswersWithoutTheCookie() throws FramejetException {
    lab.farNamespace().sysctl("net/ipv4/icmp_echo_ignore_all", "1");
    AtomicBoolean sweeping = new AtomicBoolean(true);
    AtomicInteger forged = new AtomicInteger();
    Threads.Task<Integer> forger =
        Threads.start(
            "forger",
            () -> {
              try (Injector injector = Injector.open(lab.far())) {
                while (sweeping.get() || forged.get() < 1000) {
                  injector.send(forgery(forged.getAndIncrement()));
                }
              }
              return forged.get();
            });
    Wait.until(() -> forged.get() > 0, "the first forged answer");
    SweepReport report =
        run(icmp().rate(Rate.of(500)).targets("10.98.1.0/24").retries(0).waitTime(SHORT).build());
    sweeping.set(false);
    assertThat(forger.get()).isGreaterThanOrEqualTo(1000);
    assertThat(report.counts().refused()).isGreaterThan(256);
    assertThat(report.counts().replies()).isZero();
    assertThat(report.counts().hostsUp()).isZero();
  }

  private static Frame forgery(int number) {
    return Frame.ipv4(Ipv4.parse("10.98.1.0") + number % 256, Ipv4.parse(OWN))
        .echoReply(number * 31 & 0xffff, number * 17 & 0xffff)
        .payload(new byte[8])
        .build();
  }

  @Test
  void shouldKeepAllPackets() throws IOException {
    Path file = folder.resolve("sweep.pcapng");
    SweepReport report = run(icmp().targets("10.98.3.0/24").pcap(file).build());
    AtomicInteger packets = new AtomicInteger();
    try (CaptureReader reader = CaptureReader.open(file)) {
      while (reader.poll(
              frame -> {
                byte[] bytes = new byte[frame.length()];
                frame.buffer().get(frame.offset(), bytes);
                assertThat(Frame.of(LinkType.IP, bytes).toString()).contains("echo re");
                packets.incrementAndGet();
              },
              1024)
          > 0) {}
      assertThat(reader.interfaces().get(0).linkType()).isEqualTo(LinkType.IP.number());
    }
    assertThat(report.counts().hostsUp()).isEqualTo(256);
    assertThat(packets.get())
        .isEqualTo((int) (report.counts().probesSent() + report.received().delivered()));
  }

  @Test
  void shouldRefuseToAskForMacs() throws FramejetException {
    for (Sweep.Builder sweep :
        new Sweep.Builder[] {Sweep.arp(lab.near()).targets(NETWORK), Sweep.ndp(lab.near())}) {
      assertThatThrownBy(sweep::build)
          .isInstanceOfSatisfying(
              FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
          .hasMessageContaining("link t0 is no Ethernet");
    }
  }
}
