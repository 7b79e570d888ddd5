package io.framejet.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.ArpOperation;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.probe.ArpProbe;
import io.framejet.testing.Availability;
import io.framejet.testing.Collector;
import io.framejet.testing.Collector.Taken;
import io.framejet.testing.Command;
import io.framejet.testing.Descriptors;
import io.framejet.testing.NumberedFrames;
import io.framejet.testing.Running;
import io.framejet.testing.Signals;
import io.framejet.testing.Tcpdump;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every backend for receiving does, at the far end of a veth pair. */
abstract class ReceiverConformance {
  private static final MacAddress STRANGER = MacAddress.parse("02:00:00:00:00:99");

  /** ldh [12]; jeq #0x88b5; ret all; ret 0. */
  private static final CaptureFilter ONLY_NUMBERED =
      CaptureFilter.of(
          0x28L | 12L << 32,
          0x15L | 1L << 24 | (long) NumberedFrames.ETHER_TYPE << 32,
          0x06L | 0x40000L << 32,
          0x06L);

  private VethLab lab;

  /** The backend under test. */
  abstract Backend backend();

  /** Whether it can tell outgoing frames from incoming ones. */
  boolean knowsDirection() {
    return true;
  }

  /** Whether it can see what this host sends. */
  boolean seesOutgoing() {
    return true;
  }

  /** Whether the host's own stack, and tcpdump with it, sees what was received. */
  boolean leavesFramesToTheHost() {
    return true;
  }

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.open();
    BackendStatus status = ReceiveBackends.check(lab.far(), backend());
    if (!status.available()) {
      lab.close();
    }
    Availability.require(status);
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private ReceiverOptions options() {
    return ReceiverOptions.defaults().withBackend(backend());
  }

  private Receiver open() throws FramejetException {
    return open(options());
  }

  private Receiver open(ReceiverOptions options) throws FramejetException {
    return Receiver.open(lab.far(), options);
  }

  private Collector collect(ReceiverOptions options) throws FramejetException {
    return Collector.on(lab.far(), options);
  }

  // --- bytes, order, time
  // -----------------------------------------------------------------------------------------

  @Test
  void shouldReceiveEveryFrameInOrder() throws FramejetException {
    LinkCounters before = lab.farCounters();
    try (Collector far = collect(options())) {
      send(0, 20_000, 1514);
      far.await(20_000);
      List<Taken> taken = far.settle();
      assertThat(far.dropped()).isZero();
      assertThat(taken).hasSize(20_000);
      for (int number = 0; number < 20_000; number++) {
        Taken frame = taken.get(number);
        assertThat(frame.bytes())
            .as("frame %d", number)
            .isEqualTo(NumberedFrames.bytes(number, NumberedFrames.length(number, 1514)));
        assertThat(frame.originalLength()).isEqualTo(frame.bytes().length);
        assertThat(frame.outgoing()).isFalse();
      }
      assertThat(lab.farCounters().minus(before).rxPackets()).isEqualTo(20_000);
    }
  }

  @Test
  void shouldReceiveJumboFrames() throws FramejetException {
    lab.nearEditor().mtu(VethLab.NEAR, 9000);
    lab.farEditor().mtu(VethLab.FAR, 9000);
    try (Collector far = collect(options())) {
      send(0, 200, 9014);
      List<Taken> taken = far.await(200);
      for (int number = 0; number < 200; number++) {
        assertThat(taken.get(number).bytes())
            .isEqualTo(NumberedFrames.bytes(number, NumberedFrames.length(number, 9014)));
      }
    }
  }

