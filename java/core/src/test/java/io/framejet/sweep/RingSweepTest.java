package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.testing.VethLab;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Shared rings, both ways. */
class RingSweepTest extends SweepConformance {
  @Override
  Backend backend() {
    return Backend.RING;
  }

  @Test
  void shouldNeedLittleMemoryForAMillionTargets() throws FramejetException {
    VethLab lab = use(VethLab.silent());
    Sweep sweep =
        sweep(lab)
            .targets("11.0.0.0/12")
            .offLink(true)
            .retries(0)
            .waitTime(Duration.ofMillis(1))
            .build();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    SweepReport report = sweep.run();
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(report.counts().probesSent()).isEqualTo(1 << 20);
    assertThat(report.counts().hostsUp()).isZero();
    assertThat(report.counts().hostsSilent() + report.counts().possiblyLost()).isEqualTo(1 << 20);
    assertThat(report.transmitted().kernelPackets()).isEqualTo(1 << 20);
    // Five bytes a target, and what opening, looking at counters and the report take.
    assertThat(allocated).isLessThan(5L * (1 << 20) + (8 << 20));
  }
}
