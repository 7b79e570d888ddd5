package io.framejet.inject;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import io.framejet.link.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What it means when an AF_XDP socket can not be had. */
final class XskFaults {
  private static final String ORIGIN = "linux/xsk";
  private static final int CHUNK = 2048;
  private static final int SLOT_HEADER = 32;
  private static final int VLAN_TAG = 4;
  private static final int ETHERNET = 14;

  private XskFaults() {}

  /** Throws when {@code errno} has a meaning of its own here. */
  static void check(int errno, Link link, InjectorOptions options) throws FramejetException {
    String queue = "queue " + options.queue() + " of link " + link.name();
    switch (errno) {
      case Errno.EBUSY ->
          throw fault(
              ErrorCode.XDP_BUSY,
              queue + " is taken by an AF_XDP socket of another process: take another queue",
              errno,
              link);
      case Errno.EINVAL ->
          throw fault(
              ErrorCode.NOT_SUPPORTED,
              "there is no " + queue + ": see ethtool -l " + link.name(),
              errno,
              link);
      case Errno.ENOSPC ->
          throw fault(
              ErrorCode.RESOURCE_EXHAUSTED,
              "the memory of "
                  + queue
                  + " is used up by those who opened it before: open the largest first, or ask for"
                  + " fewer slots",
              errno,
              link);
      case Errno.ENOLCK ->
          throw fault(
              ErrorCode.MEMLOCK_LIMIT,
              "the frames need "
                  + needed(link, options)
                  + " bytes of locked memory, and "
                  + allowed()
                  + " are allowed: raise ulimit -l, run with CAP_IPC_LOCK, or ask for fewer slots",
              errno,
              link);
      default -> {}
    }
  }

  /** As the native side lays slots out, roughly: each in chunks of its own. */
  private static long needed(Link link, InjectorOptions options) {
    int frame = options.maxFrame() == 0 ? link.mtu() + ETHERNET + VLAN_TAG : options.maxFrame();
    long chunks = (SLOT_HEADER + frame + CHUNK - 1L) / CHUNK;
    return options.slots() * chunks * CHUNK;
  }

  /** RLIMIT_MEMLOCK in bytes, as proc(5) has it. */
  private static String allowed() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max locked memory")) {
          return line.substring("Max locked memory".length()).strip().split(" +", 2)[0];
        }
      }
    } catch (IOException e) {
      // without /proc nobody tells
    }
    return "fewer";
  }

  private static FramejetException fault(ErrorCode code, String message, int errno, Link link) {
    return new FramejetException(code, message, errno, ORIGIN, link.name(), null);
  }
}
