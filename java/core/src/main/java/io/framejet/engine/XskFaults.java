package io.framejet.engine;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import io.framejet.link.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Why a link has no AF_XDP socket: what the kernel's error number stands for here. */
public final class XskFaults {
  private static final String ORIGIN = "linux/" + Backend.XSK.label();
  private static final int CHUNK = 2048;
  private static final int SLOT_HEADER = 32;
  private static final int VLAN_TAG = 4;
  private static final int ETHERNET = 14;

  private XskFaults() {}

  /**
   * The exception for a native call that failed.
   *
   * @param error errno, or its negative as the native side gives it
   * @param operation what was tried: {@code open for injecting}
   * @param queue which of the link's queues it was tried on
   * @param frames how many frames were to find room
   * @param maxFrame bytes of the longest of them, 0 for what the link's MTU allows
   */
  public static FramejetException of(
      long error, String operation, Link link, int queue, int frames, int maxFrame) {
    final int errno = Errno.ofOpen(-Math.abs(error));
    final String place = "queue " + queue + " of " + link.name();
    return switch (errno) {
      case Errno.EPERM, Errno.EACCES ->
          fault(ErrorCode.PERMISSION_DENIED, errno, operation, link, EngineFaults.missing());
      case Errno.EBUSY ->
          fault(ErrorCode.XDP_BUSY, errno, operation, link, EngineFaults.attached(link));
      case Errno.EADDRINUSE ->
          fault(
              ErrorCode.XDP_BUSY,
              errno,
              operation,
              link,
              place + " is taken by an AF_XDP socket of another process: take another queue");
      case Errno.EINVAL ->
          fault(
              ErrorCode.NOT_SUPPORTED,
              errno,
              operation,
              link,
              "there is no " + place + ": see ethtool -l " + link.name());
      case Errno.EAFNOSUPPORT ->
          fault(
              ErrorCode.NOT_SUPPORTED,
              errno,
              operation,
              link,
              "this kernel is built without CONFIG_XDP_SOCKETS");
      case Errno.EOPNOTSUPP ->
          fault(
              ErrorCode.NOT_SUPPORTED,
              errno,
              operation,
              link,
              "the link's frames have no Ethernet header, or a filter asks for what only packet"
                  + " sockets know");
      case Errno.ENOSPC ->
          fault(
              ErrorCode.RESOURCE_EXHAUSTED,
              errno,
              operation,
              link,
              "the memory of "
                  + place
                  + " is used up by those who opened it before: open the largest first, or ask"
                  + " for fewer slots");
      case Errno.ENOLCK ->
          fault(
              ErrorCode.MEMLOCK_LIMIT,
              errno,
              operation,
              link,
              "it needs "
                  + needed(link, frames, maxFrame)
                  + " bytes of locked memory, and "
                  + allowed()
                  + " are allowed: raise ulimit -l, run with CAP_IPC_LOCK, or ask for less");
      default -> Errno.exception(errno, operation, ORIGIN, link.name());
    };
  }

  private static FramejetException fault(
      ErrorCode code, int errno, String operation, Link link, String reason) {
    final String message =
        operation + " failed, link=" + link.name() + ", origin=" + ORIGIN + ": " + reason;
    return new FramejetException(code, message, errno, ORIGIN, link.name(), null);
  }

  /** As the native side lays frames out: in chunks of the memory. */
  private static long needed(Link link, int frames, int maxFrame) {
    final int frame = maxFrame == 0 ? link.mtu() + ETHERNET + VLAN_TAG : maxFrame;
    final long chunks = (SLOT_HEADER + frame + CHUNK - 1L) / CHUNK;
    return frames * chunks * CHUNK;
  }

  /** RLIMIT_MEMLOCK in bytes, as proc(5) has it. */
  private static String allowed() {
    final String label = "Max locked memory";
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith(label)) {
          return line.substring(label.length()).strip().split(" +", 2)[0];
        }
      }
    } catch (IOException e) {
      return "fewer"; // nobody tells without /proc
    }
    return "fewer";
  }
}
