package io.framejet.jni;

import org.jspecify.annotations.Nullable;

/**
 * rtnetlink, as {@code native/jni/netlink_native.c} binds it; messages are built and parsed in
 * Java.
 */
public final class NetlinkNative {
  private NetlinkNative() {}

  /** A bound NETLINK_ROUTE socket, or a negative errno. One thread at a time uses it. */
  public static native int open(@Nullable String netns);

  /**
   * Sends one message, or several in a row, and collects all answers to them.
   *
   * @param status status[0] becomes 0 or a negative errno; the answers so far are given all the
   *     same
   * @return the answers, one after the other, or null with an OutOfMemoryError on its way
   */
  public static native byte @Nullable [] exchange(int fd, byte[] request, int length, int[] status);

  /** Closes the socket. */
  public static native int close(int fd);

  /** The index of a link, or a negative errno: ENODEV when there is none of that name. */
  public static native int ifindex(@Nullable String netns, String name);
}
