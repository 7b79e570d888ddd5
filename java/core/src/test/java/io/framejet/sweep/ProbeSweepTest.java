package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.capture.CaptureReader;
import io.framejet.capture.CapturedFrameHandler;
import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.Rate;
import io.framejet.link.LinkCounters;
import io.framejet.link.LinkEditor;
import io.framejet.link.NetworkNamespace;
import io.framejet.neighbor.Resolver;
import io.framejet.probe.ReplyState;
import io.framejet.target.PortSet;
import io.framejet.target.Shard;
import io.framejet.target.TargetSet;
import io.framejet.testing.Collector;
import io.framejet.testing.Descriptors;
import io.framejet.testing.FarSide;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sweeps by ICMP, TCP and UDP, answered by Linux's own stack. */
class ProbeSweepTest {
  private static final int NEAR = Ipv4.parse("10.77.0.1");
  private static final int OPEN = 7001;
  private static final int CLOSED = 7002;
  private static final Duration SHORT = Duration.ofMillis(100);

  private @Nullable VethLab opened;

  @TempDir private Path folder;

  @AfterEach
  void closeLab() {
    if (opened != null) {
      opened.close();
    }
  }

  private VethLab use(VethLab lab) {
    opened = lab;
    try {
      prepare(lab);
    } catch (FramejetException e) {
      throw new AssertionError(e);
    }
    return lab;
  }

  /** The backend under test; null for the best that is available. */
  @Nullable Backend backend() {
    return null;
  }

  /** What the backend needs of the links, beside their being there. */
  void prepare(VethLab lab) throws FramejetException {}

  private Sweep.Builder icmp(VethLab lab) throws FramejetException {
    return Sweep.icmp(lab.near()).backend(backend()).rate(Rate.MAX).seed(4711);
  }

  /** Runs it, and checks that its numbers add up and agree with the link's own. */
  private static SweepReport run(VethLab lab, Sweep sweep) throws FramejetException {
    LinkCounters before = lab.nearCounters();
    SweepReport report = sweep.run();
    long sent = report.counts().probesSent() + report.resolution().probesSent();
    assertThat(report.complete()).isTrue();
    assertThat(report.counts().notProbed()).isZero();
    assertThatAddsUp(report);
    assertThat(report.transmitted().accepted()).isEqualTo(sent + report.resolution().answersSent());
    // The kernel's own RSTs and errors leave by the same link.
    assertThat(lab.nearCounters().minus(before).txPackets())
        .isGreaterThanOrEqualTo(report.transmitted().accepted());
    return report;
  }

  private static void assertThatAddsUp(SweepReport report) {
    SweepReport.Counts counts = report.counts();
    assertThat(counts.hostsUp() + counts.hostsSilent() + counts.possiblyLost())
        .isEqualTo(counts.targets());
    Map<HostState, Long> states = new HashMap<>();
    AtomicLong filtered = new AtomicLong();
    report.forEachTarget(
        host -> {
          states.merge(host.state(), 1L, Long::sum);
          filtered.addAndGet(host.reply() == ReplyState.FILTERED ? 1 : 0);
        });
    assertThat(states.getOrDefault(HostState.UP, 0L)).isEqualTo(counts.hostsUp());
    assertThat(states.getOrDefault(HostState.SILENT, 0L)).isEqualTo(counts.hostsSilent());
    assertThat(states.getOrDefault(HostState.POSSIBLY_LOST, 0L)).isEqualTo(counts.possiblyLost());
    assertThat(filtered.get()).isEqualTo(counts.answers().filtered());
  }

  private static Map<String, HostResult> targets(SweepReport report) {
    Map<String, HostResult> targets = new HashMap<>();
    report.forEachTarget(
        each ->
            targets.put(each.addressText() + (each.port() == 0 ? "" : ":" + each.port()), each));
    return targets;
  }

  private static HostResult target(SweepReport report, String name) {
    return Objects.requireNonNull(targets(report).get(name), name);
  }

  private static ServerSocket listen(NetworkNamespace namespace, int port) throws IOException {
    return namespace.<ServerSocket, IOException>call(
        () -> {
          ServerSocket socket = new ServerSocket();
          socket.bind(new InetSocketAddress("0.0.0.0", port), 4096);
          return socket;
        });
  }

