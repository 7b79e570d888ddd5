package io.framejet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.inject.Backends;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.InjectorStatistics;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.receive.ReceiveBackends;
import io.framejet.testing.Descriptors;
import io.framejet.testing.NumberedFrames;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One program per link, and what is said when there can be none. */
class EngineTest {
  private static final long CAP_NET_ADMIN = 1L << 12;
  private static final long CAP_SYS_ADMIN = 1L << 21;
  private static final long CAP_PERFMON = 1L << 38;
  private static final long CAP_BPF = 1L << 39;

  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.takingXdpFrames();
  }

  @AfterEach
  void closeLab() {
    lab.close();
  }

  private static InjectorOptions xdp() {
    return InjectorOptions.defaults().withBackend(Backend.XDP);
  }

  private FramejetException refused(Link link) {
    FramejetException fault =
        catchThrowableOfType(FramejetException.class, () -> Injector.open(link, xdp()).close());
    assertThat(fault).as("an exception").isNotNull();
    assertThat(fault.origin()).isEqualTo("linux/xdp");
    assertThat(fault.link()).isEqualTo(link.name());
    return fault;
  }

  // --- one program per link
  // ---------------------------------------------------------------------------------------

  @Test
  void shouldBeAttachedWhileAnybodyHoldsIt() throws FramejetException {
    assertThat(lab.near().xdpProgram()).isZero();
    Injector first = Injector.open(lab.near(), xdp());
    int id = lab.near().xdpProgram();
    assertThat(id).isPositive();
    Injector second = Injector.open(lab.near(), xdp());
    assertThat(lab.near().xdpProgram()).isEqualTo(id);
    first.close();
    assertThat(lab.near().xdpProgram()).isEqualTo(id);
    second.close();
    assertThat(lab.near().xdpProgram()).isZero();
  }

  @Test
  void shouldOutliveItsCloseAsLongAsAnInjectorUsesIt() throws FramejetException {
    Engine engine = Engine.open(lab.near(), EngineOptions.defaults().withSlots(64));
    Injector injector = Injector.open(lab.near(), xdp().withBatch(32).withEngine(engine));
    engine.close();
    engine.close();
    assertThat(injector.send(NumberedFrames.frame(0, 60))).isTrue();
    assertThatThrownBy(() -> Injector.open(lab.near(), xdp().withEngine(engine)))
        .isInstanceOf(FramejetException.class)
        .extracting("code")
        .isEqualTo(ErrorCode.CLOSED);
    injector.close();
    assertThat(lab.near().xdpProgram()).isZero();
  }

  @Test
  void shouldShareItsSlotsAmongInjectors() throws FramejetException {
    LinkCounters before = lab.nearCounters();
    try (Engine engine = Engine.open(lab.near(), EngineOptions.defaults().withSlots(128))) {
      InjectorOptions options = xdp().withBatch(64).withEngine(engine);
      try (Injector one = Injector.open(lab.near(), options);
          Injector other = Injector.open(lab.near(), options)) {
        FramejetException full =
            catchThrowableOfType(
                FramejetException.class, () -> Injector.open(lab.near(), options).close());
        assertThat(full.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        assertThat(full).hasMessageContaining("slots");
        for (int round = 0; round < 100; round++) {
          sendAll(one, 60);
          sendAll(other, 1514);
        }
        assertThat(one.statistics().frames()).isEqualTo(6_400);
        assertThat(other.statistics().bytes()).isEqualTo(6_400 * 1514);
      }
      Injector.open(lab.near(), options).close(); // slots were given back
    }
    assertThat(lab.nearCounters().minus(before).txPackets()).isEqualTo(12_800);
  }

  private static void sendAll(Injector injector, int length) throws FramejetException {
    FrameBatch batch = injector.newBatch();
    NumberedFrames.fill(batch, 0, 64, length);
    while (!batch.isEmpty()) {
      injector.send(batch);
    }
  }

  @Test
  void shouldRunOneGeneratorPerThread() throws FramejetException {
    int count = 20_000;
    LinkCounters before = lab.nearCounters();
    try (Engine engine = Engine.open(lab.near(), EngineOptions.defaults().withSlots(1024))) {
      List<Threads.Task<InjectorStatistics>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int length = 60 + 100 * i;
        tasks.add(Threads.start("generator " + i, () -> sendMany(engine, count, length)));
      }
      for (int i = 0; i < 4; i++) {
        InjectorStatistics own = tasks.get(i).get();
        assertThat(own.frames()).isEqualTo(count);
        assertThat(own.bytes()).isEqualTo((long) count * (60 + 100 * i));
      }
    }
    Wait.until(
        () -> lab.nearCounters().minus(before).txPackets() == 4L * count,
        () -> "the counters of the link to show 80,000 frames");
  }

  private InjectorStatistics sendMany(Engine engine, int count, int length)
      throws FramejetException {
    try (Injector injector = Injector.open(lab.near(), xdp().withBatch(200).withEngine(engine))) {
      FrameBatch batch = injector.newBatch();
      for (int number = 0; number < count || !batch.isEmpty(); ) {
        number = NumberedFrames.fill(batch, number, count, length);
        injector.send(batch);
      }
      return injector.statistics();
    }
  }

  @Test
  void shouldRefuseAnEngineOfAnotherLink() throws FramejetException {
    try (Engine engine = Engine.open(lab.far())) {
      assertThatThrownBy(() -> Injector.open(lab.near(), xdp().withEngine(engine)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  // --- why there is none
  // ------------------------------------------------------------------------------------------

  @Test
  void shouldNameTheProgramThatIsAttached() throws FramejetException {
    try (Engine other = Engine.open(lab.near())) {
      int id = lab.near().xdpProgram();
      FramejetException fault = refused(lab.near());
      assertThat(fault.code()).isEqualTo(ErrorCode.XDP_BUSY);
      assertThat(fault).hasMessageContaining("(id " + id + ", engine)").hasMessageContaining("v0");
      assertThat(lab.near().xdpProgram()).isEqualTo(id);
      assertThat(other.link().name()).isEqualTo("v0");
    }
  }

  @Test
  void shouldSayWhatLetsAPeerTakeFrames() throws FramejetException {
    lab.farEditor().gro(VethLab.FAR, false);
    FramejetException fault = refused(lab.near());
    assertThat(fault.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(fault)
        .hasMessageContaining("the peer of veth v0 has neither GRO nor an XDP program")
        .hasMessageContaining("ethtool -K v1 gro on");
    assertThat(lab.near().xdpProgram()).isZero();
    // Either will do.
    try (Engine program = Engine.open(lab.far());
        Injector injector = Injector.open(lab.near(), xdp())) {
      LinkCounters before = lab.farCounters();
      assertThat(injector.send(NumberedFrames.frame(0, 60))).isTrue();
      assertThat(lab.farCounters().minus(before).rxPackets()).isEqualTo(1);
      assertThat(program.link().name()).isEqualTo("v1");
    }
  }

  @Test
  void shouldSayThatADriverTakesNoFrames() throws FramejetException {
    lab.nearEditor().addIfb("sink").up("sink");
    FramejetException fault = refused(Link.find("sink", lab.nearNamespace()));
    assertThat(fault.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(fault).hasMessageContaining("the driver of sink (ifb) takes no frames");
  }

  @Test
  void shouldSendOnLinksThatTakeJumboFrames() throws FramejetException {
    // A driver gives such frames in parts, to programs that say that they know these.
    lab.nearEditor().mtu(VethLab.NEAR, 9000);
    lab.farEditor().mtu(VethLab.FAR, 9000);
    LinkCounters before = lab.farCounters();
    try (Injector injector = Injector.open(lab.near(), xdp())) {
      assertThat(injector.send(NumberedFrames.frame(0, Backend.XDP.maxFrame()))).isTrue();
    }
    Wait.until(() -> lab.farCounters().minus(before).rxPackets() == 1, "the frame");
  }

  @Test
  void shouldAskWhatADriverDoesWithoutAttaching() throws FramejetException {
    Engine.check(lab.near(), true);
    Engine.check(lab.near(), false);
    lab.farEditor().gro(VethLab.FAR, false);
    lab.nearEditor().addIfb("sink");
    Link sink = Link.find("sink", lab.nearNamespace());
    Link loopback = Link.find("lo", lab.nearNamespace());
    assertThat(Engine.isHarmless(sink)).isTrue();
    assertThat(Engine.isHarmless(loopback)).isFalse();
    for (Link none : List.of(sink, loopback)) {
      assertThatThrownBy(() -> Engine.check(none, true))
          .isInstanceOfSatisfying(
              FramejetException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED));
    }
    // Programs it runs all the same.
    Engine.check(lab.near(), false);
    assertThat(Backends.check(loopback, Backend.XDP).available()).isFalse();
    assertThat(ReceiveBackends.check(loopback, Backend.XDP).available()).isFalse();
    try (Engine other = Engine.open(lab.near())) {
      assertThatThrownBy(() -> Engine.check(lab.near(), true))
          .isInstanceOfSatisfying(
              FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.XDP_BUSY));
      assertThat(other.link().name()).isEqualTo("v0");
    }
  }

  @Test
  void shouldNotTryANicThatTheKernelSaysNothingOf() {
    // What a kernel before 6.3 answers.
    assertThatThrownBy(() -> EngineFaults.check(-2, true, lab.near()))
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
        .hasMessageContaining("6.3");
  }

  @Test
  void shouldRefuseSlotsForLongerFrames() throws FramejetException {
    FramejetException fault =
        catchThrowableOfType(
            FramejetException.class,
            () -> Injector.open(lab.near(), xdp().withMaxFrame(9014)).close());
    assertThat(fault.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(fault).hasMessageContaining("3408");
  }

  @Test
  void shouldNameEachMissingCapability() {
    assertThat(EngineFaults.missing(0)).startsWith("needs CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON; ");
    assertThat(EngineFaults.missing(CAP_NET_ADMIN | CAP_BPF)).startsWith("needs CAP_PERFMON; ");
    assertThat(EngineFaults.missing(CAP_NET_ADMIN | CAP_PERFMON)).startsWith("needs CAP_BPF; ");
    assertThat(EngineFaults.missing(CAP_SYS_ADMIN)).startsWith("needs CAP_NET_ADMIN; ");
    assertThat(EngineFaults.missing(CAP_SYS_ADMIN | CAP_NET_ADMIN)).contains("user namespace");
  }

  @Test
  void shouldSayThatTheKernelIsTooOld() {
    // What the native tests have a kernel answer that knows no live frames (test_tx_xdp.c).
    assertThat(EngineFaults.tooOld("5.10.0-8-amd64")).contains("5.10.0-8-amd64").contains("5.18");
    FramejetException fault =
        catchThrowableOfType(
            FramejetException.class,
            () -> {
              throw EngineFaults.of(38, "open for injecting", lab.near());
            });
    assertThat(fault.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
  }

  // --- nothing is left
  // --------------------------------------------------------------------------------------------

  @Test
  void shouldLeakNothingWhenOpenedOverAndOver() throws Exception {
    InjectorOptions options = xdp().withBatch(32).withMaxFrame(128);
    openAndClose(options, 50);
    Map<String, Integer> descriptors = Descriptors.open();
    long maps = maps();
    long resident = residentKilobytes();
    openAndClose(options, 300);
    assertThat(Descriptors.open()).isEqualTo(descriptors);
    List<String> seen = new ArrayList<>();
    Wait.until(
        () -> {
          System.gc(); // memory of a closed injector is unmapped when nothing can reach it
          seen.add(maps() + " maps, " + residentKilobytes() + " kB");
          return maps() <= maps + 20 && residentKilobytes() < resident + 20_000;
        },
        () -> maps + " maps, " + resident + " kB; then " + seen);
  }

  private void openAndClose(InjectorOptions options, int times) throws FramejetException {
    for (int i = 0; i < times; i++) {
      try (Injector injector = Injector.open(lab.near(), options)) {
        assertThat(injector.send(NumberedFrames.frame(i, 60))).isTrue();
      }
    }
  }

  private static long maps() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/maps")).size();
  }

  private static long residentKilobytes() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new AssertionError("no VmRSS");
  }
}
