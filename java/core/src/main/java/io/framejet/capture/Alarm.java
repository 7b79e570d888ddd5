package io.framejet.capture;

/**
 * Waits for a time more exactly than sleeping can: sleeps until shortly before ({@link
 * WakeMargin}), then watches the clock. A thread that has real-time priority gives it up in time
 * ({@link RealTimeBudget}).
 */
final class Alarm {
  /** The thread that waits, and its clock. */
  interface Sleeper {
    /** As {@link System#nanoTime()}. */
    long nanoTime();

    /** May return early. */
    void sleep(long nanos);

    /** Called again and again while the clock is watched. */
    void spin();

    /** Takes real-time priority, or gives it up. Called for a change only. */
    void realTime(boolean wanted);
  }

  private final Sleeper thread;
  private final WakeMargin margin = new WakeMargin();
  private final RealTimeBudget budget;
  private boolean granted;
  private boolean hasPriority;

  Alarm(Sleeper thread) {
    this.thread = thread;
    budget = new RealTimeBudget(thread.nanoTime());
  }

  /**
   * Whether the thread has real-time priority from now on, which may be given up and taken again.
   */
  void realTime(boolean isGranted) {
    final long now = thread.nanoTime();
    budget.pause(now);
    granted = isGranted;
    hasPriority = isGranted;
    if (isGranted) {
      budget.run(now);
    }
  }

  /**
   * Waits until {@code due}, but sleeps once at most.
   *
   * @param due a time of the thread's clock
   * @param longestSleep in nanoseconds
   * @return whether the time has come; else it is to be called again
   */
  boolean await(long due, long longestSleep) {
    final long now = thread.nanoTime();
    final long left = due - now;
    if (left > margin.nanos()) {
      sleep(now, Math.min(left - margin.nanos(), longestSleep));
      return false;
    }
    margin.stayedAwake(left);
    runs(now, Math.max(left, 0));
    while (due - thread.nanoTime() > 0) {
      thread.spin();
    }
    return true;
  }

  /** To be called now and then by a thread that does not wait. */
  void runs(long now) {
    runs(now, 0);
  }

  private void sleep(long now, long nanos) {
    if (granted && !hasPriority) {
      // It is for waking in time. What runs then gives it up again, if it has to.
      priority(true, now);
    }
    final long begin = thread.nanoTime();
    budget.pause(begin);
    thread.sleep(nanos);
    final long woken = thread.nanoTime();
    margin.slept(woken - begin - nanos);
    if (granted) {
      budget.run(woken);
    }
  }

  private void runs(long now, long ahead) {
    if (granted && budget.allows(now, ahead) != hasPriority) {
      priority(!hasPriority, now);
    }
  }

  private void priority(boolean wanted, long now) {
    hasPriority = wanted;
    thread.realTime(wanted);
    if (wanted) {
      budget.run(now);
    } else {
      budget.pause(now);
    }
  }
}
