package io.framejet.capture;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/**
 * The part of a file that is in memory: a window that only moves forward, for a pipe does not seek.
 * It grows with the bytes that are really there, never by what a length field claims.
 */
final class CaptureInput {
  static final int INITIAL_BYTES = 1 << 18;

  private final String name;
  private final ReadableByteChannel channel;

  /** All big-endian, as the frames are handed out. */
  private ByteBuffer memory;

  /** The same memory, in the byte order of the file's own fields. */
  private ByteBuffer fields;

  /** The same memory, its position and limit for the channel to use. */
  private ByteBuffer filler;

  private int start;
  private int end;
  private long offset;

  CaptureInput(String name, ReadableByteChannel channel, int initialBytes) {
    this.name = name;
    this.channel = channel;
    memory = ByteBuffer.allocateDirect(initialBytes);
    fields = memory.duplicate();
    filler = memory.duplicate();
  }

  String name() {
    return name;
  }

  ByteBuffer memory() {
    return memory;
  }

  ByteBuffer fields() {
    return fields;
  }

  void order(ByteOrder order) {
    fields.order(order);
  }

  /** Where the bytes not yet consumed begin, in {@link #memory()}. Moves with {@link #require}. */
  int start() {
    return start;
  }

  /** The same place, counted from the start of the file. */
  long offset() {
    return offset;
  }

  /** How many bytes not yet consumed are in memory. */
  int available() {
    return end - start;
  }

  /**
   * Reads until {@code bytes} are there: as few as the channel has, so that the frames of a live
   * pipe are seen as they come.
   *
   * @return false when the file ends before
   */
  boolean require(int bytes) throws FramejetException {
    while (end - start < bytes) {
      if (!readMore(bytes)) {
        return false;
      }
    }
    return true;
  }

  /** Goes on by bytes that are there. They stay as they are until the next {@link #require}. */
  void consume(int bytes) {
    start += bytes;
    offset += bytes;
  }

  /**
   * Goes on by any number of bytes without keeping them.
   *
   * @return how many there were: fewer when the file ends before
   */
  long skip(long bytes) throws FramejetException {
    long left = bytes;
    while (left > 0 && require(1)) {
      final int step = (int) Math.min(left, available());
      consume(step);
      left -= step;
    }
    return bytes - left;
  }

  void close() throws FramejetException {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure("close", e);
    }
  }

  private boolean readMore(int wanted) throws FramejetException {
    makeRoom(wanted);
    final ByteBuffer into = filler.limit(filler.capacity()).position(end);
    final int count;
    try {
      count = channel.read(into);
    } catch (IOException e) {
      throw failure("read", e);
    }
    if (count == 0) {
      // Asking again would be a loop that burns a core.
      throw new FramejetException(
          ErrorCode.SYSTEM_ERROR, name + ": no bytes came: the channel must be a blocking one");
    }
    end += Math.max(count, 0);
    return count > 0;
  }

  private void makeRoom(int wanted) {
    if (start == end) {
      start = 0;
      end = 0;
    } else if (start + wanted > memory.capacity()) {
      filler.limit(end).position(start);
      if (start > 0) {
        filler.compact();
        end -= start;
        start = 0;
      } else if (end == memory.capacity()) {
        grow();
      }
    }
  }

  private void grow() {
    final ByteBuffer larger = ByteBuffer.allocateDirect(2 * memory.capacity()).put(filler);
    memory = larger.clear();
    fields = larger.duplicate().order(fields.order());
    filler = larger.duplicate();
  }

  private FramejetException failure(String operation, IOException cause) {
    final ErrorCode code =
        cause instanceof ClosedChannelException ? ErrorCode.CLOSED : ErrorCode.SYSTEM_ERROR;
    return new FramejetException(
        code, "cannot " + operation + " " + name + ": " + Reason.of(cause), cause);
  }
}