  @Test
  void shouldTellWhenTheKernelSawAFrame() throws FramejetException {
    try (Collector far = collect(options())) {
      long before = nanos(Instant.now());
      send(0, 500, 60);
      List<Taken> taken = far.await(500);
      // The clocks differ in resolution.
      long after = nanos(Instant.now()) + 1_000_000;
      long last = before;
      for (Taken frame : taken) {
        assertThat(frame.timestampNanos()).isBetween(last, after);
        last = frame.timestampNanos();
      }
      // Nanoseconds, not whole microseconds or milliseconds.
      assertThat(taken.stream().filter(frame -> frame.timestampNanos() % 1000 != 0).count())
          .isGreaterThan(250);
    }
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  @Test
  void shouldGiveWhatTcpdumpSees(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("seen.pcap");
    try (Tcpdump tcpdump =
            leavesFramesToTheHost()
                ? Tcpdump.on(VethLab.FAR, lab.farNamespace(), file)
                : Tcpdump.onOutgoing(VethLab.NEAR, lab.nearNamespace(), file);
        Collector far = collect(options())) {
      send(0, 200, 1514);
      send(
          NumberedFrames.tagged(200, 100, 0x8100, 5),
          NumberedFrames.tagged(201, 100, 0x88a8, 6),
          arpRequest(lab.near().mac(), "10.77.0.1", "10.77.0.2"));
      List<byte[]> ours = far.await(203).stream().map(Taken::bytes).toList();
      List<byte[]> theirs = tcpdump.await(203);
      assertThat(theirs).hasSize(203);
      for (int i = 0; i < 203; i++) {
        assertThat(ours.get(i)).as("frame %d", i).isEqualTo(theirs.get(i));
      }
    }
  }

  @Test
  void shouldReceiveArpThatLinuxSends() throws IOException {
    try (Collector far = collect(options().withFilter(CaptureFilter.of(probe().filter())))) {
      lab.nearNamespace()
          .call(
              () -> {
                try (DatagramSocket socket = new DatagramSocket()) {
                  InetAddress nobody = InetAddress.getByAddress(new byte[] {10, 77, 9, 9});
                  socket.send(new DatagramPacket(new byte[1], 1, nobody, 9));
                }
                return true;
              });
      byte[] bytes = far.await(1).get(0).bytes();
      EthernetHeader ethernet = new EthernetHeader().wrap(ByteBuffer.wrap(bytes), 0, bytes.length);
      assertThat(ethernet.etherType()).isEqualTo(EtherType.ARP);
      assertThat(MacAddress.of(ethernet.destination())).isEqualTo(MacAddress.BROADCAST);
      ArpPacket arp = new ArpPacket().wrap(ethernet);
      assertThat(arp.isValid()).isTrue();
      assertThat(arp.operation()).isEqualTo(ArpOperation.REQUEST);
      assertThat(MacAddress.of(arp.senderMac())).isEqualTo(VethLab.NEAR_MAC);
      assertThat(Ipv4.format(arp.senderIp())).isEqualTo("10.77.0.1");
      assertThat(Ipv4.format(arp.targetIp())).isEqualTo("10.77.9.9");
    }
  }

  // --- VLAN tags
  // ----------------------------------------------------------------------------------------------------

  @Test
  void shouldPutVlanTagsBack() throws FramejetException {
    byte[] single = NumberedFrames.tagged(1, 200, 0x8100, 0x6123);
    byte[] priority = NumberedFrames.tagged(2, 200, 0x8100, 0);
    byte[] service = NumberedFrames.tagged(3, 200, 0x88a8, 0x0fff);
    byte[] stacked = tag(NumberedFrames.tagged(4, 200, 0x8100, 7), 0x88a8, 8);
    byte[] twice = tag(NumberedFrames.tagged(5, 200, 0x8100, 9), 0x8100, 10);
    byte[] longest = NumberedFrames.tagged(6, 1514, 0x8100, 11);
    try (Collector far = collect(options())) {
      send(single, priority, service, stacked, twice, longest);
      List<Taken> taken = far.await(6);
      assertThat(taken)
          .extracting(Taken::bytes)
          .containsExactly(single, priority, service, stacked, twice, longest);
      assertThat(taken)
          .extracting(Taken::originalLength)
          .containsExactly(204, 204, 204, 208, 208, 1518);
    }
  }

  @Test
  void shouldNotTakeATaggedArpForAnUntaggedOne() throws FramejetException {
    byte[] plain = arpRequest(lab.near().mac(), "10.77.0.1", "10.77.0.3");
    byte[] tagged = tag(plain, 0x8100, 5);
    try (Collector far = collect(options().withFilter(CaptureFilter.of(probe().filter())))) {
      send(tagged, plain, tagged, plain);
      assertThat(far.await(2)).extracting(Taken::bytes).containsExactly(plain, plain);
      assertThat(far.settle()).hasSize(2);
    }
  }

  private static byte[] tag(byte[] frame, int protocol, int tci) {
    byte[] tagged = new byte[frame.length + 4];
    System.arraycopy(frame, 0, tagged, 0, 12);
    ByteBuffer.wrap(tagged).putShort(12, (short) protocol).putShort(14, (short) tci);
    System.arraycopy(frame, 12, tagged, 16, frame.length - 12);
    return tagged;
  }

  // --- filters
  // ------------------------------------------------------------------------------------------------------

  @Test
  void shouldFilterFromTheFirstFrameOn() throws FramejetException {
    AtomicBoolean ended = new AtomicBoolean();
    Threads.Task<Void> noise =
        Threads.start(
            "noise",
            () -> {
              byte[] unwanted = NumberedFrames.bytes(-2, 60);
              ByteBuffer.wrap(unwanted).putShort(12, (short) 0x88b6);
              try (Injector injector = injector()) {
                while (!ended.get()) {
                  FrameBatch batch = injector.newBatch();
                  for (int i = 0; i < 32; i++) {
                    batch.add(unwanted);
                  }
                  batch.add(NumberedFrames.bytes(7, 60));
                  injector.send(batch);
                }
              }
              return null;
            });
    try {
      for (int round = 0; round < 25; round++) {
        try (Receiver receiver = open(options().withFilter(ONLY_NUMBERED))) {
          AtomicLong count = new AtomicLong();
          Wait.until(
              () -> {
                receiver.poll(
                    frame -> {
                      assertThat(NumberedFrames.number(frame.toByteArray())).isEqualTo(7);
                      count.incrementAndGet();
                    },
                    1024);
                return count.get() > 0;
              },
              "a frame that passes the filter");
        }
      }
    } finally {
      ended.set(true);
      noise.get();
    }
  }

  @Test
  void shouldFilterByExpression() throws FramejetException {
    Availability.require(ReceiveBackends.check(lab.far(), Backend.PCAP)); // libpcap compiles
    byte[] arp = arpRequest(lab.near().mac(), "10.77.0.1", "10.77.0.3");
    byte[] plain = NumberedFrames.bytes(1, 100);
    byte[] five = NumberedFrames.tagged(2, 100, 0x8100, 5);
    byte[] six = NumberedFrames.tagged(3, 100, 0x8100, 6);
    byte[] taggedArp = tag(arp, 0x8100, 5);
    // These two look at what the kernel left of the frame, so tagged ones would pass: that is
    // libpcap's way.
    assertThatPass("arp", List.of(arp), arp, plain, five, six);
    assertThatPass("ether proto 0x88b5", List.of(plain), arp, plain, taggedArp);
    assertThatPass("vlan", List.of(five, six, taggedArp), arp, plain, five, six, taggedArp);
    assertThatPass("vlan 5", List.of(five, taggedArp), arp, plain, five, six, taggedArp);
    assertThatPass("vlan and arp", List.of(taggedArp), arp, plain, five, six, taggedArp);
    assertThatPass("not vlan", List.of(arp, plain), arp, plain, five, six, taggedArp);
    assertThatPass("", List.of(arp, plain, five, six, taggedArp), arp, plain, five, six, taggedArp);
  }

  private void assertThatPass(String expression, List<byte[]> expected, byte[]... sent)
      throws FramejetException {
    try (Collector far = collect(options().withFilter(CaptureFilter.expression(expression)))) {
      send(sent);
      far.await(expected.size());
      assertThat(far.settle())
          .as(expression)
          .extracting(Taken::bytes)
          .containsExactlyElementsOf(expected);
    }
  }

  @Test
  void shouldRefuseABadExpression() throws FramejetException {
    Availability.require(ReceiveBackends.check(lab.far(), Backend.PCAP));
    Map<String, Integer> before = Descriptors.open();
    for (String bad : List.of("arp and and", "host 300.1.2.3", "no such words")) {
      FramejetException refused =
          fault(() -> open(options().withFilter(CaptureFilter.expression(bad))));
      assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_FILTER);
      assertThat(refused).hasMessageContaining("'" + bad + "'");
      assertThat(String.valueOf(refused.getMessage()).length())
          .isGreaterThan(bad.length() + 15); // libpcap's reason
    }
    Descriptors.awaitNoMoreThan(before);
  }

