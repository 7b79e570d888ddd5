package io.framejet.jni;

import org.jspecify.annotations.Nullable;

/**
 * Promiscuous mode, as {@code native/jni/promisc_native.c} binds it. Results are negative errno on
 * failure.
 */
public final class PromiscNative {
  private PromiscNative() {}

  /** A socket that keeps a link promiscuous until it is closed, by whatever means. */
  public static native int open(@Nullable String netns, int ifindex);

  /** The interface flags ({@code IFF_*}) of a link in the namespace of the socket. */
  public static native int flags(int fd, int ifindex);

  /** Sets and clears interface flags, which outlive the process. */
  public static native int change(int fd, int ifindex, int set, int clear);

  /** Closes the socket. */
  public static native int close(int fd);
}
