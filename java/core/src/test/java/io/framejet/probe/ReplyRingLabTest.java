package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.demux.ReplyDemultiplexer;
import io.framejet.engine.Engine;
import io.framejet.engine.EngineOptions;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import io.framejet.receive.RecognisedReplyHandler;
import io.framejet.testing.Collector;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replies that the XDP program sums up: each is read once, whatever happens around it. */
class ReplyRingLabTest {
  private static final MacAddress MAC = VethLab.NEAR_MAC;
  private static final MacAddress PEER = VethLab.FAR_MAC;
  private static final int IP = Ipv4.parse("192.0.2.1");
  private static final int TARGETS = Ipv4.parse("198.18.0.0");
  private static final SipHash KEY = new SipHash(5, 6);
  private static final int ROOM = 64;
  private static final Probe ARP = new ArpProbe(MAC, IP);
  private static final long LONG = 20_000_000_000L;

  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.takingXdpFrames();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private Engine open(Probe probe, boolean consume) throws FramejetException {
    return Engine.open(
        lab.near(),
        EngineOptions.defaults()
            .withSlots(32)
            .withRecognition(Objects.requireNonNull(probe.recognition()))
            .withConsume(consume)
            .withReplies(ROOM));
  }

  private Reader reader(Engine engine, Probe probe) throws FramejetException {
    return new Reader(Receiver.open(lab.near(), reading(engine)), probe);
  }

  private static ReceiverOptions reading(Engine engine) {
    return ReceiverOptions.defaults().withBackend(Backend.XDP).withEngine(engine).withReplies(true);
  }

  /** Keeps all replies as text, and how many of them were frames. */
  private static final class Reader implements AutoCloseable {
    private final Receiver receiver;
    private final ReplyDemultiplexer demultiplexer;
    private final List<String> replies = new ArrayList<>();
    private final List<Integer> addresses = new ArrayList<>();
    private int frames;

    Reader(Receiver receiver, Probe probe) {
      this.receiver = receiver;
      this.demultiplexer =
          new ReplyDemultiplexer(
              probe,
              (reply, time) -> {
                replies.add(reply + " ttl " + reply.ttl());
                addresses.add(reply.address() - TARGETS);
              });
    }

    int poll(int limit) throws FramejetException {
      return receiver.poll(
          frame -> {
            frames++;
            demultiplexer.onFrame(frame);
          },
          demultiplexer,
          limit);
    }

    /** Reads until there is nothing more to be read. */
    Reader drain() throws FramejetException {
      while (poll(1000) > 0) {
        // More may be there.
      }
      return this;
    }

    @Override
    public void close() {
      receiver.close();
    }
  }

  private static Frame reply(int number) {
    return Frame.ethernet(PEER, MAC).arpReply(PEER, TARGETS + number, MAC, IP).build();
  }

  private void send(Iterable<Frame> frames) throws FramejetException {
    final long before = lab.nearCounters().rxPackets();
    final long sent =
        Threads.pinned(
            () -> {
              long count = 0;
              try (Injector far =
                  Injector.open(
                      lab.far(), InjectorOptions.defaults().withBackend(Backend.SOCKET))) {
                for (Frame frame : frames) {
                  assertThat(far.send(frame)).isTrue();
                  count++;
                }
              }
              return count;
            });
    Wait.until(() -> lab.nearCounters().rxPackets() == before + sent, "all frames");
  }

  private void sendReplies(int from, int to) throws FramejetException {
    send(IntStream.range(from, to).mapToObj(ReplyRingLabTest::reply).toList());
  }

