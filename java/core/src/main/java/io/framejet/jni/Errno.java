package io.framejet.jni;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Linux error numbers, and the exceptions made of them. The numbers are those of x86-64 and
 * AArch64.
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;

  /** Ours: a link's XDP program has no more receivers. */
  public static final int EUSERS = 87;

  /** Ours: frames as long as that take another backend. */
  public static final int EFBIG = 27;

  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int ERANGE = 34;

  /** Ours: the limit on locked memory is too low. */
  public static final int ENOLCK = 37;

  public static final int ENOSYS = 38;

  /** Ours: the link is up and has no carrier. */
  public static final int ENOLINK = 67;

  /** Ours: there is no libpcap. */
  public static final int ELIBACC = 79;

  public static final int EMSGSIZE = 90;
  public static final int ENOPROTOOPT = 92;
  public static final int EPROTONOSUPPORT = 93;
  public static final int EOPNOTSUPP = 95;
  public static final int EAFNOSUPPORT = 97;

  /** Ours: another process has the queue of the link. */
  public static final int EADDRINUSE = 98;

  public static final int EADDRNOTAVAIL = 99;
  public static final int ENETDOWN = 100;
  public static final int ENETUNREACH = 101;
  public static final int ENOBUFS = 105;

  /** Ours: the driver of the link has nowhere to put frames of an XDP program. */
  public static final int ENOTCONN = 107;

  public static final int ETIMEDOUT = 110;
  public static final int EHOSTUNREACH = 113;

  /** Ours: a slot was passed that is not the ring's next one. */
  public static final int ESTALE = 116;

  private static final String PRIVILEGE =
      "needs CAP_NET_RAW (and CAP_SYS_ADMIN for another network namespace): "
          + grant("CAP_NET_RAW");

  private Errno() {}

  /**
   * What gives a command a capability that it lacks, as a sentence for the user.
   *
   * <p>Not setcap on the java binary: the dynamic linker then ignores the $ORIGIN that finds
   * libjli, and java no longer starts.
   *
   * @param capability as in capabilities(7): {@code CAP_NET_RAW}
   */
  public static String grant(String capability) {
    String name = capability.toLowerCase(Locale.ROOT).replaceFirst("^cap_", "");
    return "run as root, or grant it to one command: sudo setpriv --reuid $(id -u) --regid $(id -g) --clear-groups"
        + " --inh-caps +"
        + name
        + " --ambient-caps +"
        + name
        + " COMMAND";
  }

  /**
   * The error number of a native open that failed. Links are opened by their index, which was found
   * before: where there is none of it now, the link is gone, rather than never found.
   */
  public static int ofOpen(long handle) {
    return handle == -ENODEV ? ENXIO : (int) -handle;
  }

  /** The name of an error number: {@code EPERM}; {@code errno 200} when it has none here. */
  public static String name(int errno) {
    Entry entry = Entry.of(errno);
    return entry == null ? "errno " + Math.abs(errno) : entry.name();
  }

  /** What strerror(3) says of an error number, or what it means when it is one of ours. */
  public static String text(int errno) {
    Entry entry = Entry.of(errno);
    return entry == null ? "unknown error" : entry.text;
  }

  /** The code that a caller sees for an error number. */
  public static ErrorCode code(int errno) {
    Entry entry = Entry.of(errno);
    return entry == null ? ErrorCode.SYSTEM_ERROR : entry.code;
  }

  /**
   * The exception for a native call that failed.
   *
   * @param errno the error number, of either sign
   * @param operation what was tried, for example {@code open injector}
   * @param origin platform and backend, for example {@code linux/ring}
   * @param link the name of the link, or null when none is concerned
   */
  public static FramejetException exception(
      int errno, String operation, String origin, @Nullable String link) {
    Entry entry = Entry.of(errno);
    StringBuilder message = new StringBuilder(operation).append(" failed");
    if (link != null) {
      message.append(", link=").append(link);
    }
    message.append(", origin=").append(origin).append(": ");
    message.append(text(errno)).append(" (").append(name(errno)).append(')');
    if (entry != null && !entry.advice.isEmpty()) {
      message.append("; ").append(entry.advice);
    }
    return new FramejetException(
        code(errno), message.toString(), Math.abs(errno), origin, link, null);
  }

  /** Error numbers that the native side gives, in the order of their values. */
  private enum Entry {
    EPERM(Errno.EPERM, ErrorCode.PERMISSION_DENIED, "Operation not permitted", PRIVILEGE),
    ENOENT(
        Errno.ENOENT,
        ErrorCode.NAMESPACE_NOT_FOUND,
        "No such file or directory",
        "there is no network namespace at this path: see ip netns list"),
    EINTR(Errno.EINTR, ErrorCode.SYSTEM_ERROR, "Interrupted system call", ""),
    EIO(Errno.EIO, ErrorCode.SYSTEM_ERROR, "Input/output error", ""),
    ENXIO(
        Errno.ENXIO,
        ErrorCode.LINK_GONE,
        "The link no longer exists",
        "open anew once there is a link of this name again"),
    EBADF(Errno.EBADF, ErrorCode.CLOSED, "Bad file descriptor", ""),
    EAGAIN(Errno.EAGAIN, ErrorCode.SYSTEM_ERROR, "Resource temporarily unavailable", "try again"),
    ENOMEM(
        Errno.ENOMEM,
        ErrorCode.OUT_OF_MEMORY,
        "Cannot allocate memory",
        "ask for fewer slots or smaller blocks"),
    EACCES(Errno.EACCES, ErrorCode.PERMISSION_DENIED, "Permission denied", PRIVILEGE),
    EFAULT(Errno.EFAULT, ErrorCode.SYSTEM_ERROR, "Bad address", ""),
    EBUSY(Errno.EBUSY, ErrorCode.SYSTEM_ERROR, "Device or resource busy", ""),
    EEXIST(Errno.EEXIST, ErrorCode.SYSTEM_ERROR, "File exists", ""),
    ENODEV(Errno.ENODEV, ErrorCode.LINK_NOT_FOUND, "No such device", "see framejet links"),
    ENOTDIR(Errno.ENOTDIR, ErrorCode.NAMESPACE_NOT_FOUND, "Not a directory", ""),
    EINVAL(Errno.EINVAL, ErrorCode.SYSTEM_ERROR, "Invalid argument", ""),
    ENFILE(
        Errno.ENFILE,
        ErrorCode.RESOURCE_EXHAUSTED,
        "Too many open files in system",
        "close some, or raise fs.file-max"),
    EMFILE(
        Errno.EMFILE,
        ErrorCode.RESOURCE_EXHAUSTED,
        "Too many open files",
        "close some, or raise ulimit -n"),
    EFBIG(Errno.EFBIG, ErrorCode.NOT_SUPPORTED, "Frames too long for this backend", "take another"),
    ENOSPC(Errno.ENOSPC, ErrorCode.RESOURCE_EXHAUSTED, "No space left", ""),
    EROFS(Errno.EROFS, ErrorCode.PERMISSION_DENIED, "Read-only file system", ""),
    ERANGE(Errno.ERANGE, ErrorCode.SYSTEM_ERROR, "Numerical result out of range", ""),
    ENOLCK(
        Errno.ENOLCK,
        ErrorCode.MEMLOCK_LIMIT,
        "The limit on locked memory is too low",
        "raise it: ulimit -l, or LimitMEMLOCK= of a systemd unit"),
    ENOSYS(
        Errno.ENOSYS,
        ErrorCode.NOT_SUPPORTED,
        "Function not implemented",
        "this kernel is too old, or lacks it"),
    ENOLINK(
        Errno.ENOLINK,
        ErrorCode.LINK_DOWN,
        "The link has no carrier",
        "check the cable, or set the other end up; sending resumes by itself"),
    ELIBACC(
        Errno.ELIBACC,
        ErrorCode.NOT_SUPPORTED,
        "libpcap not found",
        "install libpcap0.8 (Debian) or libpcap"),
    EMSGSIZE(
        Errno.EMSGSIZE,
        ErrorCode.FRAME_TOO_LARGE,
        "Frame too long",
        "shorten it, or raise the MTU of the link"),
    ENOPROTOOPT(
        Errno.ENOPROTOOPT,
        ErrorCode.NOT_SUPPORTED,
        "Protocol not available",
        "this kernel is too old, or lacks it"),
    EPROTONOSUPPORT(
        Errno.EPROTONOSUPPORT,
        ErrorCode.NOT_SUPPORTED,
        "Protocol not supported",
        "this kernel is too old, or lacks it"),
    EOPNOTSUPP(
        Errno.EOPNOTSUPP,
        ErrorCode.NOT_SUPPORTED,
        "Operation not supported",
        "see framejet doctor for the backends that work here"),
    EAFNOSUPPORT(
        Errno.EAFNOSUPPORT,
        ErrorCode.NOT_SUPPORTED,
        "Address family not supported by protocol",
        "this kernel is built without CONFIG_PACKET"),
    EADDRINUSE(
        Errno.EADDRINUSE,
        ErrorCode.XDP_BUSY,
        "The queue of the link is taken",
        "take another queue"),
    EADDRNOTAVAIL(
        Errno.EADDRNOTAVAIL, ErrorCode.SYSTEM_ERROR, "Cannot assign requested address", ""),
    ENETDOWN(
        Errno.ENETDOWN,
        ErrorCode.LINK_DOWN,
        "The link is set down",
        "set it up with: ip link set dev NAME up; sending resumes by itself"),
    ENETUNREACH(
        Errno.ENETUNREACH, ErrorCode.NO_ROUTE, "Network is unreachable", "see framejet routes"),
    ENOBUFS(
        Errno.ENOBUFS, ErrorCode.RESOURCE_EXHAUSTED, "No buffer space available", "send slower"),
    ENOTCONN(
        Errno.ENOTCONN,
        ErrorCode.NOT_SUPPORTED,
        "The link takes no frames of an XDP program",
        "see framejet doctor for the backends that work here"),
    ETIMEDOUT(Errno.ETIMEDOUT, ErrorCode.TIMEOUT, "Timed out", ""),
    EHOSTUNREACH(Errno.EHOSTUNREACH, ErrorCode.NO_ROUTE, "No route to host", "see framejet routes"),
    ESTALE(Errno.ESTALE, ErrorCode.SYSTEM_ERROR, "Not the ring's next slot", "");

    private final int value;
    private final ErrorCode code;
    private final String text;
    private final String advice;

    Entry(int value, ErrorCode code, String text, String advice) {
      this.value = value;
      this.code = code;
      this.text = text;
      this.advice = advice;
    }

    static @Nullable Entry of(int errno) {
      int value = Math.abs(errno);
      for (Entry entry : values()) {
        if (entry.value == value) {
          return entry;
        }
      }
      return null;
    }
  }
}
