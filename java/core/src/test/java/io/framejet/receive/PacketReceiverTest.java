package io.framejet.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.LinkType;
import io.framejet.inject.Injector;
import io.framejet.testing.Availability;
import io.framejet.testing.Collector;
import io.framejet.testing.NumberedPackets;
import io.framejet.testing.TunLab;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Receiving on a link whose frames begin with an IP header. */
class PacketReceiverTest {
  private TunLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = TunLab.open();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"RAWIP", "XSK"}, // the first injects only, the second wants an Ethernet header
      mode = EnumSource.Mode.EXCLUDE)
  void shouldReceiveFromTheIpHeaderOn(Backend backend) throws FramejetException {
    Availability.require(ReceiveBackends.check(lab.far(), backend));
    ReceiverOptions options =
        ReceiverOptions.defaults()
            .withBackend(backend)
            .withFilter(CaptureFilter.expression("ip proto 253 and greater 30"));
    try (Receiver receiver = Receiver.open(lab.far(), options)) {
      assertThat(receiver.linkType()).isEqualTo(LinkType.IP);
    }
    try (Collector far = Collector.on(lab.far(), options);
        Injector injector = Injector.open(lab.near())) {
      for (int number = 0; number < 50; number++) {
        assertThat(injector.send(NumberedPackets.ipv4(number, number % 2 == 0 ? 24 : 1500)))
            .isTrue();
      }
      List<Collector.Taken> taken = far.await(25);
      for (int i = 0; i < 25; i++) {
        assertThat(taken.get(i).bytes())
            .isEqualTo(NumberedPackets.ipv4(2 * i + 1, 1500).toByteArray());
        assertThat(taken.get(i).originalLength()).isEqualTo(1500);
      }
    }
  }

  @Test
  void shouldNotReceiveByRawSockets() throws FramejetException {
    BackendStatus status = ReceiveBackends.check(lab.far(), Backend.RAWIP);
    assertThat(status.available()).isFalse();
    assertThat(status.reason()).contains("injects only");
    FramejetException refused =
        catchThrowableOfType(
            FramejetException.class,
            () -> Receiver.open(lab.far(), ReceiverOptions.defaults().withBackend(Backend.RAWIP)));
    assertThat(refused.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
  }
}