  @Test
  void shouldRefuseABadProgram() {
    // Jumps beyond its end: the kernel checks programs.
    FramejetException refused =
        fault(() -> open(options().withFilter(CaptureFilter.of(0x05L | 100L << 32, 0x06L))));
    assertThat(refused.errno()).isPositive();
  }

  @Test
  void shouldCutFramesAtSnaplen() throws FramejetException {
    try (Collector far = collect(options().withSnaplen(64))) {
      send(NumberedFrames.bytes(1, 1000), NumberedFrames.bytes(2, 60), NumberedFrames.bytes(3, 65));
      List<Taken> taken = far.await(3);
      assertThat(taken.get(0).bytes()).isEqualTo(Arrays.copyOf(NumberedFrames.bytes(1, 1000), 64));
      assertThat(taken.get(1).bytes()).isEqualTo(NumberedFrames.bytes(2, 60));
      assertThat(taken.get(2).bytes()).isEqualTo(Arrays.copyOf(NumberedFrames.bytes(3, 65), 64));
      assertThat(taken).extracting(Taken::originalLength).containsExactly(1000, 60, 65);
    }
  }

  @Test
  void shouldCutFramesAtSnaplenAlsoBehindAFilter() throws FramejetException {
    try (Collector far = collect(options().withSnaplen(64).withFilter(ONLY_NUMBERED))) {
      send(NumberedFrames.bytes(1, 1000));
      Taken taken = far.await(1).get(0);
      assertThat(taken.bytes()).isEqualTo(Arrays.copyOf(NumberedFrames.bytes(1, 1000), 64));
      assertThat(taken.originalLength()).isEqualTo(1000);
    }
  }

