package io.framejet.capture;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.EtherType;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.Ipv6Header;
import io.framejet.frame.LinkType;
import io.framejet.inject.Injector;
import io.framejet.inject.Pacer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread's way through a capture file: reads a frame, waits until it is due, and sends it,
 * unless another thread that goes the same way has ({@link ReplayTurns}).
 */
final class ReplayRun {
  /** Longest sleep: how soon the end is heeded between two frames. */
  private static final long LOOK_NANOS = 50_000_000;

  /** From the first frame read to it being due: what runs for the first time takes time. */
  private static final long LEAD_NANOS = 3_000_000;

  /** Frames that are read beforehand, and the longest time for that. */
  private static final int REHEARSED = 1000;

  private static final long REHEARSAL_NANOS = 50_000_000;

  /** How long each of them is waited for. */
  private static final long REHEARSED_WAIT_NANOS = 5_000;

  /** Most frames that go out together when sending has fallen behind. */
  private static final int BURST = 64;

  /**
   * How long a thread that stands by leaves a frame that is due to the other. Should it lose its
   * own core with a frame that it took, the other would have to wait.
   */
  static final long HEAD_START_NANOS = 30_000;

  /** How long the clock is watched while another's frames leave. */
  private static final long WATCH_NANOS = 20_000;

  /** Sends without a single frame taken, each some 10 ms, before giving up. */
  private static final int PATIENCE = 1000;

  private static final int VLAN_TAG = 4;
  private static final int ETHER_TYPE = 12;

  private final Injector injector;
  private final FrameBatch batch;
  private final LinkType linkType;
  private final @Nullable Pacer pacer;
  private final @Nullable ReplaySchedule schedule;
  private final ReplayTurns turns;
  private final long headStart;
  private final boolean rehearses;
  private final Alarm alarm;
  private final ReplayCounts counts;
  private final long[] dues = new long[BURST];

  private int checkedInterface = -1;
  private int fcsLength;
  private int budget;

  /** Whether this thread sent the frame before. */
  private boolean leads;

  /** Of the next frame that can be sent. */
  private long number;

  /** Of the first one in the batch. */
  private long firstNumber;

  /**
   * By the pace of the capture times {@code speed}, unless there is a pacer.
   *
   * @param headStart how long a frame that could leave is left to another, in nanoseconds, as long
   *     as that sends them
   */
  ReplayRun(
      Injector injector,
      double speed,
      @Nullable Pacer pacer,
      ReplayTurns turns,
      long headStart,
      Alarm.Sleeper thread)
      throws FramejetException {
    this(injector, speed, pacer, turns, headStart, thread, false);
  }

  private ReplayRun(
      Injector injector,
      double speed,
      @Nullable Pacer pacer,
      ReplayTurns turns,
      long headStart,
      Alarm.Sleeper thread,
      boolean rehearses)
      throws FramejetException {
    this.injector = injector;
    this.batch = injector.newBatch();
    this.linkType = injector.linkType();
    this.pacer = pacer;
    this.schedule = pacer == null ? new ReplaySchedule(speed, LEAD_NANOS, turns) : null;
    this.turns = turns;
    this.headStart = headStart;
    this.rehearses = rehearses;
    this.alarm = new Alarm(thread);
    this.counts = new ReplayCounts(injector);
    sendNothing(); // only to have the way there ready
  }

  /**
   * Does with the first frames of a file all but sending them, as fast as it can. A JVM takes 0.1
   * ms for what it does the first hundreds of times, which is longer than the frames of a burst are
   * apart.
   */
  static void rehearse(Injector injector, double speed, Alarm.Sleeper thread, Path file)
      throws FramejetException {
    final ReplayRun run = new ReplayRun(injector, speed, null, new ReplayTurns(), 0, thread, true);
    run.realTime(true); // counts it, but for less time than would change it
    final long end = System.nanoTime() + REHEARSAL_NANOS;
    try (CaptureReader reader = CaptureReader.open(file)) {
      CapturedFrame frame;
      for (int i = 0;
          i < REHEARSED
              && !run.turns.isOver()
              && System.nanoTime() - end < 0
              && (frame = reader.next()) != null;
          i++) {
        run.replay(reader, frame, file.toString());
      }
    } catch (FramejetException e) {
      // Told of when it is in earnest.
    } finally {
      run.batch.clear();
    }
  }

