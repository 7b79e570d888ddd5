package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Backends;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.target.Shard;
import io.framejet.target.TargetSet;
import io.framejet.testing.Availability;
import io.framejet.testing.Collector;
import io.framejet.testing.Command;
import io.framejet.testing.Descriptors;
import io.framejet.testing.FarSide;
import io.framejet.testing.Running;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sweep finds and reports, with every backend, on a veth pair. */
abstract class SweepConformance {
  private static final int NEAR = Ipv4.parse("10.77.0.1");
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofSeconds(30);

  private @Nullable VethLab opened;

  /** The backend under test. */
  abstract Backend backend();

  /** Whether its frames wait in the link's queueing discipline. */
  boolean queues() {
    return true;
  }

  /** Whether the host's own stack, and a packet socket with it, sees what was received. */
  boolean leavesFramesToTheHost() {
    return true;
  }

  @BeforeEach
  void requireBackend() throws FramejetException {
    try (VethLab lab = VethLab.open()) {
      prepare(lab);
      BackendStatus status = Backends.check(lab.near(), backend());
      Availability.require(status);
    }
  }

  @AfterEach
  void closeLab() {
    if (opened != null) {
      opened.close();
    }
  }

  /** Has the lab closed after the test, whatever becomes of it. */
  VethLab use(VethLab lab) {
    opened = lab;
    try {
      prepare(lab);
    } catch (FramejetException e) {
      throw new AssertionError(e);
    }
    return lab;
  }

  /** What the backend needs of the links, beside their being there. */
  void prepare(VethLab lab) throws FramejetException {}

  Sweep.Builder sweep(VethLab lab) throws FramejetException {
    return Sweep.arp(lab.near()).backend(backend()).rate(Rate.MAX).seed(4711);
  }

  /** Runs it, and checks that its numbers add up and agree with the link's own. */
  SweepReport run(VethLab lab, Sweep sweep) throws FramejetException {
    LinkCounters before = lab.nearCounters();
    SweepReport report = sweep.run();
    assertThatAddsUp(report, lab.nearCounters().minus(before));
    assertThat(report.complete()).isTrue();
    assertThat(report.counts().notProbed()).isZero();
    return report;
  }

  private void assertThatAddsUp(SweepReport report, LinkCounters counted) {
    SweepReport.Counts counts = report.counts();
    assertThat(counts.hostsUp() + counts.hostsSilent() + counts.possiblyLost())
        .isEqualTo(counts.targets());
    assertThat(report.transmitted().accepted()).isEqualTo(counts.probesSent());
    assertThat(report.transmitted().kernelPackets()).isEqualTo(counts.probesSent());
    assertThat(counted.txPackets())
        .isEqualTo(counts.probesSent() + report.transmitted().unconfirmed());
    assertThat(report.backend()).isEqualTo(backend());
    assertThat(counts.replies())
        .isGreaterThanOrEqualTo(counts.duplicates() + counts.unasked())
        .isLessThanOrEqualTo(report.received().delivered());
    Map<HostState, Long> states = new HashMap<>();
    AtomicInteger last = new AtomicInteger();
    report.forEachTarget(
        host -> {
          states.merge(host.state(), 1L, Long::sum);
          assertThat(Integer.compareUnsigned(host.address(), last.getAndSet(host.address())))
              .isPositive();
        });
    assertThat(states.getOrDefault(HostState.UP, 0L)).isEqualTo(counts.hostsUp());
    assertThat(states.getOrDefault(HostState.SILENT, 0L)).isEqualTo(counts.hostsSilent());
    assertThat(states.getOrDefault(HostState.POSSIBLY_LOST, 0L)).isEqualTo(counts.possiblyLost());
  }

  private static Map<String, HostResult> hosts(SweepReport report) {
    Map<String, HostResult> hosts = new HashMap<>();
    report.forEachTarget(host -> hosts.put(Ipv4.format(host.address()), host));
    return hosts;
  }

  private static HostResult host(SweepReport report, String address) {
    return Objects.requireNonNull(hosts(report).get(address), address);
  }

  // --- whole networks
  // -----------------------------------------------------------------------------------------------