  /** The IPv4 header of a frame, or null when it carries something else. */
  private static @Nullable Ipv4Header ipv4(byte[] frame) {
    EthernetHeader ethernet = new EthernetHeader().wrap(ByteBuffer.wrap(frame), 0, frame.length);
    return ethernet.etherType() == EtherType.IPV4
        ? new Ipv4Header().wrap(ByteBuffer.wrap(frame), 14, frame.length - 14)
        : null;
  }

  // --- whole networks

  @ParameterizedTest
  @EnumSource(
      value = Backend.class,
      names = {"RING", "SOCKET", "PCAP"})
  void shouldFindEveryHostOfANetworkByEcho(Backend backend) throws FramejetException {
    VethLab lab = use(VethLab.answering());
    Set<Integer> heard = new HashSet<>();
    SweepReport report =
        run(
            lab,
            icmp(lab)
                .backend(backend)
                .targets("10.77.0.0/16")
                .retries(5)
                .listener(
                    new SweepListener() {
                      @Override
                      public void onHost(HostResult host) {
                        assertThat(heard.add(host.address())).isTrue();
                      }
                    })
                .build());
    assertThat(report.counts().targets()).isEqualTo(65_534);
    assertThat(report.counts().hostsUp()).isEqualTo(65_534);
    assertThat(report.counts().possiblyLost()).isZero();
    assertThat(report.counts().refused()).isZero();
    assertThat(report.counts().malformed()).isZero();
    assertThat(report.resolution().hosts()).isEqualTo(65_533);
    assertThat(report.transmitted().kernelPackets()).isEqualTo(report.transmitted().accepted());
    assertThat(heard).hasSize(65_534);
    report.forEachHost(
        host -> {
          boolean self = host.address() == NEAR;
          assertThat(host.self()).isEqualTo(self);
          assertThat(host.mac()).isEqualTo(self ? VethLab.NEAR_MAC : VethLab.FAR_MAC);
          assertThat(host.ttl()).isEqualTo(self ? -1 : 64);
          assertThat(host.tries()).isBetween(self ? 0 : 1, self ? 0 : 6);
          assertThat(host.note()).isEqualTo(self ? "self" : "");
        });
  }

  @Test
  void shouldAskOnlyWhoHasAMac() throws FramejetException {
    VethLab lab = use(VethLab.answering("10.77.16.0/24"));
    try (Collector far = Collector.on(lab.far())) {
      SweepReport report =
          run(
              lab,
              icmp(lab)
                  .targets("10.77.16.0/23")
                  .rate(Rate.of(50_000))
                  .retries(1)
                  .waitTime(SHORT)
                  .build());
      assertThat(report.counts().hostsUp()).isEqualTo(256);
      assertThat(report.resolution().hosts()).isEqualTo(256);
      HostResult nobody = target(report, "10.77.17.9");
      assertThat(nobody.mac()).isNull();
      assertThat(nobody.tries()).isZero();
      assertThat(nobody.note()).isEmpty();
      List<byte[]> packets = new ArrayList<>();
      far.settle().forEach(each -> packets.add(each.bytes()));
      packets.removeIf(each -> ipv4(each) == null);
      assertThat(packets).hasSize((int) report.counts().probesSent());
      assertThat(packets)
          .allSatisfy(
              each ->
                  assertThat(MacAddress.read(ByteBuffer.wrap(each), 0))
                      .isEqualTo(VethLab.FAR_MAC.toLong()));
    }
  }

