package io.framejet.emulate;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.link.Link;
import io.framejet.receive.FrameHandler;
import io.framejet.receive.ReceivedFrame;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers through packet sockets, on a thread of its own. A link that is set down and up again is
 * answered on again; one that is deleted ends it.
 */
final class SocketService implements Service {
  private static final Logger LOG = LoggerFactory.getLogger(SocketService.class);

  private static final int BATCH = 256;
  private static final long WAIT_NANOS = 100_000_000;
  private static final long LINK_DOWN_PAUSE_NANOS = 5_000_000;
  private static final int IGNORED = EmulatorStatistics.IGNORED;
  private static final int UNSENT = EmulatorStatistics.UNSENT;

  private final Answerer answerer;
  private final Receiver receiver;
  private final Injector injector;
  private final FrameBatch batch;
  private final FrameHandler handler = this::take;

  /** The kinds of the answers in the batch, in order. */
  private final int[] pending = new int[BATCH];

  /** Written by the thread alone. */
  private final AtomicLongArray counters = new AtomicLongArray(UNSENT + 1);

  private final Thread thread;
  private volatile boolean ended;
  private volatile @Nullable FramejetException fault;
  private volatile long missed;

  private SocketService(Answerer answerer, Receiver receiver, Injector injector) {
    this.answerer = answerer;
    this.receiver = receiver;
    this.injector = injector;
    this.batch = injector.newBatch();
    this.thread = new Thread(this::serve, "host emulator");
    thread.setDaemon(true);
  }

  /**
   * Begins to answer.
   *
   * @param backend {@code SOCKET} or {@code RING}: how frames are received
   */
  static SocketService open(Link link, Answerer answerer, Backend backend)
      throws FramejetException {
    // The hosts' MACs are not the link's.
    Receiver receiver =
        Receiver.open(link, ReceiverOptions.defaults().withBackend(backend).withPromiscuous(true));
    try {
      // Not by a ring: a receiver on this machine may still read a frame when its slot is written
      // anew.
      Injector injector =
          Injector.open(
              link, InjectorOptions.defaults().withBackend(Backend.SOCKET).withBatch(BATCH));
      SocketService service = new SocketService(answerer, receiver, injector);
      service.thread.start();
      return service;
    } catch (FramejetException | RuntimeException | Error e) {
      receiver.close();
      throw e;
    }
  }

  private void serve() {
    try {
      while (!ended) {
        try {
          final int frames = receiver.poll(handler, BATCH);
          send();
          if (frames == 0) {
            receiver.await(WAIT_NANOS);
          }
        } catch (FramejetException e) {
          if (e.code() != ErrorCode.LINK_DOWN) {
            throw e;
          }
          LockSupport.parkNanos(LINK_DOWN_PAUSE_NANOS);
        }
      }
    } catch (FramejetException e) {
      fault = e;
    } catch (RuntimeException | Error e) {
      LOG.error("The host emulator has ended.", e);
      fault = new FramejetException(ErrorCode.SYSTEM_ERROR, "the host emulator has ended: " + e, e);
    }
  }

  private void take(ReceivedFrame frame) {
    final Answerer made = answerer;
    if (!made.answers(frame.buffer(), frame.offset(), frame.length())) {
      add(IGNORED, 1);
      return;
    }
    final Answer answer = made.answer();
    // What the link once carried it may carry no more, since its MTU can change.
    if (answer.length() > batch.maxFrame() || !batch.add(answer.buffer(), 0, answer.length())) {
      add(UNSENT, 1);
      return;
    }
    pending[batch.size() - 1] = answer.kind().number();
  }

  /** Sends what is in the batch; what does not leave now never does, as on a busy wire. */
  private void send() throws FramejetException {
    final int answers = batch.size();
    int sent = 0;
    try {
      while (sent < answers) {
        final int taken = injector.send(batch);
        if (taken == 0) {
          break;
        }
        for (int i = sent; i < sent + taken; i++) {
          add(pending[i], 1);
        }
        sent += taken;
      }
    } finally {
      if (sent < answers) {
        add(UNSENT, answers - sent);
        injector.newBatch();
      }
    }
  }

  private void add(int counter, long count) {
    counters.lazySet(counter, counters.get(counter) + count);
  }

  @Override
  public Backend backend() {
    return receiver.backend();
  }

  @Override
  public EmulatorStatistics statistics() {
    try {
      missed = receiver.statistics().dropped();
    } catch (FramejetException e) {
      LOG.trace("The last count of what was missed stands.", e);
    }
    long[] counts = new long[counters.length()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = counters.get(i);
    }
    return EmulatorStatistics.of(counts, missed);
  }

  @Override
  public @Nullable FramejetException fault() {
    return fault;
  }

  @Override
  public void close() {
    ended = true;
    receiver.wakeup();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    EmulatorStatistics unused = statistics(); // while the kernel still knows what was missed
    receiver.close();
    injector.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
