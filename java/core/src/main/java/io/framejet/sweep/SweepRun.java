package io.framejet.sweep;

import io.framejet.FramejetException;
import io.framejet.demux.ReplyDemultiplexer;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.InjectorStatistics;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import io.framejet.probe.Probe;
import io.framejet.probe.Reply;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sweep under way, on one thread: probe what is due, read what came, look at the counters,
 * sleep until something is due or comes.
 *
 * <p>Rounds follow each other at once; a target is asked again as soon as its own time to answer is
 * over.
 */
final class SweepRun implements AutoCloseable {
  private static final int POLL_LIMIT = 4096;
  private static final int SKIP_LIMIT = 1 << 16;
  private static final long CHECK_NANOS = 50_000_000;
  private static final long PROGRESS_NANOS = 100_000_000;
  // A block of the ring is handed over within some milliseconds.
  private static final long DRAIN_NANOS = 50_000_000;
  private static final long DRAIN_STEP_NANOS = 1_000_000;
  private static final long SHORT_PAUSE_NANOS = 2_000_000;
  private static final long MAX_SLEEP_NANOS = 50_000_000;

  private final SweepPlan plan;
  private final TargetSpace space;
  private final SweepListener listener;
  private final Cancellation cancellation;
  private final FrameTemplate template;
  private final Injector injector;
  private final Receiver receiver;
  private final DropWatch drops;
  private final TargetTable table;
  private final ReplyDemultiplexer demultiplexer;
  private final FrameBatch batch;
  private final int waitMicros;

  /** The cells whose frames are in the batch, in order. */
  private final int[] pending;

