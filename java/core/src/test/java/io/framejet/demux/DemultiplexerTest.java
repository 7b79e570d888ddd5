package io.framejet.demux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.ArpOperation;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.Ipv4;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.link.Link;
import io.framejet.probe.ArpProbe;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.FrameHandler;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverStatistics;
import io.framejet.receive.RecognisedReplyHandler;
import io.framejet.testing.Collector;
import io.framejet.testing.Descriptors;
import io.framejet.testing.NumberedFrames;
import io.framejet.testing.Threads;
import io.framejet.testing.TunLab;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests over a veth pair at whose other end Linux answers for 10.77.0.0/16. */
class DemultiplexerTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final ArpProbe PROBE = new ArpProbe(VethLab.NEAR_MAC, Ipv4.parse("10.77.0.1"));

  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.answering();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private Demultiplexer open() throws FramejetException {
    return Demultiplexer.open(lab.near());
  }

  private static Frame request(String address) {
    return Frame.ethernet(VethLab.NEAR_MAC, MacAddress.BROADCAST)
        .arpRequest(VethLab.NEAR_MAC, Ipv4.parse("10.77.0.1"), Ipv4.parse(address))
        .build();
  }

  private static ArpPacket arp(Frame frame) {
    return new ArpPacket().wrap(new EthernetHeader().wrap(frame.toByteBuffer(), 0, frame.length()));
  }

  @Test
  void shouldGiveTheAnswerThatTheMatcherTakes() throws FramejetException {
    try (Demultiplexer demultiplexer = open()) {
      long before = System.currentTimeMillis() * 1_000_000;
      Answer answer =
          demultiplexer.request(
              request("10.77.3.4"),
              frame -> arp(Frame.of(frame.toByteArray())).operation() == ArpOperation.REPLY,
              LONG);
      ArpPacket arp = arp(answer.frame());
      assertThat(arp.isValid()).isTrue();
      assertThat(Ipv4.format(arp.senderIp())).isEqualTo("10.77.3.4");
      assertThat(MacAddress.of(arp.senderMac())).isEqualTo(VethLab.FAR_MAC);
      assertThat(MacAddress.of(arp.targetMac())).isEqualTo(VethLab.NEAR_MAC);
      assertThat(answer.rttNanos()).isPositive().isLessThan(LONG.toNanos());
      assertThat(answer.timestampNanos())
          .isBetween(before, System.currentTimeMillis() * 1_000_000 + 1_000_000);
    }
  }

  @Test
  void shouldAskByProbe() throws FramejetException {
    try (Demultiplexer demultiplexer =
        Demultiplexer.open(lab.near(), CaptureFilter.of(PROBE.filter()))) {
      for (int i = 0; i < 50; i++) {
        int target = Ipv4.parse("10.77.200.0") + i;
        assertThat(arp(demultiplexer.request(PROBE, target, LONG).frame()).senderIp())
            .isEqualTo(target);
      }
    }
  }

  @Test
  void shouldTimeOutWithoutAnAnswer() throws FramejetException {
    try (Demultiplexer demultiplexer = open();
        Collector far = Collector.on(lab.far())) {
      long begin = System.nanoTime();
      FramejetException fault =
          fault(
              () ->
                  demultiplexer.request(
                      request("10.78.0.1"), frame -> true, Duration.ofMillis(80)));
      assertThat(fault.code()).isEqualTo(ErrorCode.TIMEOUT);
      assertThat(fault).hasMessageContaining("80 ms").hasMessageContaining("v0");
      assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(80_000_000);
      assertThat(far.await(1).get(0).bytes()).isEqualTo(request("10.78.0.1").toByteArray());
      // And answers that nobody wants are not taken for one.
      fault =
          fault(
              () ->
                  demultiplexer.request(
                      request("10.77.3.4"), frame -> false, Duration.ofMillis(50)));
      assertThat(fault.code()).isEqualTo(ErrorCode.TIMEOUT);
      assertThat(demultiplexer.request(PROBE, Ipv4.parse("10.77.3.5"), LONG).rttNanos())
          .isPositive();
    }
  }

  /** A link on which more comes in than can be read. */
  private static final class Flood implements Receiver {
    private final Receiver receiver;

    Flood(Receiver receiver) {
      this.receiver = receiver;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
      return limit;
    }

    @Override
    public int poll(FrameHandler frames, RecognisedReplyHandler replies, int limit) {
      return limit;
    }

    @Override
    public boolean await(long timeoutNanos) {
      return true;
    }

    @Override
    public void wakeup() {
      receiver.wakeup();
    }

    @Override
    public ReceiverStatistics statistics() throws FramejetException {
      return receiver.statistics();
    }

    @Override
    public Backend backend() {
      return receiver.backend();
    }

    @Override
    public LinkType linkType() {
      return receiver.linkType();
    }

    @Override
    public Link link() {
      return receiver.link();
    }

    @Override
    public void close() {
      receiver.close();
    }
  }

  @Test
  @Timeout(20)
  void shouldTimeOutWhenOldFramesHaveNoEnd() throws FramejetException {
    try (Demultiplexer demultiplexer =
        new Demultiplexer(
            lab.near(), Injector.open(lab.near()), new Flood(Receiver.open(lab.near())))) {
      FramejetException fault =
          fault(() -> demultiplexer.request(PROBE, Ipv4.parse("10.77.3.4"), Duration.ofMillis(80)));
      assertThat(fault.code()).isEqualTo(ErrorCode.TIMEOUT);
      assertThat(fault)
          .hasMessageContaining("too many frames come in")
          .hasMessageContaining("80 ms");
      assertThat(demultiplexer.requestsSent()).isZero();
    }
  }

  @Test
  void shouldFindTheAnswerAmongAFlood() throws FramejetException {
    AtomicBoolean ended = new AtomicBoolean();
    try (Demultiplexer demultiplexer = open();
        Injector far = Injector.open(lab.far())) {
      Threads.Task<Long> flood =
          Threads.start(
              "flood",
              () -> {
                FrameBatch batch = far.newBatch();
                while (!ended.get()) {
                  while (batch.add(NumberedFrames.bytes(1, 60))) {}
                  far.send(batch);
                }
                return far.statistics().frames();
              });
      try {
        Wait.until(() -> far.statistics().frames() > 100_000, "a flood");
        for (int i = 0; i < 3; i++) {
          int target = Ipv4.parse("10.77.3.0") + i;
          // An answer may find no room beside all that comes in: then it is asked again.
          Wait.until(() -> answers(demultiplexer, target), "an answer");
        }
      } finally {
        ended.set(true);
        assertThat(flood.get()).isPositive();
      }
    }
  }

  private static boolean answers(Demultiplexer demultiplexer, int target) throws FramejetException {
    try {
      Answer answer = demultiplexer.request(PROBE, target, Duration.ofMillis(300));
      return arp(answer.frame()).senderIp() == target;
    } catch (FramejetException e) {
      if (e.code() != ErrorCode.TIMEOUT) {
        throw e;
      }
      return false;
    }
  }

  @Test
  void shouldServeSeveralThreads() throws FramejetException {
    try (Demultiplexer demultiplexer = open()) {
      List<Threads.Task<Integer>> tasks = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        int base = Ipv4.parse("10.77.0.0") + 256 * (thread + 1);
        tasks.add(
            Threads.start(
                "asker",
                () -> {
                  int right = 0;
                  for (int i = 0; i < 50; i++) {
                    Answer answer = demultiplexer.request(PROBE, base + i, LONG);
                    right += arp(answer.frame()).senderIp() == base + i ? 1 : 0;
                  }
                  return right;
                }));
      }
      assertThat(tasks).allSatisfy(task -> assertThat(task.get()).isEqualTo(50));
    }
  }

  @Test
  void shouldEndARequestWithClosed() throws FramejetException {
    Map<String, Integer> before = Descriptors.open();
    for (int round = 0; round < 20; round++) {
      Demultiplexer demultiplexer = open();
      Threads.Task<Answer> asker =
          Threads.start(
              "asker", () -> demultiplexer.request(request("10.78.0.1"), frame -> false, LONG));
      if (round % 2 == 0) {
        Wait.sleep(5); // else it may not even have begun
      }
      demultiplexer.close();
      demultiplexer.close();
      assertThat(asker.failure())
          .isInstanceOfSatisfying(
              FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
      assertThat(
              fault(() -> demultiplexer.request(request("10.77.0.2"), frame -> true, LONG)).code())
          .isEqualTo(ErrorCode.CLOSED);
    }
    Descriptors.awaitNoMoreThan(before);
  }

  /** The kernel tells of it first, and gives the frames that came before it afterwards. */
  @Test
  void shouldForgetFramesFromBeforeTheLinkWasDown() throws FramejetException {
    Frame old = request("10.77.9.9");
    try (Demultiplexer demultiplexer = open();
        Collector near = Collector.on(lab.near());
        Injector far = Injector.open(lab.far())) {
      assertThat(far.send(old)).isTrue();
      near.await(1);
      lab.nearEditor().down(VethLab.NEAR).up(VethLab.NEAR);
      lab.awaitCarrier();
      FramejetException fault =
          fault(
              () ->
                  demultiplexer.request(
                      request("10.77.0.2"),
                      frame -> Arrays.equals(frame.toByteArray(), old.toByteArray()),
                      Duration.ofMillis(80)));
      assertThat(fault.code()).isEqualTo(ErrorCode.TIMEOUT);
      assertThat(demultiplexer.requestsSent()).isEqualTo(1);
    }
  }

  @Test
  void shouldReportALinkThatIsDown() throws FramejetException {
    try (Demultiplexer demultiplexer = open()) {
      lab.nearEditor().down(VethLab.NEAR);
      for (int i = 0; i < 3; i++) {
        assertThat(fault(() -> demultiplexer.request(PROBE, Ipv4.parse("10.77.0.2"), LONG)).code())
            .isEqualTo(ErrorCode.LINK_DOWN);
      }
      lab.nearEditor().up(VethLab.NEAR);
      lab.awaitCarrier();
      assertThat(demultiplexer.request(PROBE, Ipv4.parse("10.77.0.2"), LONG).rttNanos())
          .isPositive();
    }
  }

  @Test
  void shouldRefuseFramesAndTimeoutsThatMakeNoSense() throws FramejetException {
    try (Demultiplexer demultiplexer = open()) {
      assertThatThrownBy(
              () -> demultiplexer.request(request("10.77.0.2"), frame -> true, Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(
              fault(() -> demultiplexer.request(Frame.of(new byte[5]), frame -> true, LONG)).code())
          .isEqualTo(ErrorCode.MALFORMED_FRAME);
      assertThat(
              fault(() -> demultiplexer.request(NumberedFrames.frame(1, 4000), frame -> true, LONG))
                  .code())
          .isEqualTo(ErrorCode.FRAME_TOO_LARGE);
      assertThat(demultiplexer.request(PROBE, Ipv4.parse("10.77.0.2"), LONG).rttNanos())
          .isPositive();
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

  @Test
  void shouldGiveAnswersOfALinkWithoutEthernetAsWhatTheyAre() throws FramejetException {
    try (TunLab tun = TunLab.open();
        Demultiplexer demultiplexer = Demultiplexer.open(tun.near())) {
      int near = Ipv4.parse("10.99.0.1");
      int far = Ipv4.parse("10.99.0.2");
      Answer answer =
          demultiplexer.request(
              Frame.ipv4(near, far).echoRequest(1, 2).build(),
              frame ->
                  Ipv4.fromInet(Ipv4.toInet(far)) == frame.buffer().getInt(frame.offset() + 12),
              LONG);
      assertThat(answer.frame().linkType()).isEqualTo(LinkType.IP);
      assertThat(answer.frame().toString()).contains("10.99.0.2", "echo reply");
      assertThat(demultiplexer.requestsSent()).isEqualTo(1);
    }
  }
}
