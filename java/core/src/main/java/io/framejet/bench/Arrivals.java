package io.framejet.bench;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.link.Link;
import io.framejet.receive.ReceivedFrame;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import io.framejet.receive.ReceiverStatistics;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The receiving side of a trial: counts its frames, and passes on their latencies and gaps. */
final class Arrivals implements AutoCloseable {
  private static final int RING_BYTES = 32 << 20;
  private static final int POLL = 4096;
  private static final long AWAIT_NANOS = 20_000_000;

  /** How long frames may still be under way (RFC 2544, section 23, gives them two seconds). */
  private static final long PATIENCE_NANOS = 2_000_000_000;

  /** Nothing arrives any more. */
  private static final long QUIET_NANOS = 100_000_000;

  private static final long LOOK_NANOS = 2_000_000;
  private static final int THREADS = 256;

  private final Receiver receiver;
  private final ArrivalListener listener;
  private final int tag;
  private final int payloadAt;
  private final int[] nextSequence = new int[THREADS];
  private final Thread thread = new Thread(this::run, "bench-arrivals");

  private volatile boolean stopping;
  private volatile long wanted = Long.MAX_VALUE;
  private volatile @Nullable Exception fault;
  private long polled;
  private long reordered;
  private long last = ArrivalListener.NONE;

  private Arrivals(Receiver receiver, ArrivalListener listener, int tag, int payloadAt) {
    this.receiver = receiver;
    this.listener = listener;
    this.tag = tag;
    this.payloadAt = payloadAt;
  }

  /** Begins to receive the frames with {@code tag}. */
  static Arrivals open(Link link, TestFrame frame, int tag, ArrivalListener listener)
      throws FramejetException {
    if (link.linkType() == null) {
      throw new FramejetException(
          ErrorCode.NOT_SUPPORTED,
          "frames of link " + link.name() + " begin with neither an Ethernet nor an IP header");
    }
    final ReceiverOptions options =
        ReceiverOptions.defaults()
            .withFilter(frame.filter(link.linkType(), tag))
            .withSnaplen(TestFrame.SNAPLEN)
            .withRingBytes(RING_BYTES);
    final Receiver receiver = Receiver.open(link, options);
    final Arrivals arrivals =
        new Arrivals(receiver, listener, tag, frame.payloadAt(link.linkType()));
    arrivals.thread.setDaemon(true);
    arrivals.thread.start();
    return arrivals;
  }

  /** Waits until {@code expected} frames have come, or no more do; then reads what is there. */
  ReceiverStatistics finish(long expected) throws FramejetException {
    final ReceiverStatistics counted = settle(expected);
    wanted = counted.delivered();
    stopping = true;
    receiver.wakeup();
    try {
      thread.join(PATIENCE_NANOS / 1_000_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (fault instanceof FramejetException known) {
      throw known;
    }
    if (fault instanceof RuntimeException unknown) {
      throw unknown;
    }
    return counted;
  }

  private ReceiverStatistics settle(long expected) throws FramejetException {
    final long begin = System.nanoTime();
    ReceiverStatistics counted = receiver.statistics();
    long changed = begin;
    long now = begin;
    while (counted.delivered() + counted.dropped() < expected
        && now - changed < QUIET_NANOS
        && now - begin < PATIENCE_NANOS) {
      LockSupport.parkNanos(LOOK_NANOS);
      now = System.nanoTime();
      final ReceiverStatistics later = receiver.statistics();
      if (!later.equals(counted)) {
        changed = now;
        counted = later;
      }
    }
    return counted;
  }

  /** Frames that arrived after a later one; to be asked after {@link #finish}. */
  long reordered() {
    return reordered;
  }

  @Override
  public void close() {
    stopping = true;
    wanted = 0;
    receiver.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    receiver.close();
  }

  private void run() {
    try {
      final long begin = System.nanoTime();
      long stopSeen = begin;
      while (!stopping || (polled < wanted && System.nanoTime() - stopSeen < PATIENCE_NANOS / 2)) {
        if (!stopping) {
          stopSeen = System.nanoTime();
        }
        if (receiver.poll(this::take, POLL) == 0) {
          final boolean unused = receiver.await(stopping ? LOOK_NANOS : AWAIT_NANOS);
        }
      }
    } catch (FramejetException | RuntimeException e) {
      fault = e;
    }
  }

  private void take(ReceivedFrame frame) {
    polled++;
    final int at = frame.offset() + payloadAt;
    if (frame.length() < payloadAt + TestFrame.STAMP) {
      return;
    }
    final ByteBuffer buffer = frame.buffer();
    final int found = buffer.getInt(at + TestFrame.TAG);
    if (found >>> Byte.SIZE != tag >>> Byte.SIZE) {
      return;
    }
    final int sender = found & THREADS - 1;
    final int sequence = buffer.getInt(at + TestFrame.SEQUENCE);
    if (sequence - nextSequence[sender] < 0) {
      reordered++;
    } else {
      nextSequence[sender] = sequence + 1;
    }
    final long time = frame.timestampNanos();
    final long gap = last == ArrivalListener.NONE ? last : Math.max(0, time - last);
    last = time;
    listener.onArrival(Math.max(0, time - buffer.getLong(at + TestFrame.DEPARTURE)), gap);
  }
}
