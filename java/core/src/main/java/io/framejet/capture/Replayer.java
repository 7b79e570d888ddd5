package io.framejet.capture;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.EtherType;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.Ipv6Header;
import io.framejet.frame.LinkType;
import io.framejet.inject.Injector;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import io.framejet.inject.RealTime;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sends the frames of a capture file: at their own pace, faster or slower, at a fixed rate, or as
 * fast as the link takes them.
 *
 * <pre>{@code
 * try (Injector injector = Injector.open(Link.find("eth0"))) {
 *   ReplayReport report = Replayer.on(injector).speed(10).run(Path.of("x.pcapng"));
 * }
 * }</pre>
 *
 * <p>At its own pace a frame leaves some microseconds after it is due, as long as this thread gets
 * its core: it sleeps until shortly before and then watches the clock. On a machine that has other
 * things to do it gets its core when it is due only with {@link #realTime}.
 *
 * <p>The file is read as it is sent, however long it is. What cannot be sent as it was captured,
 * since it is too large or cut short, is left out and counted. Ethernet frames below 60 bytes are
 * lengthened with zeros; a frame check sequence that the file says is there is left out.
 *
 * <p>One thread runs it, once; {@link #cancel} may be called by any. It does not own the injector.
 */
public final class Replayer {
  /** Longest sleep: how soon {@link #cancel} is heeded between two frames. */
  private static final long LOOK_NANOS = 50_000_000;

  /** From the first frame read to it being due: what runs for the first time takes time. */
  private static final long LEAD_NANOS = 3_000_000;

  /** Frames that are read beforehand, and the longest time for that. */
  private static final int REHEARSED = 1000;

  private static final long REHEARSAL_NANOS = 50_000_000;

  /** More than that after it was due, a frame is late. */
  private static final long LATE_NANOS = 100_000;

  /** Most frames that go out together when sending has fallen behind. */
  private static final int BURST = 64;

  /** Sends without a single frame taken, each some 10 ms, before giving up. */
  private static final int PATIENCE = 1000;

  private static final int VLAN_TAG = 4;
  private static final int ETHER_TYPE = 12;

  private final Injector injector;
  private final FrameBatch batch;
  private final LinkType linkType;
  private double speed = 1;
  private @Nullable Pacer pacer;
  private long loops = 1;
  private boolean realTime;
  private boolean realTimeGranted;

  private volatile boolean cancelled;
  private final PunctualThread thread = new PunctualThread();
  private final Alarm alarm = new Alarm(thread);
  private final long[] dues = new long[BURST];
  private @Nullable ReplaySchedule schedule;
  private int checkedInterface = -1;
  private int fcsLength;
  private int budget;
  private long frames;
  private long sent;
  private long tooLarge;
  private long malformed;
  private long truncated;
  private long loopsDone;
  private long firstNanos;
  private long lastNanos;
  private long lateNanos;
  private long lateFrames;
  private long sentBytesBefore;
  private long unconfirmedBefore;

  private Replayer(Injector injector) {
    this.injector = injector;
    batch = injector.newBatch();
    linkType = injector.linkType();
  }

  /** A replayer at the pace of the capture, once. */
  public static Replayer on(Injector injector) {
    return new Replayer(injector);
  }

  /**
   * At the pace of the capture times {@code factor}, which is more than 0: 10 is ten times as fast.
   */
  public Replayer speed(double factor) {
    if (!(factor > 0) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException("speed=" + factor + ": a number above 0");
    }
    speed = factor;
    pacer = null;
    return this;
  }

  /** At a fixed rate, or with {@link Rate#MAX} as fast as the link takes frames. */
  public Replayer rate(Rate rate) {
    pacer = Pacer.at(rate);
    return this;
  }

  /** This many times one after the other; 0 until {@link #cancel}. */
  public Replayer loops(long count) {
    if (count < 0) {
      throw new IllegalArgumentException("loops=" + count + ": 0 or more");
    }
    loops = count;
    return this;
  }

  /**
   * Whether frames that leave by the times of the file do so with real-time priority, where that is
   * allowed: see {@link RealTime}. Not so unless set.
   */
  public Replayer realTime(boolean wanted) {
    realTime = wanted;
    return this;
  }

  /** Whether the latest run had real-time priority. For the thread that runs it. */
  public boolean isRealTime() {
    return realTimeGranted;
  }

  /** Ends a run within some 50 ms. */
  public void cancel() {
    cancelled = true;
  }

  /**
   * Sends a file.
   *
   * @return what was done; after an exception {@link #report} has it
   * @throws CaptureFormatException where the file is malformed or cut off, after the frames before
   *     were sent
   * @throws FramejetException NOT_SUPPORTED when frames of the file begin with another header than
   *     those of the link; SYSTEM_ERROR if the file cannot be read; as {@link Injector#send} does;
   *     RESOURCE_EXHAUSTED when the link took no frame for some 10 s
   */
  public ReplayReport run(Path file) throws FramejetException {
    begin();
    if (schedule != null && Files.isRegularFile(file)) {
      rehearse(file);
    }
    try (RealTime punctual = punctual()) {
      begin(punctual);
      do {
        try (CaptureReader reader = CaptureReader.open(file)) {
          pass(reader, file.toString());
        }
      } while (!cancelled && loopsDone != loops && frames > 0);
    }
    return report();
  }

  /**
   * Sends what a reader gives, once, whatever was asked for. The reader stays open.
   *
   * @throws FramejetException as {@link #run(Path)} does
   */
  public ReplayReport run(CaptureReader reader) throws FramejetException {
    begin();
    try (RealTime punctual = punctual()) {
      begin(punctual);
      pass(reader, "the capture");
    }
    return report();
  }

  /** What was done so far. For the thread that runs it. */
  public ReplayReport report() {
    final long unconfirmed = injector.statistics().unconfirmed() - unconfirmedBefore;
    return new ReplayReport(
        frames,
        sent,
        injector.statistics().bytes() - sentBytesBefore,
        unconfirmed,
        frames - sent - unconfirmed - tooLarge - malformed - truncated,
        tooLarge,
        malformed,
        truncated,
        loopsDone,
        lastNanos - firstNanos,
        lateNanos,
        lateFrames);
  }

  private void begin() throws FramejetException {
    if (!batch.isEmpty()) {
      throw new IllegalStateException("size=" + batch.size() + ": frames wait in the open batch");
    }
    sentBytesBefore = injector.statistics().bytes();
    unconfirmedBefore = injector.statistics().unconfirmed();
    sendNothing(); // only to have the way there ready
    schedule = pacer == null ? new ReplaySchedule(speed, LEAD_NANOS) : null;
  }

  /**
   * Does with the first frames all but sending them. A JVM takes 0.1 ms for what it does the first
   * times, which is longer than the frames of a burst are apart.
   */
  private void rehearse(Path file) {
    final long begin = System.nanoTime();
    final ReplaySchedule rehearsal = new ReplaySchedule(speed, 0);
    try (CaptureReader reader = CaptureReader.open(file)) {
      CapturedFrame frame;
      for (int i = 0; i < REHEARSED && (frame = reader.next()) != null; i++) {
        final int length = lengthToSend(frame);
        final long due = Math.min(rehearsal.due(frame), System.nanoTime());
        if (cancelled || due - begin > REHEARSAL_NANOS) {
          break;
        }
        if (length >= 0 && batch.add(frame.buffer(), frame.offset(), length)) {
          batch.clear();
        }
        if (alarm.await(due, 0)) {
          sendNothing();
        }
      }
    } catch (FramejetException e) {
      // Told of when it is in earnest.
    }
    tooLarge = 0;
    malformed = 0;
    truncated = 0;
  }

  private @Nullable RealTime punctual() throws FramejetException {
    return realTime && schedule != null ? RealTime.begin() : null;
  }

  private void begin(@Nullable RealTime punctual) {
    realTimeGranted = punctual != null && punctual.isGranted();
    thread.begin(punctual);
    alarm.realTime(realTimeGranted);
  }

  private void pass(CaptureReader reader, String name) throws FramejetException {
    checkedInterface = -1;
    if (schedule != null && loopsDone > 0) {
      schedule.restart();
    }
    CapturedFrame frame;
    while (!cancelled && (frame = next(reader)) != null) {
      frames++;
      if (frame.interfaceIndex() != checkedInterface) {
        checkInterface(reader, frame.interfaceIndex(), name);
      }
      final int length = lengthToSend(frame);
      if (length >= 0) {
        send(frame, length);
      }
    }
    if (!cancelled) {
      sendAll();
      loopsDone++;
    }
  }

  /** What was read before a fault of the file is sent before it is thrown. */
  private @Nullable CapturedFrame next(CaptureReader reader) throws FramejetException {
    try {
      return reader.next();
    } catch (FramejetException e) {
      sendAll();
      throw e;
    }
  }

  private void checkInterface(CaptureReader reader, int index, String name)
      throws FramejetException {
    final CaptureInterface from = reader.interfaces().get(index);
    if (LinkType.ofNumber(from.linkType()) != linkType) {
      frames--;
      sendAll();
      throw new FramejetException(
          ErrorCode.NOT_SUPPORTED,
          "frames of "
              + name
              + " are of link type "
              + LinkType.name(from.linkType())
              + ", and those that go out on "
              + injector.link().name()
              + " by "
              + injector.backend().label()
              + " begin with "
              + linkType.description());
    }
    fcsLength = from.fcsLength();
    checkedInterface = index;
  }

  /** Bytes to send of {@code frame}, or -1, counted, when it has to be left out. */
  private int lengthToSend(CapturedFrame frame) {
    if (frame.length() < frame.originalLength()) {
      truncated++;
      return -1;
    }
    final int length = frame.length() - fcsLength;
    if (!hasHeader(frame, length)) {
      malformed++;
      return -1;
    }
    if (length > injector.maxFrame() && !isTaggedAndFits(frame, length)) {
      tooLarge++;
      return -1;
    }
    return length;
  }

  private boolean hasHeader(CapturedFrame frame, int length) {
    if (length < linkType.minHeader()) {
      return false;
    }
    if (linkType == LinkType.ETHERNET) {
      return true;
    }
    final int version = (frame.buffer().get(frame.offset()) & 0xff) >>> 4;
    return version == 4 || (version == 6 && length >= Ipv6Header.LENGTH);
  }

  /** The kernel makes room for an 802.1Q tag. */
  private boolean isTaggedAndFits(CapturedFrame frame, int length) {
    if (linkType != LinkType.ETHERNET || length > injector.maxFrame() + VLAN_TAG) {
      return false;
    }
    final ByteBuffer buffer = frame.buffer();
    return (buffer.getShort(frame.offset() + ETHER_TYPE) & 0xffff) == EtherType.VLAN
        && length <= batch.maxFrame();
  }

  private void send(CapturedFrame frame, int length) throws FramejetException {
    final ReplaySchedule timed = schedule;
    if (timed == null) {
      sendPaced(frame, length);
      return;
    }
    final long due = timed.due(frame);
    final boolean early = due - System.nanoTime() > 0;
    if (early) {
      sendAll(); // those before it are due already
    }
    if (!add(frame, length)) {
      return;
    }
    dues[batch.size() - 1] = due;
    if (early) {
      await(due); // with the frame in its slot: from then on there is nothing left but to send
    }
    // On time it goes alone and now; behind time, many together.
    final boolean alone = early || System.nanoTime() - due < LATE_NANOS / 2;
    if (!cancelled && (alone || batch.size() == BURST)) {
      sendAll();
    }
  }

  private void sendPaced(CapturedFrame frame, int length) throws FramejetException {
    if (budget == 0) {
      sendAll();
      budget = awaitBudget();
    }
    if (budget > 0 && add(frame, length)) {
      budget--;
    }
  }

  private int awaitBudget() {
    final Pacer pace = pacer;
    while (pace != null && !cancelled) {
      final long now = System.nanoTime();
      final int due = pace.due(now);
      if (due > 0) {
        return due;
      }
      LockSupport.parkNanos(Math.min(pace.nanosToNext(now), LOOK_NANOS));
    }
    return 0;
  }

  /** Whether it is in the batch; else the replay was cancelled. */
  private boolean add(CapturedFrame frame, int length) throws FramejetException {
    while (!batch.add(frame.buffer(), frame.offset(), length)) {
      if (cancelled) {
        return false;
      }
      if (batch.isEmpty()) {
        // All slots are still the kernel's: waits a moment for one.
        sendNothing();
      }
      sendAll();
    }
    return true;
  }

  private void sendNothing() throws FramejetException {
    final int unused = injector.send(batch);
  }

  private void await(long due) {
    while (!cancelled && !alarm.await(due, LOOK_NANOS)) {
      // Looks whether it was cancelled.
    }
  }

  private void sendAll() throws FramejetException {
    int patience = PATIENCE;
    while (!batch.isEmpty() && patience > 0) {
      final long now = System.nanoTime();
      alarm.runs(now);
      final int taken = injector.send(batch);
      patience = taken > 0 ? PATIENCE : cancelled ? 0 : patience - 1;
      if (taken > 0) {
        account(taken, now);
      }
    }
    if (!batch.isEmpty() && !cancelled) {
      throw new FramejetException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "link " + injector.link().name() + " took no frame for some 10 s: its queue stays full",
          0,
          "linux/" + injector.backend().label(),
          injector.link().name(),
          null);
    }
  }

  private void account(int taken, long now) {
    if (sent == 0) {
      firstNanos = now;
    }
    lastNanos = System.nanoTime();
    sent += taken;
    if (pacer != null) {
      pacer.sent(taken, lastNanos);
    }
    if (schedule == null) {
      return;
    }
    for (int i = 0; i < taken; i++) {
      final long late = now - dues[i];
      lateNanos = Math.max(lateNanos, late);
      lateFrames += late > LATE_NANOS ? 1 : 0;
    }
    System.arraycopy(dues, taken, dues, 0, BURST - taken);
  }
}