  private static List<Integer> numbers(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  @Test
  void shouldGiveEachReplyOnceHoweverOftenTheRingGoesRound() throws FramejetException {
    try (Engine engine = open(ARP, false);
        Reader reader = reader(engine, ARP)) {
      // Of every size up to a full ring, so that each place is once the first and once the last.
      int sent = 0;
      for (int count = 1; count <= ROOM; count++) {
        sendReplies(sent, sent + count);
        sent += count;
        reader.drain();
      }
      assertThat(reader.addresses).isEqualTo(numbers(0, sent));
      assertThat(reader.frames).isZero();
      assertThat(reader.receiver.statistics().delivered()).isEqualTo(sent);
      assertThat(engine.recognised().replies()).isEqualTo(sent);
    }
  }

  @Test
  void shouldGiveNoMoreThanAsked() throws FramejetException {
    try (Engine engine = open(ARP, false);
        Reader reader = reader(engine, ARP)) {
      sendReplies(0, 20);
      assertThat(reader.poll(7)).isEqualTo(7);
      assertThat(reader.poll(7)).isEqualTo(7);
      assertThat(reader.poll(7)).isEqualTo(6);
      assertThat(reader.poll(7)).isZero();
      assertThat(reader.addresses).isEqualTo(numbers(0, 20));
    }
  }

  @Test
  void shouldGoOnBehindAReplyThatMakesTheHandlerThrow() throws FramejetException {
    try (Engine engine = open(ARP, false);
        Receiver receiver = Receiver.open(lab.near(), reading(engine))) {
      sendReplies(0, 20);
      final List<Integer> read = new ArrayList<>();
      final RecognisedReplyHandler handler =
          reply -> {
            final int number = reply.address() - TARGETS;
            if (number % 7 == 3) {
              throw new IllegalStateException("number=" + number);
            }
            read.add(number);
          };
      for (int thrown : new int[] {3, 10, 17}) {
        assertThatThrownBy(() -> receiver.poll(frame -> {}, handler, 100))
            .hasMessage("number=" + thrown);
      }
      assertThat(receiver.await(0)).isTrue();
      assertThat(receiver.poll(frame -> {}, handler, 1)).isEqualTo(1);
      assertThat(receiver.poll(frame -> {}, handler, 100)).isEqualTo(1);
      assertThat(receiver.poll(frame -> {}, handler, 100)).isZero();
      assertThat(read).isEqualTo(numbers(0, 20).stream().filter(i -> i % 7 != 3).toList());
    }
  }

  @Test
  void shouldRecordAsFramesWhatFindsNoRoom() throws FramejetException {
    final int sent = 10 * ROOM;
    try (Engine engine = open(ARP, true);
        Collector stack = Collector.on(lab.near());
        Reader reader = reader(engine, ARP)) {
      sendReplies(0, sent);
      reader.drain();
      assertThat(reader.frames).isEqualTo(sent - ROOM);
      assertThat(reader.addresses).containsExactlyInAnyOrderElementsOf(numbers(0, sent));
      assertThat(reader.receiver.statistics().delivered()).isEqualTo(sent);
      assertThat(engine.recognised().replies()).isEqualTo(sent);
      // And when there is room again it is used.
      sendReplies(sent, sent + ROOM);
      assertThat(reader.drain().frames).isEqualTo(sent - ROOM);
      assertThat(stack.settle()).as("kept from the host's own stack").isEmpty();
    }
  }

  @Test
  void shouldWakeWhoeverWaits() throws Exception {
    try (Engine engine = open(ARP, false);
        Reader reader = reader(engine, ARP)) {
      for (int i = 0; i < 80; i++) {
        final Threads.Task<Boolean> waiting =
            Threads.start("waiting", () -> reader.receiver.await(LONG));
        if (i % 4 == 0) {
          Wait.sleep(2); // it sleeps by then; otherwise it may be on its way there
        }
        sendReplies(i, i + 1);
        assertThat(waiting.get()).isTrue();
        assertThat(reader.drain().addresses).hasSize(i + 1);
      }
      assertThat(reader.frames).isZero();
    }
  }

  @Test
  void shouldGiveAnotherReceiverTheFrames() throws FramejetException {
    try (Engine engine = open(ARP, false);
        Reader reader = reader(engine, ARP);
        Reader late = reader(engine, ARP);
        Reader filtering =
            new Reader(
                Receiver.open(
                    lab.near(), reading(engine).withFilter(CaptureFilter.of(ARP.filter()))),
                ARP)) {
      sendReplies(0, 50);
      for (Reader each : List.of(reader, late, filtering)) {
        assertThat(each.drain().addresses).isEqualTo(numbers(0, 50));
      }
      assertThat(reader.frames).isZero();
      assertThat(late.frames).isEqualTo(50);
      assertThat(filtering.frames).isEqualTo(50);
    }
  }

  @Test
  void shouldBeginWithWhatComesAfterItWasOpened() throws FramejetException {
    try (Engine engine = open(ARP, false)) {
      try (Reader first = reader(engine, ARP)) {
        sendReplies(0, 40);
        assertThat(first.poll(1)).isEqualTo(1); // the others are never read
      }
      try (Reader second = reader(engine, ARP)) {
        assertThat(second.poll(100)).isZero();
        sendReplies(40, 80);
        assertThat(second.drain().addresses).isEqualTo(numbers(40, 80));
        assertThat(second.frames).isZero();
        assertThat(second.receiver.statistics().delivered()).isEqualTo(40);
      }
      // Nobody reads: replies go to the host's own stack, as if there were no program.
      sendReplies(80, 90);
      assertThat(engine.recognised().replies()).isEqualTo(80);
    }
  }

  @Test
  void shouldStampRepliesByTheClockOfFrames() throws FramejetException {
    final List<Long> times = new ArrayList<>();
    try (Engine engine = open(ARP, false);
        Receiver receiver = Receiver.open(lab.near(), reading(engine));
        Collector frames =
            Collector.on(lab.near(), ReceiverOptions.defaults().withBackend(Backend.RING))) {
      sendReplies(0, 1);
      while (receiver.poll(frame -> {}, reply -> times.add(reply.timestampNanos()), 1) == 0) {
        Wait.sleep(1);
      }
      final long stack = frames.await(1).get(0).timestampNanos();
      // The program sees it before the stack does.
      assertThat(stack - times.get(0)).isBetween(-1_000_000L, 1_000_000_000L);
    }
  }

  @Test
  void shouldKeepWhatTheRingHasNoRoomForInFrames() throws FramejetException {
    final Probe probe = new IcmpProbe(LinkType.ETHERNET, MAC, IP, KEY);
    final byte[] asked = new byte[probe.template().length()];
    probe.template().apply(ByteBuffer.wrap(asked), 0, PEER.toLong(), 0, TARGETS & 0xffff_ffffL, 0);
    final byte[] quote = Arrays.copyOfRange(asked, 14, 14 + 28);
    final long cookie = KEY.cookie(0, TARGETS & 0xffff_ffffL, 0);
    final Frame answer =
        Frame.ethernet(PEER, MAC)
            .ipv4(TARGETS, IP)
            .ttl(61)
            .echoReply((int) (cookie >>> 16) & 0xffff, (int) cookie & 0xffff)
            .payload(ByteBuffer.allocate(8).putLong(0, cookie).array())
            .build();
    final Frame error =
        Frame.ethernet(PEER, MAC).ipv4(TARGETS + 9, IP).unreachable(1).payload(quote).build();
    try (Engine engine = open(probe, false);
        Reader reader = reader(engine, probe)) {
      send(List.of(error, answer));
      assertThat(reader.drain().replies)
          .containsExactly(
              "198.18.0.0 unreachable is at 02:00:00:00:00:02, says 198.18.0.9 ttl 64",
              "198.18.0.0 is at 02:00:00:00:00:02 ttl 61");
      assertThat(reader.frames).isEqualTo(1);
    }
  }

  @Test
  void shouldEndOnlyWithClosed() throws Exception {
    try (Engine engine = open(ARP, false)) {
      for (int i = 0; i < 40; i++) {
        final Receiver receiver = Receiver.open(lab.near(), reading(engine));
        final Threads.Task<ErrorCode> polling =
            Threads.start("polling", () -> pollUntilFault(receiver));
        sendReplies(0, 1);
        receiver.close();
        assertThat(polling.get()).isEqualTo(ErrorCode.CLOSED);
      }
    }
  }

  private static ErrorCode pollUntilFault(Receiver receiver) {
    try {
      while (true) {
        receiver.poll(frame -> {}, reply -> {}, 100);
      }
    } catch (FramejetException e) {
      return e.code();
    }
  }

  @Test
  void shouldTakeAPowerOfTwo() {
    assertThatThrownBy(() -> EngineOptions.defaults().withReplies(100))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("replies=100");
    assertThatThrownBy(() -> EngineOptions.defaults().withReplies(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EngineOptions.defaults().withReplies(1 << 21))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
