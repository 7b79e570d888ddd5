package io.framejet.engine;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.EngineNative;
import io.framejet.jni.Errno;
import io.framejet.link.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Why a link has no engine: what the kernel's error number stands for here, and what helps. */
public final class EngineFaults {
  private static final String ORIGIN = "linux/" + Backend.XDP.label();
  private static final long CAP_NET_ADMIN = 1L << 12;
  private static final long CAP_SYS_ADMIN = 1L << 21;
  private static final long CAP_PERFMON = 1L << 38;
  private static final long CAP_BPF = 1L << 39;

  private static final String NOT_TRIED =
      "this kernel, before 6.3, does not tell what its driver does for XDP, and trying may set the NIC"
          + " up anew: ask for the backend by name to have it tried";

  private EngineFaults() {}

  /**
   * The exception for a native call that failed.
   *
   * @param error errno, or its negative as the native side gives it
   * @param operation what was tried: {@code open for injecting}
   */
  public static FramejetException of(long error, String operation, Link link) {
    final int errno = Errno.ofOpen(-Math.abs(error));
    return switch (errno) {
      case Errno.EPERM, Errno.EACCES ->
          fault(ErrorCode.PERMISSION_DENIED, errno, operation, link, missing(effective()));
      case Errno.EBUSY -> fault(ErrorCode.XDP_BUSY, errno, operation, link, attached(link));
      case Errno.ENOSYS ->
          fault(ErrorCode.NOT_SUPPORTED, errno, operation, link, tooOld(kernelRelease()));
      case Errno.ENOTCONN ->
          fault(ErrorCode.NOT_SUPPORTED, errno, operation, link, takesNothing(link));
      case Errno.EFBIG ->
          fault(
              ErrorCode.NOT_SUPPORTED,
              errno,
              operation,
              link,
              "frames of xdp have at most "
                  + Backend.XDP.maxFrame()
                  + " bytes: longer ones take another backend");
      case Errno.ERANGE ->
          fault(
              ErrorCode.NOT_SUPPORTED,
              errno,
              operation,
              link,
              "the MTU is too large for an XDP program, the link's or its peer's: lower it, to "
                  + (Backend.XDP.maxFrame() - 14)
                  + " for veth");
      case Errno.ENOSPC ->
          fault(
              ErrorCode.NOT_SUPPORTED,
              errno,
              operation,
              link,
              "the link has fewer receive queues than an XDP program needs, for veth than its peer"
                  + " has transmit queues");
      case Errno.EOPNOTSUPP ->
          fault(
              ErrorCode.NOT_SUPPORTED,
              errno,
              operation,
              link,
              "the link takes no XDP program, or its frames have no Ethernet header");
      case Errno.ENOBUFS ->
          fault(
              ErrorCode.RESOURCE_EXHAUSTED,
              errno,
              operation,
              link,
              "all slots or generators of the link's engine are in use: close injectors, or open an"
                  + " Engine with more slots");
      case Errno.EUSERS ->
          fault(
              ErrorCode.RESOURCE_EXHAUSTED,
              errno,
              operation,
              link,
              "an XDP program has at most 32 receivers: close some");
      default -> Errno.exception(errno, operation, ORIGIN, link.name());
    };
  }

  /** What would make {@code backend}, which failed so, work on {@code link}; empty for nothing. */
  public static String remedy(FramejetException fault, Link link) {
    return switch (fault.errno()) {
      case Errno.EPERM, Errno.EACCES ->
          fault.origin().endsWith(Backend.XSK.label())
              ? "run as root, or with CAP_NET_RAW, and to receive also with CAP_BPF, CAP_NET_ADMIN,"
                  + " CAP_PERFMON"
              : "run as root, or with CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON";
      case Errno.EBUSY -> "ip link set dev " + link.name() + " xdp off, if nothing needs it";
      case Errno.EADDRINUSE -> "end the process that has the queue, or take another queue";
      case Errno.ENOSYS -> "Linux 5.18 or later";
      case Errno.ENOTCONN ->
          "veth".equals(link.kind()) ? "ethtool -K " + peer(link) + " gro on, while it is up" : "";
      case Errno.ERANGE ->
          "ip link set dev " + link.name() + " mtu " + (Backend.XDP.maxFrame() - 14);
      case Errno.ENOLCK -> "raise ulimit -l, or run with CAP_IPC_LOCK";
      default -> "";
    };
  }

  private static FramejetException fault(
      ErrorCode code, int errno, String operation, Link link, String reason) {
    final String message =
        operation + " failed, link=" + link.name() + ", origin=" + ORIGIN + ": " + reason;
    return new FramejetException(code, message, errno, ORIGIN, link.name(), null);
  }

