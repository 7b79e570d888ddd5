package io.framejet.jni;

import org.jspecify.annotations.Nullable;

/**
 * The XDP program that answers for made-up hosts, as {@code native/jni/emulator_native.c} binds it.
 *
 * <p>Thread rules: a handle is live during a call, and one thread at a time uses it.
 */
public final class EmulatorNative {
  /** Answers by kind, then what was ignored, then what did not leave. */
  public static final int COUNTS = 9;

  private EmulatorNative() {}

  /**
   * Loads the program and attaches it to a link.
   *
   * @param netns path of a network namespace, or null for that of the calling thread
   * @param numbers the two halves of the key; the threshold below which the upper half of a hash
   *     means up; the longest segment that a SYN-ACK tells; 1 when UDP is answered; 1 for a veth; 1
   *     when answers are to leave by XDP_TX there, too
   * @param openPorts 65,536 bits, that of a port being {@code port & 7} of byte {@code port >> 3}
   * @param ranges4 first and last address of each range, sorted and disjoint
   * @param ranges6 first high and low, last high and low of each range, sorted and disjoint
   * @return a handle, or a negative errno: EBUSY when another program is attached, ENOTCONN when no
   *     answer would arrive
   */
  public static native long open(
      @Nullable String netns,
      int ifindex,
      long[] numbers,
      byte[] openPorts,
      int[] ranges4,
      long[] ranges6);

  /** Reads what was counted so far: 0 or a negative errno. */
  public static native int counts(long handle, long[] into);

  /** Whether the link was deleted. */
  public static native boolean isGone(long handle);

  /** Detaches the program; its counts can be read still. */
  public static native void stop(long handle);

  /** Detaches the program and lets go of all. */
  public static native void close(long handle);
}