  // --- what is taken
  // ------------------------------------------------------------------------------------------------

  @Test
  void shouldLeaveOutgoingFramesOutUnlessAsked() throws FramejetException {
    assumeThat(seesOutgoing()).isTrue();
    try (Collector in = Collector.on(lab.near(), options());
        Collector both = Collector.on(lab.near(), options().withIncludeOutgoing(true))) {
      send(0, 10, 60);
      try (Injector back = Injector.open(lab.far())) {
        assertThat(back.send(NumberedFrames.frame(100, 60))).isTrue();
      }
      assertThat(both.await(11)).hasSize(11);
      for (Taken frame : both.settle()) {
        assertThat(frame.number())
            .isIn(IntStream.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100).boxed().toList());
        if (knowsDirection()) {
          assertThat(frame.outgoing())
              .as("frame %d", frame.number())
              .isEqualTo(frame.number() < 100);
        }
      }
      in.await(1);
      in.settle();
      assertThat(in.numbers()).containsExactly(100);
    }
  }

  @Test
  void shouldSayWhenItCannotSeeOutgoingFrames() throws FramejetException {
    assumeThat(seesOutgoing()).isFalse();
    FramejetException refused = fault(() -> open(options().withIncludeOutgoing(true)));
    assertThat(refused.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(refused).hasMessageContaining("what this host sends");
    try (Collector in = Collector.on(lab.near(), options());
        Injector back = Injector.open(lab.far())) {
      send(0, 10, 60);
      assertThat(back.send(NumberedFrames.frame(100, 60))).isTrue();
      in.await(1);
      in.settle();
      assertThat(in.numbers()).containsExactly(100);
    }
  }

  @Test
  void shouldBePromiscuousOnlyWhileOpenAndAsked() throws FramejetException {
    byte[] toOther = NumberedFrames.bytes(1, 60);
    ByteBuffer.wrap(toOther)
        .putShort(0, (short) (STRANGER.toLong() >>> 32))
        .putInt(2, (int) STRANGER.toLong());
    assertThat(promiscuity()).isZero();
    try (Receiver plain = open()) {
      assertThat(promiscuity()).isZero();
      assertThat(plain.poll(frame -> {}, 10)).isZero();
    }
    try (Collector far = collect(options().withPromiscuous(true))) {
      assertThat(promiscuity()).isEqualTo(1);
      try (Receiver second = open(options().withPromiscuous(true))) {
        assertThat(promiscuity()).isEqualTo(2);
        assertThat(second.backend()).isEqualTo(backend());
      }
      Wait.until(() -> promiscuity() == 1, "one of two to be gone");
      send(toOther);
      assertThat(far.await(1).get(0).bytes()).isEqualTo(toOther);
    }
    Wait.until(() -> promiscuity() == 0, "promiscuous mode to end");
  }

  /** How many hold the far link in promiscuous mode. */
  private int promiscuity() throws FramejetException {
    String text =
        Command.of("ip", "-d", "link", "show", VethLab.FAR).in(lab.farNamespace()).succeed();
    Matcher matcher = Pattern.compile("promiscuity (\\d+)").matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  // --- overflow
  // -----------------------------------------------------------------------------------------------------

  @Test
  void shouldCountExactlyWhatItHadNoRoomFor() throws FramejetException {
    LinkCounters before = lab.farCounters();
    try (Receiver receiver = open(options().withRingBytes(1 << 17))) {
      send(0, 30_000, 60); // and nobody polls
      List<Integer> polled = new ArrayList<>();
      Wait.until(
          () -> {
            while (receiver.poll(
                    frame -> polled.add(NumberedFrames.number(frame.toByteArray())), 4096)
                > 0) {}
            return polled.size() == receiver.statistics().delivered();
          },
          () -> "all delivered frames, polled=" + polled.size());
      ReceiverStatistics statistics = receiver.statistics();
      assertThat(statistics.dropped()).isPositive();
      assertThat(statistics.delivered()).isPositive();
      assertThat(statistics.delivered() + statistics.dropped()).isEqualTo(30_000);
      assertThat(lab.farCounters().minus(before).rxPackets()).isEqualTo(30_000);
      assertThat(polled).doesNotHaveDuplicates().isSorted();

      // It goes on afterwards, and counts on. One by one: two blocks are full with few frames when
      // their time is up before anybody polls.
      try (Injector injector = injector()) {
        for (int number = 30_000; number < 30_050; number++) {
          int expected = number;
          assertThat(injector.send(NumberedFrames.frame(number, 60))).isTrue();
          Wait.until(
              () -> {
                receiver.poll(
                    frame -> polled.add(NumberedFrames.number(frame.toByteArray())), 4096);
                return polled.get(polled.size() - 1) == expected;
              },
              () -> "frame " + expected + " after the overflow");
        }
      }
      ReceiverStatistics after = receiver.statistics();
      assertThat(after.delivered()).isEqualTo(statistics.delivered() + 50);
      assertThat(after.dropped()).isEqualTo(statistics.dropped());
    }
  }

  @Test
  void shouldCountFilteredFramesNeither() throws FramejetException {
    try (Collector far = collect(options().withFilter(CaptureFilter.of(probe().filter())))) {
      send(0, 1_000, 60);
      send(arpRequest(lab.near().mac(), "10.77.0.1", "10.77.0.3"));
      far.await(1);
      assertThat(far.settle()).hasSize(1);
      assertThat(far.dropped()).isZero();
    }
  }

  @Test
  void shouldCountFramesBeforeTheyArePolled() throws FramejetException {
    try (Receiver receiver = open()) {
      for (int sent = 100; sent <= 1_000; sent += 100) {
        send(sent - 100, sent, 60);
        int expected = sent;
        Wait.until(
            () -> receiver.statistics().delivered() == expected,
            () -> expected + " frames to be counted");
      }
      List<Integer> numbers = new ArrayList<>();
      Wait.until(
          () -> {
            receiver.poll(frame -> numbers.add(NumberedFrames.number(frame.toByteArray())), 64);
            return numbers.size() >= 1_000;
          },
          () -> "all frames, polled=" + numbers.size());
      assertThat(numbers).containsExactlyElementsOf(IntStream.range(0, 1_000).boxed().toList());
      assertThat(receiver.statistics().delivered()).isEqualTo(1_000);
      assertThat(receiver.statistics().dropped()).isZero();
    }
  }

  // --- polling
  // ------------------------------------------------------------------------------------------------------

  @Test
  void shouldHonourTheLimit() throws FramejetException {
    try (Receiver receiver = open()) {
      send(0, 100, 60);
      List<Integer> numbers = new ArrayList<>();
      int limit = 1;
      while (numbers.size() < 100) {
        int before = numbers.size();
        int count =
            receiver.poll(frame -> numbers.add(NumberedFrames.number(frame.toByteArray())), limit);
        assertThat(count).isBetween(0, limit).isEqualTo(numbers.size() - before);
        if (count == 0) {
          receiver.await(100_000_000);
        }
        limit = limit % 13 + 1;
      }
      assertThat(numbers).containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
      assertThat(receiver.poll(frame -> numbers.add(-1), 0)).isZero();
    }
  }

  @Test
  void shouldDeliverNoFrameTwiceWhenTheHandlerThrows() throws FramejetException {
    try (Receiver receiver = open()) {
      send(0, 50, 60);
      List<Integer> seen = new ArrayList<>();
      int thrown = 0;
      while (seen.size() < 50) {
        try {
          receiver.poll(
              frame -> {
                int number = NumberedFrames.number(frame.toByteArray());
                seen.add(number);
                if (number % 3 == 0) {
                  throw new IllegalStateException("number=" + number);
                }
              },
              1024);
          receiver.await(10_000_000);
        } catch (IllegalStateException e) {
          assertThat(e).hasMessage("number=" + seen.get(seen.size() - 1));
          thrown++;
        }
      }
      assertThat(thrown).isEqualTo(17);
      assertThat(seen).containsExactlyElementsOf(IntStream.range(0, 50).boxed().toList());
      // Nothing is stuck: the ring goes round many times more.
      send(50, 3_050, 1514);
      Wait.until(
          () -> {
            receiver.poll(frame -> seen.add(NumberedFrames.number(frame.toByteArray())), 1024);
            return seen.size() == 3_050;
          },
          () -> "all frames, seen=" + seen.size());
    }
  }

  @Test
  void shouldWaitNoShorterThanAsked() throws FramejetException {
    try (Receiver receiver = open()) {
      long begin = System.nanoTime();
      assertThat(receiver.await(50_000_000)).isFalse();
      assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(50_000_000);
      assertThat(receiver.await(0)).isFalse();
    }
  }

  @Test
  void shouldWakeUpWhenFramesCome() throws FramejetException {
    try (Receiver receiver = open()) {
      Threads.Task<Boolean> waiter =
          Threads.start("waiter", () -> receiver.await(100_000_000_000L));
      send(0, 1, 60);
      assertThat(waiter.get()).isTrue();
      assertThat(receiver.await(0)).isTrue(); // they are still there
      assertThat(receiver.poll(frame -> {}, 10)).isEqualTo(1);
    }
  }

  @Test
  void shouldWakeUpWhenAsked() throws FramejetException {
    try (Receiver receiver = open()) {
      receiver.wakeup(); // the next one
      assertThat(receiver.await(100_000_000_000L)).isFalse();
      Threads.Task<Boolean> waiter =
          Threads.start("waiter", () -> receiver.await(100_000_000_000L));
      Wait.sleep(10);
      receiver.wakeup();
      assertThat(waiter.get()).isFalse();
    }
  }

  @Test
  void shouldNotShowSignals() throws FramejetException {
    try (Receiver receiver = open()) {
      AtomicLong thread = new AtomicLong();
      CountDownLatch rained = new CountDownLatch(1);
      Threads.Task<Boolean> waiter =
          Threads.start(
              "waiter",
              () -> {
                thread.set(Threads.id());
                long begin = System.nanoTime();
                boolean frames = receiver.await(300_000_000);
                assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(300_000_000);
                rained.await(); // a slow rain must find its thread until it ends
                return frames;
              });
      Wait.until(() -> thread.get() != 0, "the waiter to start");
      try (Running rain = Signals.rain(thread.get(), 500, 300)) {
        rain.awaitText("done");
      } finally {
        rained.countDown();
      }
      assertThat(waiter.get()).isFalse();
    }
  }

  // --- links that come and go
  // -----------------------------------------------------------------------------------------

  @Test
  void shouldReportOnceThatTheLinkIsSetDownAndGoOn() throws FramejetException {
    try (Receiver receiver = open()) {
      lab.farEditor().down(VethLab.FAR);
      assertThat(nextFault(receiver).code()).isEqualTo(ErrorCode.LINK_DOWN);
      assertThat(receiver.poll(frame -> {}, 10)).isZero();
      assertThat(receiver.await(1_000_000)).isFalse();

      lab.farEditor().up(VethLab.FAR);
      lab.awaitCarrier();
      send(0, 10, 60);
      List<Integer> numbers = new ArrayList<>();
      Wait.until(
          () -> {
            receiver.await(1_000_000);
            receiver.poll(frame -> numbers.add(NumberedFrames.number(frame.toByteArray())), 10);
            return numbers.size() == 10;
          },
          "frames after the link is up again");
    }
  }

  @Test
  void shouldReportThatTheLinkIsSetDownAlsoBehindFrames() throws FramejetException {
    try (Receiver receiver = open()) {
      send(0, 10, 60);
      Wait.until(() -> receiver.statistics().delivered() == 10, "ten frames");
      lab.farEditor().down(VethLab.FAR);
      AtomicInteger frames = new AtomicInteger();
      AtomicInteger faults = new AtomicInteger();
      while (frames.get() < 10 || faults.get() == 0) {
        try {
          if (receiver.poll(frame -> frames.incrementAndGet(), 3) == 0) {
            assertThat(receiver.await(10_000_000_000L)).as("there is more to be told").isTrue();
          }
        } catch (FramejetException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.LINK_DOWN);
          faults.incrementAndGet();
        }
      }
      assertThat(faults).hasValue(1);
      assertThat(frames).hasValue(10);
      assertThat(receiver.await(1_000_000)).isFalse();
    }
  }

  @Test
  void shouldWakeUpWhenTheLinkIsSetDown() throws FramejetException {
    try (Receiver receiver = open()) {
      Threads.Task<Boolean> waiter =
          Threads.start("waiter", () -> receiver.await(100_000_000_000L));
      Wait.sleep(10);
      lab.farEditor().down(VethLab.FAR);
      assertThat(waiter.failure())
          .isInstanceOfSatisfying(
              FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LINK_DOWN));
    }
  }

  @Test
  void shouldReportALinkThatIsGoneAlsoWhenItsNameIsBack() throws FramejetException {
    Link old = lab.far();
    try (Receiver receiver = Receiver.open(old, options())) {
      lab.nearEditor().delete(VethLab.NEAR);
      assertThatIsGone(receiver);
      assertThat(fault(() -> Receiver.open(old, options())).code()).isEqualTo(ErrorCode.LINK_GONE);
      lab.addPair();
      send(0, 5, 60);
      assertThatIsGone(receiver);
      assertThat(receiver.statistics().dropped()).isZero();
    }
  }

  private static void assertThatIsGone(Receiver receiver) {
    ErrorCode code = nextFault(receiver).code();
    while (code == ErrorCode.LINK_DOWN) { // a link is set down before it is deleted
      code = nextFault(receiver).code();
    }
    assertThat(code).isEqualTo(ErrorCode.LINK_GONE);
  }

  private static FramejetException nextFault(Receiver receiver) {
    FramejetException[] fault = new FramejetException[1];
    Wait.until(
        () -> {
          try {
            receiver.poll(frame -> {}, 10);
            receiver.await(1_000_000);
            return false;
          } catch (FramejetException e) {
            fault[0] = e;
            return true;
          }
        },
        "a fault");
    return fault[0];
  }

  // --- closing
  // --------------------------------------------------------------------------------------------------------

  @Test
  void shouldSayThatItIsClosed() throws FramejetException {
    Receiver receiver = open();
    send(0, 3, 60);
    receiver.close();
    receiver.close();
    receiver.wakeup();
    assertThat(fault(() -> receiver.poll(frame -> {}, 10)).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(fault(() -> receiver.await(0)).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(fault(receiver::statistics).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(receiver.backend()).isEqualTo(backend());
    assertThat(receiver.link().name()).isEqualTo(VethLab.FAR);
    assertThat(receiver.toString()).contains(VethLab.FAR).contains(backend().label());
  }

  @Test
  void shouldSayThatItIsClosedAlsoWithFramesAtHand() throws FramejetException {
    Receiver receiver = open();
    send(0, 100, 60);
    Wait.until(
        () -> receiver.poll(frame -> {}, 1) == 1, "the first frame"); // in the middle of a block
    receiver.close();
    assertThat(fault(() -> receiver.poll(frame -> {}, 10)).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(fault(() -> receiver.await(1_000_000)).code()).isEqualTo(ErrorCode.CLOSED);
  }

  @Test
  void shouldEndAWaitWithClosed() throws FramejetException {
    Receiver receiver = open();
    Threads.Task<Boolean> waiter = Threads.start("waiter", () -> receiver.await(100_000_000_000L));
    Wait.sleep(10);
    receiver.close();
    assertThat(waiter.failure())
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void shouldBearReadingAFrameAfterClose() throws FramejetException {
    ReceivedFrame[] kept = new ReceivedFrame[1];
    try (Receiver receiver = open()) {
      send(0, 1, 60);
      Wait.until(() -> receiver.poll(frame -> kept[0] = frame, 1) == 1, "a frame");
    }
    assertThatCode(
            () -> {
              for (int i = 0; i < kept[0].buffer().capacity(); i += 64) {
                kept[0].buffer().get(i);
              }
              kept[0].toByteArray();
            })
        .doesNotThrowAnyException();
  }

  @Test
  void shouldEndWithClosedWhenAnotherThreadCloses() {
    Map<String, Integer> before = Descriptors.open();
    AtomicBoolean ended = new AtomicBoolean();
    Threads.Task<Void> traffic =
        Threads.start(
            "traffic",
            () -> {
              try (Injector injector = injector()) {
                while (!ended.get()) {
                  FrameBatch batch = injector.newBatch();
                  NumberedFrames.fill(batch, 0, batch.capacity(), 60);
                  injector.send(batch);
                }
              }
              return null;
            });
    int parallel = 12;
    int rounds = 18; // times five backends and twelve at a time: a thousand
    List<Threads.Task<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < parallel; i++) {
      tasks.add(
          Threads.start(
              "opener " + i,
              () -> {
                for (int round = 0; round < rounds; round++) {
                  closeWhilePolling();
                }
                return null;
              }));
    }
    try {
      tasks.forEach(Threads.Task::get);
    } finally {
      ended.set(true);
      traffic.get();
    }
    Descriptors.awaitNoMoreThan(before);
  }

  private void closeWhilePolling() throws Exception {
    Receiver receiver = open(options().withRingBytes(1 << 18));
    CountDownLatch started = new CountDownLatch(1);
    AtomicLong sum = new AtomicLong();
    Threads.Task<Void> poller =
        Threads.start(
            "poller",
            () -> {
              started.countDown();
              while (true) {
                receiver.poll(frame -> sum.addAndGet(frame.buffer().get(frame.offset())), 64);
                receiver.await(1_000_000);
                receiver.statistics();
              }
            });
    started.await();
    int spins = ThreadLocalRandom.current().nextInt(20_000);
    for (int i = 0; i < spins; i++) {
      Thread.onSpinWait();
    }
    receiver.close();
    Throwable end = poller.failure();
    if (!(end instanceof FramejetException fault) || fault.code() != ErrorCode.CLOSED) {
      throw new AssertionError("expected CLOSED", end);
    }
  }

  @Test
  void shouldLeakNoDescriptorsWhenItIsForgotten() throws FramejetException {
    Map<String, Integer> before = Descriptors.open();
    for (int i = 0; i < 10; i++) {
      assertThat(open(options().withRingBytes(1 << 17)).toString()).isNotEmpty(); // never closed
    }
    Wait.until(
        () -> {
          System.gc();
          return Descriptors.open().equals(before);
        },
        () -> "forgotten receivers to be closed: before=" + before + " now=" + Descriptors.open());
  }

  // --- options
  // ----------------------------------------------------------------------------------------------------------

  @Test
  void shouldRefuseOptionsOutOfRange() {
    assertThatThrownBy(() -> options().withRingBytes(1)).hasMessageContaining("ringBytes=1");
    assertThatThrownBy(() -> options().withSnaplen(13)).hasMessageContaining("snaplen=13");
    assertThatThrownBy(CaptureFilter::of).hasMessageContaining("length=0");
  }

  // --- helpers
  // ------------------------------------------------------------------------------------------------------------

  /**
   * By copying: the frames of a ring would be written anew while they wait in a socket at the other
   * end.
   */
  private Injector injector() throws FramejetException {
    return Injector.open(lab.near(), InjectorOptions.defaults().withBackend(Backend.SOCKET));
  }

  /**
   * Sends numbered frames, of all lengths up to {@code longest}, from one CPU. Never more at once
   * than a veth whose far side is looked at late, as on a busy machine, has room for: 256.
   */
  private void send(int first, int end, int longest) {
    Threads.pinned(
        () -> {
          LinkCounters before = lab.farCounters();
          try (Injector injector = injector()) {
            FrameBatch batch = injector.newBatch();
            for (int number = first; number < end; ) {
              while (number < end
                  && batch.size() < 200
                  && batch.add(
                      NumberedFrames.bytes(number, NumberedFrames.length(number, longest)))) {
                number++;
              }
              while (!batch.isEmpty()) {
                injector.send(batch);
              }
              int sent = number - first;
              Wait.until(
                  () -> lab.farCounters().minus(before).rxPackets() >= sent,
                  () -> "all of " + sent + " frames to arrive");
            }
            assertThat(injector.statistics().frames()).isEqualTo(end - first);
          }
          return null;
        });
  }

  private void send(byte[]... frames) {
    Threads.pinned(
        () -> {
          try (Injector injector = injector()) {
            for (byte[] frame : frames) {
              assertThat(injector.send(Frame.of(frame))).isTrue();
            }
          }
          return null;
        });
  }

  private static byte[] arpRequest(MacAddress mac, String from, String to) {
    return Frame.ethernet(mac, MacAddress.BROADCAST)
        .arpRequest(mac, Ipv4.parse(from), Ipv4.parse(to))
        .build()
        .toByteArray();
  }

  private static ArpProbe probe() {
    return new ArpProbe(VethLab.NEAR_MAC, Ipv4.parse("10.77.0.1"));
  }

  private interface Faulty {
    void run() throws FramejetException;
  }

  private static FramejetException fault(Faulty action) {
    FramejetException fault = catchThrowableOfType(FramejetException.class, action::run);
    assertThat(fault).as("an exception").isNotNull();
    return fault;
  }
}
