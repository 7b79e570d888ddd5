package io.framejet.inject;

import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import io.framejet.jni.InjectNative;
import io.framejet.jni.NativeLibrary;
import io.framejet.jni.ThreadNative;

/** CPUs for threads that inject: frames of {@code xdp} are made by the thread that sends them. */
public final class Cores {
  private Cores() {}

  /**
   * Keeps the calling thread on one of the CPUs that it may use, for good.
   *
   * @param index which of them, from 0 on; beyond the last one it goes on at the first
   * @return the number of that CPU
   * @throws FramejetException when the kernel refuses it
   */
  public static int pin(int index) throws FramejetException {
    if (index < 0) {
      throw new IllegalArgumentException("index=" + index + ": 0 or more");
    }
    NativeLibrary.ensureLoaded();
    final int cpu = InjectNative.pin(index);
    if (cpu < 0) {
      throw Errno.exception(-cpu, "pin a thread to a CPU", "linux", null);
    }
    return cpu;
  }

  /**
   * The calling thread's number, for {@link #keepOff}.
   *
   * @throws FramejetException NATIVE_LOAD_FAILED
   */
  public static int self() throws FramejetException {
    NativeLibrary.ensureLoaded();
    return ThreadNative.id();
  }

  /**
   * Has another thread run on a CPU other than the calling thread's when it is woken up next. The
   * kernel may well wake it up on the same one, where it then waits for the other to sleep, or for
   * some milliseconds until it is moved. Does nothing where no other CPU is to be had.
   *
   * @param thread its {@link #self}, which is more than 0; it lives until this is closed
   * @return what says, when it is closed, that the thread may run where it might before; where it
   *     runs by then it stays
   * @throws FramejetException NATIVE_LOAD_FAILED
   */
  public static KeptOff keepOff(int thread) throws FramejetException {
    if (thread <= 0) {
      throw new IllegalArgumentException("thread=" + thread + ": 1 or more");
    }
    NativeLibrary.ensureLoaded();
    return new KeptOff(thread, ThreadNative.keepOff(thread));
  }

  /** Of {@link #keepOff}, for the thread that called it. */
  public static final class KeptOff implements AutoCloseable {
    private final int thread;
    private long before;

    private KeptOff(int thread, long before) {
      this.thread = thread;
      this.before = before;
    }

    /** Lets the thread run where it might before. Idempotent. */
    @Override
    public void close() {
      if (before != 0) {
        ThreadNative.letBack(thread, before);
        before = 0;
      }
    }
  }
}
