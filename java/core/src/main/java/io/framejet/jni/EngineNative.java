package io.framejet.jni;

import org.jspecify.annotations.Nullable;

/**
 * The XDP program of a link, as {@code native/jni/engine_native.c} binds it. Results are negative
 * errno on failure. All methods may be called by any thread.
 */
public final class EngineNative {
  /** How many numbers {@link #verdicts} gives. */
  public static final int VERDICTS = 5;

  private EngineNative() {}

  /**
   * Loads the program and attaches it to a link.
   *
   * @param netns path of a network namespace, or null for that of the calling thread
   * @param slots of the frame map, for all injectors together
   * @param targets of the target map, likewise; of use with a template
   * @param template {@code struct fj_xdp_template} of {@code native/bpf/engine.h}, or null
   * @param recognition which replies are recorded: kind, whether they are consumed, the two halves
   *     of the cookies' key, the two halves of the address, the MAC, room in the reply ring (a
   *     power of two, or 0 for none); null for everything
   * @return a handle: EBUSY when another program is attached, ENOSYS when the kernel has no live
   *     frames, EPERM for want of a capability
   */
  public static native long open(
      @Nullable String netns,
      int ifindex,
      int slots,
      int targets,
      byte @Nullable [] template,
      long @Nullable [] recognition);

  /** Gives up a handle; with the last injector of it the program goes. */
  public static native void release(long handle);

  /** How many frames there were: replies, others, refused, malformed, undecided. */
  public static native void verdicts(long handle, long[] counts);

  /** The name of a BPF program of this id, empty when it cannot be had. */
  public static native String programName(int id);

  /** A bit of {@link #features}: the driver runs programs. */
  public static final int FEATURE_BASIC = 1;

  /** Another: it takes frames that programs redirect to it; some do only once they run one. */
  public static final int FEATURE_TRANSMIT = 4;

  /**
   * What a link's driver does for XDP.
   *
   * @return bits, or a negative errno: ENOENT where the kernel does not tell, before 6.3
   */
  public static native long features(@Nullable String netns, int ifindex);

  /** Switches generic receive offload of a link on or off. */
  public static native int setGro(@Nullable String netns, String name, boolean on);
}
