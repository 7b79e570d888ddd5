package io.framejet.emulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.SipHash;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.Rate;
import io.framejet.link.Lab;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.sweep.HostResult;
import io.framejet.sweep.HostState;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepReport;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.PortSet;
import io.framejet.target.TargetSet;
import io.framejet.testing.Collector;
import io.framejet.testing.Command;
import io.framejet.testing.Tcpdump;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every backend of the emulator has to do. The hosts are at the far end of a veth pair; who
 * asks is at the near end: Linux's own stack, sweeps, and frames made by the test.
 */
abstract class EmulatorConformance {
  private static final SipHash KEY = new SipHash(0x1234, 0x5678);
  private static final Duration SHORT = Duration.ofMillis(200);

  private @Nullable VethLab opened;

  @TempDir private Path folder;

  abstract Backend backend();

  @BeforeEach
  void openLab() throws FramejetException {
    opened = VethLab.open();
    ready(lab());
  }

  @AfterEach
  void closeLab() {
    if (opened != null) {
      opened.close();
    }
  }

  final VethLab lab() {
    return Objects.requireNonNull(opened);
  }

  /** Frames of XDP programs arrive where there is GRO. */
  static void ready(VethLab lab) throws FramejetException {
    lab.nearEditor().gro(VethLab.NEAR, true);
  }

  final void openLab6() throws FramejetException {
    lab().close();
    opened = VethLab.open(Lab.builder().ipv6(true).addresses("2001:db8::1/64", "2001:db8::2/64"));
    ready(lab());
    final Command tentative = Command.of("ip", "-6", "address", "show", "tentative");
    Wait.until(
        () ->
            tentative.in(lab().nearNamespace()).succeed().isEmpty()
                && tentative.in(lab().farNamespace()).succeed().isEmpty(),
        "the addresses to be their hosts' own");
  }

  final HostEmulator.Builder hosts() throws FramejetException {
    return HostEmulator.on(lab().far()).backend(backend()).key(KEY);
  }

  private static TargetSet network() {
    return TargetSet.of("10.77.0.0/16");
  }

  /** What the hosts would answer to frames, in order. */
  private List<byte[]> expected(HostEmulator emulator, List<byte[]> requests, double share)
      throws FramejetException {
    final Answerer answerer =
        new Answerer(
            new HostSet(emulator.ipv4(), emulator.ipv6(), share, KEY),
            new Ports(PortSet.of(Requests.OPEN), true),
            1500);
    final List<byte[]> answers = new ArrayList<>();
    for (byte[] request : requests) {
      final byte[] sent = Arrays.copyOf(request, Math.max(request.length, FrameBatch.MIN_FRAME));
      if (answerer.answers(ByteBuffer.wrap(sent), 0, sent.length)) {
        final byte[] answer = new byte[answerer.answer().length()];
        answerer.answer().buffer().get(0, answer);
        answers.add(answer);
      }
    }
    return answers;
  }

  /** Sends frames, not so fast that any is lost, and gives what came back in order. */
  private List<byte[]> exchange(List<byte[]> requests, int answers) throws Exception {
    final Link near = lab().near();
    return Threads.pinned(
        () -> {
          try (Collector collector = Collector.on(near);
              Injector injector =
                  Injector.open(near, InjectorOptions.defaults().withBackend(Backend.SOCKET))) {
            final FrameBatch batch = injector.newBatch();
            int next = 0;
            while (next < requests.size() || !batch.isEmpty()) {
              while (next < requests.size() && batch.size() < 64 && batch.add(requests.get(next))) {
                next++;
              }
              injector.send(batch);
              Wait.sleep(1);
            }
            collector.await(answers);
            Wait.sleep(100); // for more than there should be
            return collector.settle().stream().map(Collector.Taken::bytes).toList();
          }
        });
  }

  private void shouldAnswerAsExpected(List<byte[]> requests, double share) throws Exception {
    try (HostEmulator emulator =
        hosts()
            .targets(network())
            .targets(Ipv6TargetSet.of("2001:db8::3:0/112"))
            .share(share)
            .openPorts(PortSet.of(Requests.OPEN))
            .open()) {
      final List<byte[]> expected = expected(emulator, requests, share);
      assertThat(expected).hasSizeGreaterThan(20);
      final LinkCounters before = lab().nearCounters();
      final List<byte[]> answers = exchange(requests, expected.size());
      shouldBeSame(answers, expected);
      assertThat(lab().nearCounters().minus(before).rxPackets()).isEqualTo(expected.size());
      final EmulatorStatistics statistics = emulator.statistics();
      assertThat(statistics.answers()).isEqualTo(expected.size());
      assertThat(statistics.ignored()).isEqualTo(requests.size() - expected.size());
      assertThat(statistics.unsent()).isZero();
      assertThat(statistics.missed()).isZero();
    }
  }

