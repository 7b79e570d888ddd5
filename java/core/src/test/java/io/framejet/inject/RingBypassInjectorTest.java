package io.framejet.inject;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.link.LinkCounters;
import io.framejet.testing.NumberedFrames;
import org.junit.jupiter.api.Test;

/** PACKET_TX_RING around the queueing discipline. */
class RingBypassInjectorTest extends InjectorConformance {
  @Override
  InjectorOptions options() {
    return InjectorOptions.defaults().withBackend(Backend.RING).withQdiscBypass(true);
  }

  @Test
  void shouldNotWaitForTheQueueingDiscipline() throws FramejetException {
    slowQueue("1mbit", 3_000); // lets 2,000 frames a second through, and drops what is more
    LinkCounters before = lab().nearCounters();
    try (Injector injector =
        Injector.open(lab().near(), options().withBatch(256).withSlots(1024))) {
      FrameBatch batch = injector.newBatch();
      for (int i = 0; i < 20; i++) {
        NumberedFrames.fill(batch, 0, 256, 60);
        sendAll(injector, batch);
      }
      assertThat(injector.statistics().frames()).isEqualTo(20 * 256);
      assertThat(injector.statistics().queueFull()).isZero();
    }
    LinkCounters sent = lab().nearCounters().minus(before);
    assertThat(sent.txPackets() + sent.txDropped()).isEqualTo(20 * 256);
  }
}
