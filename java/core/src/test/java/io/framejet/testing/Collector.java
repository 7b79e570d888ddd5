package io.framejet.testing;

import io.framejet.FramejetException;
import io.framejet.link.Link;
import io.framejet.receive.ReceivedFrame;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.util.ArrayList;
import java.util.List;

/** Keeps a copy of every frame that a receiver takes, on a thread of its own. */
public final class Collector implements AutoCloseable {
  private final Receiver receiver;
  private final List<Taken> taken = new ArrayList<>();
  private final Threads.Task<Integer> task;
  private volatile boolean ended;

  private Collector(Receiver receiver) {
    this.receiver = receiver;
    this.task = Threads.start("collector", this::collect);
  }

  /** A frame that was received. */
  public static final class Taken {
    private final byte[] bytes;
    private final int originalLength;
    private final long timestampNanos;
    private final boolean outgoing;

    private Taken(ReceivedFrame frame) {
      bytes = frame.toByteArray();
      originalLength = frame.originalLength();
      timestampNanos = frame.timestampNanos();
      outgoing = frame.outgoing();
    }

    /** What was captured. */
    public byte[] bytes() {
      return bytes;
    }

    /** How many bytes it had on the link. */
    public int originalLength() {
      return originalLength;
    }

    /** When the kernel saw it. */
    public long timestampNanos() {
      return timestampNanos;
    }

    /** Whether this host sent it. */
    public boolean outgoing() {
      return outgoing;
    }

    /** Its number, as {@link NumberedFrames} makes them. */
    public int number() {
      return NumberedFrames.number(bytes);
    }
  }

  /**
   * Collects what comes in at {@code link}, by the ring, with room for some 100,000 short frames.
   */
  public static Collector on(Link link) throws FramejetException {
    return on(link, ReceiverOptions.defaults().withRingBytes(64 << 20));
  }

  /** Collects what comes in at {@code link}. */
  public static Collector on(Link link, ReceiverOptions options) throws FramejetException {
    return new Collector(Receiver.open(link, options));
  }

  private int collect() throws FramejetException {
    while (!ended) {
      try {
        receiver.poll(this::take, 1024);
        receiver.await(5_000_000);
      } catch (FramejetException e) {
        switch (e.code()) {
          case LINK_DOWN, LINK_GONE ->
              Wait.sleep(1); // a link that comes and goes is some tests' subject
          default -> throw e;
        }
      }
    }
    return size();
  }

  private void take(ReceivedFrame frame) {
    synchronized (taken) {
      taken.add(new Taken(frame));
    }
  }

  /** How many were taken so far. */
  public int size() {
    synchronized (taken) {
      return taken.size();
    }
  }

  /** What was taken so far. */
  public List<Taken> frames() {
    synchronized (taken) {
      return List.copyOf(taken);
    }
  }

  /** The numbers of what was taken so far. */
  public List<Integer> numbers() {
    return frames().stream().map(Taken::number).toList();
  }

  /** Waits for {@code count} frames in all, then gives everything that there is. */
  public List<Taken> await(int count) {
    Wait.until(() -> size() >= count, () -> count + " frames, there are " + size());
    return frames();
  }

  /** Waits until everything that the link has delivered was taken: gives all frames. */
  public List<Taken> settle() {
    Wait.until(
        () -> {
          long delivered = receiver.statistics().delivered();
          return size() == delivered;
        },
        () -> "the receiver to run dry, taken=" + size());
    return frames();
  }

  /** Frames that were lost for lack of room. */
  public long dropped() throws FramejetException {
    return receiver.statistics().dropped();
  }

  @Override
  public void close() {
    ended = true;
    receiver.wakeup();
    try {
      task.get();
    } finally {
      receiver.close();
    }
  }
}
