package io.framejet.capture;

/**
 * How long before something is due a sleep has to end: learnt from how late sleeps do end.
 *
 * <p>That is some 20 us on bare metal, and now and then milliseconds on a virtual machine whose
 * core was given to another meanwhile. A sleep that ends too late doubles the margin at most, so
 * that one delay alone does not decide; each that ends within it takes away a little. Both are even
 * when one sleep in some 2,000 ends too late, whatever the delays are like.
 *
 * <p>All times are in nanoseconds.
 */
final class WakeMargin {
  static final long LEAST = 80_000;

  /** The longest time that a thread watches the clock for one frame. */
  static final long MOST = 5_000_000;

  private static final long FIRST = 1_000_000;

  /** Of the margin that part is taken away. */
  private static final int RELAX = 4096;

  private long margin = FIRST;

  long nanos() {
    return margin;
  }

  /** A sleep that was to end {@link #nanos} before something was due has ended so late. */
  void slept(long late) {
    if (late > margin) {
      margin = Math.min(Math.min(late + late / 4, 2 * margin), MOST);
    } else {
      relax();
    }
  }

  /**
   * There was that long to wait, and no sleep since it was too short. As if a sleep had ended in
   * time: else a margin above all the waits there are would stay for ever.
   */
  void stayedAwake(long wait) {
    if (wait > LEAST) {
      relax();
    }
  }

  private void relax() {
    margin = Math.max(margin - margin / RELAX, LEAST);
  }
}
