package io.framejet.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.testing.Allocation;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CaptureAllocationTest {
  /** And fewer bytes than that: the smallest object has 16. */
  private static final int FRAMES = 100_000;

  @ParameterizedTest
  @EnumSource
  void shouldAllocateNothingPerFrame(CaptureFormat format, @TempDir Path folder) throws Exception {
    final Path file = folder.resolve("x");
    final ByteBuffer frame = Captures.pattern(60);
    try (CaptureWriter writer = Captures.writer(format, file, CaptureOptions.defaults())) {
      writeFrames(writer, frame);
      final Allocation allocation = Allocation.ofThisThread();
      writeFrames(writer, frame);
      assertThat(allocation.bytes()).as("bytes to write " + FRAMES).isLessThan(FRAMES);
    }
    final long[] sum = new long[1];
    final CapturedFrameHandler handler = taken -> sum[0] += taken.length() + taken.timestampNanos();
    try (CaptureReader reader = CaptureReader.open(file)) {
      assertThat(reader.poll(handler, FRAMES)).isEqualTo(FRAMES);
      final Allocation allocation = Allocation.ofThisThread();
      assertThat(reader.poll(handler, FRAMES)).isEqualTo(FRAMES);
      assertThat(allocation.bytes()).as("bytes to read " + FRAMES).isLessThan(FRAMES);
      assertThat(reader.next()).isNull();
    }
    assertThat(sum[0]).isEqualTo(2L * FRAMES * 60 + (FRAMES - 1L) * FRAMES);
  }

  private static void writeFrames(CaptureWriter writer, ByteBuffer frame) throws Exception {
    for (int i = 0; i < FRAMES; i++) {
      writer.write(frame, 3, 60, 60, i);
    }
  }
}