  private static void shouldBeSame(List<byte[]> frames, List<byte[]> expected) {
    for (int i = 0; i < Math.min(frames.size(), expected.size()); i++) {
      assertThat(Frame.of(frames.get(i)).toHex())
          .as("answer %s", i)
          .isEqualTo(Frame.of(expected.get(i)).toHex());
    }
    assertThat(frames).hasSameSizeAs(expected);
  }

  @Test
  void shouldAnswerByteForByteWhatEveryBackendDoes() throws Exception {
    final List<byte[]> requests =
        Requests.right(new Random(11)).stream().map(Frame::toByteArray).toList();
    shouldAnswerAsExpected(requests, 1);
    shouldAnswerAsExpected(requests, 0.4);
  }

  @Test
  void shouldNeitherAnswerNorFallOverHostileFrames() throws Exception {
    shouldAnswerAsExpected(Requests.spoiled(new Random(12), 6000), 1);
  }

  @Test
  void shouldCountEachKind() throws Exception {
    try (HostEmulator emulator =
        hosts()
            .targets(network())
            .targets(Ipv6TargetSet.of("2001:db8::3:0/112"))
            .openPorts(PortSet.of(Requests.OPEN))
            .open()) {
      final List<byte[]> requests = new ArrayList<>();
      final byte[] none = {};
      final List<Frame> kinds =
          List.of(
              Requests.arp(Requests.HOST),
              Requests.solicitation(Requests.HOST6),
              Requests.echo(Requests.HOST, 0, none),
              Requests.echo6(Requests.HOST6, none),
              Requests.tcp(Requests.HOST, Requests.OPEN, 2, 0, none),
              Requests.tcp(Requests.HOST, Requests.CLOSED, 2, 0, none),
              Requests.udp(Requests.HOST, 53, none),
              Requests.arp(Ipv4.parse("10.78.0.1")));
      int total = 0;
      for (int i = 0; i < kinds.size(); i++) {
        for (int times = 0; times <= i; times++) {
          requests.add(kinds.get(i).toByteArray());
          total++;
        }
      }
      exchange(requests, total - kinds.size());
      assertThat(emulator.statistics())
          .isEqualTo(new EmulatorStatistics(1, 2, 3, 4, 5, 6, 7, 8, 0, 0));
      for (AnswerKind kind : AnswerKind.values()) {
        assertThat(emulator.statistics().answers(kind)).isEqualTo(kind.number() + 1);
      }
    }
  }

  private <T> T near(java.util.concurrent.Callable<T> action) throws Exception {
    return lab().nearNamespace().<T, Exception>call(action::call);
  }

  @Test
  void shouldBeHostsToLinux() throws Exception {
    final Path file = folder.resolve("answers.pcap");
    try (HostEmulator emulator =
            hosts().targets(network()).share(0.5).openPorts(PortSet.of(22, 80)).open();
        Tcpdump tcpdump = Tcpdump.on(VethLab.NEAR, lab().nearNamespace(), file)) {
      int up = 0;
      for (int i = 16; i < 26; i++) {
        final int address = Ipv4.parse("10.77.7.0") + i;
        final InetAddress host = InetAddress.getByName(Ipv4.format(address));
        final boolean reachable =
            near(() -> host.isReachable(emulator.isUp(address) ? 10_000 : 300));
        assertThat(reachable).as("%s", host).isEqualTo(emulator.isUp(address));
        if (reachable) {
          up++;
          shouldTalkTo(host, address);
        }
      }
      assertThat(up).isBetween(1, 9);
      tcpdump.await(6 * up);
    }
    shouldFindNoFault(file);
  }

