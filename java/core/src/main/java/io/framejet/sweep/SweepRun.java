package io.framejet.sweep;

import io.framejet.FramejetException;
import io.framejet.demux.ReplyDemultiplexer;
import io.framejet.demux.ReplyHandler;
import io.framejet.engine.Engine;
import io.framejet.engine.Recognised;
import io.framejet.inject.InjectorStatistics;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import io.framejet.probe.Probe;
import io.framejet.probe.Reply;
import io.framejet.receive.FrameHandler;
import io.framejet.receive.Receiver;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over targets under way, on one thread: probe what is due, read what came, look at the
 * counters, sleep until something is due or comes.
 *
 * <p>Rounds follow each other at once; a target is asked again as soon as its own time to answer is
 * over.
 */
final class SweepRun implements AutoCloseable {
  /** More than the kernel can have answered of one batch, so that what is unread never adds up. */
  private static final int POLL_LIMIT = 8192;

  private static final int LATE_POLLS = 32;

  private static final int FEW_AHEAD = 512;
  private static final int SKIP_LIMIT = 1 << 16;
  private static final long CHECK_NANOS = 50_000_000;
  private static final long PROGRESS_NANOS = 100_000_000;
  // A block of the ring is handed over within some milliseconds.
  private static final long DRAIN_NANOS = 50_000_000;
  private static final long DRAIN_STEP_NANOS = 1_000_000;
  private static final long SHORT_PAUSE_NANOS = 2_000_000;
  private static final long MAX_SLEEP_NANOS = 50_000_000;

  private final SweepPlan plan;
  private final Pass pass;
  private final TargetSpace space;
  private final SweepListener listener;
  private final Cancellation cancellation;
  private final Probe probe;
  private final @Nullable NextHops hops;
  private final @Nullable HostPacer hostPacer;
  private final @Nullable FrameLog log;
  private final @Nullable Engine engine;
  private final ProbeSender sender;
  private final Receiver receiver;
  private final DropWatch drops;
  private final TargetTable table;
  private final ReplyDemultiplexer demultiplexer;
  private final FrameHandler handler;
  private final ReplyHandler earlyHandler = this::onEarlyReply;
  private final int waitMicros;

  private final EarlyReplies early = new EarlyReplies();

  private int round;
  private int rounds;
  private int cursor;
  private boolean roundStarted;
  private boolean graceBegan;
  private long graceStartNanos;
  private boolean complete;
  private boolean listenerFailed;

  private long startNanos;
  private long firstSendNanos;
  private long sendNanos;
  private long nextCheck;
  private long nextProgress;
  private long duplicates;
  private long unasked;

  SweepRun(
      Pass pass, @Nullable Engine engine, ProbeSender sender, Receiver receiver, DropWatch drops) {
    this.engine = engine;
    this.plan = pass.plan();
    this.pass = pass;
    this.space = pass.space();
    this.listener = pass.listener();
    this.cancellation = pass.cancellation();
    this.probe = pass.probe();
    this.hops = pass.hops();
    this.hostPacer = pass.hostPacer();
    this.log = pass.log();
    this.sender = sender;
    this.receiver = receiver;
    this.drops = drops;
    this.table = pass.table();
    this.demultiplexer = new ReplyDemultiplexer(probe, this::onReply);
    this.waitMicros = (int) (plan.waitTime().toNanos() / 1000);
    final FrameLog kept = log;
    this.handler = kept == null ? demultiplexer : logging(kept, demultiplexer);
  }

  private static FrameHandler logging(FrameLog log, FrameHandler handler) {
    return frame -> {
      log.received(frame);
      handler.onFrame(frame);
    };
  }

  /** Opened it may have been for long: what was lost before is of no account. */
  void sweep() throws FramejetException {
    cancellation.wakes(receiver);
    drops.begin();
    try {
      probeAndListen();
    } catch (RuntimeException | Error e) {
      listenerFailed = true;
      throw e;
    }
  }

  /** Begins the grace now, and not when all have answered, since claims are heard elsewhere. */
  void beginGrace() {
    graceBegan = true;
    graceStartNanos = System.nanoTime();
  }

  /**
   * Reads what came since the sweep was over: late claims, of which the listener hears. The account
   * stays as it was.
   */
  void hearLate() throws FramejetException {
    // What the ring holds, and no end of it: somebody may be flooding.
    for (int i = 0; i < LATE_POLLS && receiver.poll(handler, demultiplexer, POLL_LIMIT) > 0; i++) {
      // Polling is hearing.
    }
  }

