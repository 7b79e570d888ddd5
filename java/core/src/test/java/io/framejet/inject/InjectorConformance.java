package io.framejet.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.testing.Availability;
import io.framejet.testing.Collector;
import io.framejet.testing.Command;
import io.framejet.testing.Descriptors;
import io.framejet.testing.NumberedFrames;
import io.framejet.testing.Running;
import io.framejet.testing.Signals;
import io.framejet.testing.Tcpdump;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every backend for injecting does, on a veth pair whose far end is watched by the kernel's
 * counters.
 */
abstract class InjectorConformance {
  private static final int HEADER = 14;

  /** IFF_RUNNING. */
  private static final int RUNNING = 0x40;

  private VethLab lab;

  /** The backend under test. */
  abstract InjectorOptions options();

  private Backend backend() {
    return Objects.requireNonNull(options().backend());
  }

  @BeforeEach
  void openLab() throws FramejetException {
    lab = newLab();
    BackendStatus status = Backends.check(lab.near(), backend());
    if (!status.available()) {
      lab.close();
    }
    Availability.require(status);
  }

  /** Where the backend is tested. */
  VethLab newLab() throws FramejetException {
    return VethLab.open();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  VethLab lab() {
    return lab;
  }

  private Injector open() throws FramejetException {
    return open(options());
  }

  private Injector open(InjectorOptions options) throws FramejetException {
    return Injector.open(lab.near(), options);
  }

  // --- counts
  // ---------------------------------------------------------------------------------------------------

  @Test
  void shouldCountWhatBothLinksCount() throws FramejetException {
    LinkCounters near = lab.nearCounters();
    LinkCounters far = lab.farCounters();
    try (Injector injector = open()) {
      int bytes = 0;
      FrameBatch batch = injector.newBatch();
      for (int number = 0; number < 20_000; ) {
        int length = NumberedFrames.length(number, 1514);
        if (batch.add(NumberedFrames.bytes(number, length))) {
          bytes += length;
          number++;
        } else {
          sendAll(injector, batch);
        }
      }
      sendAll(injector, batch);

      InjectorStatistics statistics = injector.statistics();
      assertThat(statistics.frames()).isEqualTo(20_000);
      assertThat(statistics.bytes()).isEqualTo(bytes);
      assertThat(statistics.calls()).isGreaterThanOrEqualTo(20_000 / batch.capacity());
      assertThat(statistics.rejected()).isZero();
      assertThat(statistics.unconfirmed()).isZero();
      assertThat(statistics.discarded()).isZero();

      LinkCounters sent = lab.nearCounters().minus(near);
      assertThat(sent.txPackets()).isEqualTo(20_000);
      assertThat(sent.txBytes()).isEqualTo(bytes);
      // A far side that polls, as it does for frames of an XDP program, counts them when it comes
      // to.
      Wait.until(
          () -> lab.farCounters().minus(far).rxPackets() >= 20_000, "the far side to count them");
      assertThat(lab.farCounters().minus(far).rxPackets()).isEqualTo(20_000);
    }
  }

  @Test
  void shouldNotCountFramesThatTheLinkDrops() throws FramejetException {
    lab.farEditor().mtu(VethLab.FAR, 1000); // veth drops what its peer would not take, and says so
    LinkCounters before = lab.nearCounters();
    try (Injector injector = open()) {
      FrameBatch batch = injector.newBatch();
      NumberedFrames.fill(batch, 0, 10, 100);
      batch.add(NumberedFrames.bytes(10, 1400));
      NumberedFrames.fill(batch, 11, 13, 100);
      int taken = 0;
      for (int calls = 0; calls < 3; calls++) {
        taken += injector.send(batch);
      }
      assertThat(taken).isEqualTo(10);
      assertThat(batch.size()).isEqualTo(3);
      assertThat(injector.statistics().frames()).isEqualTo(10);
      assertThat(injector.statistics().queueFull()).isPositive();

      batch.clear();
      NumberedFrames.fill(batch, 20, 25, 100);
      sendAll(injector, batch);
      assertThat(injector.statistics().frames()).isEqualTo(15);
    }
    LinkCounters sent = lab.nearCounters().minus(before);
    assertThat(sent.txPackets()).isEqualTo(15);
    assertThat(sent.txDropped()).isPositive();
  }

  // --- bytes and order
  // --------------------------------------------------------------------------------------------

  @Test
  void shouldKeepBytesAndOrderWithinAndAcrossBatches() throws FramejetException {
    assertThatAllArrive(options().withBatch(64).withSlots(256), 20_000, 1514);
  }

  @Test
  void shouldGoRoundASmallRingManyTimes() throws FramejetException {
    // 7 does not divide the slots: batches cross the end of the ring at every offset
    assertThatAllArrive(options().withBatch(7).withSlots(16), 5_000, 400);
  }

  @Test
  void shouldSendBatchesAsLargeAsTheRing() throws FramejetException {
    InjectorOptions options = options().withBatch(512).withSlots(512).withMaxFrame(128);
    try (Injector injector = open(options)) {
      assertThat(injector.newBatch().capacity()).isEqualTo(512);
    }
    assertThatAllArrive(options, 10_000, 100);
  }

  @Test
  void shouldSendMoreFramesThanTheRingHolds() throws FramejetException {
    try (Collector far = Collector.on(lab.far());
        Injector injector = open(options().withBatch(64).withSlots(64))) {
      FrameBatch batch = injector.newBatch();
      int next = NumberedFrames.fill(batch, 0, 1_000, 60);
      // A full batch says so by a return value, and takes more when it was sent.
      assertThat(next).isEqualTo(batch.capacity());
      assertThat(batch.add(60)).isEqualTo(-1);
      while (!batch.isEmpty()) {
        injector.send(batch);
        next = NumberedFrames.fill(batch, next, 1_000, 60);
      }
      assertThat(far.await(1_000)).hasSize(1_000);
      assertThat(injector.statistics().frames()).isEqualTo(1_000);
    }
  }

  @Test
  void shouldSendJumboFrames() throws FramejetException {
    int longest = Math.min(9014, backend().maxFrame());
    lab.nearEditor().mtu(VethLab.NEAR, longest - HEADER);
    lab.farEditor().mtu(VethLab.FAR, longest - HEADER);
    assertThatAllArrive(options().withBatch(16).withSlots(64), 500, longest);
  }

  private void assertThatAllArrive(InjectorOptions options, int count, int longest)
      throws FramejetException {
    try (Collector far = Collector.on(lab.far());
        Injector injector = open(options)) {
      Threads.pinned(
          () -> {
            FrameBatch batch = injector.newBatch();
            for (int number = 0; number < count || !batch.isEmpty(); ) {
              while (number < count
                  && batch.add(
                      NumberedFrames.bytes(number, NumberedFrames.length(number, longest)))) {
                number++;
              }
              injector.send(batch);
            }
            return null;
          });
      assertThat(injector.statistics().frames()).isEqualTo(count);
      List<Collector.Taken> taken = far.await(count);
      assertThat(taken).hasSize(count);
      for (int number = 0; number < count; number++) {
        assertThat(taken.get(number).bytes())
            .as("frame %d", number)
            .isEqualTo(NumberedFrames.bytes(number, NumberedFrames.length(number, longest)));
      }
    }
  }

  @Test
  void shouldSendWhatTcpdumpSees(@TempDir Path folder) throws Exception {
    try (Tcpdump tcpdump = Tcpdump.on(VethLab.FAR, lab.farNamespace(), folder.resolve("far.pcap"));
        Injector injector = open()) {
      Threads.pinned(
          () -> {
            for (int number = 0; number < 300; number++) {
              int length = NumberedFrames.length(number, 1514);
              assertThat(injector.send(NumberedFrames.frame(number, length))).isTrue();
            }
            return null;
          });
      List<byte[]> seen = tcpdump.await(300);
      assertThat(seen).hasSize(300);
      for (int number = 0; number < 300; number++) {
        assertThat(seen.get(number))
            .isEqualTo(NumberedFrames.bytes(number, NumberedFrames.length(number, 1514)));
      }
    }
  }

  // --- frames that are too short or too long
  // ----------------------------------------------------------------------

  @Test
  void shouldPadShortFramesWithZeros() throws FramejetException {
    try (Collector far = Collector.on(lab.far());
        Injector injector = open(options().withBatch(16).withSlots(16))) {
      FrameBatch batch = injector.newBatch();
      int slots = batch.capacity();
      byte[] dirt = new byte[128];
      Arrays.fill(dirt, (byte) 0xa5);
      for (int i = 0; i < slots; i++) {
        assertThat(batch.add(dirt)).isTrue();
      }
      sendAll(injector, batch);
      for (int length = HEADER; length < 60; length++) {
        while (!batch.add(shortFrame(length))) {
          sendAll(injector, batch);
        }
      }
      sendAll(injector, batch);

      List<Collector.Taken> taken = far.await(slots + 60 - HEADER);
      for (int length = HEADER; length < 60; length++) {
        assertThat(taken.get(slots + length - HEADER).bytes())
            .isEqualTo(Arrays.copyOf(shortFrame(length), 60));
      }
    }
  }

  private static byte[] shortFrame(int length) {
    return Arrays.copyOf(NumberedFrames.bytes(length, 60), length);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 13})
  void shouldRefuseFramesShorterThanAHeader(int length) throws FramejetException {
    LinkCounters before = lab.nearCounters();
    try (Collector far = Collector.on(lab.far());
        Injector injector = open()) {
      FrameBatch batch = injector.newBatch();
      NumberedFrames.fill(batch, 0, 2, 60);
      assertThat(batch.add(new byte[length])).isTrue();
      NumberedFrames.fill(batch, 3, 5, 60);

      FramejetException refused = fault(() -> injector.send(batch));
      assertThat(refused.code()).isEqualTo(ErrorCode.MALFORMED_FRAME);
      assertThat(refused).hasMessageContaining("frame 2");
      assertThat(refused.origin()).isEqualTo("linux/" + backend().label());
      assertThat(refused.link()).isEqualTo(VethLab.NEAR);

      // Nothing of the batch was sent or lost.
      assertThat(batch.size()).isEqualTo(5);
      assertThat(injector.statistics().frames()).isZero();
      assertThat(injector.statistics().rejected()).isEqualTo(1);
      assertThat(lab.nearCounters().minus(before).txPackets()).isZero();

      batch.clear();
      NumberedFrames.fill(batch, 10, 13, 60);
      sendAll(injector, batch);
      far.await(3);
      assertThat(far.numbers()).containsExactly(10, 11, 12);
    }
  }

