package io.framejet.capture;

import io.framejet.FramejetException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who sends which frame, where two threads go through the same file side by side and stand ready
 * for each frame: the one that comes first. Frames leave in their order, each once.
 *
 * <p>Frames are numbered from 0 on, those that cannot be sent left out. Whoever has taken one sends
 * it, when all before it have left.
 */
final class ReplayTurns {
  private final AtomicLong taken = new AtomicLong();
  private volatile long sent;
  private volatile boolean closed;
  private volatile boolean over;
  private @Nullable Throwable fault;
  private long loop = -1;
  private long origin;

  /** Whether somebody has taken the frame. */
  boolean isTaken(long number) {
    return taken.get() > number;
  }

  /**
   * Takes the frame, all before which are taken; false when somebody else has, or none is to be
   * taken any more.
   */
  boolean take(long number) {
    return !closed && taken.compareAndSet(number, number + 1);
  }

  /** Whether all frames before that one, which was taken, have left. */
  boolean isNext(long number) {
    return sent == number;
  }

  /** All frames before that one have left. */
  void sent(long number) {
    sent = number;
  }

  /** When a loop's first frame is due: as whoever begins it first would have it. */
  synchronized long origin(long of, LongSupplier wanted) {
    if (of > loop) {
      loop = of;
      origin = wanted.getAsLong();
    }
    return origin; // a later loop's, for who has fallen behind so far: all frames are taken
  }

  /** No more frames are taken; those that are leave. Any thread. */
  void close() {
    closed = true;
  }

  /** No more frames leave. Any thread. */
  void end() {
    closed = true;
    over = true;
  }

  /** No more frames leave, for sending one has failed. */
  synchronized void end(Throwable cause) {
    if (fault == null) {
      fault = cause;
    }
    end();
  }

  /** Whether no more frames are taken. */
  boolean isClosed() {
    return closed;
  }

  /** Whether no more frames leave. */
  boolean isOver() {
    return over;
  }

  /** Throws what sending has failed for, if it has. */
  synchronized void check() throws FramejetException {
    if (fault instanceof FramejetException known) {
      throw known;
    }
    if (fault instanceof RuntimeException unknown) {
      throw unknown;
    }
    if (fault instanceof Error worse) {
      throw worse;
    }
  }
}
