package io.framejet;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The one checked exception of Framejet. {@link #code()} says what kind of fault it is, the message
 * what was tried, on which link, and what to do.
 */
public class FramejetException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final int errno;
  private final String origin;
  private final @Nullable String link;

  /** A fault that no system call reported. */
  public FramejetException(ErrorCode code, String message) {
    this(code, message, 0, "java", null, null);
  }

  /** A fault that no system call reported, with the exception that caused it. */
  public FramejetException(ErrorCode code, String message, Throwable cause) {
    this(code, message, 0, "java", null, cause);
  }

  /**
   * A fault with all that is known of it.
   *
   * @param errno the kernel's error number, 0 when none was given
   * @param origin platform and backend, for example {@code linux/ring}
   * @param link the name of the link, or null when no link is concerned
   */
  public FramejetException(
      ErrorCode code,
      String message,
      int errno,
      String origin,
      @Nullable String link,
      @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.errno = errno;
    this.origin = origin;
    this.link = link;
  }

  /** What went wrong. */
  public ErrorCode code() {
    return code;
  }

  /** The kernel's error number, 0 when no system call is involved. */
  public int errno() {
    return errno;
  }

  /** Platform and backend, for example {@code linux/ring}. */
  public String origin() {
    return origin;
  }

  /** The name of the link, or null when no link is concerned. */
  public @Nullable String link() {
    return link;
  }
}
