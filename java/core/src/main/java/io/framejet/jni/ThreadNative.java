package io.framejet.jni;

/** The calling thread's claim to a core, as {@code native/jni/thread_native.c} binds it. */
public final class ThreadNative {
  /** In what {@link #hurry} gives: the thread has real-time priority. */
  public static final long REAL_TIME = 1 << 16;

  private ThreadNative() {}

  /**
   * Lets the thread's sleeps end on time, and gives it real-time priority where that is allowed.
   *
   * @return what {@link #relax} takes, and {@link #REAL_TIME}
   */
  public static native long hurry();

  /** Takes it back. By the same thread. */
  public static native void relax(long before);
}