  @Test
  void shouldFindEveryHostOfANetwork() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    Set<Integer> heard = new HashSet<>();
    Sweep sweep =
        sweep(lab)
            .targets("10.77.0.0/16")
            .retries(5)
            .listener(
                new SweepListener() {
                  @Override
                  public void onHost(HostResult host) {
                    assertThat(heard.add(host.address())).isTrue();
                  }
                })
            .build();
    SweepReport report = run(lab, sweep);
    assertThat(report.counts().targets()).isEqualTo(65_534);
    assertThat(report.counts().excluded()).isEqualTo(2);
    assertThat(report.counts().hostsUp()).isEqualTo(65_534);
    assertThat(report.counts().possiblyLost()).isZero();
    assertThat(report.counts().conflicts()).isZero();
    assertThat(report.counts().malformed()).isZero();
    assertThat(report.counts().unasked()).isZero();
    assertThat(report.counts().probesSent()).isGreaterThanOrEqualTo(65_533);
    assertThat(heard).hasSize(65_534);
    assertThat(report.timing().elapsedNanos()).isPositive();
    assertThat(report.ratePps()).isPositive();
    report.forEachHost(
        host -> {
          boolean self = host.address() == NEAR;
          assertThat(host.self()).isEqualTo(self);
          assertThat(host.mac()).isEqualTo(self ? VethLab.NEAR_MAC : VethLab.FAR_MAC);
          assertThat(host.tries()).isBetween(self ? 0 : 1, self ? 0 : 6);
          assertThat(host.rttMicros()).isBetween(0L, 60_000_000L);
          assertThat(host.note()).isEqualTo(self ? "self" : "");
        });
  }

  @Test
  void shouldTellSilentHostsFromThoseThatAnswer() throws FramejetException {
    VethLab lab = use(VethLab.answering("10.77.16.0/20"));
    SweepReport report =
        run(
            lab,
            sweep(lab)
                .targets("10.77.0.0/16")
                .rate(Rate.of(300_000))
                .retries(1)
                .waitTime(SHORT)
                .build());
    assertThat(report.counts().targets()).isEqualTo(65_534);
    assertThat(report.counts().hostsUp()).isEqualTo(4096 + 2);
    assertThat(report.counts().hostsSilent() + report.counts().possiblyLost())
        .isEqualTo(65_534 - 4098);
    if (report.received().dropped() + report.transmitted().kernelDropped() == 0) {
      assertThat(report.counts().possiblyLost()).isZero();
    }
    assertThat(report.counts().rounds()).isEqualTo(2);
    int first = Ipv4.parse("10.77.16.0");
    report.forEachTarget(
        host -> {
          int address = host.address();
          boolean answers =
              (address >= first && address < first + 4096)
                  || address == NEAR
                  || address == NEAR + 1;
          assertThat(host.state() == HostState.UP).isEqualTo(answers);
          if (!answers) {
            assertThat(host.mac()).isNull();
            assertThat(host.rttMicros()).isEqualTo(-1);
            assertThat(host.tries()).isEqualTo(2);
          }
        });
  }

  // --- who is asked
  // -------------------------------------------------------------------------------------------------

  @Test
  void shouldNotAskWhatIsExcluded() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    TargetSet targets =
        TargetSet.builder()
            .add("10.77.0.0/24")
            .exclude("10.77.0.10-20")
            .exclude("10.77.0.77")
            .build();
    try (Collector far = Collector.on(lab.far())) {
      SweepReport report = run(lab, sweep(lab).targets(targets).build());
      assertThat(report.counts().excluded()).isEqualTo(13); // with the network's own address
      assertThat(report.counts().targets()).isEqualTo(256 - 13);
      assertThat(report.counts().hostsUp()).isEqualTo(256 - 13);
      Set<Integer> asked = new HashSet<>();
      far.settle().forEach(frame -> asked.add(target(frame.bytes())));
      assertThat(asked).hasSize(256 - 13 - 1).doesNotContain(NEAR);
      assertThat(asked).allSatisfy(address -> assertThat(targets.contains(address)).isTrue());
    }
  }

  private static int target(byte[] frame) {
    ArpPacket arp =
        new ArpPacket().wrap(new EthernetHeader().wrap(ByteBuffer.wrap(frame), 0, frame.length));
    assertThat(arp.isValid()).isTrue();
    return arp.targetIp();
  }

  @Test
  void shouldShareOutTargetsByShards() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    Set<Integer> all = new HashSet<>();
    long sent = 0;
    for (int index = 1; index <= 4; index++) {
      SweepReport report =
          run(
              lab,
              sweep(lab)
                  .targets("10.77.0.0/20")
                  .seed(99)
                  .retries(5)
                  .shard(new Shard(index, 4))
                  .build());
      assertThat(report.counts().targets()).isBetween(1023L, 1024L);
      assertThat(report.counts().hostsUp()).isEqualTo(report.counts().targets());
      report.forEachTarget(host -> assertThat(all.add(host.address())).isTrue());
      sent += report.counts().probesSent();
    }
    assertThat(all).hasSize(4095);
    assertThat(sent).isGreaterThanOrEqualTo(4094);
  }

  @Test
  void shouldRefuseTargetsBeyondTheLinkUnlessAsked() throws FramejetException {
    VethLab lab = use(VethLab.open());
    assertThatThrownBy(() -> sweep(lab).targets("10.77.0.5", "10.99.0.0/24").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10.99.0.0")
        .hasMessageContaining("255 more")
        .hasMessageContaining("10.77.0.1/16")
        .hasMessageContaining("--off-link");
    SweepReport report =
        run(lab, sweep(lab).targets("10.99.0.1").offLink(true).retries(0).waitTime(SHORT).build());
    assertThat(report.counts().hostsSilent()).isEqualTo(1);
  }

  @Test
  void shouldNeverProbeAddressesThatAreNoHosts() throws FramejetException {
    VethLab lab = use(VethLab.open());
    for (String none :
        List.of(
            "0.0.0.0/8",
            "127.0.0.1",
            "224.0.0.0/4",
            "255.255.255.255",
            "10.77.0.0",
            "10.77.255.255")) {
      assertThatThrownBy(() -> sweep(lab).targets(none).offLink(true).build())
          .as(none)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("excluded");
    }
    assertThatThrownBy(() -> sweep(lab).build()).hasMessageContaining("no targets");
    assertThatThrownBy(() -> sweep(lab).targets(TargetSet.builder().build()).build())
        .hasMessage("there are no targets: none was named");
    assertThatThrownBy(
            () ->
                sweep(lab)
                    .targets(
                        TargetSet.builder().add("10.77.3.0/30").exclude("10.77.3.0/24").build())
                    .build())
        .hasMessage("no targets are left: all 4 are excluded");
    assertThatThrownBy(
            () -> Sweep.arp(lab.near()).targets("10.77.0.0/24").shard(new Shard(1, 2)).build())
        .hasMessageContaining("--seed");
  }

  @Test
  void shouldAskFromALinkWithoutAddress() throws FramejetException {
    VethLab lab = use(VethLab.open());
    lab.nearEditor().addVeth("a0", "a1", lab.farNamespace());
    lab.farEditor().up("a1").gro("a1", true);
    lab.nearEditor().up("a0");
    Link link = Link.find("a0", lab.nearNamespace());
    Wait.until(
        () -> link.refresh().hasCarrier() && (link.refresh().flags() & 0x40) != 0, "its carrier");
    Sweep.Builder builder = Sweep.arp(link.refresh()).backend(backend()).targets("10.77.0.2");
    assertThatThrownBy(builder::build).hasMessageContaining("no IPv4 address");
    SweepReport report = builder.offLink(true).waitTime(LONG).build().run();
    assertThat(report.counts().hostsUp()).isEqualTo(1);
  }

  @Test
  void shouldSendNothingForAPlan() throws FramejetException {
    VethLab lab = use(VethLab.open());
    LinkCounters before = lab.nearCounters();
    SweepPlan plan = Sweep.arp(lab.near()).targets("10.77.0.0/16").build().plan();
    assertThat(plan.targets()).isEqualTo(65_534);
    assertThat(plan.toProbe()).isEqualTo(65_533);
    assertThat(plan.self()).isEqualTo(1);
    assertThat(plan.excluded()).isEqualTo(2);
    assertThat(plan.rate()).isEqualTo(Rate.of(10_000));
    assertThat(plan.rounds()).isEqualTo(3);
    assertThat(plan.sendingTime()).isEqualTo(Duration.ofNanos(6_553_300_000L));
    assertThat(plan.sourceMac()).isEqualTo(VethLab.NEAR_MAC);
    assertThat(plan.sourceAddress()).isEqualTo(NEAR);
    assertThat(lab.nearCounters().minus(before).txPackets()).isZero();
  }

  // --- what hosts answer
  // ----------------------------------------------------------------------------------------------

  @Test
  void shouldCountDuplicateAnswers() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              side.send(request.reply());
              side.send(request.reply());
              side.send(request.reply());
            })) {
      SweepReport report =
          run(lab, sweep(lab).targets("10.77.1.0-10.77.1.49").grace(LONG.dividedBy(60)).build());
      assertThat(report.counts().hostsUp()).isEqualTo(50);
      assertThat(report.counts().duplicates()).isEqualTo(100);
      assertThat(report.counts().replies()).isEqualTo(150);
      assertThat(report.counts().conflicts()).isZero();
      assertThat(far.requests()).isEqualTo(report.counts().probesSent());
    }
  }

  @Test
  void shouldReportEveryMacThatClaimsAnAddress() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    MacAddress second = MacAddress.parse("02:00:00:00:00:22");
    MacAddress third = MacAddress.parse("02:00:00:00:00:33");
    List<HostResult> conflicts = new ArrayList<>();
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              side.send(request.reply());
              if (request.address() == Ipv4.parse("10.77.1.7")) {
                side.send(request.reply(second));
                side.send(request.reply(third));
                side.send(request.reply(second));
                side.send(request.reply());
              }
            })) {
      SweepReport report =
          run(
              lab,
              sweep(lab)
                  .targets("10.77.1.1-20")
                  .grace(Duration.ofMillis(300))
                  .listener(
                      new SweepListener() {
                        @Override
                        public void onConflict(HostResult host) {
                          conflicts.add(host);
                        }
                      })
                  .build());
      assertThat(far.requests()).isPositive();
      HostResult host = host(report, "10.77.1.7");
      assertThat(host.conflict()).isTrue();
      assertThat(host.note()).isEqualTo("conflict");
      assertThat(host.mac()).isEqualTo(FarSide.macOf(host.address()));
      assertThat(host.others()).containsExactly(second, third);
      assertThat(report.counts().conflicts()).isEqualTo(1);
      assertThat(report.counts().duplicates()).isEqualTo(2);
      assertThat(report.counts().hostsUp()).isEqualTo(20);
      assertThat(conflicts).hasSize(2);
      assertThat(conflicts.get(1).others()).containsExactly(second, third);
      assertThat(host(report, "10.77.1.8").conflict()).isFalse();
    }
  }

  @Test
  void shouldSeeALateConflictWithinTheGrace() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    MacAddress second = MacAddress.parse("02:00:00:00:00:22");
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              side.send(request.reply());
              side.send(request.reply(second), Duration.ofMillis(50));
            })) {
      SweepReport report =
          run(lab, sweep(lab).targets("10.77.1.7").grace(Duration.ofMillis(1500)).build());
      assertThat(far.requests()).isEqualTo(1);
      assertThat(report.counts().conflicts()).isEqualTo(1);
      assertThat(host(report, "10.77.1.7").others()).containsExactly(second);
    }
  }

  @Test
  void shouldCountUnaskedAnswersAndNotReportThem() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              for (String stranger :
                  List.of("10.77.200.1", "10.77.200.2", "192.0.2.1", "10.77.1.9")) {
                int address = Ipv4.parse(stranger);
                side.send(
                    new FarSide.Request(address, 1, request.fromMac(), request.fromAddress())
                        .reply());
              }
              side.send(request.reply());
            })) {
      SweepReport report =
          run(lab, sweep(lab).targets("10.77.1.8").grace(Duration.ofMillis(300)).build());
      assertThat(far.requests()).isEqualTo(1);
      assertThat(report.counts().unasked()).isEqualTo(4);
      assertThat(report.counts().replies()).isEqualTo(5);
      assertThat(report.counts().hostsUp()).isEqualTo(1);
      assertThat(hosts(report)).containsOnlyKeys("10.77.1.8");
    }
  }

  @Test
  void shouldNotBelieveFramesThatLie() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    lab.nearNamespace()
        .sysctl("net/ipv4/conf/all/arp_ignore", "8"); // Linux would answer the request among them
    AtomicInteger lies = new AtomicInteger();
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              byte[] good = request.reply().toByteArray();
              if (request.address() != Ipv4.parse("10.77.1.1")) {
                side.send(request.reply());
                return;
              }
              // What is no answer of a host at 10.77.1.1: it stays silent.
              side.send(changed(good, 14 + 4, 20)); // hardware length
              side.send(changed(good, 14 + 5, 255)); // protocol length
              side.send(changed(good, 14 + 8, 0x03)); // sender is a group
              side.send(changed(good, 14 + 8, 0, 0, 0, 0, 0, 0)); // sender is nobody
              lies.set(4);
              side.send(changed(good, 14, 0, 6)); // another kind of hardware
              side.send(changed(good, 14 + 2, 0x86, 0xdd)); // another protocol
              side.send(changed(good, 14 + 7, 1)); // a request
              side.send(changed(good, 14 + 7, 4)); // an answer of another protocol
              side.send(changed(good, 14 + 18, 2, 9, 9, 9, 9, 9)); // to another MAC
              side.send(changed(good, 14 + 24, 10, 77, 0, 99)); // to another address
              side.send(changed(good, 12, 0x08, 0x00)); // no ARP at all
            })) {
      SweepReport report =
          run(
              lab,
              sweep(lab)
                  .targets("10.77.1.1-3")
                  .retries(0)
                  .waitTime(Duration.ofMillis(400))
                  .build());
      assertThat(far.requests()).isEqualTo(3);
      assertThat(report.counts().malformed()).isEqualTo(lies.get());
      assertThat(report.counts().replies()).isEqualTo(2);
      assertThat(report.counts().hostsUp()).isEqualTo(2);
      assertThat(report.counts().unasked()).isZero();
      assertThat(report.counts().duplicates()).isZero();
      assertThat(host(report, "10.77.1.1").state()).isEqualTo(HostState.SILENT);
    }
  }

  private static Frame changed(byte[] frame, int offset, int... values) {
    byte[] changed = frame.clone();
    for (int i = 0; i < values.length; i++) {
      changed[offset + i] = (byte) values[i];
    }
    return Frame.of(changed);
  }

  @Test
  void shouldBearFramesThatAreTooShort() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    byte[] reply =
        new FarSide.Request(Ipv4.parse("10.77.1.1"), 1, VethLab.NEAR_MAC, NEAR)
            .reply()
            .toByteArray();
    // Ours are padded, so another program has to send them: every length from a header to one byte
    // less than a packet.
    String script =
        "my $hex = shift; my $index = shift; socket(my $s, 17, 3, 0) or die $!;"
            + "my $to = pack('SniSCCx8', 17, 0x0806, $index, 0, 0, 0);"
            + "$| = 1; print \"sending\\n\";"
            + "for (1..2000) { for my $n (14..41) {"
            + " send($s, substr(pack('H*', $hex), 0, $n), 0, $to) or die $!; } select(undef, undef, undef, 0.005); }";
    Command command =
        Command.of(
            "perl",
            "-e",
            script,
            HexFormat.of().formatHex(reply),
            Integer.toString(lab.far().index()));
    try (Running sender = command.in(lab.farNamespace()).start()) {
      sender.awaitText("sending");
      SweepReport report =
          run(
              lab,
              sweep(lab).targets("10.77.1.1").retries(0).waitTime(Duration.ofMillis(400)).build());
      assertThat(report.counts().malformed()).isPositive();
      assertThat(report.counts().replies()).isZero();
      assertThat(report.counts().hostsUp()).isZero();
    }
  }

  @Test
  void shouldAskAgainWhoDidNotAnswer() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              // The last octet says which request is answered; those that end in 0 answer none.
              if (request.time() == (request.address() & 0xff) % 4) {
                side.send(request.reply());
              }
            })) {
      SweepReport report =
          run(
              lab,
              sweep(lab)
                  .targets("10.77.1.0/24")
                  .retries(2)
                  .waitTime(Duration.ofMillis(500))
                  .build());
      assertThat(report.counts().rounds()).isEqualTo(3);
      assertThat(far.requests()).isEqualTo(report.counts().probesSent());
      report.forEachTarget(
          host -> {
            int answered = (host.address() & 0xff) % 4;
            assertThat(host.state() == HostState.UP).as(host.toString()).isEqualTo(answered != 0);
            assertThat(host.tries()).as(host.toString()).isEqualTo(answered == 0 ? 3 : answered);
          });
      assertThat(report.counts().hostsUp()).isEqualTo(192);
      assertThat(report.counts().probesSent()).isEqualTo(64 * (3 + 1 + 2 + 3));
    }
  }

  // --- time
  // -----------------------------------------------------------------------------------------------------------

  @Test
  void shouldEndEarlyWhenAllHaveAnswered() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    SweepReport report = run(lab, sweep(lab).targets("10.77.3.0/24").waitTime(LONG).build());
    assertThat(report.counts().rounds()).isEqualTo(1);
    assertThat(report.counts().hostsUp()).isEqualTo(256);
    assertThat(report.timing().elapsedNanos())
        .isLessThan(LONG.toNanos())
        .isGreaterThanOrEqualTo(50_000_000);
  }

  @Test
  void shouldWaitForTheLastAnswer() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              if (request.address() == Ipv4.parse("10.77.1.1")) {
                side.send(request.reply(), Duration.ofMillis(150));
              }
            })) {
      SweepReport report =
          run(
              lab,
              sweep(lab)
                  .targets("10.77.1.1-2")
                  .retries(0)
                  .waitTime(Duration.ofMillis(600))
                  .build());
      assertThat(far.requests()).isEqualTo(2);
      assertThat(report.timing().elapsedNanos()).isGreaterThanOrEqualTo(600_000_000);
      HostResult late = host(report, "10.77.1.1");
      assertThat(late.state()).isEqualTo(HostState.UP);
      assertThat(late.rttMicros()).isGreaterThanOrEqualTo(149_000);
      assertThat(host(report, "10.77.1.2").state()).isEqualTo(HostState.SILENT);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1_000, 10_000, 100_000, 300_000})
  void shouldKeepToItsRate(int pps) throws FramejetException {
    VethLab lab = use(VethLab.silent());
    Rate rate = Rate.of(pps);
    int targets = Math.min(60_000, Math.max(40, pps * 3 / 10));
    int first = Ipv4.parse("10.77.1.0");
    TargetSet set = TargetSet.builder().add(first, first + targets - 1).build();
    try (Collector far = Collector.on(lab.far())) {
      SweepReport report =
          run(
              lab,
              sweep(lab).targets(set).rate(rate).retries(0).waitTime(Duration.ofMillis(1)).build());
      assertThat(report.counts().probesSent()).isEqualTo(targets);
      List<Collector.Taken> frames = far.await(targets);
      int burst = Pacer.at(rate).burst();
      // Never too fast, whatever else the machine does; the schedule itself is PacerTest's.
      long took = frames.get(targets - 1).timestampNanos() - frames.get(0).timestampNanos();
      assertThat((double) took).isGreaterThan((targets - 2.0 * burst) / pps * 1e9 * 0.97);
      for (int i = 0, end = 0; i < targets; i++) {
        while (end < targets
            && frames.get(end).timestampNanos() - frames.get(i).timestampNanos() < 1_000_000) {
          end++;
        }
        assertThat(end - i)
            .as("frames within 1 ms from frame %d on", i)
            .isLessThanOrEqualTo(8 * burst + 8);
      }
    }
  }

  // --- ends before its time
  // -------------------------------------------------------------------------------------------

  @Test
  void shouldEndWithAPartialReportWhenCancelled() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    AtomicInteger hosts = new AtomicInteger();
    Sweep sweep =
        sweep(lab)
            .targets("10.77.0.0/16")
            .rate(Rate.of(2_000))
            .listener(
                new SweepListener() {
                  @Override
                  public void onHost(HostResult host) {
                    hosts.incrementAndGet();
                  }
                })
            .build();
    LinkCounters before = lab.nearCounters();
    Threads.Task<SweepReport> task = Threads.start("sweep", sweep::run);
    Wait.until(() -> hosts.get() > 50, "the first hosts");
    sweep.cancel();
    SweepReport report = task.get();
    assertThatIsPartial(lab, report, before);
    assertThat(report.counts().hostsUp()).isGreaterThan(50);
    assertThat(sweep.report()).isSameAs(report);
  }

  private void assertThatIsPartial(VethLab lab, SweepReport report, LinkCounters before)
      throws FramejetException {
    assertThatAddsUp(report, lab.nearCounters().minus(before));
    assertThat(report.complete()).isFalse();
    SweepReport.Counts counts = report.counts();
    assertThat(counts.notProbed()).isPositive();
    // In the first round every probe is another target's; all others were not asked.
    assertThat(counts.notProbed()).isEqualTo(counts.targets() - 1 - counts.probesSent());
    assertThat(counts.possiblyLost()).isGreaterThanOrEqualTo(counts.notProbed());
  }

  @Test
  void shouldSendNothingWhenCancelledBefore() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    Sweep sweep = sweep(lab).targets("10.77.0.0/16").build();
    sweep.cancel();
    LinkCounters before = lab.nearCounters();
    SweepReport report = sweep.run();
    assertThatIsPartial(lab, report, before);
    assertThat(report.counts().probesSent()).isZero();
    assertThat(report.counts().hostsUp()).isEqualTo(1); // itself
  }

  @Test
  void shouldWakeUpWhenCancelled() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    Sweep sweep = sweep(lab).targets("10.77.1.1").waitTime(Duration.ofMinutes(5)).build();
    LinkCounters before = lab.nearCounters();
    Threads.Task<SweepReport> task = Threads.start("sweep", sweep::run);
    Wait.until(() -> lab.nearCounters().minus(before).txPackets() == 1, "the probe");
    sweep.cancel();
    SweepReport report = task.get();
    assertThat(report.complete()).isFalse();
    assertThat(report.counts().possiblyLost()).isEqualTo(1); // its time was not over
  }

  @Test
  void shouldEndWithAPartialReportWhenInterrupted() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    Sweep sweep = sweep(lab).targets("10.77.0.0/16").rate(Rate.of(2_000)).build();
    LinkCounters before = lab.nearCounters();
    Threads.Task<SweepReport> task =
        Threads.start(
            "sweep",
            () -> {
              SweepReport report = sweep.run();
              assertThat(Thread.currentThread().isInterrupted()).isTrue();
              return report;
            });
    Wait.until(() -> lab.nearCounters().minus(before).txPackets() > 50, "the first probes");
    task.thread().interrupt();
    assertThatIsPartial(lab, task.get(), before);
  }

  @Test
  void shouldKeepWhatItFoundWhenTheLinkGoesDown() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    AtomicInteger hosts = new AtomicInteger();
    Sweep sweep =
        sweep(lab)
            .targets("10.77.0.0/16")
            .rate(Rate.of(2_000))
            .listener(hearing(hosts::incrementAndGet))
            .build();
    LinkCounters before = lab.nearCounters();
    Threads.Task<SweepReport> task = Threads.start("sweep", sweep::run);
    Wait.until(() -> hosts.get() > 50, "the first hosts");
    lab.nearEditor().down(VethLab.NEAR);
    assertThat(task.failure())
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LINK_DOWN));
    SweepReport report = Objects.requireNonNull(sweep.report());
    assertThat(report.complete()).isFalse();
    SweepReport.Counts counts = report.counts();
    assertThat(counts.hostsUp() + counts.hostsSilent() + counts.possiblyLost())
        .isEqualTo(counts.targets());
    assertThat(counts.hostsUp()).isGreaterThan(50);
    assertThat(counts.probesSent()).isEqualTo(report.transmitted().accepted());
    assertThat(lab.nearCounters().minus(before).txPackets())
        .isBetween(counts.probesSent(), counts.probesSent() + report.transmitted().unconfirmed());
  }

  @Test
  void shouldKeepWhatItFoundWhenTheLinkIsDeleted() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    AtomicInteger hosts = new AtomicInteger();
    Sweep sweep =
        sweep(lab)
            .targets("10.77.0.0/16")
            .rate(Rate.of(2_000))
            .listener(hearing(hosts::incrementAndGet))
            .build();
    Threads.Task<SweepReport> task = Threads.start("sweep", sweep::run);
    Wait.until(() -> hosts.get() > 50, "the first hosts");
    lab.nearEditor().delete(VethLab.NEAR);
    assertThat(task.failure())
        .isInstanceOfSatisfying(
            FramejetException.class,
            e ->
                assertThat(e.code())
                    .isIn(ErrorCode.LINK_GONE, ErrorCode.LINK_DOWN)); // it is set down first
    SweepReport report = Objects.requireNonNull(sweep.report());
    assertThat(report.complete()).isFalse();
    assertThat(report.counts().hostsUp()).isGreaterThan(50);
  }

  private static SweepListener hearing(Runnable action) {
    return new SweepListener() {
      @Override
      public void onHost(HostResult host) {
        action.run();
      }
    };
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldReadWhatHadArrivedWhenTheLinkFailed(boolean deleted) throws FramejetException {
    VethLab lab = use(VethLab.silent());
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch failed = new CountDownLatch(1);
    LinkCounters before = lab.nearCounters();
    try (Collector near = Collector.on(lab.near());
        Injector far =
            Injector.open(lab.far(), InjectorOptions.defaults().withBackend(Backend.SOCKET))) {
      Sweep sweep =
          sweep(lab)
              .targets("10.77.1.0/25")
              .waitTime(LONG)
              .listener(
                  hearing(
                      () -> {
                        first.countDown();
                        await(failed); // nobody reads the other answers until then
                      }))
              .build();
      Threads.Task<SweepReport> task = Threads.start("sweep", sweep::run);
      Wait.until(() -> lab.nearCounters().minus(before).txPackets() == 128, "all probes");
      answer(far, "10.77.1.0");
      await(first);
      for (int last = 1; last < 64; last++) {
        answer(far, "10.77.1." + last);
      }
      Wait.until(() -> lab.nearCounters().minus(before).rxPackets() == 64, "the answers");
      if (leavesFramesToTheHost()) {
        near.await(64); // what is counted need not be delivered yet
      }
      if (deleted) {
        lab.nearEditor().delete(VethLab.NEAR);
      } else {
        lab.nearEditor().down(VethLab.NEAR);
      }
      Wait.sleep(100); // until the next look at the counters, which fails, is due
      failed.countDown();
      assertThat(task.failure())
          .isInstanceOfSatisfying(
              FramejetException.class,
              e -> assertThat(e.code()).isIn(ErrorCode.LINK_GONE, ErrorCode.LINK_DOWN));
      SweepReport report = Objects.requireNonNull(sweep.report());
      assertThat(report.complete()).isFalse();
      assertThat(report.counts().hostsUp()).isEqualTo(64);
      assertThat(report.counts().possiblyLost()).isEqualTo(64);
    } finally {
      failed.countDown();
    }
  }

  private static void answer(Injector far, String address) throws FramejetException {
    Frame reply = new FarSide.Request(Ipv4.parse(address), 1, VethLab.NEAR_MAC, NEAR).reply();
    assertThat(far.send(reply)).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void shouldReportThatItCanNotBegin() throws FramejetException {
    VethLab lab = use(VethLab.open());
    Sweep down = sweep(lab).targets("10.77.1.1").build();
    lab.nearEditor().down(VethLab.NEAR);
    FramejetException fault = catchThrowableOfType(FramejetException.class, down::run);
    assertThat(fault.code()).isEqualTo(ErrorCode.LINK_DOWN);

    Sweep gone = sweep(lab).targets("10.77.1.1").build();
    lab.nearEditor().delete(VethLab.NEAR);
    fault = catchThrowableOfType(FramejetException.class, gone::run);
    assertThat(fault.code()).isEqualTo(ErrorCode.LINK_GONE);
  }

  @Test
  void shouldEndWhenItsListenerThrows() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    Map<String, Integer> before = Descriptors.open();
    Sweep sweep =
        sweep(lab)
            .targets("10.77.1.0/24")
            .listener(
                new SweepListener() {
                  @Override
                  public void onHost(HostResult host) {
                    throw new IllegalStateException("enough");
                  }
                })
            .build();
    assertThatThrownBy(sweep::run).isInstanceOf(IllegalStateException.class).hasMessage("enough");
    SweepReport report = Objects.requireNonNull(sweep.report());
    assertThat(report.complete()).isFalse();
    assertThat(report.counts().hostsUp()).isEqualTo(1);
    assertThatThrownBy(sweep::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("once");
    Descriptors.awaitNoMoreThan(before);
  }

  @Test
  void shouldLeakNothing() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    Map<String, Integer> before = Descriptors.open();
    for (int i = 0; i < 5; i++) {
      run(lab, sweep(lab).targets("10.77.1.0/28").grace(Duration.ZERO).build());
    }
    Descriptors.awaitNoMoreThan(before);
  }

  // --- drops
  // ------------------------------------------------------------------------------------------------------------

  @Test
  void shouldNotCallAHostSilentWhoseAnswerMayHaveBeenDropped() throws FramejetException {
    SweepReport report = sweepUnderAFlood(0);
    assertThat(report.received().dropped()).isPositive();
    assertThat(host(report, "10.77.1.1").state()).isEqualTo(HostState.UP);
    assertThat(host(report, "10.77.1.2").state()).isEqualTo(HostState.POSSIBLY_LOST);
    assertThat(report.counts().possiblyLost()).isEqualTo(1);
  }

  @Test
  void shouldAskAgainWhoseAnswerMayHaveBeenDropped() throws FramejetException {
    SweepReport report = sweepUnderAFlood(1);
    assertThat(report.received().dropped()).isPositive();
    HostResult second = host(report, "10.77.1.2");
    assertThat(second.state()).isEqualTo(HostState.UP);
    assertThat(second.tries()).isEqualTo(2);
    assertThat(report.counts().possiblyLost()).isZero();
  }

  /** Two targets; as soon as the first has answered, more frames come than there is room for. */
  private SweepReport sweepUnderAFlood(int retries) throws FramejetException {
    VethLab lab = use(VethLab.silent());
    int first = Ipv4.parse("10.77.1.1");
    Frame flood = new FarSide.Request(Ipv4.parse("10.77.200.1"), 1, VethLab.NEAR_MAC, NEAR).reply();
    try (FarSide far =
            FarSide.on(
                lab.far(),
                (request, side) -> {
                  if (request.address() == first || request.time() == 2) {
                    side.send(request.reply());
                  }
                });
        Injector injector =
            Injector.open(
                lab.far(), InjectorOptions.defaults().withBackend(Backend.RING).withMaxFrame(60))) {
      Sweep sweep =
          sweep(lab)
              .targets("10.77.1.1-2")
              .retries(retries)
              .waitTime(Duration.ofMillis(300))
              .listener(
                  new SweepListener() {
                    @Override
                    public void onHost(HostResult host) {
                      if (host.address() == first) {
                        flood(injector, flood, 300_000);
                      }
                    }
                  })
              .build();
      SweepReport report = run(lab, sweep);
      assertThat(far.requests()).isEqualTo(report.counts().probesSent());
      assertThat(report.counts().unasked()).isPositive();
      return report;
    }
  }

  @Test
  void shouldReadAllThatHasArrivedHoweverLateItIs() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    int targets = 8192; // twice what one poll reads
    Duration wait = Duration.ofSeconds(1);
    LinkCounters before = lab.nearCounters();
    List<Frame> replies = new ArrayList<>();
    AtomicInteger heard = new AtomicInteger();
    try (FarSide far =
        FarSide.on(
            lab.far(),
            (request, side) -> {
              replies.add(request.reply());
              if (replies.size() == targets) {
                for (Frame reply : replies) {
                  side.send(reply);
                }
              }
            })) {
      Sweep sweep =
          sweep(lab)
              .targets("10.77.32.0/19")
              .retries(0)
              .waitTime(wait)
              .listener(
                  new SweepListener() {
                    @Override
                    public void onHost(HostResult host) {
                      // All are asked; the answers come while nobody reads, and nobody's time is
                      // left.
                      if (heard.getAndIncrement() == 0) {
                        Wait.until(
                            () -> lab.nearCounters().minus(before).rxPackets() == targets,
                            "all answers");
                        Wait.sleep(wait.toMillis());
                      }
                    }
                  })
              .build();
      SweepReport report = run(lab, sweep);
      assertThat(far.requests()).isEqualTo(targets);
      assertThat(report.received().dropped()).isZero();
      assertThat(report.counts().hostsUp()).isEqualTo(targets);
    }
  }

  @Test
  void shouldCountWhatTheQueueDroppedBehindTheSendersBack() throws FramejetException {
    assumeThat(queues()).as("goes by the queueing discipline").isTrue();
    VethLab lab = use(VethLab.answering());
    tc(lab, "root", "handle", "1:", "tbf", "rate", "2mbit", "burst", "2kb", "limit", "1mb");
    tc(lab, "parent", "1:", "handle", "2:", "pfifo_head_drop", "limit", "50");
    SweepReport report =
        sweep(lab)
            .targets("10.77.16.0/20")
            .retries(0)
            .waitTime(Duration.ofSeconds(1))
            .build()
            .run();
    SweepReport.Transmitted sent = report.transmitted();
    assertThat(sent.kernelDropped()).as("head drops").isPositive();
    assertThat(sent.kernelPackets() + sent.kernelDropped()).isEqualTo(sent.accepted());
    assertThat(report.counts().hostsSilent()).isZero();
    assertThat(report.counts().possiblyLost()).isEqualTo(sent.kernelDropped());
  }

  private static void tc(VethLab lab, String... what) throws FramejetException {
    Command.of("tc", "qdisc", "add", "dev", VethLab.NEAR)
        .with(what)
        .in(lab.nearNamespace())
        .succeed();
  }

  @Test
  void shouldNotCallAHostSilentThatWasAskedWhenTheCarrierWasLost() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    // All are asked, and nobody looks until the carrier is back.
    Sweep sweep =
        sweep(lab)
            .targets("10.77.1.0/28")
            .retries(0)
            .waitTime(LONG.dividedBy(15))
            .listener(hearing(() -> unplug(lab)))
            .build();
    LinkCounters before = lab.nearCounters();
    try (Injector far =
        Injector.open(lab.far(), InjectorOptions.defaults().withBackend(Backend.SOCKET))) {
      Threads.Task<SweepReport> task = Threads.start("sweep", sweep::run);
      Wait.until(() -> lab.nearCounters().minus(before).txPackets() == 16, "all probes");
      answerAndUnplug(far, "10.77.1.1");
      SweepReport report = task.get();
      assertThat(report.complete()).isTrue();
      assertThat(report.counts().probesSent()).isEqualTo(16);
      assertThat(report.counts().hostsUp()).isEqualTo(1);
      assertThat(report.counts().possiblyLost()).isEqualTo(15);
    }
  }

  /** Whoever hears the answer may have set the link down before its sender looks at that again. */
  private static void answerAndUnplug(Injector far, String address) throws FramejetException {
    try {
      answer(far, address);
    } catch (FramejetException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.LINK_DOWN);
    }
  }

  private static void unplug(VethLab lab) {
    try {
      lab.farEditor().down(VethLab.FAR);
      Wait.until(() -> !lab.near().hasCarrier(), "no carrier");
      lab.farEditor().up(VethLab.FAR);
    } catch (FramejetException e) {
      throw new AssertionError(e);
    }
  }

  private static void flood(Injector injector, Frame frame, int count) {
    try {
      FrameBatch batch = injector.newBatch();
      while (injector.statistics().frames() < count) {
        while (frame.addTo(batch)) {}
        injector.send(batch);
      }
    } catch (FramejetException e) {
      throw new AssertionError(e);
    }
  }

  // --- listeners
  // --------------------------------------------------------------------------------------------------------

  @Test
  void shouldTellHowFarItIs() throws FramejetException {
    VethLab lab = use(VethLab.answering());
    List<SweepProgress> seen = new ArrayList<>();
    SweepReport report =
        run(
            lab,
            sweep(lab)
                .targets("10.77.0.0/22")
                .rate(Rate.of(2_000))
                .listener(
                    new SweepListener() {
                      @Override
                      public void onProgress(SweepProgress progress) {
                        seen.add(progress);
                      }
                    })
                .build());
    assertThat(seen).isNotEmpty();
    long sent = 0;
    for (SweepProgress progress : seen) {
      assertThat(progress.probesSent()).isBetween(sent, report.counts().probesSent());
      assertThat(progress.hostsUp()).isBetween(1L, report.counts().hostsUp());
      assertThat(progress.targets()).isEqualTo(1023);
      assertThat(progress.rounds()).isEqualTo(3);
      assertThat(progress.roundDone()).isBetween(0L, 1023L);
      sent = progress.probesSent();
    }
  }
}
