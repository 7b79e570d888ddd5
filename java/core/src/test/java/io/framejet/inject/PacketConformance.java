package io.framejet.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.Ipv4;
import io.framejet.frame.LinkType;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.link.LinkEditor;
import io.framejet.testing.Availability;
import io.framejet.testing.Collector;
import io.framejet.testing.Descriptors;
import io.framejet.testing.NumberedFrames;
import io.framejet.testing.NumberedPackets;
import io.framejet.testing.Tcpdump;
import io.framejet.testing.TunLab;
import io.framejet.testing.Wait;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every backend for injecting does on a link whose frames begin with an IP header. */
abstract class PacketConformance {
  private TunLab lab;

  /** The backend under test. */
  abstract Backend backend();

  @BeforeEach
  void openLab() throws FramejetException {
    lab = TunLab.open();
    BackendStatus status = Backends.check(lab.near(), backend());
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

  private InjectorOptions options() {
    return InjectorOptions.defaults().withBackend(backend());
  }

  private Injector open() throws FramejetException {
    return Injector.open(lab.near(), options());
  }

  private static void sendAll(Injector injector, FrameBatch batch) throws FramejetException {
    for (int calls = 0; !batch.isEmpty(); calls++) {
      assertThat(calls).isLessThan(10_000);
      injector.send(batch);
    }
  }

  @Test
  void shouldSayWhatFramesBeginWith() throws FramejetException {
    assertThat(lab.near().linkType()).isEqualTo(LinkType.IP);
    assertThat(lab.near().hasEthernetHeader()).isFalse();
    try (Injector injector = open()) {
      assertThat(injector.linkType()).isEqualTo(LinkType.IP);
      assertThat(injector.newBatch().linkType()).isEqualTo(LinkType.IP);
      assertThat(injector.maxFrame()).isEqualTo(1500);
      assertThatThrownBy(() -> injector.send(NumberedFrames.frame(1, 60)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("an IP header");
    }
  }

  @Test
  void shouldKeepBytesAndOrderAndCountWhatTheLinkCounts() throws FramejetException {
    LinkCounters before = lab.near().counters();
    try (Collector far = Collector.on(lab.far());
        Injector injector = Injector.open(lab.near(), options().withBatch(7).withSlots(16))) {
      FrameBatch batch = injector.newBatch();
      long bytes = 0;
      for (int number = 0; number < 3_000; ) {
        Frame packet = packet(number);
        if (packet.addTo(batch)) {
          bytes += packet.length();
          number++;
        } else {
          sendAll(injector, batch);
        }
      }
      sendAll(injector, batch);
      List<byte[]> taken = NumberedPackets.only(far.await(3_000));
      assertThat(taken).hasSize(3_000);
      for (int number = 0; number < 3_000; number++) {
        assertThat(taken.get(number)).isEqualTo(packet(number).toByteArray());
      }
      assertThat(injector.statistics().frames()).isEqualTo(3_000);
      assertThat(injector.statistics().bytes()).isEqualTo(bytes);
      // Nothing was lengthened to what an Ethernet wants.
      assertThat(lab.near().counters().minus(before).txBytes()).isEqualTo(bytes);
    }
    assertThat(lab.near().counters().minus(before).txPackets()).isEqualTo(3_000);
  }

  private static Frame packet(int number) {
    return NumberedPackets.ipv4(number, NumberedPackets.length(number, 1500));
  }

  @Test
  void shouldSendBothVersionsInOneBatch() throws FramejetException {
    lab.withIpv6();
    try (Collector far = Collector.on(lab.far());
        Injector injector = open()) {
      FrameBatch batch = injector.newBatch();
      List<byte[]> expected = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        Frame packet = i % 3 == 0 ? NumberedPackets.ipv4(i, 50) : NumberedPackets.ipv6(i, 70);
        assertThat(packet.addTo(batch)).isTrue();
        expected.add(packet.toByteArray());
      }
      sendAll(injector, batch);
      Wait.until(() -> NumberedPackets.only(far.frames()).size() >= 100, "100 packets");
      assertThat(NumberedPackets.only(far.frames())).containsExactlyElementsOf(expected);
    }
  }

  @Test
  void shouldSendWhatTcpdumpSees(@TempDir Path folder) throws Exception {
    try (Tcpdump tcpdump = Tcpdump.on(TunLab.FAR, lab.farNamespace(), folder.resolve("far.pcap"));
        Injector injector = open()) {
      for (int number = 0; number < 100; number++) {
        assertThat(injector.send(packet(number))).isTrue();
      }
      List<byte[]> seen = tcpdump.await(100);
      for (int number = 0; number < 100; number++) {
        assertThat(seen.get(number)).isEqualTo(packet(number).toByteArray());
      }
    }
  }

  @Test
  void shouldBeAnsweredByLinux() throws FramejetException {
    Frame request =
        Frame.ipv4(Ipv4.parse("10.99.0.1"), Ipv4.parse("10.99.0.2"))
            .identification(1)
            .echoRequest(7, 9)
            .payload(new byte[] {1, 2, 3})
            .build();
    try (Collector near = Collector.on(lab.near());
        Injector injector = open()) {
      assertThat(injector.send(request)).isTrue();
      byte[] reply = near.await(1).get(0).bytes();
      assertThat(Frame.of(LinkType.IP, reply).toString()).contains("echo reply");
      assertThat(Arrays.copyOfRange(reply, reply.length - 3, reply.length))
          .containsExactly(1, 2, 3);
    }
  }

  @Test
  void shouldRefuseWhatIsNoPacket() throws FramejetException {
    LinkCounters before = lab.near().counters();
    byte[] version5 = packet(1).toByteArray();
    version5[0] = 0x55;
    byte[] shortIpv6 = Arrays.copyOf(NumberedPackets.ipv6(1, 60).toByteArray(), 39);
    try (Injector injector = open()) {
      for (byte[] bad : List.of(new byte[0], new byte[19], version5, shortIpv6)) {
        FrameBatch batch = injector.newBatch();
        assertThat(packet(0).addTo(batch)).isTrue();
        assertThat(batch.add(bad)).isTrue();
        FramejetException refused =
            catchThrowableOfType(FramejetException.class, () -> injector.send(batch));
        assertThat(refused.code()).isEqualTo(ErrorCode.MALFORMED_FRAME);
        assertThat(refused).hasMessageContaining("frame 1").hasMessageContaining("IPv4 or IPv6");
        assertThat(batch.size()).isEqualTo(2);
      }
      FrameBatch batch = injector.newBatch();
      assertThat(batch.add(NumberedPackets.ipv4(2, 1501).toByteArray())).isTrue();
      FramejetException refused =
          catchThrowableOfType(FramejetException.class, () -> injector.send(batch));
      assertThat(refused.code()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
      assertThat(injector.statistics().rejected()).isEqualTo(5);
      assertThat(lab.near().counters().minus(before).txPackets()).isZero();
    }
  }

  @Test
  void shouldReportALinkThatIsSetDownAndResumeWhenItIsUp() throws FramejetException {
    LinkEditor editor = LinkEditor.of(lab.nearNamespace());
    try (Injector injector = open()) {
      assertThat(injector.send(packet(1))).isTrue();
      editor.down(TunLab.NEAR);
      assertThat(fault(injector).code()).isEqualTo(ErrorCode.LINK_DOWN);
      editor.up(TunLab.NEAR);
      Wait.until(() -> lab.near().hasCarrier(), "the link to run");
      // Its queue may begin to work a moment later.
      Wait.until(() -> injector.send(packet(2)), "a packet to be taken");
      assertThat(injector.statistics().frames()).isEqualTo(2);
    }
  }

  @Test
  void shouldReportALinkThatIsGoneAlsoWhenItsNameIsBack() throws FramejetException {
    Link old = lab.near();
    try (Injector injector = open()) {
      assertThat(injector.send(packet(1))).isTrue();
      lab.replaceLinks();
      LinkCounters before = lab.near().counters();
      assertThat(lab.near().index()).isNotEqualTo(old.index());
      assertThat(fault(injector).code()).isEqualTo(ErrorCode.LINK_GONE);
      assertThat(lab.near().counters().minus(before).txPackets()).isZero();
    }
  }

  private static FramejetException fault(Injector injector) {
    return catchThrowableOfType(FramejetException.class, () -> injector.send(packet(3)));
  }

  @Test
  void shouldLeaveNothingOpen() throws FramejetException {
    open().close(); // what is loaded once
    Map<String, Integer> before = Descriptors.open();
    for (int i = 0; i < 10; i++) {
      Injector injector = open();
      assertThat(injector.send(packet(i))).isTrue();
      injector.close();
      assertThat(fault(injector).code()).isEqualTo(ErrorCode.CLOSED);
    }
    assertThat(Descriptors.open()).isEqualTo(before);
  }
}
