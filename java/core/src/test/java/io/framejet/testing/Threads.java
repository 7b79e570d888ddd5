package io.framejet.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads as the kernel sees them. */
public final class Threads {
  private Threads() {}

  /** The kernel's number of the calling thread. */
  public static long id() {
    try {
      return Long.parseLong(
          String.valueOf(Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What runs on a thread of its own. */
  public static <T> Task<T> start(String name, Callable<T> action) {
    FutureTask<T> future = new FutureTask<>(action);
    Thread thread = new Thread(future, name);
    thread.setDaemon(true);
    thread.start();
    return new Task<>(thread, future);
  }

  /**
   * Runs on one CPU only. The kernel keeps a queue per CPU of what a veth has to deliver: a sender
   * that is moved between them may see its frames overtake each other.
   */
  public static <T> T pinned(Callable<T> action) {
    return start(
            "pinned",
            () -> {
              Command.of("taskset", "-c", "-p", "0", Long.toString(id())).succeed();
              return action.call();
            })
        .get();
  }

  /** Something that runs on a thread of its own. */
  public static final class Task<T> {
    private final Thread thread;
    private final FutureTask<T> future;

    private Task(Thread thread, FutureTask<T> future) {
      this.thread = thread;
      this.future = future;
    }

    /** The thread. */
    public Thread thread() {
      return thread;
    }

    /** Whether it has ended. */
    public boolean isDone() {
      return future.isDone();
    }

    /** Waits for what it gives; fails the test when it throws, or takes longer than a minute. */
    public T get() {
      try {
        return future.get(60, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof AssertionError error) {
          throw error;
        }
        throw new AssertionError(thread.getName() + " threw", e.getCause());
      } catch (TimeoutException e) {
        throw new AssertionError(thread.getName() + " hangs: " + trace(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }

    /** Waits for the exception that it ends with; fails the test when it ends otherwise. */
    public Throwable failure() {
      try {
        T value = future.get(60, TimeUnit.SECONDS);
        throw new AssertionError(thread.getName() + " ended without an exception: " + value);
      } catch (ExecutionException e) {
        return Objects.requireNonNull(e.getCause());
      } catch (TimeoutException e) {
        throw new AssertionError(thread.getName() + " hangs: " + trace(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }

    private String trace() {
      return Arrays.toString(thread.getStackTrace());
    }
  }
}
