package io.framejet.bench;

/**
 * Takes what is measured of each frame that arrives: on the receiving thread, so it must be quick.
 * Frames that the receiver had no room for are not among them.
 */
@FunctionalInterface
public interface ArrivalListener {
  /** Between a frame and nothing. */
  long NONE = -1;

  /** Takes nothing. */
  ArrivalListener NOTHING = (latencyNanos, gapNanos) -> {};

  /**
   * A frame has arrived.
   *
   * @param latencyNanos from when the frame was written, just before the send call that took it, to
   *     when the kernel saw it on the receiving link; 0 where clocks disagree by more than that
   * @param gapNanos since the arrival before it; {@link #NONE} for the first
   */
  void onArrival(long latencyNanos, long gapNanos);
}
