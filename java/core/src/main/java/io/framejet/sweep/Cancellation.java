package io.framejet.sweep;

import io.framejet.receive.Receiver;
import org.jspecify.annotations.Nullable;

/** The wish of another thread to end a sweep, which reaches it also while it waits for frames. */
final class Cancellation {
  private volatile boolean cancelled;
  private volatile @Nullable Receiver waiting;

  void cancel() {
    cancelled = true;
    Receiver receiver = waiting;
    if (receiver != null) {
      receiver.wakeup();
    }
  }

  boolean isCancelled() {
    return cancelled || Thread.currentThread().isInterrupted();
  }

  void wakes(Receiver receiver) {
    waiting = receiver;
  }
}
