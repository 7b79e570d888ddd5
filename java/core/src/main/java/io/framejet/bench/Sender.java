package io.framejet.bench;

import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.inject.Cores;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorStatistics;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One thread's part of a trial: injects until the time is over, and notes what that took. */
final class Sender implements Runnable {
  /** Longest sleep: how soon a cancellation is heeded. */
  private static final long LOOK_NANOS = 20_000_000;

  private final Injector injector;
  private final FrameTemplate template;
  private final Rate rate;
  private final long nanos;
  private final long wallClockOffset;
  private final int core;
  private final CountDownLatch go;
  private final BooleanSupplier cancelled;

  private @Nullable InjectorStatistics before;
  private @Nullable InjectorStatistics after;
  private @Nullable Exception fault;
  private CpuTime cpu = new CpuTime(0, 0, 0);
  private long started;
  private long ended;

  /**
   * A sender.
   *
   * @param nanos how long
   * @param wallClockOffset CLOCK_REALTIME less {@link System#nanoTime}
   * @param core where the thread is to stay, see {@link Cores}; -1 for anywhere
   * @param go what it waits for
   */
  Sender(
      Injector injector,
      FrameTemplate template,
      Rate rate,
      long nanos,
      long wallClockOffset,
      int core,
      CountDownLatch go,
      BooleanSupplier cancelled) {
    this.injector = injector;
    this.template = template;
    this.rate = rate;
    this.nanos = nanos;
    this.wallClockOffset = wallClockOffset;
    this.core = core;
    this.go = go;
    this.cancelled = cancelled;
  }

  @Override
  public void run() {
    try {
      final FrameBatch batch = injector.newBatch();
      before = injector.statistics();
      if (core >= 0) {
        final int unused = Cores.pin(core);
      }
      go.await();
      final CpuClock clock = CpuClock.now();
      started = System.nanoTime();
      ended = started;
      // Where the kernel keeps the rate, a send takes as long as its frames are to take.
      if (injector.pace(rate) || rate.isMax()) {
        flood(batch);
      } else {
        pace(batch);
      }
      ended = System.nanoTime();
      cpu = CpuClock.now().since(clock);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (FramejetException | RuntimeException e) {
      fault = e;
    } finally {
      after = injector.statistics();
    }
  }

  private void flood(FrameBatch batch) throws FramejetException {
    final FrameTemplate frames = template;
    final Injector to = injector;
    final long offset = wallClockOffset;
    final long begin = started;
    final long length = nanos;
    long now = begin;
    while (now - begin < length && !cancelled.getAsBoolean()) {
      final long departure = now + offset;
      while (frames.addTo(batch, departure)) {}
      // Also when no slot was free: the call then waits for one.
      final int unused = to.send(batch);
      now = System.nanoTime();
    }
  }

  private void pace(FrameBatch batch) throws FramejetException {
    final Pacer pacer = Pacer.at(rate);
    long now = started;
    while (now - started < nanos && !cancelled.getAsBoolean()) {
      final int due = Math.min(pacer.due(now), batch.capacity());
      if (due > 0) {
        final long departure = now + wallClockOffset;
        while (batch.size() < due && template.addTo(batch, departure)) {}
        pacer.sent(injector.send(batch), now);
      } else {
        final long left = nanos - (now - started);
        LockSupport.parkNanos(Math.min(Math.min(pacer.nanosToNext(now), LOOK_NANOS), left));
      }
      now = System.nanoTime();
    }
  }

  /** What the injector did in this trial; to be asked when the thread has ended. */
  InjectorStatistics done() throws FramejetException {
    if (fault instanceof FramejetException known) {
      throw known;
    }
    if (fault instanceof RuntimeException unknown) {
      throw unknown;
    }
    final InjectorStatistics from = before;
    final InjectorStatistics to = after;
    if (from == null || to == null) {
      return new InjectorStatistics(0, 0, 0, 0, 0, 0, 0, 0);
    }
    return new InjectorStatistics(
        to.frames() - from.frames(),
        to.bytes() - from.bytes(),
        to.calls() - from.calls(),
        to.queueFull() - from.queueFull(),
        to.rejected() - from.rejected(),
        to.unconfirmed() - from.unconfirmed(),
        to.discarded() - from.discarded(),
        to.returned() - from.returned());
  }

  CpuTime cpu() {
    return cpu;
  }

  long started() {
    return started;
  }

  long ended() {
    return ended;
  }
}
