package io.framejet.capture;

import io.framejet.FramejetException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Writes a series of files of limited length, through one memory. */
final class RotatingCaptureWriter implements CaptureWriter {
  private final Path first;
  private final CaptureFormat format;
  private final CaptureOptions options;
  private final CaptureOutput output;
  private final long fileBytes;

  private FileCaptureWriter current;
  private @Nullable CaptureStatistics statistics;
  private int rotations;
  private long framesBefore;
  private long bytesBefore;

  private RotatingCaptureWriter(
      Path first,
      CaptureFormat format,
      CaptureOptions options,
      CaptureOutput output,
      long fileBytes,
      FileCaptureWriter current) {
    this.first = first;
    this.format = format;
    this.options = options;
    this.output = output;
    this.fileBytes = fileBytes;
    this.current = current;
  }

  static CaptureWriter open(Path file, CaptureFormat format, CaptureOptions options, long fileBytes)
      throws FramejetException {
    if (fileBytes < 1) {
      throw new IllegalArgumentException("fileBytes=" + fileBytes + ": 1 or more");
    }
    final CaptureOutput output = new CaptureOutput(FileCaptureWriter.memory(options));
    return new RotatingCaptureWriter(
        file, format, options, output, fileBytes, begin(output, file, format, options));
  }

  private static FileCaptureWriter begin(
      CaptureOutput output, Path file, CaptureFormat format, CaptureOptions options)
      throws FramejetException {
    output.open(file);
    try {
      return FileCaptureWriter.begin(output, format, options);
    } catch (FramejetException | RuntimeException | Error e) {
      FileCaptureWriter.close(output, e);
      throw e;
    }
  }

  @Override
  public void write(
      ByteBuffer buffer, int offset, int length, int originalLength, long timestampNanos)
      throws FramejetException {
    final boolean full = current.frames() > 0 && current.sizeWith(length) > fileBytes;
    // A writer that failed or was closed does not begin another file.
    if (full && output.isOpen() && !output.hasFailed()) {
      rotate();
    }
    current.write(buffer, offset, length, originalLength, timestampNanos);
  }

  /** When the next file cannot be begun, the output stays closed, and so does this writer. */
  private void rotate() throws FramejetException {
    final FileCaptureWriter finished = current;
    finished.close();
    rotations++;
    final Path next = first.resolveSibling(first.getFileName() + Integer.toString(rotations));
    final long bytes = finished.bytes();
    final FileCaptureWriter begun = begin(output, next, format, options);
    framesBefore += finished.frames();
    bytesBefore += bytes;
    if (statistics != null) {
      begun.statistics(statistics);
    }
    current = begun;
  }

  @Override
  public void statistics(CaptureStatistics value) {
    statistics = value;
    current.statistics(value);
  }

  @Override
  public void flush() throws FramejetException {
    current.flush();
  }

  @Override
  public long frames() {
    return framesBefore + current.frames();
  }

  @Override
  public long flushedFrames() {
    return framesBefore + current.flushedFrames();
  }

  @Override
  public long bytes() {
    return bytesBefore + current.bytes();
  }

  @Override
  public CaptureFormat format() {
    return format;
  }

  @Override
  public void close() throws FramejetException {
    current.close();
  }
}