  private void probeAndListen() throws FramejetException {
    startNanos = System.nanoTime();
    nextCheck = startNanos + CHECK_NANOS;
    Rate rate = plan.rate();
    while (round < plan.rounds() && !isOver()) {
      round++; // not counted in the report unless something is sent in it
      long dropsBefore = drops.drops();
      long sentBefore = sender.probesSent();
      long sendNanosBefore = sendNanos;
      roundStarted = false;
      table.beginRound();
      try {
        send(sender.pacer(rate), rate.isMax() && sender.canSendAhead());
      } finally {
        sendNanos += sender.probesSent() > sentBefore ? sender.lastSendNanos() - firstSendNanos : 0;
      }
      checkDrops();
      double achieved =
          (sender.probesSent() - sentBefore) * 1e9 / Math.max(1, sendNanos - sendNanosBefore);
      rate = slower(rate, achieved, drops.drops() > dropsBefore);
    }
    awaitLast();
    drain();
    final long grace = graceLeft();
    if (grace > 0 && table.isDone() && !cancellation.isCancelled()) {
      listen(grace, false);
      drain();
    }
    checkLog();
    complete = !cancellation.isCancelled() && sender.probed() == table.toProbe();
  }

  private long graceLeft() {
    final long grace = pass.grace().toNanos();
    // Whom somebody on the way has spoken for may yet speak for itself.
    final boolean whole = !graceBegan || table.mayBeBettered();
    return whole ? grace : Math.max(0, grace - (System.nanoTime() - graceStartNanos));
  }

  /**
   * The rate of the next round. Who did not answer may have been overrun by our own haste, so a
   * round without a rate of its own is followed by one at half its speed, and so is any in which
   * frames were dropped.
   */
  private static Rate slower(Rate rate, double achieved, boolean dropped) {
    if (rate.isMax()) {
      return Rate.of(Math.max(1000, achieved / 2));
    }
    return dropped ? rate.times(0.5) : rate;
  }

  private void checkLog() throws FramejetException {
    if (log != null) {
      log.check();
    }
  }

  private boolean isOver() {
    return table.isDone() || cancellation.isCancelled();
  }

  private void send(Pacer pacer, boolean ahead) throws FramejetException {
    cursor = 0;
    try {
      while ((cursor < space.size() || sender.waiting() > 0) && !isOver()) {
        step(pacer, ahead);
      }
    } catch (FramejetException e) {
      endAheadAfter(e);
      landed();
      throw e;
    } catch (RuntimeException | Error e) {
      endAheadAfter(e); // and no more: the listener is not to be called again
      throw e;
    }
    endAhead();
    // When all have answered, or the sweep is to end, what is left in the batch is not sent.
    sender.noteUnsent();
    sender.clear();
  }

  private void step(Pacer pacer, boolean ahead) throws FramejetException {
    final long now = System.nanoTime();
    final int due = pacer.due(now);
    final int ready = due > 0 ? fill(ahead ? Math.min(due, shareAhead()) : due) : 0;
    if (ready > 0) {
      pacer.sent(sendBatch(ahead), now);
    } else {
      endAhead();
    }
    receiver.poll(handler, demultiplexer, POLL_LIMIT);
    look(now);
    if (ready == 0) {
      pause(due > 0 ? nanosToRetry() : pacer.nanosToNext(System.nanoTime()));
    }
  }

  /** Few first and last: the kernel is to begin soon, and little to be left to do when it ends. */
  private int shareAhead() {
    final int left = space.size() - cursor;
    if (!sender.isAhead()) {
      return FEW_AHEAD;
    }
    return left > sender.capacity() ? sender.capacity() : Math.max(FEW_AHEAD, left / 2);
  }

  /** Fills the batch up to {@code due} frames: how many are in it. */
  private int fill(int due) throws FramejetException {
    final int cells = space.size();
    // Frames that wait to be sent keep their host's turn: none is written behind them.
    final int most = hostPacer != null && sender.size() > 0 ? 0 : Math.min(due, sender.capacity());
    final int nowMicros = round == 1 ? 0 : nowMicros();
    int skipped = 0;
    int at = cursor;
    while (at < cells && sender.size() < most && skipped < SKIP_LIMIT) {
      if (table.isOver(at)) {
        skipped++;
      } else if (round > 1 && isOutstanding(at, nowMicros)) {
        break;
      } else if (hostPacer != null
          && hostPacer.nanosToNext(space.host(at), System.nanoTime()) > 0) {
        break;
      } else if (sender.add(at)) {
        if (hostPacer != null) {
          // And once more when it has left: until then no other is written.
          hostPacer.sent(space.host(at), System.nanoTime());
        }
      } else {
        break;
      }
      at++;
    }
    // Nothing but answered targets for a long while: look for frames in between.
    final boolean stuck = at == cursor && sender.size() == 0 && at < cells;
    cursor = at;
    if (stuck && nanosToRetry() == 0) {
      sender.awaitRoom();
    }
    return sender.size();
  }

