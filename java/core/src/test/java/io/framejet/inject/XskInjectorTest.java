package io.framejet.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.link.LinkCounters;
import io.framejet.testing.NumberedFrames;
import org.junit.jupiter.api.Test;

/** AF_XDP. */
class XskInjectorTest extends InjectorConformance {
  @Override
  InjectorOptions options() {
    return InjectorOptions.defaults().withBackend(Backend.XSK).withQdiscBypass(true);
  }

  @Test
  void shouldSayThatTheKernelCopies() throws FramejetException {
    try (Injector injector = Injector.open(lab().near(), options())) {
      assertThat(injector.isZeroCopy()).isFalse(); // veth has nothing else
    }
  }

  @Test
  void shouldNotWaitForTheQueueingDiscipline() throws FramejetException {
    slowQueue("1mbit", 3_000); // lets 2,000 frames a second through, and drops what is more
    LinkCounters before = lab().nearCounters();
    try (Injector injector = Injector.open(lab().near(), options())) {
      FrameBatch batch = injector.newBatch();
      for (int i = 0; i < 20; i++) {
        NumberedFrames.fill(batch, 0, 256, 60);
        sendAll(injector, batch);
      }
      assertThat(injector.statistics().frames()).isEqualTo(20 * 256);
    }
    assertThat(lab().nearCounters().minus(before).txPackets()).isEqualTo(20 * 256);
  }

  @Test
  void shouldNameTheQueueThatIsNotThere() {
    FramejetException refused =
        catchThrowableOfType(
            FramejetException.class,
            () -> Injector.open(lab().near(), options().withQueue(9)).close());
    assertThat(refused.code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(refused).hasMessageContaining("queue 9");
  }

  @Test
  void shouldTellWhenTheMemoryOfTheQueueIsUsedUp() throws FramejetException {
    try (Injector first = Injector.open(lab().near(), options().withBatch(16).withSlots(16))) {
      FramejetException refused =
          catchThrowableOfType(
              FramejetException.class,
              () -> Injector.open(lab().near(), options().withBatch(8192)).close());
      assertThat(refused.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
      assertThat(refused).hasMessageContaining("queue 0");
      assertThat(first.send(NumberedFrames.frame(0, 60))).isTrue();
    }
  }
}
