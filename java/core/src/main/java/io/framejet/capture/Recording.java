package io.framejet.capture;

/**
 * What a {@link Recorder} did. All frames that passed the filter while it ran are accounted for:
 * {@code delivered + dropped}.
 *
 * @param frames frames written
 * @param bytes their bytes, as they were on the link, without FCS
 * @param delivered frames that the kernel put into the receiver's memory; more than {@code frames}
 *     only when the wanted number was reached, or the file could not be written
 * @param dropped frames that the kernel had no room for, exactly
 * @param linkMissed frames that the device itself had no room for, before any filter; {@link
 *     CaptureStatistics#UNKNOWN} when the link is gone
 * @param startNanos when it began, nanoseconds since the epoch
 * @param endNanos when it ended, nanoseconds since the epoch
 */
public record Recording(
    long frames,
    long bytes,
    long delivered,
    long dropped,
    long linkMissed,
    long startNanos,
    long endNanos) {
  /** The same as a capture file has it. */
  public CaptureStatistics statistics() {
    return CaptureStatistics.unknown()
        .withTimes(startNanos, endNanos)
        .withReceived(delivered + dropped)
        .withInterfaceDropped(linkMissed)
        .withSystemDropped(dropped);
  }
}
