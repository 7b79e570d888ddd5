package io.framejet.inject;

import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import io.framejet.jni.InjectNative;
import io.framejet.jni.NativeLibrary;

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
}
