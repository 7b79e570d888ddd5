package io.framejet.sweep;

import io.framejet.receive.Receiver;
import org.jspecify.annotations.Nullable;

/** The wish of another thread to end a sweep, which reaches it also while it waits for frames. */
final class Cancellation {
  private volatile boolean cancelled;
  private volatile @Nullable Runnable ending;

  void cancel() {
    cancelled = true;
    Runnable end = ending;
    if (end != null) {
      end.run();
    }
  }

  boolean isCancelled() {
    return cancelled || Thread.currentThread().isInterrupted();
  }

  /** What waits from now on. */
  void wakes(Receiver receiver) {
    ends(receiver::wakeup);
  }

  /** What ends the waiting that begins now; at once when the wish is older. */
  void ends(Runnable end) {
    ending = end;
    if (cancelled) {
      end.run();
    }
  }
}
