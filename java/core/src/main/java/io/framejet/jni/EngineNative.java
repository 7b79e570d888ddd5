package io.framejet.jni;

import org.jspecify.annotations.Nullable;

/**
 * The XDP program of a link, as {@code native/jni/engine_native.c} binds it. Results are negative
 * errno on failure. All methods may be called by any thread.
 */
public final class EngineNative {
  private EngineNative() {}

  /**
   * Loads the program and attaches it to a link.
   *
   * @param netns path of a network namespace, or null for that of the calling thread
   * @param slots of the frame map, for all injectors together
   * @return a handle: EBUSY when another program is attached, ENOSYS when the kernel has no live
   *     frames, EPERM for want of a capability
   */
  public static native long open(@Nullable String netns, int ifindex, int slots);

  /** Gives up a handle; with the last injector of it the program goes. */
  public static native void release(long handle);

  /** The name of a BPF program of this id, empty when it cannot be had. */
  public static native String programName(int id);

  /** Switches generic receive offload of a link on or off. */
  public static native int setGro(@Nullable String netns, String name, boolean on);
}
