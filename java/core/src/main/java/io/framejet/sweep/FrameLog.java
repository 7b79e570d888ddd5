package io.framejet.sweep;

import io.framejet.FramejetException;
import io.framejet.capture.CaptureOptions;
import io.framejet.capture.CaptureStatistics;
import io.framejet.capture.CaptureWriter;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.LinkType;
import io.framejet.link.Link;
import io.framejet.receive.ReceivedFrame;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Keeps all frames of a sweep in a pcapng file: those that the kernel took, with the times of their
 * departure, and those that came in and passed the filter.
 *
 * <p>Safe for use by several threads: an {@link ArpResponder} has its own.
 */
final class FrameLog implements AutoCloseable {
  private final CaptureWriter writer; // guarded by this
  private @Nullable FramejetException failure; // guarded by this

  private FrameLog(CaptureWriter writer) {
    this.writer = writer;
  }

  static FrameLog open(Path file, Link link) throws FramejetException {
    final LinkType linkType = link.linkType();
    final CaptureOptions options = CaptureOptions.defaults().withName(link.name());
    return new FrameLog(
        CaptureWriter.pcapng(file, linkType == null ? options : options.withLinkType(linkType)));
  }

  /** Notes a frame that came in; whether it could be written shows at {@link #check}. */
  synchronized void received(ReceivedFrame frame) {
    write(
        frame.buffer(),
        frame.offset(),
        frame.length(),
        frame.originalLength(),
        frame.timestampNanos());
  }

  /** Notes a single frame that the kernel took. */
  synchronized void sent(Frame frame, long timestampNanos) {
    final ByteBuffer bytes = frame.toByteBuffer();
    write(bytes, 0, frame.length(), frame.length(), timestampNanos);
  }

  private void write(ByteBuffer buffer, int offset, int length, int original, long nanos) {
    if (failure == null) {
      try {
        writer.write(buffer, offset, length, original, Math.max(0, nanos));
      } catch (FramejetException e) {
        failure = e;
      }
    }
  }

  /**
   * Throws what kept a frame from being written.
   *
   * @throws FramejetException SYSTEM_ERROR when the file cannot be written
   */
  synchronized void check() throws FramejetException {
    if (failure != null) {
      throw failure;
    }
  }

  /** Says how many frames there were, for the end of the file. */
  synchronized void statistics(long received, long dropped) {
    writer.statistics(
        CaptureStatistics.unknown().withReceived(received).withSystemDropped(dropped));
  }

  @Override
  public synchronized void close() throws FramejetException {
    writer.close();
  }

  /**
   * Where the frames of a batch lie, noted before it is sent: what the kernel took has left the
   * batch afterwards, and stays in memory until its slots are written again.
   */
  final class Batch {
    private final int[] offsets;
    private final int[] lengths;

    Batch(FrameBatch batch) {
      offsets = new int[batch.capacity()];
      lengths = new int[batch.capacity()];
    }

    void note(FrameBatch batch) {
      final int size = batch.size();
      for (int i = 0; i < size; i++) {
        offsets[i] = batch.offset(i);
        lengths[i] = batch.length(i);
      }
    }

    /**
     * The first {@code taken} frames have left, the first at that time and then one after another.
     *
     * @param batch as it is after the send, by which frames may have changed places
     */
    void sent(FrameBatch batch, int taken, long firstNanos, long eachNanos) {
      final ByteBuffer buffer = batch.buffer();
      batch.arrange(lengths);
      synchronized (FrameLog.this) {
        for (int i = 0; i < taken; i++) {
          write(buffer, offsets[i], lengths[i], lengths[i], firstNanos + i * eachNanos);
        }
      }
    }
  }
}
