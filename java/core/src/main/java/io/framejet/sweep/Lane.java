package io.framejet.sweep;

import io.framejet.FramejetException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * An outbox, and the cells whose probes are in it. It is filled, sent, by the sweep's own thread or
 * by another, and landed, which tells what the send did.
 *
 * <p>From {@link #sendBy} to {@link #land} it is not to be touched by the sweep.
 */
final class Lane implements Runnable {
  private final Outbox outbox;

  /** The cells whose probes are in the outbox, in order. */
  private final int[] cells;

  private final Semaphore ended = new Semaphore(0);
  private int count;
  private int taken;
  private @Nullable Throwable fault;
  private boolean elsewhere;

  Lane(Outbox outbox) {
    this.outbox = outbox;
    this.cells = new int[outbox.capacity()];
  }

  Outbox outbox() {
    return outbox;
  }

  /** Notes whose probe was added last. */
  void noteCell(int cell) {
    cells[outbox.size() - 1] = cell;
  }

  /** How many probes have not left, as far as is known. */
  int waiting() {
    return elsewhere ? count : outbox.size();
  }

  /** The cells of these. */
  int[] cells() {
    return cells;
  }

  /** Whether another thread has it. */
  boolean isElsewhere() {
    return elsewhere;
  }

  /** Sends what is in it. */
  void send() {
    count = outbox.size();
    push();
  }

  private void push() {
    taken = 0;
    fault = null;
    try {
      taken = outbox.send();
    } catch (FramejetException | RuntimeException | Error e) {
      fault = e; // it is thrown when this has landed
    }
  }

  /** Has another thread do so. */
  void sendBy(Executor thread) {
    count = outbox.size();
    thread.execute(this);
    elsewhere = true;
  }

  /** For the thread of {@link #sendBy}. */
  @Override
  public void run() {
    push();
    ended.release();
  }

  /**
   * Waits for the end of the send, which nothing interrupts: how many probes have left, the first
   * ones, which are to be dropped.
   *
   * @throws FramejetException what the send threw; what may have left by then is dropped already
   */
  int land() throws FramejetException {
    awaitEnd();
    outbox.arrange(cells, count);
    if (fault != null) {
      drop(count - outbox.size());
      throw Thrown.again(fault);
    }
    return taken;
  }

  /** Waits for the end of the send of another thread, if there is one. */
  void awaitEnd() {
    if (elsewhere) {
      ended.acquireUninterruptibly();
      elsewhere = false;
    }
  }

  /** Drops the first ones, which are not in the outbox any more. */
  void drop(int number) {
    System.arraycopy(cells, number, cells, 0, cells.length - number);
  }
}