  /** Whether the thread has real-time priority from now on. */
  void realTime(boolean isGranted) {
    alarm.realTime(isGranted);
  }

  /** Sends the whole file so often, 0 for without end. */
  void run(Path file, long loops) throws FramejetException {
    do {
      try (CaptureReader reader = CaptureReader.open(file)) {
        pass(reader, file.toString());
      }
    } while (!turns.isClosed() && counts.loops() != loops && counts.frames() > 0);
  }

  ReplayCounts counts() {
    return counts;
  }

  /** Sends what there is to be read. */
  void pass(CaptureReader reader, String name) throws FramejetException {
    checkedInterface = -1;
    if (schedule != null && counts.loops() > 0) {
      schedule.restart();
    }
    CapturedFrame frame;
    while (!turns.isClosed() && (frame = next(reader)) != null) {
      replay(reader, frame, name);
    }
    if (!turns.isOver()) {
      sendAll();
    }
    if (!turns.isClosed()) {
      counts.loop();
    }
  }

  private void replay(CaptureReader reader, CapturedFrame frame, String name)
      throws FramejetException {
    counts.read();
    if (frame.interfaceIndex() != checkedInterface) {
      checkInterface(reader, frame.interfaceIndex(), name);
    }
    final int length = lengthToSend(frame);
    if (length >= 0) {
      send(frame, length);
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
      counts.unread();
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
      counts.truncated();
      return -1;
    }
    final int length = frame.length() - fcsLength;
    if (!hasHeader(frame, length)) {
      counts.malformed();
      return -1;
    }
    if (length > injector.maxFrame() && !isTaggedAndFits(frame, length)) {
      counts.tooLarge();
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
    final long scheduled = timed.due(frame);
    final long due =
        rehearses ? Math.min(scheduled, System.nanoTime() + REHEARSED_WAIT_NANOS) : scheduled;
    final long mine = number++;
    if (turns.isTaken(mine)) {
      leads = false;
      sendAll(); // whoever has it waits for those before it, and the batch stays without gaps
      return;
    }
    if (due - System.nanoTime() > 0) {
      sendAll(); // those before it are due already
      sendInTime(frame, length, mine, due);
    } else {
      sendLate(frame, length, mine, due);
    }
  }

  /** With the frame in its slot while it waits: from then on there is nothing left but to send. */
  private void sendInTime(CapturedFrame frame, int length, long mine, long due)
      throws FramejetException {
    if (!add(frame, length)) {
      return;
    }
    dues[0] = due;
    firstNumber = mine;
    await(due);
    if (turns.isOver()) {
      return;
    }
    if (take(mine)) {
      sendAll();
    } else {
      batch.clear();
    }
  }

  private void sendLate(CapturedFrame frame, int length, long mine, long due)
      throws FramejetException {
    if (!take(mine)) {
      sendAll();
    } else if (add(frame, length)) {
      firstNumber = batch.size() == 1 ? mine : firstNumber;
      dues[batch.size() - 1] = due;
      // Far behind time, many go together.
      if (batch.size() == BURST || System.nanoTime() - due < ReplayCounts.LATE_NANOS / 2) {
        sendAll();
      }
    }
  }

  private boolean take(long mine) {
    if (headStart > 0 && !leads) {
      leaveToOther(mine);
    }
    leads = turns.take(mine);
    return leads;
  }

  /** Gives the other thread, which took the frame before, its time to take this one too. */
  private void leaveToOther(long mine) {
    final long begin = System.nanoTime();
    long until = begin + headStart;
    while (!turns.isTaken(mine) && !turns.isClosed()) {
      final long now = System.nanoTime();
      if (!turns.isNext(mine)) {
        until = now + headStart; // it is sending those before: this one could not leave yet
        idle(begin, now);
      } else if (now - until < 0) {
        Thread.onSpinWait();
      } else {
        return;
      }
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
    while (pace != null && !turns.isOver()) {
      final long now = System.nanoTime();
      final int due = pace.due(now);
      if (due > 0) {
        return due;
      }
      LockSupport.parkNanos(Math.min(pace.nanosToNext(now), LOOK_NANOS));
    }
    return 0;
  }

  /** Whether it is in the batch; else the replay, or its rehearsal, is over. */
  private boolean add(CapturedFrame frame, int length) throws FramejetException {
    while (!batch.add(frame.buffer(), frame.offset(), length)) {
      if (rehearses && batch.isEmpty()) {
        turns.end(); // all slots are the kernel's: there is nothing to rehearse with
      }
      if (turns.isOver()) {
        return false;
      }
      if (batch.isEmpty()) {
        // All slots are still the kernel's: waits a moment for one.
        awaitRoom();
      }
      sendAll();
    }
    return true;
  }

  private void awaitRoom() throws FramejetException {
    try {
      sendNothing();
    } catch (FramejetException e) {
      turns.end(e); // a frame that was taken may not leave
      throw e;
    }
  }

  private void sendNothing() throws FramejetException {
    final int unused = injector.send(batch);
  }

  private void await(long due) {
    while (!turns.isClosed() && !alarm.await(due, LOOK_NANOS)) {
      // Looks whether it has come to an end.
    }
  }

  /** What is in the batch, when all before it has left. */
  private void sendAll() throws FramejetException {
    if (batch.isEmpty() || (schedule != null && !awaitTurn())) {
      return;
    }
    final int count = batch.size();
    try {
      sendBatch();
    } catch (FramejetException e) {
      turns.end(e);
      throw e;
    }
    turns.sent(firstNumber + count);
  }

  /** Whether all frames before those in the batch have left; else they will not. */
  private boolean awaitTurn() {
    final long begin = System.nanoTime();
    while (!turns.isNext(firstNumber) && !turns.isOver()) {
      idle(begin, System.nanoTime());
    }
    return !turns.isOver();
  }

  /** While the other thread sends: it may want this core. */
  private void idle(long begin, long now) {
    if (now - begin < WATCH_NANOS) {
      Thread.onSpinWait();
    } else {
      alarm.runs(now);
      LockSupport.parkNanos(WATCH_NANOS);
    }
  }

  private void sendBatch() throws FramejetException {
    int patience = PATIENCE;
    while (!batch.isEmpty() && patience > 0) {
      final long now = System.nanoTime();
      final int taken = sendOnce();
      patience = taken > 0 ? PATIENCE : turns.isOver() ? 0 : patience - 1;
      if (taken > 0) {
        account(taken, now);
      }
      // Not before: who gives priority up may lose its core at once, and a frame is due then.
      alarm.runs(System.nanoTime());
    }
    if (!batch.isEmpty() && !turns.isOver()) {
      throw new FramejetException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "link " + injector.link().name() + " took no frame for some 10 s: its queue stays full",
          0,
          "linux/" + injector.backend().label(),
          injector.link().name(),
          null);
    }
  }

  private int sendOnce() throws FramejetException {
    final int count = batch.size();
    if (rehearses) {
      batch.clear();
    }
    final int taken = injector.send(batch);
    return rehearses ? count : taken;
  }

  private void account(int taken, long now) {
    final long last = System.nanoTime();
    counts.sent(taken, now, last);
    if (pacer != null) {
      pacer.sent(taken, last);
    }
    if (schedule == null) {
      return;
    }
    for (int i = 0; i < taken; i++) {
      counts.late(now - dues[i]);
    }
    System.arraycopy(dues, taken, dues, 0, BURST - taken);
  }
}
