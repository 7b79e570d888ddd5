package io.framejet.inject;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.testing.Collector;
import io.framejet.testing.NumberedFrames;
import io.framejet.testing.VethLab;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Live frames of an XDP program. They pass by the queueing discipline. */
class XdpInjectorTest extends InjectorConformance {
  private static final int FRAMES = 60;
  private static final int STAMP = 20;

  @Override
  InjectorOptions options() {
    return InjectorOptions.defaults().withBackend(Backend.XDP).withQdiscBypass(true);
  }

  @Override
  VethLab newLab() throws FramejetException {
    return VethLab.takingXdpFrames();
  }

  @Test
  void shouldKeepARateInTheKernel() throws FramejetException {
    try (VethLab lab = newLab();
        Collector far = Collector.on(lab.far());
        Injector injector = Injector.open(lab.near(), options())) {
      assertThat(injector.pace(Rate.of(2000))).isTrue();
      assertThat(injector.stamp(STAMP)).isTrue();
      final long begin = System.nanoTime();
      final FrameBatch batch = injector.newBatch();
      int number = 0;
      while (number < FRAMES || !batch.isEmpty()) {
        number = NumberedFrames.fill(batch, number, FRAMES, 60);
        // What leaves within 5 ms, and no more.
        assertThat(injector.send(batch)).isBetween(1, 10);
      }
      final long took = System.nanoTime() - begin;
      assertThat(took).isGreaterThan((FRAMES - 1) * 450_000L);
      final List<Collector.Taken> taken = far.await(FRAMES);
      long last = 0;
      for (int i = 0; i < FRAMES; i++) {
        assertThat(taken.get(i).number()).isEqualTo(i);
        final long departure = ByteBuffer.wrap(taken.get(i).bytes()).getLong(STAMP);
        // Who is late catches up at twice the rate at most.
        assertThat(departure - last).isGreaterThanOrEqualTo(250_000 - 1);
        assertThat(taken.get(i).timestampNanos()).isGreaterThan(departure - 100_000);
        last = departure;
      }
      assertThat(injector.statistics().frames()).isEqualTo(FRAMES);
      assertThat(injector.statistics().queueFull()).isZero();
    }
  }

  @Test
  void shouldLeaveSlowRatesToAPacer() throws FramejetException {
    try (VethLab lab = newLab();
        Injector injector = Injector.open(lab.near(), options());
        Injector socket =
            Injector.open(lab.near(), InjectorOptions.defaults().withBackend(Backend.SOCKET))) {
      assertThat(injector.pace(Rate.of(1000))).isTrue();
      assertThat(Pacer.of(injector, Rate.of(2000)).burst()).isEqualTo(10);
      assertThat(injector.pace(Rate.of(999))).isFalse();
      final FrameBatch batch = injector.newBatch();
      NumberedFrames.fill(batch, 0, 100, 60);
      assertThat(injector.send(batch)).isEqualTo(100); // at once again
      assertThat(injector.pace(Rate.MAX)).isFalse();
      assertThat(socket.pace(Rate.of(5000))).isFalse();
      assertThat(socket.stamp(STAMP)).isFalse();
      assertThat(Pacer.of(socket, Rate.of(2000)).burst()).isEqualTo(2);
    }
  }
}
