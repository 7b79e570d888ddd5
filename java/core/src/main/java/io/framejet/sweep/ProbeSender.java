package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.inject.Cores;
import io.framejet.inject.InjectorStatistics;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes the probes of one pass to the kernel, and notes in its table which have left, and when.
 *
 * <p>With two lanes it can send ahead: a thread of its own sends what is in one, while the other is
 * filled and the answers to what was sent before are read. It pays where the kernel has more to do
 * with a batch than the sweep has.
 */
final class ProbeSender implements AutoCloseable {
  private final TargetSpace space;
  private final TargetTable table;
  private final @Nullable NextHops hops;
  private final @Nullable HostPacer hostPacer;
  private final FrameLog.@Nullable Batch logged;
  private final List<Lane> lanes = new ArrayList<>();
  private final @Nullable ThreadPoolExecutor executor;

  /** The {@link Cores#self} of the thread that sends ahead. */
  private final int thread;

  /** When those that were sent last have left, in microseconds. */
  private final int[] departures;

  /** The lane that is filled. */
  private Lane open;

  private long probesSent;
  private long probed;
  private long lastSendNanos;

  /** Over one outbox, or two of one kind. */
  ProbeSender(
      TargetSpace space,
      TargetTable table,
      @Nullable NextHops hops,
      @Nullable HostPacer hostPacer,
      @Nullable FrameLog log,
      List<Outbox> outboxes) {
    this.space = space;
    this.table = table;
    this.hops = hops;
    this.hostPacer = hostPacer;
    for (Outbox outbox : outboxes) {
      lanes.add(new Lane(outbox));
    }
    this.open = lanes.get(0);
    this.departures = new int[open.outbox().capacity()];
    final FrameBatch frames = open.outbox().frames();
    this.logged = log == null || frames == null ? null : log.new Batch(frames);
    this.executor = lanes.size() == 1 ? null : newExecutor();
    this.thread = executor == null ? 0 : threadOf(executor);
  }