  private void shouldTalkTo(InetAddress host, int address) throws Exception {
    assertThat(
            Command.of("ip", "neigh", "show", host.getHostAddress())
                .in(lab().nearNamespace())
                .succeed())
        .contains(HostEmulator.macOf(address).toString());
    near(
        () -> {
          try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, 80), 2000);
            assertThat(socket.isConnected()).isTrue();
            socket.getOutputStream().write(new byte[100]);
            socket.setSoTimeout(2000);
            assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
          }
          assertThatThrownBy(() -> new Socket(host, 81).close())
              .isInstanceOf(ConnectException.class)
              .hasMessageContaining("refused");
          try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(2000);
            socket.connect(host, 53);
            socket.send(new DatagramPacket(new byte[10], 10));
            assertThatThrownBy(() -> socket.receive(new DatagramPacket(new byte[10], 10)))
                .isInstanceOf(PortUnreachableException.class);
          }
          return true;
        });
  }

  private static void shouldFindNoFault(Path file) {
    final String all = tshark(file, "frame");
    assertThat(all.lines().count()).isGreaterThan(3);
    assertThat(
            tshark(
                file,
                "_ws.malformed or ip.checksum.status == 0 or tcp.checksum.status == 0 or"
                    + " udp.checksum.status == 0 or icmp.checksum.status == 0 or"
                    + " icmpv6.checksum.status == 0 or frame.len < 60"))
        .isEmpty();
  }

  private static String tshark(Path file, String filter) {
    return Command.of(
            "tshark",
            "-n",
            "-r",
            file.toString(),
            "-o",
            "ip.check_checksum:TRUE",
            "-o",
            "tcp.check_checksum:TRUE",
            "-o",
            "udp.check_checksum:TRUE",
            "-Y",
            filter)
        .succeed();
  }

  @Test
  void shouldBeNeighborsToLinux() throws Exception {
    openLab6();
    final Path file = folder.resolve("answers.pcap");
    final Ipv6TargetSet targets = Ipv6TargetSet.of("2001:db8::7:0/112");
    try (HostEmulator emulator = hosts().targets(targets).share(0.5).open();
        Tcpdump tcpdump = Tcpdump.on(VethLab.NEAR, lab().nearNamespace(), file)) {
      int up = 0;
      for (int i = 16; i < 26; i++) {
        final Ipv6Address address = Ipv6Address.of(targets.highAt(i), targets.lowAt(i));
        final boolean reachable =
            near(
                () ->
                    address
                        .toInet()
                        .isReachable(emulator.isUp(address.high(), address.low()) ? 10_000 : 300));
        assertThat(reachable).isEqualTo(emulator.isUp(address.high(), address.low()));
        if (reachable) {
          up++;
          assertThat(
                  Command.of("ip", "neigh", "show", address.toString())
                      .in(lab().nearNamespace())
                      .succeed())
              .contains(Requests.mac(address).toString());
        }
      }
      assertThat(up).isBetween(1, 9);
      tcpdump.await(2 * up);
    }
    shouldFindNoFault(file);
  }

  /** Frames as short as Linux sends them, and packets as long as the link takes. */
  @Test
  void shouldReturnDataOfAnyLengthToLinux() throws Exception {
    lab().nearNamespace().sysctl("net/ipv4/ping_group_range", "0 0");
    final String ping =
        """
        import os, socket, struct, sys
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
        s.settimeout(5)
        s.connect(('10.77.3.9', 0))
        for n in list(range(0, 70)) + [511, 512, 513, 1024, 1025, 1471, 1472]:
            data = os.urandom(n)
            s.send(struct.pack('!BBHHH', 8, 0, 0, 0, n) + data)
            answer = s.recv(4096)
            assert answer[0] == 0 and answer[6:8] == struct.pack('!H', n) and answer[8:] == data, n
        print('same')
        """;
    try (HostEmulator emulator = hosts().targets("10.77.3.0/24").open()) {
      assertThat(Command.of("python3", "-c", ping).in(lab().nearNamespace()).succeed())
          .isEqualTo("same\n");
      assertThat(emulator.statistics().echo()).isEqualTo(77);
    }
  }

  // --- sweeps

  private Map<String, HostResult> found(Sweep sweep) throws FramejetException {
    final SweepReport report = sweep.run();
    final Map<String, HostResult> found = new TreeMap<>();
    report.forEachTarget(
        host -> {
          // Nor the far link's own, which Linux answers for.
          if (!host.self() && !host.addressText().equals("10.77.0.2")) {
            found.put(host.addressText() + " " + host.port(), host);
          }
        });
    return found;
  }

  private static Sweep.Builder at(Sweep.Builder sweep) {
    return sweep.rate(Rate.of(50_000)).waitTime(SHORT).seed(3);
  }

  @Test
  void shouldBeFoundByArpSweeps() throws Exception {
    try (HostEmulator emulator = hosts().targets(network()).share(0.3).open()) {
      final Map<String, HostResult> found =
          found(at(Sweep.arp(lab().near())).targets("10.77.0.0/18").build());
      assertThat(found).hasSize((1 << 14) - 3);
      found.forEach(
          (name, host) -> {
            assertThat(host.state() == HostState.UP)
                .as(name)
                .isEqualTo(emulator.isUp(host.address()));
            if (host.state() == HostState.UP) {
              assertThat(host.mac()).isEqualTo(HostEmulator.macOf(host.address()));
            }
          });
    }
  }

  @Test
  void shouldBeFoundByEchoSweeps() throws Exception {
    try (HostEmulator emulator = hosts().targets(network()).share(0.3).open()) {
      found(at(Sweep.icmp(lab().near())).targets("10.77.8.0/24").build())
          .forEach(
              (name, host) ->
                  assertThat(host.state() == HostState.UP)
                      .as(name)
                      .isEqualTo(emulator.isUp(host.address())));
      assertThat(emulator.statistics().echo()).isBetween(30L, 256L * 3);
    }
  }

  @Test
  void shouldBeFoundByTcpSweeps() throws Exception {
    try (HostEmulator emulator =
        hosts().targets(network()).share(0.5).openPorts(PortSet.of(22, 443)).open()) {
      final Map<String, HostResult> found =
          found(
              at(Sweep.tcp(lab().near()))
                  .targets("10.77.8.0/26")
                  .ports(PortSet.of(22, 80, 443))
                  .build());
      assertThat(found).hasSize(64 * 3);
      found.forEach(
          (name, host) ->
              assertThat(host.portState())
                  .as(name)
                  .isEqualTo(
                      !emulator.isUp(host.address()) ? "" : host.port() == 80 ? "closed" : "open"));
    }
  }

  @Test
  void shouldBeFoundByUdpSweeps() throws Exception {
    for (boolean unreachable : new boolean[] {true, false}) {
      try (HostEmulator emulator =
          hosts().targets(network()).share(0.5).portUnreachable(unreachable).open()) {
        found(at(Sweep.udp(lab().near())).targets("10.77.8.0/26").ports(PortSet.of(53, 99)).build())
            .forEach(
                (name, host) ->
                    assertThat(host.portState())
                        .as(name)
                        .isEqualTo(
                            !emulator.isUp(host.address())
                                ? ""
                                : unreachable ? "closed" : "filtered"));
      }
    }
  }

  @Test
  void shouldBeFoundByNdpSweeps() throws Exception {
    openLab6();
    final Ipv6TargetSet targets = Ipv6TargetSet.of("2001:db8::7:0/118");
    try (HostEmulator emulator = hosts().targets(targets).share(0.3).open()) {
      final Map<String, HostResult> found =
          found(at(Sweep.ndp(lab().near())).targets(targets).build());
      assertThat(found).hasSize(1024);
      found.forEach(
          (name, host) ->
              assertThat(host.state() == HostState.UP)
                  .as(name)
                  .isEqualTo(emulator.isUp(host.addressHigh(), host.addressLow())));
    }
  }

  // --- which hosts

  @Test
  void shouldKeepToManyRanges() throws Exception {
    final TargetSet.Builder some = TargetSet.builder();
    final Ipv6TargetSet.Builder some6 = Ipv6TargetSet.builder();
    final Random random = new Random(8);
    for (int i = 0; i < 700; i++) {
      final int first = Ipv4.parse("10.77.0.0") + random.nextInt(1 << 16);
      some.add(first, first + random.nextInt(20));
      final long low = random.nextInt(1 << 16);
      some6.add(
          new Ipv6TargetSet.Range(
              Requests.HOST6.high(), low, Requests.HOST6.high(), low + random.nextInt(20)));
    }
    some.add(Ipv4.parse("1.0.0.0"), Ipv4.parse("1.0.0.3"));
    some.add(Ipv4.parse("223.255.255.255"), Ipv4.parse("223.255.255.255"));
    some.exclude("10.77.64.0/18");
    final List<byte[]> requests = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      requests.add(Requests.arp(Ipv4.parse("10.77.0.0") + random.nextInt(1 << 16)).toByteArray());
      final Ipv6Address host6 = Ipv6Address.of(Requests.HOST6.high(), random.nextInt(1 << 16));
      requests.add(Requests.solicitation(host6).toByteArray());
    }
    for (String address : List.of("1.0.0.0", "1.0.0.4", "223.255.255.255", "223.255.255.254")) {
      requests.add(Requests.arp(Ipv4.parse(address)).toByteArray());
    }
    try (HostEmulator emulator = hosts().targets(some.build()).targets(some6.build()).open()) {
      final List<byte[]> expected = expected(emulator, requests, 1);
      assertThat(expected).hasSizeBetween(500, 6000);
      shouldBeSame(exchange(requests, expected.size()), expected);
    }
  }

  @Test
  void shouldLeaveOutWhatTheMachineItselfOwns() throws Exception {
    lab().farEditor().addAddress("lo", "10.77.9.9/32");
    try (HostEmulator emulator = hosts().targets(network()).open()) {
      assertThat(emulator.leftOut())
          .containsExactlyInAnyOrder(
              InetAddress.getByName("10.77.0.2"), InetAddress.getByName("10.77.9.9"));
      assertThat(emulator.isUp(Ipv4.parse("10.77.0.2"))).isFalse();
      assertThat(emulator.ipv4().size()).isEqualTo((1 << 16) - 2);
      // Linux answers for its own, with the link's MAC.
      assertThat(near(() -> InetAddress.getByName("10.77.0.2").isReachable(2000))).isTrue();
      assertThat(Command.of("ip", "neigh").in(lab().nearNamespace()).succeed())
          .contains(VethLab.FAR_MAC.toString());
      assertThat(emulator.statistics().answers()).isZero();
    }
    assertThatThrownBy(() -> hosts().targets("10.77.0.2").open())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("this machine itself owns");
    assertThatThrownBy(() -> hosts().open()).hasMessageContaining("name some addresses");
  }

  // --- from open to close

  private boolean isAnswered() throws Exception {
    Command.of("ip", "neigh", "flush", "all").in(lab().nearNamespace()).succeed();
    return near(() -> InetAddress.getByName("10.77.3.9").isReachable(200));
  }

  @Test
  void shouldEndWhenItIsClosed() throws Exception {
    final HostEmulator emulator = hosts().targets(network()).open();
    assertThat(emulator.backend()).isEqualTo(backend());
    assertThat(emulator.reason()).isEmpty();
    assertThat(isAnswered()).isTrue();
    assertThat(lab().far().isPromiscuous()).isTrue();
    emulator.close();
    emulator.close();
    assertThat(isAnswered()).isFalse();
    assertThat(emulator.statistics().echo()).isEqualTo(1);
    assertThat(emulator.statistics().arp()).isEqualTo(1);
    assertThat(lab().far().isPromiscuous()).isFalse();
    assertThat(Command.of("ip", "link", "show", VethLab.FAR).in(lab().farNamespace()).succeed())
        .doesNotContain("xdp");
    assertThat(emulator.fault()).isNull();
  }

  @Test
  void shouldOutliveALinkThatIsSetDown() throws Exception {
    try (HostEmulator emulator = hosts().targets(network()).open()) {
      assertThat(isAnswered()).isTrue();
      for (String end : List.of(VethLab.FAR, VethLab.NEAR)) {
        final boolean far = end.equals(VethLab.FAR);
        (far ? lab().farEditor() : lab().nearEditor()).down(end);
        Wait.sleep(50);
        (far ? lab().farEditor() : lab().nearEditor()).up(end);
        lab().awaitCarrier();
        Wait.until(this::isAnswered, "answers after " + end + " was set down");
      }
      assertThat(emulator.fault()).isNull();
    }
  }

  @Test
  void shouldSayThatTheLinkIsGone() throws Exception {
    try (HostEmulator emulator = hosts().targets(network()).open()) {
      assertThat(isAnswered()).isTrue();
      Wait.until(() -> emulator.statistics().echo() == 1, "the answer to be counted");
      lab().nearEditor().delete(VethLab.NEAR);
      Wait.until(() -> emulator.fault() != null, "the fault");
      assertThat(Objects.requireNonNull(emulator.fault()).code()).isEqualTo(ErrorCode.LINK_GONE);
      assertThat(emulator.statistics().echo()).isEqualTo(1);
    }
  }
}