  @Test
  void shouldRefuseFramesOverTheMtuBeforeAnythingIsSent() throws FramejetException {
    LinkCounters before = lab.nearCounters();
    try (Collector far = Collector.on(lab.far());
        Injector injector = open()) {
      assertThat(injector.maxFrame()).isEqualTo(1514);
      FrameBatch batch = injector.newBatch();
      NumberedFrames.fill(batch, 0, 3, 1514);
      assertThat(batch.add(NumberedFrames.bytes(3, 1515))).isTrue();
      NumberedFrames.fill(batch, 4, 6, 60);

      FramejetException refused = fault(() -> injector.send(batch));
      assertThat(refused.code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
      assertThat(refused)
          .hasMessageContaining("frame 3")
          .hasMessageContaining("1515")
          .hasMessageContaining("1514");
      assertThat(batch.size()).isEqualTo(6);
      assertThat(injector.statistics().frames()).isZero();
      assertThat(injector.statistics().rejected()).isEqualTo(1);
      assertThat(lab.nearCounters().minus(before).txPackets()).isZero();

      batch.clear();
      NumberedFrames.fill(batch, 10, 12, 1514);
      sendAll(injector, batch);
      far.await(2);
      assertThat(far.numbers()).containsExactly(10, 11);
    }
  }

  @Test
  void shouldRefuseASingleFrameThatNoSlotHolds() throws FramejetException {
    try (Injector injector = open()) {
      FramejetException refused = fault(() -> injector.send(NumberedFrames.frame(0, 4000)));
      assertThat(refused.code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
      assertThatThrownBy(() -> injector.newBatch().add(4000))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("length=4000");
      assertThat(injector.send(NumberedFrames.frame(1, 60))).isTrue();
    }
  }

  @Test
  void shouldReportTheFrameThatNoLongerFitsAndGoOn() throws FramejetException {
    try (Collector far = Collector.on(lab.far())) {
      List<Integer> expected = new ArrayList<>();
      // Again and again, so that every slot of a small ring is the poisoned one once.
      for (int round = 0; round < 3; round++) {
        lab.nearEditor().mtu(VethLab.NEAR, 1500);
        try (Injector injector = open(options().withBatch(8).withSlots(16))) {
          FrameBatch batch = injector.newBatch();
          for (int i = 0; i < 5 + round; i++) {
            int number = round * 100 + i;
            batch.add(NumberedFrames.bytes(number, 60));
            sendAll(injector, batch);
            expected.add(number);
          }
          lab.nearEditor().mtu(VethLab.NEAR, 1000);

          NumberedFrames.fill(batch, round * 100 + 20, round * 100 + 23, 60);
          batch.add(NumberedFrames.bytes(round * 100 + 23, 1400));
          NumberedFrames.fill(batch, round * 100 + 24, round * 100 + 26, 60);
          // The kernel takes those before it, and says no to it at the next call.
          assertThat(injector.send(batch)).isEqualTo(3);
          FramejetException refused = fault(() -> injector.send(batch));
          assertThat(refused.code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
          assertThat(refused)
              .hasMessageContaining("frame 0")
              .hasMessageContaining("1400")
              .hasMessageContaining("1014");
          assertThat(batch.size()).isEqualTo(3);
          assertThat(batch.length(0)).isEqualTo(1400);
          for (int i = 20; i < 23; i++) {
            expected.add(round * 100 + i);
          }

          // From now on the limit is known, and such a batch is refused as a whole.
          batch.clear();
          NumberedFrames.fill(batch, round * 100 + 30, round * 100 + 33, 60);
          batch.add(NumberedFrames.bytes(round * 100 + 33, 1400));
          refused = fault(() -> injector.send(batch));
          assertThat(refused.code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
          assertThat(refused).hasMessageContaining("frame 3");
          assertThat(batch.size()).isEqualTo(4);

          batch.clear();
          for (int i = 40; i < 80; i++) {
            batch.add(NumberedFrames.bytes(round * 100 + i, i % 2 == 0 ? 60 : 1014));
            expected.add(round * 100 + i);
            sendAll(injector, batch);
          }
          assertThat(injector.statistics().frames()).isEqualTo(5 + round + 3 + 40);
          assertThat(injector.statistics().rejected()).isEqualTo(2);

          // And the other way: a larger MTU is noticed too.
          lab.nearEditor().mtu(VethLab.NEAR, 1500);
          batch.add(NumberedFrames.bytes(round * 100 + 80, 1514));
          expected.add(round * 100 + 80);
          sendAll(injector, batch);
        }
      }
      far.await(expected.size());
      assertThat(far.numbers()).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void shouldLetFullSizeFramesWithATagPass() throws FramejetException {
    byte[] tagged = NumberedFrames.tagged(1, 1514, 0x8100, 0x2064);
    try (Collector far = Collector.on(lab.far());
        Injector injector = open()) {
      assertThat(injector.send(Frame.of(tagged))).isTrue();
      assertThat(far.await(1).get(0).bytes()).isEqualTo(tagged);

      // The kernel makes room for an 802.1Q tag only.
      Frame other = Frame.of(NumberedFrames.tagged(2, 1514, 0x88a8, 100));
      assertThat(fault(() -> injector.send(other)).code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
      assertThat(injector.send(NumberedFrames.frame(3, 60))).isTrue();
    }
  }

  // --- links that come and go
  // -------------------------------------------------------------------------------------

  @Test
  void shouldReportALinkThatIsSetDownAndResumeWhenItIsUp() throws FramejetException {
    LinkCounters before = lab.nearCounters();
    try (Collector far = Collector.on(lab.far());
        Injector injector = open(options().withBatch(10).withSlots(32))) {
      FrameBatch batch = injector.newBatch();
      NumberedFrames.fill(batch, 0, 10, 60);
      sendAll(injector, batch);

      lab.nearEditor().down(VethLab.NEAR);
      NumberedFrames.fill(batch, 10, 20, 60);
      for (int i = 0; i < 3; i++) {
        FramejetException fault = fault(() -> injector.send(batch));
        assertThat(fault.code()).isEqualTo(ErrorCode.LINK_DOWN);
        assertThat(fault.link()).isEqualTo(VethLab.NEAR);
        assertThat(batch.size()).isEqualTo(10);
      }
      assertThat(injector.statistics().frames()).isEqualTo(10);
      assertThat(injector.newBatch().isEmpty()).isTrue();
      assertThat(injector.statistics().discarded()).isEqualTo(10);

      lab.nearEditor().up(VethLab.NEAR);
      lab.awaitCarrier();
      NumberedFrames.fill(batch, 20, 30, 60);
      sendAll(injector, batch);

      // Frames kept over the time that the link was down are sent then.
      NumberedFrames.fill(batch, 30, 40, 60);
      lab.nearEditor().down(VethLab.NEAR);
      assertThat(fault(() -> injector.send(batch)).code()).isEqualTo(ErrorCode.LINK_DOWN);
      lab.nearEditor().up(VethLab.NEAR);
      lab.awaitCarrier();
      sendAll(injector, batch);

      far.await(30);
      List<Integer> expected = IntStream.range(0, 40).filter(i -> i / 10 != 1).boxed().toList();
      assertThat(far.numbers()).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(injector.statistics().frames()).isEqualTo(30);
      assertThat(injector.statistics().unconfirmed()).isZero();
    }
    assertThat(lab.nearCounters().minus(before).txPackets()).isEqualTo(30);
  }

  @Test
  void shouldNeverCountFramesThatALinkGoingDownMayHaveSwallowed() throws FramejetException {
    LinkCounters before = lab.nearCounters();
    try (Injector injector = open()) {
      AtomicInteger downs = new AtomicInteger();
      AtomicInteger ups = new AtomicInteger();
      Threads.Task<Long> sender =
          Threads.start("sender", () -> sendUntilInterrupted(injector, downs, ups));
      for (int round = 1; round <= 3; round++) {
        int expected = round;
        Wait.until(() -> ups.get() >= expected, "frames to be sent");
        Wait.sleep(round % 4);
        lab.nearEditor().down(VethLab.NEAR);
        Wait.until(() -> downs.get() >= expected, "the sender to see that the link is down");
        lab.nearEditor().up(VethLab.NEAR);
      }
      Wait.until(() -> ups.get() > 3, "frames to be sent again");
      sender.thread().interrupt();
      long returned = sender.get();

      InjectorStatistics statistics = injector.statistics();
      LinkCounters sent = lab.nearCounters().minus(before);
      assertThat(statistics.frames()).isEqualTo(returned);
      assertThat(sent.txPackets())
          .isLessThanOrEqualTo(statistics.frames() + statistics.unconfirmed());
      assertThat(sent.txPackets() + sent.txDropped()).isGreaterThanOrEqualTo(statistics.frames());
    }
  }

  /**
   * Sends until it is interrupted, across links that go down; gives what the calls said was sent.
   */
  private static long sendUntilInterrupted(
      Injector injector, AtomicInteger downs, AtomicInteger ups) throws FramejetException {
    boolean up = false;
    long sent = 0;
    int number = 0;
    while (!Thread.interrupted()) {
      FrameBatch batch = injector.newBatch();
      number = NumberedFrames.fill(batch, number, number + batch.capacity(), 60);
      try {
        int taken = injector.send(batch);
        sent += taken;
        if (!up && taken > 0) {
          up = true;
          ups.incrementAndGet();
        }
      } catch (FramejetException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.LINK_DOWN);
        if (up) {
          up = false;
          downs.incrementAndGet();
        }
      }
    }
    return sent;
  }

  @Test
  void shouldReportALinkWithoutCarrier() throws FramejetException {
    LinkCounters before = lab.nearCounters();
    try (Collector far = Collector.on(lab.far());
        Injector injector = open()) {
      lab.farEditor().down(VethLab.FAR);
      // The kernel itself notices a moment later; see
      // shouldNeverCountFramesThatALinkWithoutCarrierDropped.
      Wait.until(() -> (lab.near().flags() & RUNNING) == 0, "the link to lose its carrier");
      FrameBatch batch = injector.newBatch();
      NumberedFrames.fill(batch, 0, 10, 60);
      FramejetException fault = fault(() -> injector.send(batch));
      assertThat(fault.code()).isEqualTo(ErrorCode.LINK_DOWN);
      assertThat(fault).hasMessageContaining("carrier");
      assertThat(injector.statistics().frames()).isZero();
      assertThat(lab.nearCounters().minus(before).txPackets()).isZero();

      lab.farEditor().up(VethLab.FAR);
      lab.awaitCarrier();
      injector.newBatch();
      NumberedFrames.fill(batch, 10, 20, 60);
      sendAll(injector, batch);
      far.await(10);
      assertThat(far.numbers())
          .containsExactlyInAnyOrderElementsOf(IntStream.range(10, 20).boxed().toList());
      assertThat(injector.statistics().frames()).isEqualTo(10);
    }
  }

  @Test
  void shouldNeverCountFramesThatALinkWithoutCarrierDropped() throws FramejetException {
    LinkCounters before = lab.nearCounters();
    try (Injector injector = open()) {
      FrameBatch batch = injector.newBatch();
      NumberedFrames.fill(batch, 0, batch.capacity(), 60);
      sendAll(injector, batch);
      lab.farEditor().down(VethLab.FAR);
      // At once, before the kernel has told anybody: until it says so, frames find no peer.
      ErrorCode end = null;
      for (int i = 0; i < 10_000 && end == null; i++) {
        injector.newBatch();
        NumberedFrames.fill(batch, 0, batch.capacity(), 60);
        try {
          injector.send(batch);
        } catch (FramejetException e) {
          end = e.code();
        }
      }
      assertThat(end).isEqualTo(ErrorCode.LINK_DOWN);
      assertThat(injector.statistics().frames())
          .isEqualTo(lab.nearCounters().minus(before).txPackets());
    }
  }

  @Test
  void shouldReportALinkThatIsGoneAlsoWhenItsNameIsBack() throws FramejetException {
    Link old = lab.near();
    try (Injector injector = Injector.open(old, options())) {
      assertThat(injector.send(NumberedFrames.frame(0, 60))).isTrue();

      lab.nearEditor().delete(VethLab.NEAR);
      for (int i = 0; i < 3; i++) {
        FramejetException fault = fault(() -> injector.send(NumberedFrames.frame(1, 60)));
        assertThat(fault.code()).isEqualTo(ErrorCode.LINK_GONE);
        assertThat(fault.link()).isEqualTo(VethLab.NEAR);
      }
      assertThat(fault(() -> Injector.open(old, options())).code()).isEqualTo(ErrorCode.LINK_GONE);

      lab.addPair();
      LinkCounters before = lab.nearCounters();
      for (int i = 0; i < 3; i++) {
        assertThat(fault(() -> injector.send(NumberedFrames.frame(2, 60))).code())
            .isEqualTo(ErrorCode.LINK_GONE);
      }
      assertThat(lab.nearCounters().minus(before).txPackets()).isZero();
      assertThat(injector.statistics().frames()).isEqualTo(1);

      try (Injector anew = open()) {
        assertThat(anew.send(NumberedFrames.frame(3, 60))).isTrue();
      }
      assertThat(lab.nearCounters().minus(before).txPackets()).isEqualTo(1);
    }
  }

  // --- a full queue
  // -----------------------------------------------------------------------------------------------

  @Test
  void shouldSendFewerWhenTheQueueIsFull() throws FramejetException {
    if (options().qdiscBypass()) {
      return; // no queue, nothing to be full: see RingBypassInjectorTest
    }
    slowQueue("1mbit", 3_000);
    LinkCounters before = lab.nearCounters();
    try (Collector far = Collector.on(lab.far());
        Injector injector = open(options().withBatch(256).withSlots(256))) {
      FrameBatch batch = injector.newBatch();
      NumberedFrames.fill(batch, 0, 256, 60);
      int first = injector.send(batch);
      assertThat(first).isPositive().isLessThan(256);
      assertThat(injector.statistics().frames()).isEqualTo(first);
      assertThat(injector.statistics().queueFull()).isPositive();
      // Those not taken are at the front, in order.
      assertThat(batch.size()).isEqualTo(256 - first);
      for (int i = 0; i < batch.size(); i++) {
        byte[] bytes = new byte[batch.length(i)];
        batch.buffer().get(batch.offset(i), bytes);
        assertThat(bytes).isEqualTo(NumberedFrames.bytes(first + i, 60));
      }
      // More can be added behind them; with patience all go out.
      int next = 256;
      while (next < 400 || !batch.isEmpty()) {
        next = NumberedFrames.fill(batch, next, 400, 60);
        injector.send(batch);
      }
      assertThat(injector.statistics().frames()).isEqualTo(400);
      far.await(400);
      assertThat(far.numbers())
          .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 400).boxed().toList());
      assertThat(lab.nearCounters().minus(before).txPackets()).isEqualTo(400);
      assertThat(injector.statistics().discarded()).isZero();
    }
  }

  /** Lets {@code near} send only so much, and queue only so many bytes more. */
  void slowQueue(String rate, int bytes) throws FramejetException {
    Command.of(
            "tc",
            "qdisc",
            "add",
            "dev",
            VethLab.NEAR,
            "root",
            "tbf",
            "rate",
            rate,
            "burst",
            "2kb",
            "limit")
        .with(Integer.toString(bytes))
        .in(lab.nearNamespace())
        .succeed();
  }

  // --- single frames, and misuse
  // ------------------------------------------------------------------------------------

  @Test
  void shouldSendSingleFrames() throws FramejetException {
    try (Collector far = Collector.on(lab.far());
        Injector injector = open(options().withBatch(1).withSlots(16))) {
      for (int number = 0; number < 100; number++) {
        assertThat(injector.send(NumberedFrames.frame(number, 60))).isTrue();
      }
      assertThat(far.await(100)).hasSize(100);
      assertThat(injector.statistics().frames()).isEqualTo(100);
      long now = System.currentTimeMillis() * 1_000_000;
      assertThat(injector.sendStartedNanos())
          .isPositive()
          .isLessThanOrEqualTo(injector.sendFinishedNanos());
      assertThat(injector.sendFinishedNanos()).isLessThan(now + 60_000_000_000L);
    }
  }

  @Test
  void shouldRefuseMisuseWithoutHarm() throws FramejetException {
    try (Injector injector = open();
        Injector other = open()) {
      FrameBatch batch = injector.newBatch();
      assertThat(injector.send(batch)).isZero(); // empty
      batch.add(NumberedFrames.bytes(1, 60));
      assertThatThrownBy(() -> injector.send(NumberedFrames.frame(2, 60)))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> other.send(batch)).isInstanceOf(IllegalArgumentException.class);
      assertThat(batch.size()).isEqualTo(1);
      sendAll(injector, batch);
      assertThat(injector.statistics().frames()).isEqualTo(1);
      assertThat(injector.backend()).isEqualTo(backend());
      assertThat(injector.link().name()).isEqualTo(VethLab.NEAR);
      assertThat(injector).asString().contains(VethLab.NEAR).contains(backend().label());
    }
  }

  // --- closing
  // ----------------------------------------------------------------------------------------------------

  @Test
  void shouldSayThatItIsClosed() throws FramejetException {
    Injector injector = open();
    FrameBatch batch = injector.newBatch();
    NumberedFrames.fill(batch, 0, 5, 60);
    sendAll(injector, batch);
    batch.add(NumberedFrames.bytes(5, 60));
    injector.close();
    injector.close();

    assertThat(fault(() -> injector.send(batch)).code()).isEqualTo(ErrorCode.CLOSED);
    batch.clear();
    assertThat(fault(() -> injector.send(batch)).code()).isEqualTo(ErrorCode.CLOSED);
    assertThat(fault(() -> injector.send(NumberedFrames.frame(6, 60))).code())
        .isEqualTo(ErrorCode.CLOSED);

    // What needs no kernel still answers, and the counts are the last word.
    assertThat(injector.newBatch()).isSameAs(batch);
    assertThat(injector.statistics().frames()).isEqualTo(5);
    assertThat(injector.statistics().bytes()).isEqualTo(300);
    assertThat(injector.maxFrame()).isEqualTo(1514);
    assertThat(injector.sendFinishedNanos()).isPositive();
    assertThat(injector.toString()).contains(VethLab.NEAR);
  }

  @Test
  void shouldBearWritingIntoABatchAfterClose() throws FramejetException {
    LinkCounters before = lab.nearCounters();
    Injector injector = open();
    FrameBatch batch = injector.newBatch();
    injector.close();
    assertThatCode(
            () -> {
              for (int round = 0; round < 3; round++) {
                NumberedFrames.fill(batch, 0, batch.capacity(), 1514);
                for (int i = 0; i < batch.buffer().capacity(); i++) {
                  batch.buffer().put(i, (byte) 0xa5);
                }
                batch.clear();
              }
            })
        .doesNotThrowAnyException();
    assertThat(lab.nearCounters().minus(before).txPackets()).isZero();
  }

  @Test
  void shouldEndWithClosedWhenAnotherThreadCloses() {
    Map<String, Integer> before = Descriptors.open();
    int parallel = 12;
    int rounds = 36; // times seven backends and twelve at a time: three thousand
    AtomicInteger others = new AtomicInteger();
    AtomicLong sent = new AtomicLong();
    List<Threads.Task<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < parallel; i++) {
      tasks.add(
          Threads.start(
              "opener " + i,
              () -> {
                for (int round = 0; round < rounds; round++) {
                  closeWhileSending(others, sent);
                }
                return null;
              }));
    }
    tasks.forEach(Threads.Task::get);
    assertThat(others).hasValue(0);
    assertThat(sent.get()).isPositive();
    Descriptors.awaitNoMoreThan(before);
  }

  private void closeWhileSending(AtomicInteger others, AtomicLong sent) throws Exception {
    Injector injector = open(options().withBatch(32).withSlots(64).withMaxFrame(64));
    CountDownLatch started = new CountDownLatch(1);
    Threads.Task<Void> sender =
        Threads.start(
            "sender",
            () -> {
              started.countDown();
              while (true) {
                FrameBatch batch = injector.newBatch();
                NumberedFrames.fill(batch, 0, 32, 60);
                sent.addAndGet(injector.send(batch));
              }
            });
    started.await();
    int spins = ThreadLocalRandom.current().nextInt(20_000);
    for (int i = 0; i < spins; i++) {
      Thread.onSpinWait();
    }
    injector.close();
    Throwable end = sender.failure();
    if (!(end instanceof FramejetException fault) || fault.code() != ErrorCode.CLOSED) {
      others.incrementAndGet();
      throw new AssertionError("expected CLOSED", end);
    }
  }

  @Test
  void shouldLeakNoDescriptorsWhenItIsForgotten() throws Exception {
    Map<String, Integer> before = Descriptors.open();
    for (int i = 0; i < 20; i++) {
      forget();
    }
    Wait.until(
        () -> {
          System.gc();
          return Descriptors.open().equals(before);
        },
        () -> "forgotten injectors to be closed: before=" + before + " now=" + Descriptors.open());
  }

  private void forget() throws FramejetException {
    Injector forgotten = open(options().withBatch(1).withSlots(16)); // never closed
    assertThat(forgotten.send(NumberedFrames.frame(0, 60))).isTrue();
  }

  // --- signals
  // ----------------------------------------------------------------------------------------------------

  @Test
  void shouldNotShowSignals() throws FramejetException {
    if (!options().qdiscBypass()) {
      slowQueue("20mbit", 5_000); // the sender has to wait for room, which signals interrupt
    }
    LinkCounters before = lab.nearCounters();
    try (Injector injector = open()) {
      AtomicLong thread = new AtomicLong();
      Threads.Task<Long> sender =
          Threads.start(
              "sender",
              () -> {
                thread.set(Threads.id());
                return sendUntilInterrupted(injector, new AtomicInteger(), new AtomicInteger());
              });
      Wait.until(() -> thread.get() != 0, "the sender to start");
      try (Running rain = Signals.rain(thread.get(), 1_000, 300)) {
        rain.awaitText("done");
      }
      sender.thread().interrupt();
      long sent = sender.get();
      assertThat(injector.statistics().frames()).isEqualTo(sent).isPositive();
      Wait.until(
          () -> {
            LinkCounters now = lab.nearCounters().minus(before);
            return now.txPackets() + now.txDropped() == sent;
          },
          () -> "the queue to drain: sent=" + sent);
    }
  }

  // --- helpers
  // ----------------------------------------------------------------------------------------------------

  /** Sends all frames of a batch, which a ring may take in several bites. */
  static void sendAll(Injector injector, FrameBatch batch) throws FramejetException {
    int size = batch.size();
    for (int calls = 0; !batch.isEmpty(); calls++) {
      assertThat(calls).as("calls to send %d frames", size).isLessThan(10_000);
      injector.send(batch);
    }
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
