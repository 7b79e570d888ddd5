package io.framejet.capture;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.link.Link;
import io.framejet.receive.FrameHandler;
import io.framejet.receive.ReceivedFrame;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a receiver takes into a capture file, until it is told to stop.
 *
 * <pre>{@code
 * try (Receiver receiver = Receiver.open(Link.find("eth0"));
 *     CaptureWriter writer = CaptureWriter.pcapng(Path.of("x.pcapng"), Recorder.options(receiver))) {
 *   Recording recording = Recorder.of(receiver, writer).maxDuration(Duration.ofSeconds(10)).run();
 * }
 * }</pre>
 *
 * <p>Frames are copied once, from the receiver's memory into that of the writer. At the end
 * everything that the kernel has delivered by then is still read, so that frames written and frames
 * dropped are all frames there were; the writer is told, and puts it at the end of a pcapng file.
 *
 * <p>It owns neither receiver nor writer: whoever opened them closes them. One thread runs it;
 * {@link #stop} may be called by any. An interrupt of that thread neither ends it nor harms a file;
 * a channel that was given to the writer it may close.
 */
public final class Recorder {
  /** Frames between two looks at the clock and at {@link #stop}. */
  private static final int POLL = 1024;

  /** Longest wait for frames: how old statistics and what lies unflushed on a quiet link may be. */
  private static final long LOOK_NANOS = 250_000_000;

  /** The ring hands over its last block within milliseconds. */
  private static final long DRAIN_NANOS = 1_000_000_000;

  private static final long DRAIN_LOOK_NANOS = 500_000;

  private final Receiver receiver;
  private final CaptureWriter writer;
  private final FrameHandler handler = this::take;
  private long maxFrames = Long.MAX_VALUE;
  private long maxNanos = Long.MAX_VALUE;
  private boolean flushEachPoll;

  private volatile boolean stopped;
  private @Nullable FramejetException writeFault;
  private long polled;
  private long frames;
  private long bytes;
  private long startNanos;
  private long missedBefore;
  private long lastLook;
  private volatile @Nullable Recording recording;

  private Recorder(Receiver receiver, CaptureWriter writer) {
    this.receiver = receiver;
    this.writer = writer;
  }

  /** A recorder without limits. */
  public static Recorder of(Receiver receiver, CaptureWriter writer) {
    return new Recorder(receiver, writer);
  }

  /** How to write a file of what this receiver takes: its link type and the link's name. */
  public static CaptureOptions options(Receiver receiver) {
    return CaptureOptions.defaults()
        .withLinkType(receiver.linkType())
        .withName(receiver.link().name());
  }

  /** Stops after this many frames, 1 or more. */
  public Recorder maxFrames(long count) {
    if (count < 1) {
      throw new IllegalArgumentException("maxFrames=" + count + ": 1 or more");
    }
    maxFrames = count;
    return this;
  }

  /** Stops after this time, more than 0. */
  public Recorder maxDuration(Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("maxDuration=" + duration + ": more than 0");
    }
    maxNanos = duration.toNanos();
    return this;
  }

  /**
   * Whether frames are given to the file as they come, for whoever reads along; otherwise when the
   * writer's memory is full or the link is quiet.
   */
  public Recorder flushEachPoll(boolean flush) {
    flushEachPoll = flush;
    return this;
  }

  /** Ends a run, or the next one at once. */
  public void stop() {
    stopped = true;
    receiver.wakeup();
  }

  /** What was done, also after a run that ended with an exception; null before its end. */
  public @Nullable Recording recording() {
    return recording;
  }

  /**
   * Records until a limit is reached or {@link #stop} is called. A link that is set down is waited
   * for.
   *
   * @throws FramejetException LINK_GONE when the link was deleted, after the rest was written;
   *     SYSTEM_ERROR when the file cannot be written; CLOSED
   */
  public Recording run() throws FramejetException {
    startNanos = wallClock();
    missedBefore = missed(receiver.link());
    FramejetException fault = null;
    try {
      record(System.nanoTime());
    } catch (FramejetException e) {
      fault = e;
    }
    final Recording done = finish(fault);
    recording = done;
    writer.statistics(done.statistics());
    if (fault != null) {
      throw fault;
    }
    return done;
  }

  private void record(long started) throws FramejetException {
    lastLook = started;
    boolean flushed = true;
    while (!stopped && frames < maxFrames) {
      final long left = maxNanos - (System.nanoTime() - started);
      if (left <= 0) {
        return;
      }
      if (poll(Math.min(POLL, maxFrames - frames)) > 0) {
        flushed = flushEachPoll;
        if (flushed) {
          writer.flush();
        }
        if (System.nanoTime() - lastLook > LOOK_NANOS) {
          tellStatistics();
        }
      } else if (!await(Math.min(left, LOOK_NANOS)) && !flushed) {
        flushed = true;
        tellStatistics();
        writer.flush();
      }
    }
  }

  private int poll(long limit) throws FramejetException {
    int count = 0;
    try {
      count = receiver.poll(handler, (int) limit);
    } catch (FramejetException e) {
      requireLinkDown(e);
    }
    if (writeFault != null) {
      throw writeFault;
    }
    return count;
  }

  private boolean await(long nanos) throws FramejetException {
    try {
      return receiver.await(nanos);
    } catch (FramejetException e) {
      requireLinkDown(e);
      return false;
    }
  }

  /** A link that is down is reported once, and its frames come in again when it is up. */
  private static void requireLinkDown(FramejetException fault) throws FramejetException {
    if (fault.code() != ErrorCode.LINK_DOWN) {
      throw fault;
    }
  }

  private void take(ReceivedFrame frame) {
    polled++;
    if (writeFault != null) {
      return;
    }
    try {
      writer.write(
          frame.buffer(),
          frame.offset(),
          frame.length(),
          frame.originalLength(),
          frame.timestampNanos());
      frames++;
      bytes += frame.originalLength();
    } catch (FramejetException e) {
      writeFault = e;
    }
  }

  /** For the end of a file of a series, should one end before the next look. */
  private void tellStatistics() throws FramejetException {
    lastLook = System.nanoTime();
    writer.statistics(describe(receiver.statistics(), CaptureStatistics.UNKNOWN).statistics());
  }

  private Recording finish(@Nullable FramejetException fault) throws FramejetException {
    if (fault != null && fault.code() == ErrorCode.CLOSED) {
      return describe(new ReceiverStatistics(polled, 0, 0), CaptureStatistics.UNKNOWN);
    }
    final ReceiverStatistics last = receiver.statistics();
    if (writeFault == null && frames < maxFrames) {
      drain(last.delivered());
    }
    final long missed = missed(receiver.link());
    return describe(
        last, missed < 0 || missedBefore < 0 ? CaptureStatistics.UNKNOWN : missed - missedBefore);
  }

  /** Reads what the kernel has counted as delivered, and no more. */
  private void drain(long delivered) {
    final long started = System.nanoTime();
    while (polled < delivered
        && frames < maxFrames
        && writeFault == null
        && System.nanoTime() - started < DRAIN_NANOS) {
      try {
        final long wanted = Math.min(Math.min(POLL, delivered - polled), maxFrames - frames);
        if (receiver.poll(handler, (int) wanted) > 0) {
          continue;
        }
      } catch (FramejetException e) {
        // Of the link: what it has delivered before can be read all the same.
      }
      LockSupport.parkNanos(DRAIN_LOOK_NANOS);
    }
  }

  private Recording describe(ReceiverStatistics counted, long missed) {
    return new Recording(
        frames,
        bytes,
        Math.max(counted.delivered(), frames),
        counted.dropped(),
        missed,
        startNanos,
        wallClock());
  }

  private static long missed(Link link) {
    try {
      return link.counters().rxMissed();
    } catch (FramejetException e) {
      return CaptureStatistics.UNKNOWN; // gone
    }
  }

  private static long wallClock() {
    final Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
