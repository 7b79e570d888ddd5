package io.framejet.inject;

import io.framejet.FramejetException;
import io.framejet.jni.NativeLibrary;
import io.framejet.jni.ThreadNative;

/**
 * Makes the current thread punctual while it is open, for frames that are to leave at their time:
 * its sleeps end when they should, and it gets its core before all others (SCHED_FIFO, with the
 * lowest of the real-time priorities; sched(7)). The latter takes CAP_SYS_NICE or a limit on
 * real-time priorities (RLIMIT_RTPRIO), and a second processor, for a thread that watches the clock
 * lets no other run. The kernel leaves such threads 95 % of a second at most.
 *
 * <p>It is opened and closed by the same thread, which is not to be a virtual one.
 */
public final class RealTime implements AutoCloseable {
  private long before;
  private boolean open = true;
  private boolean suspended;

  private RealTime(long before) {
    this.before = before;
  }

  /**
   * Begins, as far as it is allowed.
   *
   * @throws FramejetException NATIVE_LOAD_FAILED
   */
  public static RealTime begin() throws FramejetException {
    NativeLibrary.ensureLoaded();
    return new RealTime(ThreadNative.hurry());
  }

  /** Whether the thread has real-time priority, when it is not suspended. */
  public boolean isGranted() {
    return (before & ThreadNative.REAL_TIME) != 0;
  }

  /**
   * Gives the thread what it had before, until {@link #resume}: for times without sleep, for which
   * the kernel would stop it. Idempotent.
   */
  public void suspend() {
    if (open && !suspended) {
      suspended = true;
      ThreadNative.relax(before);
    }
  }

  /** Goes on after {@link #suspend}. Idempotent. */
  public void resume() {
    if (open && suspended) {
      suspended = false;
      before = ThreadNative.hurry();
    }
  }

  /** Gives the thread what it had before. Idempotent. */
  @Override
  public void close() {
    suspend();
    open = false;
  }
}
