package io.framejet.sweep;

import io.framejet.FramejetException;

/** What a thread that sends has met, for the sweep's own thread to throw. */
final class Thrown {
  private Thrown() {}

  /**
   * Throws it again.
   *
   * @return never
   */
  static AssertionError again(Throwable thrown) throws FramejetException {
    if (thrown instanceof FramejetException known) {
      throw known;
    }
    if (thrown instanceof RuntimeException unknown) {
      throw unknown;
    }
    if (thrown instanceof Error worse) {
      throw worse;
    }
    throw new AssertionError(thrown);
  }
}