  /**
   * One that is there at once, that ends with the sweep, and that does not keep the program from
   * ending; null when no more threads are to be had.
   */
  private static @Nullable ThreadPoolExecutor newExecutor() {
    final ThreadPoolExecutor made =
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), ProbeSender::newThread);
    try {
      made.prestartAllCoreThreads();
      return made;
    } catch (OutOfMemoryError e) {
      return null; // as the JVM says it; the sweep can send by itself as well
    }
  }

  private static Thread newThread(Runnable work) {
    final Thread made = new Thread(work, "sweep-send");
    made.setDaemon(true);
    return made;
  }

  /**
   * Waits until the thread is there: a new one takes its CPU for more than a millisecond at times.
   */
  private static int threadOf(ThreadPoolExecutor executor) {
    return CompletableFuture.supplyAsync(ProbeSender::self, executor).join();
  }

  private static int self() {
    try {
      return Cores.self();
    } catch (FramejetException e) {
      throw new IllegalStateException(e); // without the library there is no outbox
    }
  }

  /** Begins to keep a rate. Only without one may probes be sent ahead. */
  Pacer pacer(Rate rate) throws FramejetException {
    return open.outbox().pacer(rate);
  }

  /** Whether probes can be sent ahead. */
  boolean canSendAhead() {
    return executor != null;
  }

  /** Adds the probe that asks a target; false when there is no more room. */
  boolean add(int cell) {
    final NextHops known = hops;
    final boolean added =
        open.outbox()
            .add(
                known == null ? NextHops.NONE : known.mac(space.host(cell)),
                space.high(cell),
                space.low(cell),
                space.port(cell));
    if (added) {
      open.noteCell(cell);
    }
    return added;
  }

  /** Probes that the next send takes. */
  int size() {
    return open.outbox().size();
  }

  /** Most probes of one send. */
  int capacity() {
    return open.outbox().capacity();
  }

  /** Probes that were added and have not left, as far as is known. */
  int waiting() {
    int sum = 0;
    for (Lane lane : lanes) {
      sum += lane.waiting();
    }
    return sum;
  }

  /** Whether probes may leave, and be answered, at this moment. */
  boolean isAhead() {
    return ahead() != null;
  }

  private @Nullable Lane ahead() {
    for (Lane lane : lanes) {
      if (lane.isElsewhere()) {
        return lane;
      }
    }
    return null;
  }

  /** Sends what was added: how many have left. The others stay. */
  int send() throws FramejetException {
    if (logged != null) {
      logged.note(Objects.requireNonNull(open.outbox().frames()));
    }
    open.send();
    return land(open);
  }

  /** Waits a moment for room, when the kernel still has all there is. */
  void awaitRoom() throws FramejetException {
    open.outbox().send();
  }

  /**
   * Begins to send what was added, and ends the send before that: how many of its probes have left.
   */
  int sendAhead() throws FramejetException {
    final Lane before = ahead();
    final Lane next = open;
    sendElsewhere(next);
    open = lanes.get(0) == next ? lanes.get(1) : lanes.get(0);
    return before == null ? 0 : land(before);
  }

  /**
   * By the thread, on another CPU. Left to itself the kernel wakes it up on this one now and then,
   * where it waits for the sweep and the sweep for it.
   */
  private void sendElsewhere(Lane lane) throws FramejetException {
    final Cores.KeptOff kept = Cores.keepOff(thread);
    try {
      lane.sendBy(Objects.requireNonNull(executor));
    } finally {
      kept.close();
    }
  }

  /** Ends the send that goes on, if any: how many of its probes have left. */
  int endAhead() throws FramejetException {
    final Lane before = ahead();
    if (before == null) {
      return 0;
    }
    final int left = land(before);
    if (open.waiting() == 0) {
      open = before; // it may hold what did not leave
    }
    return left;
  }

  private int land(Lane lane) throws FramejetException {
    try {
      final int taken = lane.land();
      if (taken > 0) {
        noteDepartures(lane, taken);
        lane.drop(taken);
      }
      return taken;
    } catch (FramejetException e) {
      if (e.code() != ErrorCode.NO_ROUTE || !leaveOut(lane)) {
        throw e;
      }
      return 0;
    } finally {
      noteWaiting();
    }
  }

  private void noteDepartures(Lane lane, int taken) throws FramejetException {
    final Outbox outbox = lane.outbox();
    final int[] cells = lane.cells();
    outbox.departures(departures, taken);
    for (int i = 0; i < taken; i++) {
      final int cell = cells[i];
      if (!table.isAsked(cell) && !table.isOver(cell)) {
        probed++;
      }
      table.probed(cell, departures[i]);
    }
    probesSent += taken;
    lastSendNanos = System.nanoTime();
    if (hostPacer != null) {
      for (int i = 0; i < taken; i++) {
        hostPacer.sent(space.host(cells[i]), lastSendNanos);
      }
    }
    if (logged != null) {
      final long first = outbox.sendStartedNanos();
      final long each = (outbox.sendFinishedNanos() - first) / taken;
      logged.sent(Objects.requireNonNull(outbox.frames()), taken, first, each);
    }
  }

  private void noteWaiting() {
    int first = Integer.MAX_VALUE;
    for (Lane lane : lanes) {
      final int count = lane.waiting();
      for (int i = 0; i < count; i++) {
        first = Math.min(first, lane.cells()[i]);
      }
    }
    table.waitingFrom(first);
  }

  /**
   * Goes on without the first packet, which was not sent: the IP stack knows no way to whom it is
   * for. Who was never asked counts as not probed, for that tells nothing of the host; who was
   * asked keeps what is known by then.
   *
   * @return false when that is not what the fault tells
   */
  private boolean leaveOut(Lane lane) {
    if (backend() != Backend.RAWIP || lane.waiting() == 0) {
      return false;
    }
    final int cell = lane.cells()[0];
    lane.outbox().dropFirst();
    lane.drop(1);
    table.passedOver(cell);
    return true;
  }

  /** Notes that what has not left is not sent in this round. */
  void noteUnsent() {
    for (Lane lane : lanes) {
      table.leftUnsent(lane.cells(), lane.waiting());
    }
  }

  /** Drops what has not left. */
  void clear() {
    for (Lane lane : lanes) {
      lane.outbox().clear();
    }
  }

  /** Probes that have left. */
  long probesSent() {
    return probesSent;
  }

  /** Targets that were asked. */
  long probed() {
    return probed;
  }

  /** When the latest send of any probe had ended, by {@link System#nanoTime()}. */
  long lastSendNanos() {
    return lastSendNanos;
  }

  /** What was done so far. */
  InjectorStatistics statistics() {
    InjectorStatistics sum = new InjectorStatistics(0, 0, 0, 0, 0, 0, 0, 0);
    for (Lane lane : lanes) {
      sum = sum.plus(lane.outbox().statistics());
    }
    return sum;
  }

  /** How many of the frames each core has sent. */
  List<Long> framesPerCore() {
    // By two lanes one core sends.
    return lanes.size() == 1 ? open.outbox().framesPerCore() : List.of(statistics().frames());
  }

  /** The kernel path in use. */
  Backend backend() {
    return open.outbox().backend();
  }

  @Override
  public void close() {
    if (executor != null) {
      executor.shutdown();
    }
    for (Lane lane : lanes) {
      lane.awaitEnd();
      lane.outbox().close();
    }
  }
}
