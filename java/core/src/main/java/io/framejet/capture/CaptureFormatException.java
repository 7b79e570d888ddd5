package io.framejet.capture;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;

/**
 * A capture file is malformed or cut off. The frames that were read before are valid; nothing after
 * {@link #offset()} can be.
 */
public final class CaptureFormatException extends FramejetException {
  private static final long serialVersionUID = 1L;

  private final long offset;
  private final long frames;

  CaptureFormatException(String name, long offset, String problem, long frames) {
    super(
        ErrorCode.CAPTURE_FORMAT,
        name
            + ": "
            + problem
            + " (byte offset="
            + offset
            + ", valid frames before="
            + frames
            + ")");
    this.offset = offset;
    this.frames = frames;
  }

  /** Where the header, record or block at fault begins, in bytes from the start of the file. */
  public long offset() {
    return offset;
  }

  /** How many frames were read before it. */
  public long frames() {
    return frames;
  }
}
