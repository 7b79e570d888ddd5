package io.framejet.jni;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * A native handle, counted so that it outlives every call that is inside it.
 *
 * <p>Every native call is wrapped in {@link #acquire()} and {@link #release()}. {@link #close()}
 * never waits: it marks the handle closed, wakes whoever is inside, and the last one out closes it
 * natively. All methods may be called by any thread.
 */
public final class NativeHandle {
  /** The sign bit: closed, no new calls. The bits below count the calls inside. */
  private static final long CLOSED = Long.MIN_VALUE;

  private final String name;
  private final long handle;
  private final LongConsumer wake;
  private final LongConsumer destroy;

  private final AtomicLong state = new AtomicLong();

  /**
   * Takes a handle over.
   *
   * @param name what it is, for messages: {@code injector}
   * @param handle as the native side gave it
   * @param wake gets a thread out of a native call that waits; called at most once, never after
   *     {@code destroy}
   * @param destroy closes the handle natively; called once, by the last thread out
   */
  public NativeHandle(String name, long handle, LongConsumer wake, LongConsumer destroy) {
    this.name = name;
    this.handle = handle;
    this.wake = wake;
    this.destroy = destroy;
  }

  /**
   * Enters: until {@link #release()} the handle stays alive.
   *
   * @return the native handle
   * @throws FramejetException with {@link ErrorCode#CLOSED} after {@link #close()}
   */
  public long acquire() throws FramejetException {
    long seen = state.get();
    while (seen >= 0) {
      if (state.compareAndSet(seen, seen + 1)) {
        return handle;
      }
      seen = state.get();
    }
    throw closed();
  }

  /** The exception of whoever uses it after {@link #close()}. */
  FramejetException closed() {
    return new FramejetException(ErrorCode.CLOSED, name + " is closed");
  }

  /**
   * Leaves, once for each {@link #acquire()}; the last one out of a closed handle closes it
   * natively.
   */
  public void release() {
    long left = state.decrementAndGet();
    if (left == CLOSED) {
      destroy.accept(handle);
    }
  }

  /**
   * Closes: no call gets in any more, those inside are woken.
   *
   * @return whether this call closed it; false when it was closed before
   */
  public boolean close() {
    long seen = state.get();
    // Counted in itself, so that the handle is alive while it is woken.
    while (seen >= 0 && !state.compareAndSet(seen, (seen + 1) | CLOSED)) {
      seen = state.get();
    }
    if (seen < 0) {
      return false;
    }
    try {
      if (seen > 0) {
        wake.accept(handle);
      }
    } finally {
      release();
    }
    return true;
  }

  /** Whether {@link #close()} was called. */
  public boolean isClosed() {
    return state.get() < 0;
  }
}
