package io.framejet.testing;

import java.util.function.Supplier;

/** Waiting for something that another thread, a process or the kernel brings about. */
public final class Wait {
  /** Much longer than anything takes: a test that waits this long has failed. */
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private Wait() {}

  /** What is waited for. */
  @FunctionalInterface
  public interface Condition {
    /** Whether it holds now. */
    boolean holds() throws Exception;
  }

  /** Waits until {@code condition} holds; fails the test when it does not come to hold. */
  public static void until(Condition condition, Supplier<String> what) {
    long begin = System.nanoTime();
    while (!holds(condition)) {
      if (System.nanoTime() - begin > PATIENCE_NANOS) {
        throw new AssertionError("waited in vain for " + what.get());
      }
      sleep(1);
    }
  }

  /** Waits until {@code condition} holds; fails the test when it does not come to hold. */
  public static void until(Condition condition, String what) {
    until(condition, () -> what);
  }

  /** Sleeps; an interrupt fails the test. */
  public static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static boolean holds(Condition condition) {
    try {
      return condition.holds();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("while waiting", e);
    }
  }
}
