package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import io.framejet.frame.Ipv4;
import io.framejet.inject.Rate;
import io.framejet.testing.VethLab;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sweep takes for which no backend was named. */
class EngineChoiceTest {
  private static final String NETWORK = "10.77.0.0/16";
  private static final EngineChoice NOT_WORTH_IT = new EngineChoice(null, "");

  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.answering(NETWORK);
    lab.farEditor().gro(VethLab.FAR, true);
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private Sweep.Builder fast() throws FramejetException {
    return Sweep.arp(lab.near()).targets(NETWORK).rate(Rate.MAX);
  }

  private static void assertThatAllWereFound(SweepReport report) {
    assertThat(report.complete()).isTrue();
    assertThat(report.counts().hostsUp()).isEqualTo(65_534);
    assertThat(report.counts().possiblyLost()).isZero();
  }

  @Test
  void shouldHaveTheProgramMakeAFastSweep() throws FramejetException {
    final SweepReport report = fast().build().run();
    assertThatAllWereFound(report);
    assertThat(report.backend()).isEqualTo(Backend.XDP);
    assertThat(report.backendReason()).isNotEmpty();
    assertThat(lab.near().refresh().xdpProgram()).as("left on the link").isZero();
  }

  @Test
  void shouldHaveItMakeBothPasses() throws FramejetException {
    final SweepReport report = Sweep.icmp(lab.near()).targets(NETWORK).rate(Rate.MAX).build().run();
    assertThatAllWereFound(report);
    assertThat(report.backend()).isEqualTo(Backend.XDP);
  }

  @Test
  void shouldTakeTheRingWhereFramesWouldNotArrive() throws FramejetException {
    lab.farEditor().gro(VethLab.FAR, false);
    final SweepReport report = fast().build().run();
    assertThatAllWereFound(report);
    assertThat(report.backend()).isEqualTo(Backend.RING);
    assertThat(report.backendReason()).startsWith("not xdp: ").contains("ethtool -K v1 gro on");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldTakeTheRingWhereAnotherProgramIs(boolean icmp) throws FramejetException {
    try (Engine other = Engine.open(lab.near())) {
      final Sweep.Builder sweep =
          icmp ? Sweep.icmp(lab.near()).targets(NETWORK).rate(Rate.MAX) : fast();
      final SweepReport report = sweep.build().run();
      assertThatAllWereFound(report);
      assertThat(report.backend()).isEqualTo(Backend.RING);
      assertThat(report.backendReason()).startsWith("not xdp: ").contains("another XDP program");
      assertThat(lab.near().refresh().xdpProgram()).as("the other program").isNotZero();
      assertThat(other.link().name()).isEqualTo(VethLab.NEAR);
    }
  }

  @Test
  void shouldTakeWhatIsNamed() throws FramejetException {
    for (Backend named : List.of(Backend.RING, Backend.SOCKET, Backend.XDP)) {
      final SweepReport report = fast().backend(named).build().run();
      assertThat(report.backend()).isEqualTo(named);
      assertThat(report.backendReason()).isEmpty();
    }
  }

  @Test
  void shouldNotBeFoundWorthwhile() throws FramejetException {
    final SweepPlan worth = fast().build().plan();
    assertThat(EngineChoice.of(worth, false).backend()).isEqualTo(Backend.XDP);
    assertThat(EngineChoice.of(worth, true)).as("frames are kept").isEqualTo(NOT_WORTH_IT);
    for (Sweep.Builder each :
        List.of(
            fast().rate(Rate.of(50_000)),
            fast().hostRate(Rate.of(1)),
            fast().targets("10.77.0.0/18"))) {
      assertThat(EngineChoice.of(each.build().plan(), false)).isEqualTo(NOT_WORTH_IT);
    }
    final SweepPlan slower = fast().rate(Rate.of(200_000)).build().plan();
    assertThat(EngineChoice.of(slower, false).backend()).isEqualTo(Backend.XDP);
  }

  @Test
  void shouldFallBackForFaultsOfTheProgramAlone() {
    for (ErrorCode code : ErrorCode.values()) {
      final boolean expected =
          switch (code) {
            case PERMISSION_DENIED, XDP_BUSY, NOT_SUPPORTED, OUT_OF_MEMORY, RESOURCE_EXHAUSTED ->
                true;
            default -> false;
          };
      assertThat(EngineChoice.isOfEngine(new FramejetException(code, "of a test")))
          .as("%s", code)
          .isEqualTo(expected);
    }
  }

  @Test
  void shouldAccountForAllWhomNobodyAskedBesideTheProgramOfAnother() throws FramejetException {
    try (Engine other = Engine.open(lab.near())) {
      Sweep sweep =
          fast()
              .source(Ipv4.parse("10.77.0.99")) // which the far side has
              .waitTime(Duration.ofMillis(100))
              .build();
      assertThatThrownBy(sweep::run)
          .isInstanceOfSatisfying(
              FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
          .hasMessageContaining("is in use by")
          .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
      SweepReport report = Objects.requireNonNull(sweep.report());
      assertThat(report.counts().notProbed()).isGreaterThan(65_000);
      assertThat(report.complete()).isFalse();
      assertThat(other.recognised().replies()).as("left alone").isZero();
    }
  }
}