  private boolean isOutstanding(int cell, int nowMicros) {
    // Should the clock have been set back, nobody waits until it is that late again.
    return table.isAsked(cell) && Math.abs(table.sinceDeparture(cell, nowMicros)) < waitMicros;
  }

  /** How long until the next target may be asked: its time to answer runs, or its host's rate. */
  private long nanosToRetry() {
    if (cursor >= space.size() || table.isOver(cursor)) {
      return 0;
    }
    final long answer =
        !isOutstanding(cursor, nowMicros())
            ? 0
            : 1000L * (waitMicros - Math.abs(table.sinceDeparture(cursor, nowMicros())));
    final long host =
        hostPacer == null ? 0 : hostPacer.nanosToNext(space.host(cursor), System.nanoTime());
    return Math.max(0, Math.max(answer, host));
  }

  private int sendBatch(boolean ahead) throws FramejetException {
    if (!roundStarted) {
      roundStarted = true;
      rounds = round;
      firstSendNanos = System.nanoTime();
    }
    final int left = ahead ? sender.sendAhead() : sender.send();
    landed();
    checkLog();
    return left;
  }

  private void endAhead() throws FramejetException {
    if (sender.isAhead()) {
      sender.endAhead();
      landed();
    }
  }

  /** What has left by then counts. */
  private void endAheadAfter(Throwable fault) {
    try {
      final int unused = sender.endAhead();
    } catch (FramejetException | RuntimeException | Error e) {
      if (e != fault) { // the JVM may have but one to say that memory is out
        fault.addSuppressed(e);
      }
    }
  }

  /** A send that went on while we read has ended: all that was read by now was asked by now. */
  private void landed() {
    if (!early.isEmpty()) {
      early.handTo(earlyHandler);
    }
  }

  /** Gives those asked last their time to answer. */
  private void awaitLast() throws FramejetException {
    if (sender.probesSent() > 0 && !isOver()) {
      listen(
          Math.max(0, sender.lastSendNanos() + plan.waitTime().toNanos() - System.nanoTime()),
          true);
    }
  }

  private void listen(long nanos, boolean untilDone) throws FramejetException {
    final long deadline = System.nanoTime() + nanos;
    while (!cancellation.isCancelled() && !(untilDone && table.isDone())) {
      receiver.poll(handler, demultiplexer, POLL_LIMIT);
      final long now = System.nanoTime();
      look(now);
      if (now - deadline >= 0) {
        return;
      }
      rest(deadline - now);
    }
  }

  /** Between two sends: a short pause is not worth waking up from for every block of answers. */
  private void pause(long nanos) throws FramejetException {
    if (nanos > SHORT_PAUSE_NANOS) {
      rest(nanos);
    } else if (nanos > 0) {
      LockSupport.parkNanos(nanos);
    }
  }

  private void rest(long nanos) throws FramejetException {
    if (nanos > 0) {
      receiver.await(Math.min(nanos, MAX_SLEEP_NANOS));
    }
  }

  private void look(long now) throws FramejetException {
    if (now - nextCheck >= 0) {
      nextCheck = now + CHECK_NANOS;
      endAhead(); // what it asks has to be known, and what of it the driver gave back
      checkDrops();
    }
    if (now - nextProgress >= 0) {
      nextProgress = now + PROGRESS_NANOS;
      listener.onProgress(progress(now));
    }
  }

  private void checkDrops() throws FramejetException {
    final boolean lost = drops.check() > 0;
    if (!table.isDone()) { // else there is nobody to be missed
      table.settle(nowMicros(), waitMicros, lost);
    }
  }

  /**
   * Reads all that has arrived by now, however late we are: unread, it would pass for silence. The
   * kernel counts a frame when it arrives, also one that it does not hand over yet.
   */
  private void drain() throws FramejetException {
    checkDrops();
    final long arrived = drops.delivered();
    final long giveUp = System.nanoTime() + DRAIN_NANOS;
    while (demultiplexer.frames() < arrived) {
      if (receiver.poll(handler, demultiplexer, POLL_LIMIT) == 0) {
        if (System.nanoTime() - giveUp >= 0) {
          table.settle(nowMicros(), waitMicros, true);
          return;
        }
        receiver.await(DRAIN_STEP_NANOS);
      }
    }
  }

  private void onReply(Reply reply, long timestampNanos) {
    final int cell = space.cell(reply.addressHigh(), reply.addressLow(), reply.port());
    if (cell == TargetSpace.NO_CELL) {
      unasked++;
    } else if (table.isAnswered(cell)) {
      again(cell, reply, timestampNanos / 1000);
    } else if (table.isAsked(cell)) {
      table.answered(cell, reply, timestampNanos / 1000);
      tellIfUp(cell);
    } else if (sender.isAhead()) {
      early.add(reply, timestampNanos);
    } else {
      unasked++;
    }
  }

