package io.framejet.emulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.inject.Injector;
import io.framejet.link.LinkCounters;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepReport;
import io.framejet.testing.Command;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class XdpEmulatorTest extends EmulatorConformance {
  /** Of an ARP packet, in its frame. */
  private static final int TARGET_ADDRESS = 38;

  @Override
  Backend backend() {
    return Backend.XDP;
  }

  private void gro(boolean on) throws FramejetException {
    lab().nearEditor().gro(VethLab.NEAR, on);
  }

  @Test
  void shouldLeaveAnotherProgramAlone() throws Exception {
    try (HostEmulator first = hosts().targets("10.77.3.0/24").open()) {
      assertThatThrownBy(() -> hosts().targets("10.77.4.0/24").open())
          .isInstanceOfSatisfying(
              FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.XDP_BUSY))
          .hasMessageContaining("emulator");
      // By itself it takes another way, and both answer.
      try (HostEmulator second = hosts().backend(null).targets("10.77.4.0/24").open()) {
        assertThat(second.backend()).isEqualTo(Backend.SOCKET);
        assertThat(second.reason()).startsWith("xdp is not to be had").contains("emulator");
        try (Injector injector = Injector.open(lab().near())) {
          assertThat(injector.send(Requests.arp(Requests.HOST))).isTrue();
          assertThat(injector.send(Requests.arp(Requests.HOST + 256))).isTrue();
        }
        Wait.until(
            () -> first.statistics().arp() == 1 && second.statistics().arp() == 1,
            "an answer of each");
      }
    }
  }

  @Test
  void shouldBeTheChoiceWhereAnswersArrive() throws Exception {
    try (HostEmulator emulator = hosts().backend(null).targets("10.77.3.0/24").open()) {
      assertThat(emulator.backend()).isEqualTo(Backend.XDP);
      assertThat(emulator.reason()).isNotEmpty();
    }
    gro(false);
    assertThatThrownBy(() -> hosts().targets("10.77.3.0/24").open())
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
        .hasMessageContaining("gro on");
    try (HostEmulator emulator = hosts().backend(null).targets("10.77.3.0/24").open()) {
      assertThat(emulator.backend()).isEqualTo(Backend.SOCKET);
      assertThat(emulator.reason()).contains("gro on");
    }
  }

  @Test
  void shouldAnswerAnEngineByTransmit() throws Exception {
    try (HostEmulator emulator = hosts().targets("10.77.3.0/24").xdpTransmit(true).open()) {
      final SweepReport report =
          Sweep.arp(lab().near()).targets("10.77.3.0/24").backend(Backend.XDP).build().run();
      assertThat(report.counts().hostsUp()).isEqualTo(256);
      assertThat(emulator.statistics().arp()).isEqualTo(report.counts().replies());
      assertThat(emulator.statistics().unsent()).isZero();
      assertThat(driversCount("xdp_tx")).isEqualTo(256);
      assertThat(driversCount("xdp_redirect")).isZero();
    }
  }

  /** Of all queues of the far link, as its driver (veth) tells. */
  private long driversCount(String what) throws FramejetException {
    return Command.of("ethtool", "-S", VethLab.FAR)
        .in(lab().farNamespace())
        .succeed()
        .lines()
        .filter(line -> line.contains("_" + what + ":"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .sum();
  }

  @Test
  void shouldKeepQuestionsForHostsThatAreDownFromTheStack() throws Exception {
    try (HostEmulator emulator = hosts().targets("10.77.3.0/24").share(0).open();
        Receiver stack =
            Receiver.open(lab().far(), ReceiverOptions.defaults().withBackend(Backend.SOCKET));
        Injector injector = Injector.open(lab().near())) {
      final List<Integer> asked = new ArrayList<>();
      assertThat(injector.send(Requests.arp(Requests.HOST))).isTrue();
      assertThat(injector.send(Requests.arp(Requests.HOST + 256))).isTrue();
      Wait.until(
          () -> {
            stack.poll(
                frame -> asked.add(frame.buffer().getInt(frame.offset() + TARGET_ADDRESS)), 10);
            return !asked.isEmpty();
          },
          "the question for an address of nobody's");
      assertThat(asked).containsExactly(Requests.HOST + 256);
      Wait.until(() -> emulator.statistics().ignored() == 2, "both counted");
    }
  }

  @Test
  void shouldNotCountAnswersThatDidNotLeave() throws Exception {
    try (HostEmulator emulator = hosts().targets("10.77.3.0/24").open();
        Injector injector = Injector.open(lab().near())) {
      final Frame request = Requests.arp(Requests.HOST);
      final LinkCounters before = lab().nearCounters();
      for (int i = 0; i < 30; i++) {
        if (i == 10) {
          Wait.until(() -> emulator.statistics().arp() == 10, "ten answers");
          gro(false);
        } else if (i == 20) {
          Wait.until(() -> emulator.statistics().unsent() == 10, "ten that did not leave");
          gro(true);
        }
        assertThat(injector.send(request)).isTrue();
      }
      Wait.until(() -> emulator.statistics().arp() == 20, "ten more answers");
      assertThat(emulator.statistics().unsent()).isEqualTo(10);
      assertThat(lab().nearCounters().minus(before).rxPackets()).isEqualTo(20);
    }
  }
}
