package io.framejet.cli.process;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGINT and SIGTERM: what is running is told to stop, has time to write what it has, and the
 * process exits with 130. A second signal changes nothing; SIGQUIT and SIGKILL are there for the
 * impatient.
 */
public final class Interrupts {
  /** What a shell reports for a process that SIGINT ended. */
  public static final int EXIT_CODE = 130;

  private static final long PATIENCE_SECONDS = 10;

  private static final CountDownLatch FINISHED = new CountDownLatch(1);
  private static final List<Runnable> ACTIONS = new ArrayList<>();

  private static boolean interrupted;
  private static boolean finished;

  private Interrupts() {}

  /** Something that stops when the process is interrupted, until this is closed. */
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /** Begins to listen for signals. */
  public static void install() {
    Runtime.getRuntime().addShutdownHook(new Hook());
  }

  /** A class rather than a lambda: as the first of a command that would cost 10 ms. */
  private static final class Hook extends Thread {
    Hook() {
      super("interrupts");
    }

    @Override
    public void run() {
      shutDown();
    }
  }

  /** Runs {@code action}, in another thread, when a signal comes; at once if it came already. */
  public static Registration onInterrupt(Runnable action) {
    synchronized (ACTIONS) {
      if (!interrupted) {
        ACTIONS.add(action);
        return () -> forget(action);
      }
    }
    action.run();
    return () -> {};
  }

  /** Whether a signal came. */
  public static boolean interrupted() {
    synchronized (ACTIONS) {
      return interrupted;
    }
  }

  /** Ends the process: with {@code code}, or with 130 if a signal came first. */
  public static void exit(int code) {
    synchronized (ACTIONS) {
      finished = true;
    }
    FINISHED.countDown();
    System.exit(code);
  }

  private static void forget(Runnable action) {
    synchronized (ACTIONS) {
      ACTIONS.remove(action);
    }
  }

  // A hook: the JVM calls it for signals and for System.exit alike. Only Runtime.halt can set the
  // exit code here;
  // by then the command has closed what it held, so that no other hook has anything left to do.
  private static void shutDown() {
    List<Runnable> actions;
    synchronized (ACTIONS) {
      if (finished) {
        return;
      }
      interrupted = true;
      actions = List.copyOf(ACTIONS);
    }
    try {
      actions.forEach(Runnable::run);
      if (!FINISHED.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("framejet: gave up waiting for the results to be written");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      System.err.flush();
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }
}
