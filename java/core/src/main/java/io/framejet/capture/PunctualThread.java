package io.framejet.capture;

import io.framejet.inject.RealTime;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The current thread, for an {@link Alarm}. */
class PunctualThread implements Alarm.Sleeper {
  private @Nullable RealTime priority;

  /** What it was given, or null. */
  void begin(@Nullable RealTime given) {
    priority = given;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void sleep(long nanos) {
    LockSupport.parkNanos(nanos);
  }

  @Override
  public void spin() {
    Thread.onSpinWait();
  }

  @Override
  public void realTime(boolean wanted) {
    final RealTime given = priority;
    if (given == null) {
      return;
    }
    if (wanted) {
      given.resume();
    } else {
      given.suspend();
    }
  }
}
