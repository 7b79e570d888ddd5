package io.framejet.emulate;

import io.framejet.Backend;
import io.framejet.FramejetException;
import org.jspecify.annotations.Nullable;

/** Answers on a link, by some kernel path, from when it was opened until it is closed. */
interface Service extends AutoCloseable {
  Backend backend();

  /** What was done so far, also after it was closed. */
  EmulatorStatistics statistics();

  /** Why it has ended by itself; null while it has not. */
  @Nullable FramejetException fault();

  /** Ends it: no answer leaves afterwards. */
  @Override
  void close();
}
