package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.demux.ReplyDemultiplexer;
import io.framejet.engine.Engine;
import io.framejet.engine.EngineOptions;
import io.framejet.engine.Recognised;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.InjectorStatistics;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import io.framejet.probe.Probe;
import io.framejet.probe.Reply;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.FrameHandler;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.time.Instant;
import java.util.Objects;
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
  private static final int POLL_LIMIT = 4096;
  private static final int LATE_POLLS = 32;
  private static final int XDP_FRAMES = 1024;
  private static final int XDP_QUESTIONS = 4096;

  /** Replies that wait to be read: of all that were asked at once, and of those asked before. */
  private static final int XDP_REPLIES = 2 * XDP_QUESTIONS;

  private static final int XDP_RING_BYTES = 4 << 20;
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
  private final FrameLog.@Nullable Batch sending;
  private final @Nullable Engine engine;
  private final Outbox outbox;
  private final Receiver receiver;
  private final DropWatch drops;
  private final TargetTable table;
  private final ReplyDemultiplexer demultiplexer;
  private final FrameHandler handler;
  private final int waitMicros;

  /** The cells whose frames are in the batch, in order. */
  private final int[] pending;

  /** When those that were sent last have left, in microseconds. */
  private final int[] departures;

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
  private long lastSendNanos;
  private long sendNanos;
  private long nextCheck;
  private long nextProgress;
  private long probesSent;
  private long probed;
  private long duplicates;
  private long unasked;

  private SweepRun(
      Pass pass, @Nullable Engine engine, Outbox outbox, Receiver receiver, DropWatch drops) {
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
    this.outbox = outbox;
    this.receiver = receiver;
    this.drops = drops;
    this.table = pass.table();
    this.demultiplexer = new ReplyDemultiplexer(probe, this::onReply);
    this.pending = new int[outbox.capacity()];
    this.departures = new int[outbox.capacity()];
    this.waitMicros = (int) (plan.waitTime().toNanos() / 1000);
    final FrameLog kept = log;
    final FrameBatch frames = outbox.frames();
    this.sending = kept == null || frames == null ? null : kept.new Batch(frames);
    this.handler = kept == null ? demultiplexer : logging(kept, demultiplexer);
  }

  private static FrameHandler logging(FrameLog log, FrameHandler handler) {
    return frame -> {
      log.received(frame);
      handler.onFrame(frame);
    };
  }

  static SweepRun open(Pass pass) throws FramejetException {
    SweepPlan plan = pass.plan();
    if (plan.backend() != Backend.XDP) {
      return open(pass, null);
    }
    FrameTemplate template = soleTemplate(pass);
    EngineOptions options =
        EngineOptions.defaults()
            .withSlots(template == null ? XDP_FRAMES * plan.cores() : 1)
            .withTargets(XDP_QUESTIONS * plan.cores())
            .withTemplate(template)
            .withRecognition(pass.probe().recognition())
            .withConsume(plan.consume())
            .withReplies(XDP_REPLIES * Integer.highestOneBit(2 * plan.cores() - 1));
    Engine engine = Engine.open(plan.link(), options);
    try {
      return open(pass, engine);
    } catch (FramejetException | RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  private static SweepRun open(Pass pass, @Nullable Engine engine) throws FramejetException {
    SweepPlan plan = pass.plan();
    Receiver receiver = Receiver.open(plan.link(), receiving(pass, engine));
    try {
      Outbox outbox =
          Outbox.open(plan.link(), pass.probe(), sending(pass, engine), engine, plan.cores());
      try {
        DropWatch drops =
            DropWatch.open(plan.link(), receiver, () -> outbox.statistics().returned());
        try {
          return new SweepRun(pass, engine, outbox, receiver, drops);
        } catch (RuntimeException | Error e) {
          drops.close();
          throw e;
        }
      } catch (FramejetException | RuntimeException | Error e) {
        outbox.close();
        throw e;
      }
    } catch (FramejetException | RuntimeException | Error e) {
      receiver.close();
      throw e;
    }
  }

  /**
   * The template that the program can make all probes of; null when there are several, or when the
   * frames are kept, for Java has to write them then.
   */
  private static @Nullable FrameTemplate soleTemplate(Pass pass) {
    final FrameTemplate template = pass.probe().template();
    for (int port : pass.space().ports()) {
      if (pass.probe().template(port) != template) {
        return null;
      }
    }
    return pass.log() != null || !Engine.obstacle(template).isEmpty() ? null : template;
  }

  private static InjectorOptions sending(Pass pass, @Nullable Engine engine) {
    // Slots as long as a probe, not as the MTU: what is touched by a /16 then stays in the cache.
    InjectorOptions sending =
        InjectorOptions.defaults()
            .withBackend(pass.plan().backend())
            .withMaxFrame(pass.longestFrame());
    if (engine == null) {
      return sending;
    }
    int batch = engine.template() == null ? XDP_FRAMES : XDP_QUESTIONS;
    return sending.withSlots(batch).withBatch(batch).withEngine(engine);
  }

  private static ReceiverOptions receiving(Pass pass, @Nullable Engine engine) {
    Backend backend = pass.plan().backend();
    ReceiverOptions receiving =
        ReceiverOptions.defaults().withBackend(backend == Backend.RAWIP ? null : backend);
    return engine == null
        ? receiving.withFilter(CaptureFilter.of(pass.probe().filter()))
        // The program tells replies itself. What few of them say more than it sums up takes little
        // memory, which the kernel needs time to give and to take. Frames that are kept come as
        // such.
        : receiving
            .withEngine(engine)
            .withReplies(pass.log() == null)
            .withRingBytes(pass.log() == null ? XDP_RING_BYTES : receiving.ringBytes());
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
    Rate rate = plan.rate();
    while (round < plan.rounds() && !isOver()) {
      round++; // not counted in the report unless something is sent in it
      long dropsBefore = drops.drops();
      long sentBefore = probesSent;
      long sendNanosBefore = sendNanos;
      roundStarted = false;
      table.beginRound();
      try {
        send(outbox.pacer(rate));
      } finally {
        sendNanos += probesSent > sentBefore ? lastSendNanos - firstSendNanos : 0;
      }
      checkDrops();
      double achieved = (probesSent - sentBefore) * 1e9 / Math.max(1, sendNanos - sendNanosBefore);
      rate = slower(rate, achieved, drops.drops() > dropsBefore);
    }
    awaitLast();
    drain();
    if (table.isDone() && !cancellation.isCancelled()) {
      listen(graceLeft(), false);
    }
    drain();
    checkLog();
    complete = !cancellation.isCancelled() && probed == table.toProbe();
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

  private void send(Pacer pacer) throws FramejetException {
    cursor = 0;
    while ((cursor < space.size() || outbox.size() > 0) && !isOver()) {
      final long now = System.nanoTime();
      final int due = pacer.due(now);
      final int ready = due > 0 ? fill(due) : 0;
      if (ready > 0) {
        final int taken = sendBatch();
        pacer.sent(taken, now);
      }
      receiver.poll(handler, demultiplexer, POLL_LIMIT);
      look(now);
      if (ready == 0) {
        pause(due > 0 ? nanosToRetry() : pacer.nanosToNext(System.nanoTime()));
      }
    }
    // When all have answered, or the sweep is to end, what is left in the batch is not sent.
    table.leftUnsent(pending, outbox.size());
    outbox.clear();
  }

  /** Fills the batch up to {@code due} frames: how many are in it. */
  private int fill(int due) throws FramejetException {
    final int cells = space.size();
    // Frames that wait to be sent keep their host's turn: none is written behind them.
    final int most = hostPacer != null && outbox.size() > 0 ? 0 : Math.min(due, outbox.capacity());
    final int nowMicros = round == 1 ? 0 : nowMicros();
    int skipped = 0;
    int at = cursor;
    while (at < cells && outbox.size() < most && skipped < SKIP_LIMIT) {
      if (table.isOver(at)) {
        skipped++;
      } else if (round > 1 && isOutstanding(at, nowMicros)) {
        break;
      } else if (hostPacer != null
          && hostPacer.nanosToNext(space.host(at), System.nanoTime()) > 0) {
        break;
      } else if (add(at)) {
        pending[outbox.size() - 1] = at;
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
    final boolean stuck = at == cursor && outbox.size() == 0 && at < cells;
    cursor = at;
    if (stuck && nanosToRetry() == 0) {
      outbox.send(); // every slot is still the kernel's: waits a moment for one
    }
    return outbox.size();
  }

  /** Adds the probe that asks a target; false when there is no more room. */
  private boolean add(int cell) {
    final NextHops known = hops;
    return outbox.add(
        known == null ? NextHops.NONE : known.mac(space.host(cell)),
        space.high(cell),
        space.low(cell),
        space.port(cell));
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

  private int sendBatch() throws FramejetException {
    final int count = outbox.size();
    if (!roundStarted) {
      roundStarted = true;
      rounds = round;
      firstSendNanos = System.nanoTime();
    }
    final int taken;
    if (sending != null) {
      sending.note(Objects.requireNonNull(outbox.frames()));
    }
    try {
      taken = outbox.send();
    } catch (FramejetException e) {
      outbox.arrange(pending, count);
      dropPending(count - outbox.size());
      if (e.code() != ErrorCode.NO_ROUTE || !leaveOut()) {
        throw e;
      }
      return 0;
    }
    outbox.arrange(pending, count);
    if (taken > 0) {
      outbox.departures(departures, taken);
      for (int i = 0; i < taken; i++) {
        final int cell = pending[i];
        if (!table.isAsked(cell) && !table.isOver(cell)) {
          probed++;
        }
        table.probed(cell, departures[i]);
      }
      if (sending != null) {
        final long first = outbox.sendStartedNanos();
        final long each = (outbox.sendFinishedNanos() - first) / taken;
        sending.sent(Objects.requireNonNull(outbox.frames()), taken, first, each);
        checkLog();
      }
      probesSent += taken;
      lastSendNanos = System.nanoTime();
      if (hostPacer != null) {
        for (int i = 0; i < taken; i++) {
          hostPacer.sent(space.host(pending[i]), lastSendNanos);
        }
      }
      dropPending(taken);
    }
    table.waiting(pending, outbox.size());
    return taken;
  }

  /**
   * Goes on without the first packet, which was not sent: the IP stack knows no way to whom it is
   * for. Who was never asked counts as not probed, for that tells nothing of the host; who was
   * asked keeps what is known by then.
   *
   * @return false when that is not what the fault tells
   */
  private boolean leaveOut() {
    if (outbox.backend() != Backend.RAWIP || outbox.size() == 0) {
      return false;
    }
    final int cell = pending[0];
    outbox.dropFirst();
    dropPending(1);
    table.passedOver(cell);
    return true;
  }

  private void dropPending(int count) {
    System.arraycopy(pending, count, pending, 0, pending.length - count);
  }

  /** Gives those asked last their time to answer. */
  private void awaitLast() throws FramejetException {
    if (probesSent > 0 && !isOver()) {
      listen(Math.max(0, lastSendNanos + plan.waitTime().toNanos() - System.nanoTime()), true);
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
      checkDrops();
    }
    if (now - nextProgress >= 0) {
      nextProgress = now + PROGRESS_NANOS;
      listener.onProgress(progress(now));
    }
  }

  private void checkDrops() throws FramejetException {
    final boolean lost = drops.check() > 0;
    table.settle(nowMicros(), waitMicros, lost);
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
    } else if (!table.isAsked(cell)) {
      unasked++;
    } else {
      table.answered(cell, reply, timestampNanos / 1000);
      tellIfUp(cell);
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
    final double pps = elapsed == 0 ? 0 : probesSent * 1e9 / elapsed;
    final long left = pps == 0 ? -1 : (long) ((space.size() - cursor) / pps * 1e9);
    return new SweepProgress(
        pass.phase(),
        round,
        plan.rounds(),
        space.size(),
        probesSent,
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
      table.leftUnsent(pending, outbox.size());
      lookOnceMore();
      table.cutShort(nowMicros(), waitMicros);
    }
    InjectorStatistics sent = outbox.statistics();
    Recognised seen = recognised();
    return new PassTotals(
        probesSent,
        probed,
        demultiplexer.replies(),
        demultiplexer.refused() + seen.refused(),
        demultiplexer.malformed() + seen.malformed(),
        unasked,
        duplicates,
        rounds,
        sendNanos,
        sent.frames(),
        outbox.framesPerCore(),
        sent.unconfirmed(),
        drops.sinceBegin().txPackets(),
        drops.transmitDropped(),
        drops.delivered(),
        drops.receivedDropped(),
        outbox.backend(),
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
    outbox.close();
    receiver.close(); // as the last that has the program, which saves it a wait
  }
}
