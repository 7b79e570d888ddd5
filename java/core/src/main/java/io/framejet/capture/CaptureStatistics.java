package io.framejet.capture;

/**
 * What became of the frames of one interface while it was captured (Interface Statistics Block,
 * draft-ietf-opsawg-pcapng section 4.6). Only pcapng files have room for it.
 *
 * @param startNanos when the capture began, nanoseconds since the epoch
 * @param endNanos when it ended, nanoseconds since the epoch
 * @param received frames that came in at the interface (isb_ifrecv)
 * @param interfaceDropped frames that the interface had no room for (isb_ifdrop)
 * @param systemDropped frames that the operating system had no room for, such as a full receive
 *     ring (isb_osdrop)
 */
public record CaptureStatistics(
    long startNanos, long endNanos, long received, long interfaceDropped, long systemDropped) {
  /** Stands for a value that is not known. It is not written, and read where there is none. */
  public static final long UNKNOWN = -1;

  /** Checks the ranges: each is 0 or more, or {@link #UNKNOWN}. */
  public CaptureStatistics {
    require("startNanos", startNanos);
    require("endNanos", endNanos);
    require("received", received);
    require("interfaceDropped", interfaceDropped);
    require("systemDropped", systemDropped);
  }

  /** Nothing is known. */
  public static CaptureStatistics unknown() {
    return new CaptureStatistics(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
  }

  /** With these times of beginning and end, in nanoseconds since the epoch. */
  public CaptureStatistics withTimes(long start, long end) {
    return new CaptureStatistics(start, end, received, interfaceDropped, systemDropped);
  }

  /** With this many frames that came in. */
  public CaptureStatistics withReceived(long value) {
    return new CaptureStatistics(startNanos, endNanos, value, interfaceDropped, systemDropped);
  }

  /** With this many frames dropped by the interface. */
  public CaptureStatistics withInterfaceDropped(long value) {
    return new CaptureStatistics(startNanos, endNanos, received, value, systemDropped);
  }

  /** With this many frames dropped by the operating system. */
  public CaptureStatistics withSystemDropped(long value) {
    return new CaptureStatistics(startNanos, endNanos, received, interfaceDropped, value);
  }

  private static void require(String name, long value) {
    if (value < UNKNOWN) {
      throw new IllegalArgumentException(name + "=" + value + ": 0 or more, or -1 for unknown");
    }
  }
}
