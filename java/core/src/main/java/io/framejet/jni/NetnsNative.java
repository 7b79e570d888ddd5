package io.framejet.jni;

import org.jspecify.annotations.Nullable;

/**
 * Network namespaces, as {@code native/jni/netns_native.c} binds them. Results are negative errno
 * on failure.
 */
public final class NetnsNative {
  private NetnsNative() {}

  /**
   * The descriptor of a new namespace, which ends with its last holder; the calling thread stays
   * where it was.
   */
  public static native int create();

  /** The descriptor of the namespace at a path, or of the calling thread's for null. */
  public static native int open(@Nullable String path);

  /** The inode of a namespace, its identity while it lives. */
  public static native long inode(int fd);

  /** Closes a descriptor. */
  public static native int close(int fd);

  /**
   * Moves the calling thread into a namespace; the descriptor of the former one, for {@link
   * #leave}.
   */
  public static native int enter(int fd);

  /** Moves the calling thread back, and closes the descriptor. */
  public static native int leave(int former);

  /** Writes a file under {@code /proc/sys/net}, as seen from a namespace. */
  public static native int writeSysctl(int fd, String path, String value);
}
