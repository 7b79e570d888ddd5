package io.framejet.capture;

import java.nio.ByteBuffer;

/**
 * A frame of a capture file, in place: a view of the reader's memory that moves on from frame to
 * frame.
 *
 * <p>Valid until the reader is asked for the next frame or closed. What it holds came from the file
 * and may lie about everything but its own length.
 */
public final class CapturedFrame {
  private ByteBuffer buffer;
  private int offset;
  private int length;
  private int originalLength;
  private long timestampNanos;
  private boolean timestamped;
  private int interfaceIndex;

  CapturedFrame(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  void move(ByteBuffer memory, int from, int bytes, long original) {
    buffer = memory;
    offset = from;
    length = bytes;
    originalLength = (int) Math.min(Math.max(original, bytes), Integer.MAX_VALUE);
  }

  void describe(int index, boolean hasTimestamp, long nanos) {
    interfaceIndex = index;
    timestamped = hasTimestamp;
    timestampNanos = nanos;
  }

  /**
   * The memory that the frame lies in; big-endian. Another buffer may take its place with the next
   * frame. Bytes outside of the frame are not the caller's to read or write.
   */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Where the frame begins in {@link #buffer()}. */
  public int offset() {
    return offset;
  }

  /** Bytes that are in the file, 0 to {@link CaptureReader#MAX_FRAME}. */
  public int length() {
    return length;
  }

  /**
   * Bytes that the frame had on the link; more than {@link #length()} when it was cut short. Never
   * less, whatever the file says, and at most 2^31 - 1.
   */
  public int originalLength() {
    return originalLength;
  }

  /**
   * When it was captured: nanoseconds since the epoch. 0 where the file does not say, and the least
   * or greatest long where nanoseconds do not fit into one (before 1677, after 2262).
   */
  public long timestampNanos() {
    return timestampNanos;
  }

  /** Whether the file says when it was captured. Simple Packet Blocks of pcapng do not. */
  public boolean hasTimestamp() {
    return timestamped;
  }

  /** The place of its link in {@link CaptureReader#interfaces()}, from 0. */
  public int interfaceIndex() {
    return interfaceIndex;
  }

  /** A copy of its bytes. */
  public byte[] toByteArray() {
    final byte[] bytes = new byte[length];
    buffer.get(offset, bytes);
    return bytes;
  }

  @Override
  public String toString() {
    return "CapturedFrame[length="
        + length
        + " originalLength="
        + originalLength
        + " timestampNanos="
        + timestampNanos
        + " interface="
        + interfaceIndex
        + "]";
  }
}
