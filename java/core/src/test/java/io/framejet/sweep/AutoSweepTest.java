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
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which kernel path a sweep takes that names none. */
class AutoSweepTest {
  private static final String MANY = "10.77.0.0/16";
  private static final String FEW = "10.77.3.0/24";

  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.answering();
    lab.farEditor().gro(VethLab.FAR, true);
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private Sweep.Builder sweep(String targets) throws FramejetException {
    return Sweep.arp(lab.near()).targets(targets).rate(Rate.MAX).seed(4711);
  }

  private static SweepReport run(Sweep.Builder sweep) throws FramejetException {
    SweepReport report = sweep.build().run();
    assertThat(report.complete()).isTrue();
    assertThat(report.counts().hostsUp()).isEqualTo(report.counts().targets());
    return report;
  }

  @Test
  void shouldLeaveManyProbesToTheKernel() throws FramejetException {
    SweepReport report = run(sweep(MANY));
    assertThat(report.backend()).isEqualTo(Backend.XDP);
    assertThat(report.backendReason()).contains("many probes");
    assertThat(lab.near().xdpProgram()).as("the link is free again").isZero();
    assertThat(run(sweep(MANY).backend(Backend.RING)).backendReason()).isEmpty();
  }

  @Test
  void shouldLoadNoProgramForWhatIsNotWorthIt(@TempDir Path folder) throws FramejetException {
    for (Sweep.Builder each :
        new Sweep.Builder[] {
          sweep(FEW),
          sweep(MANY).rate(Rate.of(100_000)),
          sweep(MANY).pcap(folder.resolve("frames.pcapng"))
        }) {
      SweepReport report = run(each);
      assertThat(report.backend()).isEqualTo(Backend.RING);
      assertThat(report.backendReason()).isEmpty();
    }
  }

  @Test
  void shouldLeaveTheProgramOfAnotherAlone() throws FramejetException {
    try (Engine other = Engine.open(lab.near())) {
      int program = lab.near().xdpProgram();
      SweepReport report = run(sweep(MANY));
      assertThat(report.backend()).isEqualTo(Backend.RING);
      assertThat(report.backendReason()).startsWith("not xdp:").contains("another XDP program");
      assertThat(lab.near().xdpProgram()).isNotZero().isEqualTo(program);
      assertThat(other.link().name()).isEqualTo(VethLab.NEAR);
    }
  }

  @Test
  void shouldSayWhyFramesWouldNotArrive() throws FramejetException {
    lab.farEditor().gro(VethLab.FAR, false);
    SweepReport report = run(sweep(MANY));
    assertThat(report.backend()).isEqualTo(Backend.RING);
    assertThat(report.backendReason()).contains("has neither GRO nor an XDP program");
  }

  @Test
  void shouldAccountForAllWhomNobodyAskedBesideTheProgramOfAnother() throws FramejetException {
    try (Engine other = Engine.open(lab.near())) {
      Sweep sweep =
          sweep(MANY)
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
