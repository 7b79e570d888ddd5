package io.framejet.capture;

import io.framejet.FramejetException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the writers of both formats share. */
abstract class FileCaptureWriter implements CaptureWriter {
  /** Room for the header and padding of a record in either format. */
  private static final int RECORD_OVERHEAD = 64;

  /** Room for the blocks that begin a pcapng file, without their texts. */
  private static final int HEADER_OVERHEAD = 256;

  final CaptureOptions options;
  final CaptureOutput output;

  private final CaptureFormat format;
  private final int snaplen;
  private @Nullable CaptureStatistics statistics;
  private long frames;
  private long flushedFrames;

  FileCaptureWriter(CaptureFormat format, CaptureOptions options, CaptureOutput output) {
    this.format = format;
    this.options = options;
    this.output = output;
    snaplen = options.snaplen();
  }

  static CaptureWriter open(Path file, CaptureFormat format, CaptureOptions options)
      throws FramejetException {
    final CaptureOutput output = new CaptureOutput(memory(options));
    output.open(file);
    try {
      return begin(output, format, options);
    } catch (FramejetException | RuntimeException | Error e) {
      close(output, e);
      throw e;
    }
  }

  static CaptureWriter open(
      String name, WritableByteChannel channel, CaptureFormat format, CaptureOptions options)
      throws FramejetException {
    final CaptureOutput output = new CaptureOutput(memory(options));
    output.open(name, channel);
    return begin(output, format, options);
  }

  /** Writes the beginning of a file to an output that is open. */
  static FileCaptureWriter begin(CaptureOutput output, CaptureFormat format, CaptureOptions options)
      throws FramejetException {
    final FileCaptureWriter writer =
        switch (format) {
          case PCAP -> new PcapWriter(options, output);
          case PCAPNG -> new PcapNgWriter(options, output);
        };
    writer.putHeader();
    output.flush();
    return writer;
  }

  /** Memory enough for the longest record and the longest header that these options lead to. */
  static int memory(CaptureOptions options) {
    return Math.max(
        options.bufferBytes(),
        Math.max(
            options.snaplen() + RECORD_OVERHEAD,
            PcapNgWriter.textBytes(options) + HEADER_OVERHEAD));
  }

  static void close(CaptureOutput output, Throwable cause) {
    try {
      output.close();
    } catch (FramejetException suppressed) {
      cause.addSuppressed(suppressed);
    }
  }

  /** Puts and commits the beginning of a file; the memory is empty. */
  abstract void putHeader();

  /** The length of a frame in the file. */
  abstract int recordBytes(int length);

  /** The most that {@link #putTrailer} adds. */
  abstract int trailerBytes();

  /** Throws IllegalArgumentException when the format cannot say this time. */
  abstract void checkTimestamp(long timestampNanos);

  abstract void putRecord(
      int at, ByteBuffer buffer, int offset, int length, int originalLength, long timestampNanos);

  abstract void putTrailer(@Nullable CaptureStatistics said) throws FramejetException;

  /** How long the file gets by this frame, with the end that is still to come. */
  final long sizeWith(int length) {
    return output.size() + recordBytes(Math.min(length, snaplen)) + trailerBytes();
  }

  @Override
  public final void write(
      ByteBuffer buffer, int offset, int length, int originalLength, long timestampNanos)
      throws FramejetException {
    Objects.checkFromIndexSize(offset, length, buffer.limit());
    if (originalLength < length) {
      throw new IllegalArgumentException(
          "originalLength=" + originalLength + ": length=" + length + " or more");
    }
    checkTimestamp(timestampNanos);
    final int kept = Math.min(length, snaplen);
    final int bytes = recordBytes(kept);
    final int at = reserve(bytes);
    putRecord(at, buffer, offset, kept, originalLength, timestampNanos);
    output.commit(bytes);
    frames++;
  }

  /** As the output does it, and keeps count of the frames that it flushes. */
  final int reserve(int bytes) throws FramejetException {
    if (!output.isOpen() || output.hasFailed() || bytes > output.room()) {
      flush();
    }
    return output.used();
  }

  @Override
  public final void statistics(CaptureStatistics value) {
    statistics = value;
  }

  @Override
  public final void flush() throws FramejetException {
    output.flush();
    flushedFrames = frames;
  }

  @Override
  public final long frames() {
    return frames;
  }

  @Override
  public final long flushedFrames() {
    return flushedFrames;
  }

  @Override
  public final long bytes() {
    return output.size();
  }

  @Override
  public final CaptureFormat format() {
    return format;
  }

  @Override
  public final void close() throws FramejetException {
    if (!output.isOpen()) {
      return;
    }
    try {
      if (!output.hasFailed()) {
        putTrailer(statistics);
        flush();
      }
    } catch (FramejetException | RuntimeException | Error e) {
      close(output, e);
      throw e;
    }
    output.close();
  }
}