  /** Throws why a link of these features, or with this negative errno for them, has no engine. */
  static void check(long features, boolean transmit, Link link) throws FramejetException {
    final String operation = "look for XDP";
    if ((effective() & (CAP_NET_ADMIN | CAP_SYS_ADMIN)) == 0) {
      throw of(Errno.EPERM, operation, link);
    }
    if (features == -Errno.ENODEV || features == -Errno.ENXIO) {
      throw of(features, operation, link);
    }
    if (features < 0) {
      throw fault(ErrorCode.NOT_SUPPORTED, (int) -features, operation, link, NOT_TRIED);
    }
    final int any =
        transmit
            ? EngineNative.FEATURE_BASIC | EngineNative.FEATURE_TRANSMIT
            : EngineNative.FEATURE_BASIC;
    if ((features & any) == 0) {
      throw of(transmit ? Errno.ENOTCONN : Errno.EOPNOTSUPP, operation, link);
    }
    if (link.refresh().xdpProgram() != 0) {
      throw of(Errno.EBUSY, operation, link);
    }
  }

  /** Throws why frames of a program find no receiver on a link of these features. */
  static void checkArrival(long features, Link link) throws FramejetException {
    final String operation = "look for XDP";
    if (features == -Errno.ENODEV || features == -Errno.ENXIO) {
      throw of(features, operation, link);
    }
    if (features < 0) {
      throw fault(ErrorCode.NOT_SUPPORTED, (int) -features, operation, link, NOT_TRIED);
    }
    if ((features & EngineNative.FEATURE_TRANSMIT) == 0) {
      throw of(Errno.ENOTCONN, operation, link);
    }
  }

  /** What this process lacks. */
  static String missing() {
    return missing(effective());
  }

  /** What a process of these effective capabilities lacks. */
  static String missing(long effective) {
    final boolean all = (effective & CAP_SYS_ADMIN) != 0;
    final List<String> missing = new ArrayList<>();
    if (!all && (effective & CAP_BPF) == 0) {
      missing.add("CAP_BPF");
    }
    if ((effective & CAP_NET_ADMIN) == 0) {
      missing.add("CAP_NET_ADMIN");
    }
    if (!all && (effective & CAP_PERFMON) == 0) {
      missing.add("CAP_PERFMON");
    }
    if (missing.isEmpty()) {
      return "the kernel denies BPF to this process, as it does in a user namespace, in most"
          + " containers and under a lockdown: run outside of it";
    }
    final StringBuilder text = new StringBuilder("needs ");
    text.append(String.join(", ", missing));
    for (String capability : missing) {
      text.append("; ").append(Errno.grant(capability));
      break; // the same command grants the others too
    }
    return text.toString();
  }

  /** What is to be said of a kernel of this release, which refused a live run. */
  static String tooOld(String release) {
    return "Linux " + release + " has no XDP live frames: they came with 5.18";
  }

  /** Who has the link already. */
  static String attached(Link link) {
    try {
      final int id = link.refresh().xdpProgram();
      if (id != 0) {
        final String name = EngineNative.programName(id);
        return "another XDP program (id "
            + id
            + (name.isEmpty() ? "" : ", " + name)
            + ") is attached to "
            + link.name()
            + " and was left alone; take another backend, or detach it: ip link set dev "
            + link.name()
            + " xdp off";
      }
    } catch (FramejetException e) {
      return "another XDP program was attached to it (" + e.getMessage() + ")";
    }
    return "another XDP program was attached to it just now: try again";
  }

  private static String takesNothing(Link link) {
    if (!"veth".equals(link.kind())) {
      return "the driver of "
          + link.name()
          + (link.kind().isEmpty() ? "" : " (" + link.kind() + ")")
          + " takes no frames of XDP programs: take another backend";
    }
    return "the peer of veth "
        + link.name()
        + " has neither GRO nor an XDP program: ethtool -K "
        + peer(link)
        + " gro on, while it is up";
  }

  private static String peer(Link link) {
    try {
      final String peer = link.peerName();
      return peer == null ? "PEER" : peer;
    } catch (FramejetException e) {
      return "PEER"; // then without its name
    }
  }

  private static String kernelRelease() {
    return String.valueOf(System.getProperty("os.version"));
  }

  /** The line CapEff of proc(5); none when it cannot be read. */
  private static long effective() {
    final String label = "CapEff:";
    try {
      for (String line : Files.readAllLines(Path.of("/proc/thread-self/status"))) {
        if (line.startsWith(label)) {
          return Long.parseUnsignedLong(line.substring(label.length()).strip(), 16);
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }
}
