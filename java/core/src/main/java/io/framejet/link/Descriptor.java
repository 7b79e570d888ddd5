package io.framejet.link;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.lang.ref.Cleaner;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * A kernel descriptor: never used after it was closed, since its number may belong to something
 * else by then; closed once, by {@link #close} or, failing that, when its owner has become
 * unreachable. A close waits for a use that is under way; all uses are short.
 */
final class Descriptor implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final String what;
  private final State state;
  private final Cleaner.Cleanable cleanable;

  /**
   * Starts the cleaner's thread, if it does not run. A thread stays in the network namespace that
   * it began in, and keeps it in being, so this must not happen inside of a {@link
   * NetworkNamespace#call}.
   */
  static void startCleaner() {
    Objects.requireNonNull(CLEANER);
  }

  /**
   * Holds {@code fd} for {@code owner}; {@code what} names it in the message of a use after close.
   */
  Descriptor(Object owner, String what, int fd, IntConsumer closer) {
    this.what = what;
    this.state = new State(fd, closer);
    this.cleanable = onUnreachable(owner, state);
  }

  /** Runs {@code action} once: when asked to, or when {@code owner} has become unreachable. */
  static Cleaner.Cleanable onUnreachable(Object owner, Runnable action) {
    return CLEANER.register(owner, action);
  }

  /** What is done with a descriptor while it is certain to be open. */
  @FunctionalInterface
  interface Use<T, E extends Exception> {
    T apply(int fd) throws E;
  }

  /** What {@code use} gives for the open descriptor. */
  <T, E extends Exception> T use(Use<T, E> use) throws E, FramejetException {
    synchronized (state) {
      if (state.fd < 0) {
        throw new FramejetException(ErrorCode.CLOSED, what + " is closed");
      }
      return use.apply(state.fd);
    }
  }

  @Override
  public void close() {
    cleanable.clean();
  }

  /** Apart from the owner, so that it can be reached while the owner cannot. */
  private static final class State implements Runnable {
    private final IntConsumer closer;
    private int fd;

    State(int fd, IntConsumer closer) {
      this.fd = fd;
      this.closer = closer;
    }

    @Override
    public synchronized void run() {
      if (fd >= 0) {
        closer.accept(fd);
        fd = -1;
      }
    }
  }
}
