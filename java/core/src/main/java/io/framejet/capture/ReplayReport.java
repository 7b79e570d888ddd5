package io.framejet.capture;

/**
 * What a {@link Replayer} did. Each frame that was read is in one of the counts: {@code frames =
 * sent + unconfirmed + unsent + tooLarge + malformed + truncated}.
 *
 * @param frames frames read, those of all loops together
 * @param sent frames that the kernel took, with the link up before and after
 * @param bytes their bytes, padding included, without FCS
 * @param unconfirmed frames that the kernel took while the link went down: they may not have left
 * @param unsent frames that were due when it was cancelled or failed, and were not sent
 * @param tooLarge frames longer than the link takes: skipped
 * @param malformed frames that are too short for the header that frames of this link begin with, or
 *     begin with something else: skipped
 * @param truncated frames that the capture has cut short: skipped
 * @param loops how often the file was sent whole
 * @param elapsedNanos from the first frame to the last
 * @param lateNanos how long after it was due the latest frame was sent; 0 when nothing was due at a
 *     time
 * @param lateFrames frames sent more than 100 us after they were due
 */
public record ReplayReport(
    long frames,
    long sent,
    long bytes,
    long unconfirmed,
    long unsent,
    long tooLarge,
    long malformed,
    long truncated,
    long loops,
    long elapsedNanos,
    long lateNanos,
    long lateFrames) {
  /** Frames that were left out for what they are. */
  public long skipped() {
    return tooLarge + malformed + truncated;
  }
}
