package io.framejet;

import org.jspecify.annotations.Nullable;

/**
 * Whether a backend can be used on a link for injecting or receiving, found out by opening it.
 *
 * @param backend the kernel path
 * @param role what it was tried for
 * @param available whether it opened
 * @param reason why not, in a sentence; empty when it is available
 * @param remedy what would make it available; empty when there is nothing to do
 */
public record BackendStatus(
    Backend backend, Role role, boolean available, String reason, String remedy) {
  /** What a backend is used for. */
  public enum Role {
    /** Putting frames on a link. */
    INJECT,
    /** Taking frames from a link. */
    RECEIVE
  }

  /** What an attempt to open {@code backend} showed: null is success. */
  public static BackendStatus of(Backend backend, Role role, @Nullable FramejetException fault) {
    if (fault == null) {
      return new BackendStatus(backend, role, true, "", "");
    }
    return new BackendStatus(
        backend, role, false, String.valueOf(fault.getMessage()), remedy(fault.code()));
  }

  /** With another remedy; an empty one changes nothing. */
  public BackendStatus withRemedy(String value) {
    return value.isEmpty() ? this : new BackendStatus(backend, role, available, reason, value);
  }

  private static String remedy(ErrorCode code) {
    return switch (code) {
      case PERMISSION_DENIED -> "run as root, or with the capability CAP_NET_RAW";
      case LINK_DOWN -> "bring the link up: ip link set LINK up";
      case OUT_OF_MEMORY, MEMLOCK_LIMIT -> "free memory, or ask for a smaller ring";
      case RESOURCE_EXHAUSTED -> "raise the limit on open files: ulimit -n";
      default -> "";
    };
  }
}