  @Test
  void shouldShareOutTargetsByShardsAndLeaveOutWhatIsExcluded() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    TargetSet targets = TargetSet.builder().add("10.77.4.0/22").exclude("10.77.5.0/24").build();
    Set<Integer> all = new HashSet<>();
    for (int index = 1; index <= 3; index++) {
      SweepReport report =
          run(lab, icmp(lab).targets(targets).retries(5).shard(new Shard(index, 3)).build());
      assertThat(report.counts().targets()).isEqualTo(256);
      assertThat(report.counts().hostsUp()).isEqualTo(256);
      assertThat(report.resolution().hosts()).isEqualTo(256);
      report.forEachTarget(host -> assertThat(all.add(host.address())).isTrue());
    }
    assertThat(all).hasSize(768).allMatch(targets::contains);
  }

  // --- ports

  /**
   * A lab whose near host sends the RSTs, with which its kernel meets what open ports answer, by
   * one router. It would look for the MAC of every host else, and the neighbor table, of 1,024
   * entries for all namespaces of the machine, would be full: nobody who is not in it yet gets an
   * answer from Linux then, in no lab.
   */
  private VethLab useForOpenPorts() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    lab.nearEditor()
        .addRoute(VethLab.NEAR, "10.77.0.0/17", "10.77.0.2")
        .addRoute(VethLab.NEAR, "10.77.128.0/17", "10.77.0.2");
    return lab;
  }

  @Test
  void shouldTellOpenPortsFromClosedOnes() throws IOException {
    VethLab lab = useForOpenPorts();
    try (ServerSocket open = listen(lab.farNamespace(), OPEN)) {
      assertThat(open.isBound()).isTrue();
      SweepReport report =
          run(
              lab,
              Sweep.tcp(lab.near())
                  .backend(backend())
                  .targets("10.77.8.0/21")
                  .ports(PortSet.of(OPEN, CLOSED))
                  .rate(Rate.of(100_000))
                  .retries(5)
                  .build());
      assertThat(report.counts().targets()).isEqualTo(2 * 2048);
      assertThat(report.counts().hostsUp()).isEqualTo(2 * 2048);
      assertThat(report.counts().answers().open()).isEqualTo(2048);
      assertThat(report.counts().answers().closed()).isEqualTo(2048);
      assertThat(report.counts().refused()).isZero();
      assertThat(report.resolution().hosts()).isEqualTo(2048);
      report.forEachTarget(
          each -> {
            assertThat(each.portState()).isEqualTo(each.port() == OPEN ? "open" : "closed");
            assertThat(each.mac()).isEqualTo(VethLab.FAR_MAC);
            assertThat(each.ttl()).isEqualTo(64);
          });
    }
  }

  @Test
  void shouldFindAnOpenPortOnEveryHostOfANetwork() throws IOException {
    VethLab lab = useForOpenPorts();
    try (ServerSocket open = listen(lab.farNamespace(), OPEN)) {
      assertThat(open.isBound()).isTrue();
      SweepReport report =
          run(
              lab,
              Sweep.tcp(lab.near())
                  .backend(backend())
                  .targets("10.77.0.0/16")
                  .ports(PortSet.of(OPEN))
                  .rate(Rate.MAX)
                  .retries(5)
                  .build());
      assertThat(report.counts().hostsUp()).isEqualTo(65_534);
      assertThat(report.counts().answers().open()).isEqualTo(65_533);
      assertThat(report.counts().possiblyLost()).isZero();
    }
  }

  @Test
  void shouldCallAPortFilteredThatIsSilentOnAHostThatIsThere() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              if (request.address() == Ipv4.parse("10.77.1.1")) {
                side.send(request.reply());
              }
            })) {
      SweepReport report =
          run(
              lab,
              Sweep.tcp(lab.near())
                  .backend(backend())
                  .targets("10.77.1.1-2")
                  .ports(PortSet.of(22, 80))
                  .retries(1)
                  .waitTime(SHORT)
                  .build());
      assertThat(far.requests()).isEqualTo(report.resolution().probesSent()).isEqualTo(3);
      assertThat(report.counts().hostsSilent()).isEqualTo(4);
      assertThat(report.counts().answers().filtered()).isEqualTo(2);
      HostResult filtered = target(report, "10.77.1.1:80");
      assertThat(filtered.portState()).isEqualTo("filtered");
      assertThat(filtered.mac()).isEqualTo(FarSide.macOf(filtered.address()));
      assertThat(filtered.tries()).isEqualTo(2);
      HostResult silent = target(report, "10.77.1.2:80");
      assertThat(silent.portState()).isEmpty();
      assertThat(silent.tries()).isZero();
    }
  }

  /** The claims that an answer to a probe cannot make: they come by ARP, when its pass is over. */
  @Test
  void shouldHearLateClaimsWhileTheProbesGoOut() throws FramejetException {
    assumeThat(backend())
        .as("has one program a link, and ends a pass first")
        .isNotEqualTo(Backend.XDP);
    VethLab lab = use(VethLab.answering());
    MacAddress second = MacAddress.parse("02:00:00:00:00:22");
    List<HostResult> conflicts = new ArrayList<>();
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              if (request.address() != Ipv4.parse("10.77.1.8")) {
                side.send(request.reply(second), Duration.ofMillis(100));
              }
            })) {
      SweepReport report =
          run(
              lab,
              icmp(lab)
                  .targets("10.77.1.7-9")
                  .grace(Duration.ofMillis(1500))
                  .listener(
                      new SweepListener() {
                        @Override
                        public void onConflict(HostResult host) {
                          conflicts.add(host);
                        }
                      })
                  .build());
      assertThat(far.requests()).isEqualTo(3);
      assertThat(report.counts().hostsUp()).isEqualTo(3);
      assertThat(report.counts().conflicts()).isEqualTo(2);
      assertThat(target(report, "10.77.1.7").others()).containsExactly(second);
      assertThat(target(report, "10.77.1.8").conflict()).isFalse();
      assertThat(target(report, "10.77.1.9").note()).isEqualTo("conflict");
      assertThat(conflicts)
          .extracting(HostResult::addressText)
          .containsExactlyInAnyOrder("10.77.1.7", "10.77.1.9");
    }
  }

  @Test
  void shouldNotCountAHostAsResolvedThatTellsItsMacTooLate() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    int late = Ipv4.parse("10.77.1.8");
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) ->
                side.send(
                    request.reply(), Duration.ofMillis(request.address() == late ? 450 : 0)))) {
      SweepReport report =
          run(
              lab,
              icmp(lab).targets("10.77.1.7-8").retries(0).waitTime(Duration.ofMillis(300)).build());
      assertThat(far.requests()).isEqualTo(2);
      long withMac = targets(report).values().stream().filter(each -> each.mac() != null).count();
      assertThat(report.resolution().hosts()).isEqualTo(withMac);
      assertThat(report.counts().probesSent()).isEqualTo(withMac);
    }
  }

  @Test
  void shouldTellUdpPortsThatAnswerFromClosedOnes() throws IOException {
    VethLab lab = use(VethLab.answering());
    unlimitErrors(lab.farNamespace());
    try (DatagramSocket open = echo(lab.farNamespace())) {
      SweepReport report =
          run(
              lab,
              Sweep.udp(lab.near())
                  .backend(backend())
                  .targets("10.77.0.2")
                  .ports(PortSet.parse(OPEN + "," + CLOSED + "-" + (CLOSED + 20)))
                  .retries(2)
                  .build());
      assertThat(open.isClosed()).isFalse();
      assertThat(report.counts().answers().open()).isEqualTo(1);
      assertThat(report.counts().answers().closed()).isEqualTo(21);
      assertThat(target(report, "10.77.0.2:" + OPEN).portState()).isEqualTo("open");
      assertThat(target(report, "10.77.0.2:" + CLOSED).portState()).isEqualTo("closed");
    }
  }

  private static void unlimitErrors(NetworkNamespace namespace) throws FramejetException {
    namespace.sysctl("net/ipv4/icmp_ratelimit", "0");
    namespace.sysctl("net/ipv4/icmp_ratemask", "0");
  }

  private static DatagramSocket echo(NetworkNamespace namespace) throws IOException {
    DatagramSocket socket =
        namespace.<DatagramSocket, IOException>call(
            () -> new DatagramSocket(new InetSocketAddress("0.0.0.0", OPEN)));
    Threads.start(
        "echo",
        () -> {
          DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
          try {
            while (true) {
              socket.receive(packet);
              socket.send(packet);
            }
          } catch (SocketException e) {
            return null; // closed
          }
        });
    return socket;
  }

  // --- forgeries

  @Test
  void shouldBelieveNoneOfAMillionForgedAnswers() throws Exception {
    VethLab lab = use(VethLab.answering());
    lab.farNamespace().sysctl("net/ipv4/icmp_echo_ignore_all", "1");
    AtomicBoolean sweeping = new AtomicBoolean(true);
    AtomicLong forged = new AtomicLong();
    Threads.Task<Long> flood =
        Threads.start("flood", () -> flood(lab, 1_000_000, sweeping, forged));
    Wait.until(() -> forged.get() > 0, "the first forged answers");
    long refused = 0;
    // Sweeps one after another, until as many were sent.
    while (forged.get() < 1_000_000) {
      SweepReport report =
          run(
              lab,
              icmp(lab)
                  .targets("10.77.0.0/18")
                  .rate(Rate.of(20_000))
                  .retries(0)
                  .waitTime(SHORT)
                  .build());
      assertThat(report.counts().hostsUp()).isEqualTo(1); // itself
      assertThat(report.counts().replies()).isZero();
      refused += report.counts().refused();
    }
    sweeping.set(false);
    assertThat(flood.get()).isGreaterThanOrEqualTo(1_000_000);
    assertThat(refused).isGreaterThan(100_000);
  }

  /** Echo replies from all targets, with identifiers, numbers and data of all kinds. */
  private static long flood(VethLab lab, long count, AtomicBoolean wanted, AtomicLong sent)
      throws FramejetException {
    try (Injector injector =
        Injector.open(
            lab.far(), InjectorOptions.defaults().withBackend(Backend.RING).withMaxFrame(64))) {
      FrameBatch batch = injector.newBatch();
      int number = 0;
      while (wanted.get() || sent.get() < count) {
        boolean full = false;
        while (!full) {
          Frame frame =
              Frame.ethernet(VethLab.FAR_MAC, VethLab.NEAR_MAC)
                  .ipv4(Ipv4.parse("10.77.0.0") + number * 7 % 16_384, NEAR)
                  .echoReply(number * 31 & 0xffff, number * 17 & 0xffff)
                  .payload(ByteBuffer.allocate(8).putLong(0, number * 0x9e3779b97f4a7c15L).array())
                  .build();
          full = !frame.addTo(batch);
          number += full ? 0 : 1;
        }
        sent.addAndGet(injector.send(batch));
      }
      return sent.get();
    }
  }

  // --- a source address of its own

  private SweepReport knock(VethLab lab, @Nullable Integer source, SweepListener listener)
      throws FramejetException {
    Sweep.Builder sweep =
        Sweep.tcp(lab.near())
            .backend(backend())
            .targets("10.77.3.0/24")
            .ports(PortSet.of(OPEN))
            .rate(Rate.of(20_000))
            .listener(listener);
    if (source != null) {
      sweep.source(source);
    }
    return run(lab, sweep.build());
  }

  private static long resets(Collector far) {
    return far.settle().stream()
        .map(Collector.Taken::bytes)
        .filter(
            frame -> {
              Ipv4Header ip = ipv4(frame);
              return ip != null
                  && ip.protocol() == IpProtocol.TCP
                  && (frame[14 + 20 + 13] & 0x04) != 0;
            })
        .count();
  }

  @Test
  void shouldAskFromAnAddressThatTheKernelLeavesAlone() throws IOException {
    int source = Ipv4.parse("10.77.0.99");
    VethLab lab = use(VethLab.answering());
    lab.farEditor().addLocalTableRoute(VethLab.FAR, "10.77.0.99/32");
    AtomicBoolean resolved = new AtomicBoolean();
    SweepListener asking =
        new SweepListener() {
          @Override
          public void onHost(HostResult host) {
            if (!resolved.get()) {
              resolved.set(isAnsweredFor(lab, source));
            }
          }
        };
    try (ServerSocket open = listen(lab.farNamespace(), OPEN);
        Collector far = Collector.on(lab.far())) {
      assertThat(open.isBound()).isTrue();
      SweepReport report = knock(lab, source, asking);
      assertThat(report.counts().answers().open()).isEqualTo(256);
      assertThat(resolved).isTrue();
      assertThat(report.resolution().answersSent()).isPositive();
      assertThat(report.transmitted().kernelPackets()).isEqualTo(report.transmitted().accepted());
      assertThat(resets(far)).isZero();
      // And for comparison what the kernel does with answers to its own address.
      SweepReport ordinary = knock(lab, null, SweepListener.NONE);
      assertThat(ordinary.counts().answers().open()).isEqualTo(256);
      assertThat(resets(far)).isPositive();
    }
  }

  private static boolean isAnsweredFor(VethLab lab, int address) {
    try (Resolver resolver = Resolver.open(lab.far())) {
      return VethLab.NEAR_MAC.equals(
          resolver.resolve(Ipv4.toInet(address), Duration.ofSeconds(2), 3).mac());
    } catch (FramejetException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldRefuseASourceAddressThatSomebodyHas() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    Sweep sweep = icmp(lab).targets("10.77.3.0/24").source(Ipv4.parse("10.77.0.99")).build();
    LinkCounters before = lab.nearCounters();
    assertThatThrownBy(sweep::run)
        .isInstanceOf(FramejetException.class)
        .hasMessageContaining("10.77.0.99")
        .hasMessageContaining(VethLab.FAR_MAC.toString());
    assertThat(lab.nearCounters().minus(before).txPackets()).isEqualTo(1);
    assertThatThrownBy(() -> icmp(lab).targets("10.77.3.1").source(Ipv4.parse("10.78.0.1")).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10.78.0.1");
    assertThatThrownBy(
            () -> icmp(lab).targets("10.77.3.1").source(Ipv4.parse("10.77.255.255")).build())
        .isInstanceOf(IllegalArgumentException.class);
  }

  // --- beyond a router

  @Test
  void shouldAskBeyondARouterAndOnTheLinkInOneSweep() throws FramejetException {
    VethLab lab = use(VethLab.open());
    try (NetworkNamespace beyond = behindRouter(lab)) {
      assertThat(beyond).isNotNull();
      TargetSet targets = TargetSet.of("10.77.0.2", "192.0.2.0/24", "198.51.100.1");
      assertThatThrownBy(() -> icmp(lab).targets(targets).build())
          .hasMessageContaining("--off-link");
      Sweep sweep = icmp(lab).targets(targets).offLink(true).rate(Rate.of(20_000)).build();
      assertThat(sweep.plan().gateways()).containsExactly("10.77.0.2");
      SweepReport report = run(lab, sweep);
      assertThat(report.counts().hostsUp()).isEqualTo(1 + 256);
      assertThat(report.counts().answers().unreachable()).isEqualTo(1);
      HostResult router = target(report, "10.77.0.2");
      assertThat(router.ttl()).isEqualTo(64);
      assertThat(router.note()).isEmpty();
      HostResult host = target(report, "192.0.2.7");
      assertThat(host.ttl()).isEqualTo(63);
      assertThat(host.mac()).isEqualTo(VethLab.FAR_MAC);
      assertThat(host.note()).isEqualTo("router");
      HostResult nowhere = target(report, "198.51.100.1");
      assertThat(nowhere.state()).isEqualTo(HostState.SILENT);
      assertThat(nowhere.reply()).isEqualTo(ReplyState.UNREACHABLE);
      assertThat(nowhere.note()).isEqualTo("router unreachable says 10.77.0.2");
    }
  }

  @Test
  void shouldSayThatARouterDoesNotAnswer() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    lab.nearEditor().addRoute(VethLab.NEAR, "192.0.2.0/24", "10.77.0.66");
    Sweep sweep =
        icmp(lab)
            .targets("192.0.2.0/24", "10.77.0.1", "10.77.0.9")
            .offLink(true)
            .retries(0)
            .waitTime(SHORT)
            .build();
    assertThatThrownBy(sweep::run)
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT))
        .hasMessageContaining("10.77.0.66");
    SweepReport report = Objects.requireNonNull(sweep.report());
    assertNothingDone(report, 1);
    assertThat(report.counts().targets()).isEqualTo(256 + 2);
    assertThat(report.counts().possiblyLost()).isEqualTo(256 + 1);
    assertThat(report.transmitted().accepted())
        .isEqualTo(1) // the question for the router
        .isEqualTo(report.transmitted().kernelPackets());
    assertThatThrownBy(() -> icmp(lab).targets("203.0.113.1").offLink(true).build())
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_ROUTE));
  }

  /** Makes the far namespace a router to another one that has all of 192.0.2.0/24. */
  private static NetworkNamespace behindRouter(VethLab lab) throws FramejetException {
    NetworkNamespace beyond = NetworkNamespace.anonymous();
    LinkEditor there = LinkEditor.of(beyond);
    lab.farEditor().addVeth("w0", "w1", beyond).addAddress("w0", "172.16.0.1/24").up("w0");
    there.addAddress("w1", "172.16.0.2/24").up("lo").up("w1");
    there.addLocalRoute("192.0.2.0/24").addRoute("w1", "10.77.0.0/16", "172.16.0.1");
    lab.farEditor().addRoute("w0", "192.0.2.0/24", "172.16.0.2");
    lab.farNamespace().sysctl("net/ipv4/ip_forward", "1");
    unlimitErrors(lab.farNamespace());
    lab.nearEditor().addRoute(VethLab.NEAR, "192.0.2.0/24", "10.77.0.2");
    lab.nearEditor().addRoute(VethLab.NEAR, "198.51.100.0/24", "10.77.0.2");
    return beyond;
  }

  // --- rates

  @Test
  void shouldKeepToTheRateOfEachHost() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    long interval = 20_000_000;
    try (Collector far = Collector.on(lab.far())) {
      SweepReport report =
          run(
              lab,
              Sweep.tcp(lab.near())
                  .backend(backend())
                  .targets("10.77.1.1-3")
                  .ports(PortSet.parse("1000-1014"))
                  .rate(Rate.MAX)
                  .hostRate(Rate.of(50))
                  .build());
      assertThat(report.counts().hostsUp()).isEqualTo(45);
      Map<Integer, Long> last = new HashMap<>();
      int compared = 0;
      for (Collector.Taken frame : far.settle()) {
        Ipv4Header ip = ipv4(frame.bytes());
        if (ip == null || (frame.bytes()[14 + 20 + 13] & 0x02) == 0) {
          continue; // ARP, or the kernel's RST
        }
        Long before = last.put(ip.destination(), frame.timestampNanos());
        if (before != null) {
          assertThat(frame.timestampNanos() - before).isGreaterThanOrEqualTo(interval - 1_000_000);
          compared++;
        }
      }
      assertThat(compared).isEqualTo(45 - 3);
      assertThat(report.timing().elapsedNanos()).isGreaterThan(14 * interval);
    }
  }

  // --- frames kept

  @Test
  void shouldKeepAllFrames() throws IOException {
    VethLab lab = use(VethLab.answering());
    Path file = folder.resolve("sweep.pcapng");
    SweepReport report = run(lab, icmp(lab).targets("10.77.3.0/24").pcap(file).build());
    int[] counts = new int[3];
    long[] times = {Long.MAX_VALUE, 0};
    try (CaptureReader reader = CaptureReader.open(file)) {
      CapturedFrameHandler handler =
          frame -> {
            byte[] bytes = new byte[frame.length()];
            frame.buffer().get(frame.offset(), bytes);
            Ipv4Header ip = ipv4(bytes);
            boolean ours = MacAddress.read(ByteBuffer.wrap(bytes), 6) == VethLab.NEAR_MAC.toLong();
            counts[ours ? (ip == null ? 0 : 1) : 2]++;
            times[0] = Math.min(times[0], frame.timestampNanos());
            times[1] = Math.max(times[1], frame.timestampNanos());
          };
      while (reader.poll(handler, 1024) > 0) {}
    }
    assertThat(counts[0]).isEqualTo((int) report.resolution().probesSent());
    assertThat(counts[1]).isEqualTo((int) report.counts().probesSent());
    assertThat(counts[2]).isEqualTo((int) report.received().delivered());
    assertThat(times[1] - times[0]).isBetween(0L, report.timing().elapsedNanos());
  }

  // --- ends before its time

  @Test
  void shouldEndWithAPartialReportWhenCancelledInEitherPhase() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    for (String phase : List.of("resolving neighbors", "probing")) {
      AtomicInteger seen = new AtomicInteger();
      Sweep[] sweep = new Sweep[1];
      sweep[0] =
          icmp(lab)
              .targets("10.77.4.0/22")
              .rate(Rate.of(2_000))
              .listener(
                  new SweepListener() {
                    @Override
                    public void onProgress(SweepProgress progress) {
                      if (progress.phase().equals(phase) && seen.incrementAndGet() == 2) {
                        sweep[0].cancel();
                      }
                    }
                  })
              .build();
      SweepReport report = sweep[0].run();
      assertThat(report.complete()).isFalse();
      assertThatAddsUp(report);
      assertThat(report.counts().notProbed()).isPositive();
      assertThat(report.counts().possiblyLost())
          .isGreaterThanOrEqualTo(report.counts().notProbed());
      assertThat(report.counts().probesSent() > 0).isEqualTo(phase.equals("probing"));
      assertThat(report.transmitted().accepted())
          .isEqualTo(report.transmitted().kernelPackets())
          .isEqualTo(report.counts().probesSent() + report.resolution().probesSent());
    }
  }

  @Test
  void shouldKeepWhatItFoundWhenTheLinkGoesDown() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    AtomicInteger hosts = new AtomicInteger();
    Sweep sweep =
        icmp(lab)
            .targets("10.77.4.0/22")
            .rate(Rate.of(2_000))
            .listener(
                new SweepListener() {
                  @Override
                  public void onHost(HostResult host) {
                    hosts.incrementAndGet();
                  }
                })
            .build();
    Threads.Task<SweepReport> task = Threads.start("sweep", sweep::run);
    Wait.until(() -> hosts.get() > 50, "the first hosts");
    lab.nearEditor().down(VethLab.NEAR);
    assertThat(task.failure())
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LINK_DOWN));
    SweepReport report = Objects.requireNonNull(sweep.report());
    assertThat(report.complete()).isFalse();
    assertThatAddsUp(report);
    assertThat(report.counts().hostsUp()).isGreaterThan(50);
    assertThat(report.counts().notProbed()).isPositive();
  }

  private static void cancelLater(Sweep sweep) {
    Thread thread =
        new Thread(
            () -> {
              LockSupport.parkNanos(300_000_000);
              sweep.cancel();
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static void assertNothingDone(SweepReport report, long up) {
    SweepReport.Counts counts = report.counts();
    assertThat(report.complete()).isFalse();
    assertThat(counts.probesSent()).isZero();
    assertThat(counts.hostsUp()).isEqualTo(up);
    assertThat(counts.possiblyLost()).isEqualTo(counts.notProbed());
    assertThat(counts.hostsUp() + counts.possiblyLost()).isEqualTo(counts.targets());
  }

  @Test
  @Timeout(20)
  void shouldEndWithAReportWhileARouterIsLookedFor() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    lab.nearEditor().addRoute(VethLab.NEAR, "192.0.2.0/24", "10.77.0.66");
    Sweep sweep =
        icmp(lab)
            .targets("192.0.2.0/24", "10.77.0.1", "10.77.0.9")
            .offLink(true)
            .waitTime(Duration.ofSeconds(60))
            .build();
    cancelLater(sweep);
    SweepReport report = sweep.run();
    assertNothingDone(report, 1);
    assertThat(report.transmitted().accepted()).isEqualTo(1); // the question for the router
    assertThat(report.transmitted().kernelPackets()).isEqualTo(1);
  }

  @Test
  @Timeout(20)
  void shouldAskNobodyForItsSourceOnceCancelled() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    Sweep sweep = icmp(lab).targets("10.77.0.9").source(Ipv4.parse("10.77.40.1")).build();
    sweep.cancel();
    SweepReport report = sweep.run();
    assertNothingDone(report, 0);
    assertThat(report.transmitted().accepted()).isZero();
  }

  @Test
  void shouldReportItselfEvenWhenCancelledBefore() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    Sweep sweep = icmp(lab).targets("10.77.0.1").build();
    sweep.cancel();
    assertNothingDone(sweep.run(), 1);
  }

  @Test
  void shouldLeaveNothingOpenWhenTheResponderCannotStart() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    ArpResponder.open(lab.near(), NEAR, null).close(); // what stays open for good is open now
    Map<String, Integer> before = Descriptors.open();
    assertThatThrownBy(
            () ->
                ArpResponder.open(
                    lab.near(),
                    NEAR,
                    null,
                    work ->
                        new Thread(work) {
                          @Override
                          public synchronized void start() {
                            throw new OutOfMemoryError("unable to create native thread");
                          }
                        }))
        .isInstanceOf(OutOfMemoryError.class);
    Descriptors.awaitNoMoreThan(before);
  }
}