  private void onEarlyReply(Reply reply, long timestampNanos) {
    final int cell = space.cell(reply.addressHigh(), reply.addressLow(), reply.port());
    if (table.isAsked(cell) || table.isAnswered(cell)) {
      onReply(reply, timestampNanos);
    } else {
      unasked++;
    }
  }

  private void tellIfUp(int cell) {
    // A result is made for whoever wants it: most sweeps have nobody.
    if (listener != SweepListener.NONE && table.isUp(cell)) {
      listener.onHost(table.result(cell));
    }
  }

  private void again(int cell, Reply reply, long arrivalMicros) {
    if (TargetTable.isSecondHand(reply.state())) {
      duplicates++; // whoever says so on the way has no claim to the address
    } else if (!table.isUp(cell)) {
      table.bettered(cell, reply, arrivalMicros);
      tellIfUp(cell);
    } else if (table.mac(cell) == reply.mac() || isRouted(cell)) {
      duplicates++;
    } else if (table.conflict(cell, reply.mac())) {
      listener.onConflict(table.result(cell));
    } else {
      duplicates++;
    }
  }

  /** From beyond a router answers may come by any of several ways. */
  private boolean isRouted(int cell) {
    return hops != null && hops.isRouted(space.host(cell));
  }

  private SweepProgress progress(long now) {
    final long elapsed = now - startNanos;
    final double pps = elapsed == 0 ? 0 : sender.probesSent() * 1e9 / elapsed;
    final long left = pps == 0 ? -1 : (long) ((space.size() - cursor) / pps * 1e9);
    return new SweepProgress(
        pass.phase(),
        round,
        plan.rounds(),
        space.size(),
        sender.probesSent(),
        table.hostsUp(),
        cursor,
        drops.drops(),
        pps,
        elapsed,
        left);
  }

  /** Microseconds modulo 2^32, by the clock that departures and arrivals are stamped with. */
  private static int nowMicros() {
    final Instant now = Instant.now();
    return (int) (now.getEpochSecond() * 1_000_000 + now.getNano() / 1000);
  }

  /** Ends the account, of what was done so far when it was not all. */
  PassTotals totals() {
    if (!complete) {
      sender.noteUnsent();
      lookOnceMore();
      table.cutShort(nowMicros(), waitMicros);
    }
    InjectorStatistics sent = sender.statistics();
    Recognised seen = recognised();
    return new PassTotals(
        sender.probesSent(),
        sender.probed(),
        demultiplexer.replies(),
        demultiplexer.refused() + seen.refused(),
        demultiplexer.malformed() + seen.malformed(),
        unasked,
        duplicates,
        rounds,
        sendNanos,
        sent.frames(),
        sender.framesPerCore(),
        sent.unconfirmed(),
        drops.sinceBegin().txPackets(),
        drops.transmitDropped(),
        drops.delivered(),
        drops.receivedDropped(),
        sender.backend(),
        complete);
  }

  /** What the XDP program, where there is one, has kept to itself. */
  private Recognised recognised() {
    if (engine != null) {
      try {
        return engine.recognised();
      } catch (FramejetException e) {
        Log.LOG.debug("the program's counters are no longer to be had: {}", e.getMessage());
      }
    }
    return new Recognised(0, 0, 0, 0, 0);
  }

  /**
   * After a fault the last look at the counters may fail as well: what they told before stands
   * then. What had arrived until then is read all the same.
   */
  private void lookOnceMore() {
    try {
      checkDrops();
    } catch (FramejetException e) {
      Log.LOG.debug(
          "counters of {} are no longer to be had: {}", plan.link().name(), e.getMessage());
    }
    if (!listenerFailed) { // it is not to be called again
      drainAfterFault();
    }
  }

  /** The kernel keeps what it has received, also when the link is down or gone since. */
  private void drainAfterFault() {
    final long arrived = drops.delivered();
    final long giveUp = System.nanoTime() + DRAIN_NANOS;
    boolean dry = false;
    while (!dry && System.nanoTime() - giveUp < 0) {
      try {
        dry =
            receiver.poll(handler, demultiplexer, POLL_LIMIT) == 0
                && demultiplexer.frames() >= arrived;
        if (!dry) {
          receiver.await(DRAIN_STEP_NANOS);
        }
      } catch (FramejetException e) {
        // The fault once more, or its next: told in the place of frames that lie behind it.
        LockSupport.parkNanos(DRAIN_STEP_NANOS);
      }
    }
  }

  /** Set up when there is something to log: starting a logger takes longer than a small sweep. */
  private static final class Log {
    private static final Logger LOG = LoggerFactory.getLogger(SweepRun.class);
  }

  @Override
  public void close() {
    drops.close();
    if (engine != null) {
      engine.close();
    }
    sender.close();
    receiver.close(); // as the last that has the program, which saves it a wait
  }
}
