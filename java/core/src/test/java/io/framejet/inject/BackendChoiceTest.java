package io.framejet.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.BackendStatus;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.link.Link;
import io.framejet.receive.ReceiveBackends;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import io.framejet.testing.VethLab;
import org.junit.jupiter.api.Test;

/** What is taken on links that offer more, or less. */
class BackendChoiceTest {
  @Test
  void shouldTakeXdpWhereThePeerTakesItsFrames() throws FramejetException {
    try (VethLab lab = VethLab.takingXdpFrames()) {
      BackendChoice choice = Backends.choose(lab.near(), Backends.Job.STREAM, 60);
      assertThat(choice.backend()).isEqualTo(Backend.XDP);
      assertThat(choice.passedOver()).isEmpty();
      assertThat(choice.reason()).startsWith("xdp: ").endsWith("for a stream");
    }
  }

  @Test
  void shouldTakeXskWhereThePeerDoesNot() throws FramejetException {
    try (VethLab lab = VethLab.open()) {
      BackendChoice choice = Backends.choose(lab.near(), Backends.Job.STREAM, 0);
      assertThat(choice.backend()).isEqualTo(Backend.XSK);
      assertThat(choice.passedOver()).hasSize(1);
      BackendStatus missing = choice.passedOver().get(0);
      assertThat(missing.backend()).isEqualTo(Backend.XDP);
      assertThat(missing.remedy()).startsWith("ethtool -K v1 gro on");
      assertThat(choice.reason())
          .startsWith("xsk: ")
          .contains("not xdp: the peer of veth v0 has neither GRO nor an XDP program");
    }
  }

  @Test
  void shouldTakeAnotherForFramesThatXdpCannotMake() throws FramejetException {
    try (VethLab lab = VethLab.takingXdpFrames()) {
      BackendChoice choice = Backends.choose(lab.near(), Backends.Job.STREAM, 9000);
      assertThat(choice.backend()).isEqualTo(Backend.XSK);
      assertThat(choice.reason()).contains("at most 3408 bytes, not 9000");
    }
  }

  @Test
  void shouldTakeTheSocketForAFewFrames() throws FramejetException {
    try (VethLab lab = VethLab.takingXdpFrames()) {
      BackendChoice choice = Backends.choose(lab.near(), Backends.Job.FEW_FRAMES, 0);
      assertThat(choice.backend()).isEqualTo(Backend.SOCKET);
      assertThat(choice.reason()).endsWith("for a few frames");
    }
  }

  @Test
  void shouldSayWhatIsAttachedAlready() throws FramejetException {
    try (VethLab lab = VethLab.takingXdpFrames();
        Receiver other =
            Receiver.open(lab.near(), ReceiverOptions.defaults().withBackend(Backend.XSK))) {
      BackendStatus xdp = Backends.check(lab.near(), Backend.XDP);
      assertThat(xdp.available()).isFalse();
      assertThat(xdp.reason()).contains("another XDP program (id ").contains("xsk");
      assertThat(xdp.remedy()).contains("ip link set dev v0 xdp off");
      assertThat(Backends.check(lab.near(), Backend.XSK).available()).isTrue(); // beside it
      assertThat(other.backend()).isEqualTo(Backend.XSK);
    }
  }

  @Test
  void shouldSayTheSameOfReceiving() throws FramejetException {
    try (VethLab lab = VethLab.open();
        Receiver other =
            Receiver.open(lab.near(), ReceiverOptions.defaults().withBackend(Backend.XDP))) {
      BackendStatus xsk = ReceiveBackends.check(lab.near(), Backend.XSK);
      assertThat(xsk.available()).isFalse();
      assertThat(xsk.reason()).contains("another XDP program (id ");
      assertThat(xsk.remedy()).contains("ip link set dev v0 xdp off");
      assertThat(other.backend()).isEqualTo(Backend.XDP);
    }
  }

  @Test
  void shouldThrowWhatTheLinkSaysWhenThereIsNone() throws FramejetException {
    try (VethLab lab = VethLab.open()) {
      Link gone = lab.near();
      lab.nearEditor().delete(VethLab.NEAR);
      assertThatThrownBy(() -> Backends.choose(gone, Backends.Job.STREAM, 0))
          .isInstanceOfSatisfying(
              FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LINK_GONE));
    }
  }
}
