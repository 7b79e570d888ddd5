package io.framejet.capture;

import io.framejet.FramejetException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The second thread of a replay. */
final class ReplayStandby {
  private final Thread thread;

  private ReplayStandby(Thread thread) {
    this.thread = thread;
  }

  /** Goes through {@code file} as well; null when no thread is to be had. */
  static @Nullable ReplayStandby start(ReplayRun run, ReplayTurns turns, Path file, long loops) {
    final Thread thread =
        new Thread(
            () -> {
              try {
                run.run(file, loops);
              } catch (FramejetException e) {
                // Of the file: the first thread meets it too. Of a send: it is told by then.
              } catch (RuntimeException | Error e) {
                turns.end(e);
              }
            },
            "replay-standby");
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      return null; // as the JVM says it; the first thread sends by itself as well
    }
    return new ReplayStandby(thread);
  }

  /** Waits until it has come to the end of the file, or the replay is over. */
  void awaitEnd() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // kept: the file ends, or the replay is cancelled
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
