package io.framejet.link;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Exceptions of this package that {@link Errno} alone could not word: those that name a capability.
 */
final class Faults {
  /** Origins, as {@link FramejetException#origin()} gives them. */
  static final String NETLINK = "linux/netlink";

  static final String NETNS = "linux/netns";
  static final String ETHTOOL = "linux/ethtool";
  static final String PROMISC = "linux/promisc";

  /** Capabilities (man 7 capabilities). */
  static final String CAP_NET_ADMIN = "CAP_NET_ADMIN";

  static final String CAP_NET_RAW = "CAP_NET_RAW";
  static final String CAP_SYS_ADMIN = "CAP_SYS_ADMIN";

  private Faults() {}

  /**
   * The exception for an error number.
   *
   * @param error errno, or its negative as the native side gives it
   * @param operation what was tried: "set link v0 up"
   * @param capability what is missing if permission was denied
   */
  static FramejetException of(
      int error, String operation, String origin, @Nullable String link, String capability) {
    final int errno = Math.abs(error);
    if (errno != Errno.EPERM && errno != Errno.EACCES) {
      return Errno.exception(errno, operation, origin, link);
    }
    final String message =
        "cannot "
            + operation
            + ": permission denied, "
            + capability
            + " is missing; "
            + Errno.grant(capability);
    return new FramejetException(ErrorCode.PERMISSION_DENIED, message, errno, origin, link, null);
  }
}
