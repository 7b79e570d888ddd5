package io.framejet.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.LinkType;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.Rate;
import io.framejet.inject.RealTime;
import io.framejet.link.LinkCounters;
import io.framejet.testing.Allocation;
import io.framejet.testing.Collector;
import io.framejet.testing.Command;
import io.framejet.testing.NumberedFrames;
import io.framejet.testing.NumberedPackets;
import io.framejet.testing.Threads;
import io.framejet.testing.TunLab;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long START = 1_700_000_000L * SECOND;

  @TempDir Path folder;
  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.open();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  /** A file of numbered frames that are so far apart. */
  private Path file(CaptureFormat format, CaptureOptions options, int count, long gap)
      throws FramejetException {
    Path file = folder.resolve("x." + format);
    try (CaptureWriter writer = Captures.writer(format, file, options)) {
      for (int i = 0; i < count; i++) {
        put(writer, frame(i), START + i * gap);
      }
    }
    return file;
  }

  private static void put(CaptureWriter writer, byte[] frame, long time) throws FramejetException {
    writer.write(ByteBuffer.wrap(frame), 0, frame.length, frame.length, time);
  }

  private static byte[] frame(int number) {
    return NumberedFrames.bytes(number, NumberedFrames.length(number, 1514));
  }

  private ReplayReport replay(Path file, Replays replays) throws FramejetException {
    try (Injector injector = Injector.open(lab.near())) {
      return Threads.pinned(() -> replays.set(Replayer.on(injector)).run(file));
    }
  }

  /** Of two threads if it has a standby, also on a machine of one CPU. */
  private static Replayer twoThreads(Injector first) {
    return new Replayer(first, new PunctualThread(), 2);
  }

  private interface Replays {
    Replayer set(Replayer replayer);
  }

  @ParameterizedTest
  @EnumSource
  void shouldSendTheFramesOfTheFile(CaptureFormat format) throws Exception {
    Path file = file(format, CaptureOptions.defaults(), 3_000, 0);
    LinkCounters before = lab.nearCounters();
    try (Collector far = Collector.on(lab.far())) {
      ReplayReport report = replay(file, replayer -> replayer.rate(Rate.MAX));
      List<Collector.Taken> taken = far.await(3_000);
      for (int i = 0; i < 3_000; i++) {
        assertThat(taken.get(i).bytes()).isEqualTo(frame(i));
      }
      assertThat(report.frames()).isEqualTo(3_000);
      assertThat(report.sent()).isEqualTo(3_000);
      assertThat(report.skipped() + report.unsent() + report.unconfirmed()).isZero();
      assertThat(report.loops()).isEqualTo(1);
      LinkCounters sent = lab.nearCounters().minus(before);
      assertThat(sent.txPackets()).isEqualTo(3_000);
      assertThat(sent.txBytes()).isEqualTo(report.bytes());
    }
  }

  @Test
  void shouldSendWhatEditcapWrote() throws Exception {
    Captures.needs("editcap", "tshark");
    Path ours = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 50, SECOND / 10_000);
    for (String format : List.of("pcap", "nsecpcap", "pcapng")) {
      Path theirs = folder.resolve("theirs." + format);
      Captures.run("editcap", "-F", format, ours.toString(), theirs.toString());
      try (Collector far = Collector.on(lab.far())) {
        assertThat(replay(theirs, replayer -> replayer).sent()).isEqualTo(50);
        assertThat(far.await(50)).extracting(Collector.Taken::number).startsWith(0, 1, 2);
        assertThat(far.frames().get(49).bytes()).isEqualTo(frame(49));
      }
    }
  }

  @Test
  void shouldReadEitherByteOrder() throws Exception {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      byte[] frame = frame(9);
      ByteBuffer bytes = ByteBuffer.allocate(24 + 16 + frame.length).order(order);
      bytes.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0).putInt(65_535);
      bytes.putInt(1).putInt(5).putInt(6).putInt(frame.length).putInt(frame.length).put(frame);
      Path file = folder.resolve("order.pcap");
      Files.write(file, bytes.array());
      try (Collector far = Collector.on(lab.far())) {
        assertThat(replay(file, replayer -> replayer).sent()).isEqualTo(1);
        assertThat(far.await(1).get(0).bytes()).isEqualTo(frame);
      }
    }
  }

  // Order, number and time: what a busy machine cannot change. And that frames are in time all
  // along in one replay of several, since any machine stands still at times: with a wrong clock
  // they are in none.
  @ParameterizedTest
  @CsvSource({"1, 2_000_000", "10, 20_000_000", "0.5, 1_000_000"})
  void shouldKeepThePaceOfTheCapture(double speed, long gap) throws Exception {
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 150, gap);
    List<Long> behind = new ArrayList<>();
    do {
      behind.add(behind(file, speed, gap));
    } while (behind.get(behind.size() - 1) > 2_000_000 && behind.size() < 20);
    assertThat(behind).as("ns that each replay fell behind").anyMatch(ns -> ns <= 2_000_000);
  }

  /** How late the most punctual of 50 frames in a row is, in ns. */
  private long behind(Path file, double speed, long gap) throws Exception {
    try (Collector far = Collector.on(lab.far())) {
      long begin = System.nanoTime();
      ReplayReport report = replay(file, replayer -> replayer.speed(speed));
      assertThat(System.nanoTime() - begin).isGreaterThan((long) (149 * gap / speed));
      assertThat(report.sent()).isEqualTo(150);
      assertThat(report.lateNanos()).isGreaterThanOrEqualTo(0);
      List<Collector.Taken> taken = far.await(150);
      long[] late = new long[150];
      for (int i = 0; i < 150; i++) {
        assertThat(taken.get(i).bytes()).isEqualTo(frame(i));
        late[i] = taken.get(i).timestampNanos() - (long) (i * gap / speed);
      }
      // The earliest one shows when the replay began; no frame leaves before it is due.
      long begun = Arrays.stream(late).min().orElseThrow();
      return IntStream.of(0, 50, 100)
          .mapToLong(i -> Arrays.stream(late, i, i + 50).min().orElseThrow() - begun)
          .max()
          .orElseThrow();
    }
  }

  @Test
  void shouldReplayWithRealTimePriorityWhereItIsAllowed() throws Exception {
    boolean allowed;
    try (RealTime realTime = RealTime.begin()) {
      allowed = realTime.isGranted();
    }
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 150, 2_000_000);
    Replayer[] used = new Replayer[1];
    for (boolean wanted : new boolean[] {true, false}) {
      ReplayReport report =
          replay(
              file,
              replayer -> {
                used[0] = replayer;
                return replayer.realTime(wanted);
              });
      assertThat(report.sent()).isEqualTo(150);
      assertThat(used[0].isRealTime()).isEqualTo(wanted && allowed);
    }
    replay(
        file,
        replayer -> {
          used[0] = replayer;
          return replayer.realTime(true).rate(Rate.MAX);
        });
    assertThat(used[0].isRealTime()).as("only by the times of the file").isFalse();
  }

  /** Notes whether its priority changes between a frame being due and its leaving. */
  private static final class Watched extends PunctualThread {
    private final Injector injector;
    private long waitedFor = -1;
    private int changes;
    private int changesWhileDue;

    Watched(Injector injector) {
      this.injector = injector;
    }

    @Override
    public void spin() {
      waitedFor = injector.statistics().frames();
      super.spin();
    }

    @Override
    public void realTime(boolean wanted) {
      changes++;
      if (injector.statistics().frames() == waitedFor) {
        changesWhileDue++;
      }
      super.realTime(wanted);
    }
  }

  /** Frames so close that the clock is watched all the time, for longer than is allowed at once. */
  @Test
  void shouldNotChangeItsPriorityWhileAFrameIsDue() throws Exception {
    try (RealTime realTime = RealTime.begin()) {
      assumeThat(realTime.isGranted()).isTrue();
    }
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 400, 900_000);
    try (Injector injector = Injector.open(lab.near())) {
      Watched thread = new Watched(injector);
      Threads.start("replay", () -> new Replayer(injector, thread, 2).realTime(true).run(file))
          .get();
      assertThat(thread.changes).isGreaterThan(2);
      assertThat(thread.changesWhileDue).isZero();
    }
  }

  @Test
  void shouldKeepARate() throws Exception {
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 100, 0);
    long begin = System.nanoTime();
    ReplayReport report = replay(file, replayer -> replayer.rate(Rate.of(500)));
    assertThat(report.sent()).isEqualTo(100);
    assertThat(System.nanoTime() - begin).isGreaterThan(99 * SECOND / 500);
  }

  @Test
  void shouldLoop() throws Exception {
    Path file = file(CaptureFormat.PCAP, CaptureOptions.defaults(), 5, SECOND / 100);
    try (Collector far = Collector.on(lab.far())) {
      long begin = System.nanoTime();
      ReplayReport report = replay(file, replayer -> replayer.loops(3));
      assertThat(System.nanoTime() - begin).isGreaterThan(3 * 4 * SECOND / 100);
      assertThat(report.loops()).isEqualTo(3);
      assertThat(report.sent()).isEqualTo(15);
      far.await(15);
      assertThat(far.numbers()).containsExactly(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4);
    }
  }

  @Test
  void shouldLeaveOutAndCountWhatCannotBeSent() throws Exception {
    Path file = folder.resolve("x.pcapng");
    try (CaptureWriter writer = CaptureWriter.pcapng(file, CaptureOptions.defaults())) {
      put(writer, frame(0), START);
      put(writer, new byte[1515], START); // too large
      put(writer, NumberedFrames.tagged(1, 1514, 0x8100, 5), START); // not: it has a tag
      put(writer, NumberedFrames.tagged(2, 1514, 0x88a8, 5), START); // too large
      put(writer, new byte[13], START); // too short
      put(writer, new byte[0], START); // too short
      writer.write(ByteBuffer.wrap(frame(0)), 0, 40, 41, START); // cut short
      put(writer, Arrays.copyOf(frame(3), 14), START);
      put(writer, new byte[60_000], START); // too large for any slot
    }
    try (Collector far = Collector.on(lab.far())) {
      ReplayReport report = replay(file, replayer -> replayer);
      assertThat(report.frames()).isEqualTo(9);
      assertThat(report.sent()).isEqualTo(3);
      assertThat(report.tooLarge()).isEqualTo(3);
      assertThat(report.malformed()).isEqualTo(2);
      assertThat(report.truncated()).isEqualTo(1);
      assertThat(report.unsent()).isZero();
      List<Collector.Taken> taken = far.await(3);
      assertThat(taken.get(0).bytes()).isEqualTo(frame(0));
      assertThat(taken.get(1).bytes()).isEqualTo(NumberedFrames.tagged(1, 1514, 0x8100, 5));
      assertThat(taken.get(2).bytes()).isEqualTo(Arrays.copyOf(Arrays.copyOf(frame(3), 14), 60));
    }
  }

  @Test
  void shouldLeaveOutAFrameCheckSequence() throws Exception {
    byte[] frame = frame(1);
    ByteBuffer bytes = ByteBuffer.allocate(24 + 16 + frame.length + 4);
    bytes.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0).putInt(65_535);
    bytes.putInt(0x2400_0001).putLong(0).putInt(frame.length + 4).putInt(frame.length + 4);
    Path file = folder.resolve("fcs.pcap");
    Files.write(file, bytes.put(frame).putInt(0xdeadbeef).array());
    try (Collector far = Collector.on(lab.far())) {
      assertThat(replay(file, replayer -> replayer).sent()).isEqualTo(1);
      assertThat(far.await(1).get(0).bytes()).isEqualTo(frame);
    }
  }

  @Test
  void shouldRefuseFilesOfAnotherLinkType() throws Exception {
    Path file = folder.resolve("ip.pcap");
    try (CaptureWriter writer =
        CaptureWriter.pcap(file, CaptureOptions.defaults().withLinkType(LinkType.IP))) {
      put(writer, NumberedPackets.ipv4(1, 40).toByteArray(), START);
    }
    LinkCounters before = lab.nearCounters();
    FramejetException refused = catchThrowableOfType(FramejetException.class, () -> run(file));
    assertThat(refused.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(refused)
        .hasMessageContaining("ip.pcap")
        .hasMessageContaining("RAW")
        .hasMessageContaining("v0")
        .hasMessageContaining("an Ethernet header");
    assertThat(lab.nearCounters().minus(before).txPackets()).isZero();
  }

  private ReplayReport run(Path file) throws FramejetException {
    try (Injector injector = Injector.open(lab.near())) {
      return Replayer.on(injector).run(file);
    }
  }

  @Test
  void shouldReplayPacketsOnALinkWithoutALinkHeader() throws Exception {
    Path file = folder.resolve("ip.pcap");
    try (CaptureWriter writer =
        CaptureWriter.pcap(file, CaptureOptions.defaults().withLinkType(LinkType.NUMBER_IPV4))) {
      for (int i = 0; i < 20; i++) {
        put(writer, NumberedPackets.ipv4(i, 24 + i).toByteArray(), START);
      }
      put(writer, new byte[40], START); // version 0
    }
    try (TunLab tun = TunLab.open();
        Collector far = Collector.on(tun.far());
        Injector injector = Injector.open(tun.near())) {
      ReplayReport report = Replayer.on(injector).run(file);
      assertThat(report.sent()).isEqualTo(20);
      assertThat(report.malformed()).isEqualTo(1);
      List<Collector.Taken> taken = far.await(20);
      for (int i = 0; i < 20; i++) {
        assertThat(taken.get(i).bytes()).isEqualTo(NumberedPackets.ipv4(i, 24 + i).toByteArray());
      }
    }
  }

  @Test
  void shouldSendWhatComesBeforeTheFileIsCutOff() throws Exception {
    Path file = file(CaptureFormat.PCAP, CaptureOptions.defaults(), 10, 0);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    try (Collector far = Collector.on(lab.far());
        Injector injector = Injector.open(lab.near())) {
      Replayer replayer = Replayer.on(injector).rate(Rate.MAX);
      assertThatThrownBy(() -> replayer.run(file)).isInstanceOf(CaptureFormatException.class);
      assertThat(replayer.report().sent()).isEqualTo(9);
      far.await(9);
    }
  }

  @Test
  void shouldSendWhatComesBeforeTheFileIsCutOffAtTheirTimesOnce() throws Exception {
    Path file = file(CaptureFormat.PCAP, CaptureOptions.defaults(), 10, SECOND / 1_000);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    try (Collector far = Collector.on(lab.far());
        Injector injector = Injector.open(lab.near())) {
      Replayer replayer = Replayer.on(injector);
      assertThatThrownBy(() -> replayer.run(file)).isInstanceOf(CaptureFormatException.class);
      assertThat(replayer.report().sent()).isEqualTo(9);
      far.await(9);
      assertThat(far.numbers()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
    }
  }

  @Test
  void shouldReadANamedPipeOnce() throws Exception {
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 20, SECOND / 1_000);
    Path pipe = folder.resolve("pipe");
    Command.of("mkfifo", pipe.toString()).succeed();
    Threads.Task<Path> writing =
        Threads.start("write", () -> Files.write(pipe, Files.readAllBytes(file)));
    try (Collector far = Collector.on(lab.far())) {
      assertThat(replay(pipe, replayer -> replayer).sent()).isEqualTo(20);
      far.await(20);
      assertThat(far.numbers()).startsWith(0, 1, 2).hasSize(20);
    }
    assertThat(writing.get()).isEqualTo(pipe);
  }

  @Test
  void shouldEndSoonWhenItIsCancelled() throws Exception {
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 10, 3600 * SECOND);
    try (Collector far = Collector.on(lab.far());
        Injector injector = Injector.open(lab.near())) {
      Replayer replayer = Replayer.on(injector);
      Threads.Task<ReplayReport> task = Threads.start("replay", () -> replayer.run(file));
      far.await(1);
      replayer.cancel();
      Wait.until(task::isDone, "the replay to end");
      ReplayReport report = task.get();
      assertThat(report.sent()).isEqualTo(1);
      assertThat(report.loops()).isZero();
      assertThat(report.frames())
          .isEqualTo(report.sent() + report.unsent() + report.unconfirmed() + report.skipped());
    }
  }

  /** All slots of its ring wait in a queue that sends next to nothing. */
  @Test
  void shouldEndSoonWhenItIsCancelledAlsoWithoutAFreeSlot() throws Exception {
    Command.of("tc", "qdisc", "add", "dev", VethLab.NEAR, "root", "tbf")
        .with("rate", "8bit", "burst", "2000", "limit", "1000000000")
        .in(lab.nearNamespace())
        .succeed();
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 10, 0);
    InjectorOptions options = InjectorOptions.defaults().withBackend(Backend.RING);
    try (Injector injector = Injector.open(lab.near(), options)) {
      FrameBatch batch = injector.newBatch();
      while (NumberedFrames.fill(batch, 0, batch.capacity(), 60) > 0) {
        injector.send(batch);
      }
      Replayer replayer = Replayer.on(injector);
      Threads.Task<ReplayReport> task = Threads.start("replay", () -> replayer.run(file));
      Wait.sleep(200); // it waits for a slot
      replayer.cancel();
      Wait.until(task::isDone, "the replay to end");
      assertThat(task.get().sent()).isZero();
    }
  }

  /** Many frames at once, more than it has room for, and then some that are waited for. */
  @Test
  void shouldSendAllWithASmallBatch() throws Exception {
    Path file = folder.resolve("x.pcapng");
    try (CaptureWriter writer = CaptureWriter.pcapng(file, CaptureOptions.defaults())) {
      for (int i = 0; i < 900; i++) {
        put(writer, frame(i), START + (i < 850 ? 0 : SECOND / 2 + (i - 850) * 2_000_000L));
      }
    }
    InjectorOptions options = InjectorOptions.defaults().withBatch(8);
    try (Collector far = Collector.on(lab.far());
        Injector injector = Injector.open(lab.near(), options)) {
      Threads.Task<ReplayReport> task =
          Threads.start("replay", () -> Replayer.on(injector).run(file));
      Wait.until(task::isDone, "the replay to end");
      assertThat(task.get().sent()).isEqualTo(900);
      far.await(900);
      assertThat(far.numbers()).containsExactlyElementsOf(IntStream.range(0, 900).boxed().toList());
    }
  }

  /** As a core that stands still for a while. */
  private static final class Oversleeper extends PunctualThread {
    @Override
    public void sleep(long nanos) {
      super.sleep(nanos + 50_000_000);
    }
  }

  private static Integer[] numbers(int count, int times) {
    return IntStream.range(0, count * times).mapToObj(i -> i % count).toArray(Integer[]::new);
  }

  /** Does not wake up before {@code other} has sent three more frames, or both have sent all. */
  private static final class Stalled extends PunctualThread {
    private final Injector own;
    private final Injector other;
    private final long all;
    private int times;

    Stalled(Injector own, Injector other, long all) {
      this.own = own;
      this.other = other;
      this.all = all;
    }

    @Override
    public void sleep(long nanos) {
      long before = frames(other);
      times++;
      Wait.until(
          () -> frames(other) >= before + 3 || frames(own) + frames(other) == all,
          () -> "the standby to send, which had sent " + before);
    }

    private static long frames(Injector injector) {
      return injector.statistics().frames();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SOCKET", "RING", "PCAP", "XDP"})
  void shouldHaveAStandbySendEachFrameThatTheFirstIsLateFor(Backend backend) throws Exception {
    lab.close();
    lab = VethLab.takingXdpFrames();
    // Further apart than the longest margin, so that the first sleeps before each.
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 60, 20_000_000);
    InjectorOptions options = InjectorOptions.defaults().withBackend(backend);
    LinkCounters before = lab.nearCounters();
    try (Collector far = Collector.on(lab.far());
        Injector first = Injector.open(lab.near(), options);
        Injector second = Injector.open(lab.near(), options)) {
      Stalled stalled = new Stalled(first, second, 60);
      Replayer replayer = new Replayer(first, stalled, 2).standby(second).realTime(true);
      ReplayReport report = Threads.start("replay", () -> replayer.run(file)).get();
      far.await(60);
      assertThat(far.numbers()).containsExactlyInAnyOrder(numbers(60, 1));
      assertThat(report.sent()).isEqualTo(60);
      assertThat(report.frames()).isEqualTo(60);
      assertThat(report.unsent() + report.unconfirmed() + report.skipped()).isZero();
      assertThat(first.statistics().frames() + second.statistics().frames()).isEqualTo(60);
      assertThat(stalled.times).isPositive();
      LinkCounters sent = lab.nearCounters().minus(before);
      assertThat(sent.txPackets()).isEqualTo(60);
      assertThat(sent.txBytes()).isEqualTo(report.bytes());
    }
  }

  // Half of them together, so that both threads fall behind and send some at once.
  @Test
  void shouldSendEachFrameOnceByTwoThreadsHoweverLateTheyAre() throws Exception {
    Path file = folder.resolve("x.pcapng");
    try (CaptureWriter writer = CaptureWriter.pcapng(file, CaptureOptions.defaults())) {
      for (int i = 0; i < 3_000; i++) {
        put(writer, frame(i), START + i / 100 * 1_000_000L + (i % 100 < 50 ? 0 : i % 100 * 10_000));
      }
    }
    try (Collector far = Collector.on(lab.far());
        Injector first = Injector.open(lab.near());
        Injector second = Injector.open(lab.near())) {
      Replayer replayer = twoThreads(first).standby(second).loops(3);
      ReplayReport report = Threads.start("replay", () -> replayer.run(file)).get();
      far.await(9_000);
      assertThat(far.numbers()).containsExactlyInAnyOrder(numbers(3_000, 3));
      assertThat(report.sent()).isEqualTo(9_000);
      assertThat(report.frames()).isEqualTo(9_000);
      assertThat(report.loops()).isEqualTo(3);
      assertThat(first.statistics().frames() + second.statistics().frames()).isEqualTo(9_000);
    }
  }

  @Test
  void shouldLeaveOutTheSameFramesByTwoThreads() throws Exception {
    Path file = folder.resolve("x.pcapng");
    try (CaptureWriter writer = CaptureWriter.pcapng(file, CaptureOptions.defaults())) {
      for (int i = 0; i < 100; i++) {
        put(writer, frame(i), START + i * 1_000_000L);
        put(writer, new byte[1515], START + i * 1_000_000L);
      }
    }
    Files.write(file, new byte[3], StandardOpenOption.APPEND); // cut off
    try (Collector far = Collector.on(lab.far());
        Injector first = Injector.open(lab.near());
        Injector second = Injector.open(lab.near())) {
      Replayer replayer = new Replayer(first, new Oversleeper(), 2).standby(second);
      assertThatThrownBy(() -> replayer.run(file)).isInstanceOf(CaptureFormatException.class);
      far.await(100);
      assertThat(far.numbers()).containsExactlyInAnyOrder(numbers(100, 1));
      assertThat(replayer.report().sent()).isEqualTo(100);
      assertThat(replayer.report().tooLarge()).isEqualTo(100);
      assertThat(replayer.report().unsent()).isZero();
    }
  }

  @Test
  void shouldEndBothThreadsWhenItIsCancelled() throws Exception {
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 10, 3600 * SECOND);
    try (Collector far = Collector.on(lab.far());
        Injector first = Injector.open(lab.near());
        Injector second = Injector.open(lab.near())) {
      Replayer replayer = twoThreads(first).standby(second);
      Threads.Task<ReplayReport> task = Threads.start("replay", () -> replayer.run(file));
      far.await(1);
      replayer.cancel();
      Wait.until(task::isDone, "the replay to end");
      assertThat(task.get().sent()).isEqualTo(1);
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .doesNotContain("replay-standby");
    }
  }

  @Test
  void shouldEndBothThreadsWhenTheFirstIsInterrupted() throws Exception {
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 100, 1_000_000);
    try (Collector far = Collector.on(lab.far());
        Injector first = Injector.open(lab.near());
        Injector second = Injector.open(lab.near())) {
      Replayer replayer = twoThreads(first).standby(second).loops(0);
      Threads.Task<ReplayReport> task = Threads.start("replay", () -> replayer.run(file));
      far.await(20);
      task.thread().interrupt();
      assertThat(task.failure()).isInstanceOf(FramejetException.class);
      ReplayReport report = replayer.report();
      assertThat(report.sent())
          .isEqualTo(first.statistics().frames() + second.statistics().frames());
      assertThat(report.frames())
          .isEqualTo(report.sent() + report.unsent() + report.unconfirmed() + report.skipped());
    }
  }

  @Test
  void shouldNotWaitForAFrameThatNobodyIsToSend() throws Exception {
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 2, 3600 * SECOND);
    ReplayTurns turns = new ReplayTurns();
    try (Collector far = Collector.on(lab.far());
        Injector injector = Injector.open(lab.near())) {
      Threads.Task<Long> task = pass(file, injector, turns, ReplayRun.HEAD_START_NANOS);
      far.await(1);
      turns.close(); // as when the first thread has met a fault
      assertThat(task.get()).isEqualTo(1);
    }
  }

  /** Who stands by is to leave to the first what that can send. */
  @Test
  void shouldHaveTheFirstSendWhatIsLate() throws Exception {
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 20_000, 0);
    ReplayTurns turns = new ReplayTurns();
    try (Injector first = Injector.open(lab.near());
        Injector second = Injector.open(lab.near())) {
      // A head start of seconds, so that it does not matter when the first gets a core.
      Threads.Task<Long> standby = pass(file, second, turns, 20_000_000_000L);
      assertThat(pass(file, first, turns, 0).get()).isEqualTo(20_000);
      assertThat(standby.get()).isZero();
    }
  }

  /** How many frames it sends, as one of two threads. */
  private static Threads.Task<Long> pass(
      Path file, Injector injector, ReplayTurns turns, long headStart) {
    return Threads.start(
        "pass",
        () -> {
          new ReplayRun(injector, 1, null, turns, headStart, new PunctualThread()).run(file, 1);
          return injector.statistics().frames();
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldTellWhyEitherThreadCouldNotSend(boolean ofStandby) throws Exception {
    Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), 1_000, 5_000_000);
    try (Collector far = Collector.on(lab.far());
        Injector first = Injector.open(lab.near());
        Injector second = Injector.open(lab.near())) {
      Replayer replayer = twoThreads(first).standby(second);
      Threads.Task<ReplayReport> task = Threads.start("replay", () -> replayer.run(file));
      far.await(20);
      (ofStandby ? second : first).close();
      assertThat(task.failure())
          .isInstanceOfSatisfying(
              FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
      ReplayReport report = replayer.report();
      assertThat(report.sent()).isBetween(20L, 999L);
    }
  }

  @Test
  void shouldRefuseAStandbyThatIsOfNoUse() throws Exception {
    try (TunLab tun = TunLab.open();
        Injector first = Injector.open(lab.near());
        Injector other = Injector.open(tun.near())) {
      for (Injector second : List.of(first, other)) {
        assertThatThrownBy(() -> Replayer.on(first).standby(second))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("standby=");
      }
    }
  }

  @Test
  void shouldNotBeLedAstrayByTimestamps() throws Exception {
    Path file = folder.resolve("x.pcapng");
    try (CaptureWriter writer = CaptureWriter.pcapng(file, CaptureOptions.defaults())) {
      for (long time : new long[] {START, 0, START - 1, START + SECOND / 10, 5, START}) {
        put(writer, frame(1), time);
      }
    }
    long begin = System.nanoTime();
    assertThat(replay(file, replayer -> replayer).sent()).isEqualTo(6);
    assertThat(System.nanoTime() - begin).isGreaterThan(SECOND / 10);
  }

  @Test
  void shouldNeitherCountNorLoseWhatAFullQueueDelays() throws Exception {
    Command.of("tc", "qdisc", "add", "dev", VethLab.NEAR, "root", "tbf")
        .with("rate", "10mbit", "burst", "2kb", "limit", "3000")
        .in(lab.nearNamespace())
        .succeed();
    Path file = file(CaptureFormat.PCAP, CaptureOptions.defaults(), 200, 0);
    LinkCounters before = lab.nearCounters();
    assertThat(replay(file, replayer -> replayer).sent()).isEqualTo(200);
    Wait.until(
        () -> lab.nearCounters().minus(before).txPackets() == 200, "the queue to be drained");
  }

  @Test
  void shouldAllocateNothingPerFrame() throws Exception {
    List<Long> allocated = new ArrayList<>();
    try (Injector injector = Injector.open(lab.near(), InjectorOptions.defaults())) {
      for (int count : new int[] {2_000, 2_000, 12_000}) {
        Path file = file(CaptureFormat.PCAPNG, CaptureOptions.defaults(), count, 0);
        Allocation allocation = Allocation.ofThisThread();
        assertThat(Replayer.on(injector).run(file).sent()).isEqualTo(count);
        allocated.add(allocation.bytes());
      }
    }
    // The same for six times as many: less than the smallest object for each.
    assertThat(allocated.get(2) - allocated.get(1)).isLessThan(10_000 * 8);
  }
}
