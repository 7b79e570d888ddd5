package io.framejet.jni;

/** Threads and the cores that they run on, as {@code native/jni/thread_native.c} binds it. */
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

  /** The calling thread's number in the kernel. */
  public static native int id();

  /**
   * From when it is woken up next, another thread runs on any CPU that it may use but the one that
   * the caller is on.
   *
   * @return what {@link #letBack} takes; 0: there is none such, and nothing has changed
   */
  public static native long keepOff(int thread);

  /** Takes it back, once, while the thread lives. It stays where it is. */
  public static native void letBack(int thread, long before);
}
