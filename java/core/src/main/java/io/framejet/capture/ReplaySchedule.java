package io.framejet.capture;

/**
 * When the frames of a capture file are due: as far apart as their timestamps are, divided by a
 * speed. A timestamp before that of the first frame, or none, makes a frame due at once.
 *
 * <p>Times are of {@link System#nanoTime()}.
 */
final class ReplaySchedule {
  /** Some 73 years: what a file says beyond is no time to wait for. */
  private static final long FOREVER = Long.MAX_VALUE / 4;

  private final double speed;
  private final long lead;
  private final ReplayTurns turns;
  private long loop;
  private boolean placed;
  private long origin;
  private long firstTimestamp;
  private boolean begun;
  private long lastDue;

  /**
   * A schedule that begins when the first frame is there.
   *
   * @param speed how much faster than captured
   * @param lead how long after that the first frame is due, in nanoseconds
   * @param turns with whom it has the times in common
   */
  ReplaySchedule(double speed, long lead, ReplayTurns turns) {
    this.speed = speed;
    this.lead = lead;
    this.turns = turns;
  }

  /** When {@code frame} is due, which comes after all others so far. */
  long due(CapturedFrame frame) {
    if (!placed) {
      placed = true;
      origin = turns.origin(loop, () -> System.nanoTime() + lead);
      lastDue = origin;
    }
    if (frame.hasTimestamp()) {
      final long timestamp = frame.timestampNanos();
      if (!begun) {
        begun = true;
        firstTimestamp = timestamp;
      }
      lastDue = origin + scaled(timestamp);
    }
    return lastDue;
  }

  /** The file begins anew, right after its last frame. */
  void restart() {
    final long end = lastDue;
    origin = turns.origin(++loop, () -> Math.max(System.nanoTime(), end));
    lastDue = origin;
    begun = false;
  }

  private long scaled(long timestamp) {
    final long distance = timestamp - firstTimestamp;
    if (timestamp <= firstTimestamp) {
      return 0;
    }
    // A distance of more than 292 years has overflowed.
    final long far = distance < 0 ? FOREVER : Math.min(distance, FOREVER);
    return speed == 1 ? far : (long) Math.min(far / speed, (double) FOREVER);
  }
}