  private int round;
  private int rounds;
  private int cursor;
  private boolean roundStarted;
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
      SweepPlan plan,
      Probe probe,
      TargetSpace space,
      SweepListener listener,
      Cancellation cancellation,
      Injector injector,
      Receiver receiver,
      DropWatch drops) {
    this.plan = plan;
    this.space = space;
    this.listener = listener;
    this.cancellation = cancellation;
    this.template = probe.template();
    this.injector = injector;
    this.receiver = receiver;
    this.drops = drops;
    this.table = new TargetTable(space);
    this.demultiplexer = new ReplyDemultiplexer(probe, this::onReply);
    this.batch = injector.newBatch();
    this.pending = new int[batch.capacity()];
    this.waitMicros = (int) (plan.waitTime().toNanos() / 1000);
  }

  static SweepRun open(
      SweepPlan plan,
      Probe probe,
      TargetSpace space,
      List<Integer> ownAddresses,
      SweepListener listener,
      Cancellation cancellation)
      throws FramejetException {
    // Slots as long as a probe, not as the MTU: what is touched by a /16 then stays in the cache.
    InjectorOptions sending =
        InjectorOptions.defaults()
            .withBackend(plan.backend())
            .withMaxFrame(probe.template().length());
    ReceiverOptions receiving =
        ReceiverOptions.defaults()
            .withBackend(plan.backend())
            .withFilter(CaptureFilter.of(probe.filter()));
    Receiver receiver = Receiver.open(plan.link(), receiving);
    try {
      Injector injector = Injector.open(plan.link(), sending);
      try {
        DropWatch drops = DropWatch.open(plan.link(), receiver);
        try {
          SweepRun run =
              new SweepRun(plan, probe, space, listener, cancellation, injector, receiver, drops);
          run.reportOwn(ownAddresses);
          cancellation.wakes(receiver);
          return run;
        } catch (RuntimeException | Error e) {
          drops.close();
          throw e;
        }
      } catch (FramejetException | RuntimeException | Error e) {
        injector.close();
        throw e;
      }
    } catch (FramejetException | RuntimeException | Error e) {
      receiver.close();
      throw e;
    }
  }

  private void reportOwn(List<Integer> ownAddresses) {
    for (int address : ownAddresses) {
      int cell = space.cell(address);
      table.self(cell, plan.sourceMac().toLong());
      listener.onHost(table.result(cell));
    }
  }

  void sweep() throws FramejetException {
    try {
      probeAndListen();
    } catch (RuntimeException | Error e) {
      listenerFailed = true;
      throw e;
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
        send(Pacer.at(rate));
      } finally {
        sendNanos += probesSent > sentBefore ? lastSendNanos - firstSendNanos : 0;
      }
      checkDrops();
      double achieved = (probesSent - sentBefore) * 1e9 / Math.max(1, sendNanos - sendNanosBefore);
      rate = slower(rate, achieved, drops.drops() > dropsBefore);
    }
    awaitLast();
    drain();
    if (allUp() && !cancellation.isCancelled()) {
      listen(plan.grace().toNanos(), false);
    }
    drain();
    complete = !cancellation.isCancelled() && probed == space.size() - plan.self();
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

  private boolean allUp() {
    return table.hostsUp() == space.size();
  }

  private boolean isOver() {
    return allUp() || cancellation.isCancelled();
  }

  private void send(Pacer pacer) throws FramejetException {
    cursor = 0;
    while ((cursor < space.size() || !batch.isEmpty()) && !isOver()) {
      final long now = System.nanoTime();
      final int due = pacer.due(now);
      final int ready = due > 0 ? fill(due) : 0;
      if (ready > 0) {
        final int taken = sendBatch();
        pacer.sent(taken, now);
      }
      receiver.poll(demultiplexer, POLL_LIMIT);
      look(now);
      if (ready == 0) {
        pause(due > 0 ? nanosToRetry() : pacer.nanosToNext(System.nanoTime()));
      }
    }
    injector.newBatch(); // when all have answered, what is left in the batch is not sent
  }

  /** Fills the batch up to {@code due} frames: how many are in it. */
  private int fill(int due) throws FramejetException {
    final int cells = space.size();
    final int most = Math.min(due, batch.capacity());
    final int nowMicros = round == 1 ? 0 : nowMicros();
    int skipped = 0;
    int at = cursor;
    while (at < cells && batch.size() < most && skipped < SKIP_LIMIT) {
      if (table.isUp(at)) {
        skipped++;
      } else if (round > 1 && isOutstanding(at, nowMicros)) {
        break;
      } else if (template.addTo(batch, space.address(at) & 0xffff_ffffL)) {
        pending[batch.size() - 1] = at;
      } else {
        break;
      }
      at++;
    }
    // Nothing but answered targets for a long while: look for frames in between.
    final boolean stuck = at == cursor && batch.isEmpty() && at < cells;
    cursor = at;
    if (stuck && (round == 1 || !isOutstanding(at, nowMicros))) {
      injector.send(batch); // every slot is still the kernel's: waits a moment for one
    }
    return batch.size();
  }

  private boolean isOutstanding(int cell, int nowMicros) {
    // Should the clock have been set back, nobody waits until it is that late again.
    return table.tries(cell) > 0 && Math.abs(nowMicros - table.departure(cell)) < waitMicros;
  }

  private long nanosToRetry() {
    if (cursor >= space.size() || table.isUp(cursor) || table.tries(cursor) == 0) {
      return 0;
    }
    return 1000L * Math.max(0, waitMicros - (nowMicros() - table.departure(cursor)));
  }

  private int sendBatch() throws FramejetException {
    final int count = batch.size();
    if (!roundStarted) {
      roundStarted = true;
      rounds = round;
      firstSendNanos = System.nanoTime();
    }
    final int taken;
    try {
      taken = injector.send(batch);
    } catch (FramejetException e) {
      dropPending(count - batch.size());
      throw e;
    }
    if (taken > 0) {
      final long first = injector.sendStartedNanos();
      final long each = (injector.sendFinishedNanos() - first) / taken;
      for (int i = 0; i < taken; i++) {
        final int cell = pending[i];
        if (table.tries(cell) == 0) {
          probed++;
        }
        table.probed(cell, (int) ((first + i * each) / 1000));
      }
      probesSent += taken;
      lastSendNanos = System.nanoTime();
      dropPending(taken);
    }
    return taken;
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

  private void listen(long nanos, boolean untilAllUp) throws FramejetException {
    final long deadline = System.nanoTime() + nanos;
    while (!cancellation.isCancelled() && !(untilAllUp && allUp())) {
      receiver.poll(demultiplexer, POLL_LIMIT);
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
      if (receiver.poll(demultiplexer, POLL_LIMIT) == 0) {
        if (System.nanoTime() - giveUp >= 0) {
          table.settle(nowMicros(), waitMicros, true);
          return;
        }
        receiver.await(DRAIN_STEP_NANOS);
      }
    }
  }

  private void onReply(Reply reply, long timestampNanos) {
    final int cell = space.cell(reply.address());
    if (cell == TargetSpace.NO_CELL) {
      unasked++;
    } else if (table.isUp(cell)) {
      again(cell, reply.mac());
    } else if (table.tries(cell) == 0) {
      unasked++;
    } else {
      table.up(cell, reply.mac(), timestampNanos / 1000);
      listener.onHost(table.result(cell));
    }
  }

  private void again(int cell, long mac) {
    if (table.mac(cell) == mac) {
      duplicates++;
    } else if (table.conflict(cell, mac)) {
      listener.onConflict(table.result(cell));
    } else {
      duplicates++;
    }
  }

  private SweepProgress progress(long now) {
    final long elapsed = now - startNanos;
    final double pps = elapsed == 0 ? 0 : probesSent * 1e9 / elapsed;
    final long left = pps == 0 ? -1 : (long) ((space.size() - cursor) / pps * 1e9);
    return new SweepProgress(
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

  /** What is known so far. */
  SweepReport report() {
    if (!complete) {
      lookOnceMore();
      table.cutShort(nowMicros(), waitMicros);
    }
    long silent = 0;
    long lost = 0;
    for (int cell = 0; cell < space.size(); cell++) {
      switch (table.state(cell)) {
        case UP -> {}
        case SILENT -> silent++;
        case POSSIBLY_LOST -> lost++;
      }
    }
    InjectorStatistics sent = injector.statistics();
    SweepReport.Counts counts =
        new SweepReport.Counts(
            space.size(),
            plan.excluded(),
            probesSent,
            demultiplexer.replies(),
            table.hostsUp(),
            silent,
            lost,
            space.size() - plan.self() - probed,
            duplicates,
            table.conflicts(),
            unasked,
            demultiplexer.malformed(),
            rounds);
    return new SweepReport(
        counts,
        new SweepReport.Transmitted(
            sent.frames(),
            drops.sinceBegin().txPackets(),
            drops.transmitDropped(),
            sent.unconfirmed()),
        new SweepReport.Received(drops.delivered(), drops.receivedDropped()),
        new SweepReport.Timing(System.nanoTime() - startNanos, sendNanos),
        injector.backend(),
        complete,
        table);
  }

  /**
   * After a fault the last look at the counters may fail as well: what they told before stands
   * then.
   */
  private void lookOnceMore() {
    try {
      if (listenerFailed) {
        checkDrops(); // it is not to be called again
      } else {
        drain();
      }
    } catch (FramejetException e) {
      Log.LOG.debug(
          "counters of {} are no longer to be had: {}", plan.link().name(), e.getMessage());
    }
  }

  /** Set up when there is something to log: starting a logger takes longer than a small sweep. */
  private static final class Log {
    private static final Logger LOG = LoggerFactory.getLogger(SweepRun.class);
  }

  @Override
  public void close() {
    drops.close();
    injector.close();
    receiver.close();
  }
}
