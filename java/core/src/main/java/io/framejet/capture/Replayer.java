package io.framejet.capture;

import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.inject.Injector;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import io.framejet.inject.RealTime;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * things to do it gets its core when it is due only with {@link #realTime}; where cores themselves
 * stand still for moments, as those of virtual machines do, a {@link #standby} helps.
 *
 * <p>The file is read as it is sent, however long it is. What cannot be sent as it was captured,
 * since it is too large or cut short, is left out and counted. Ethernet frames below 60 bytes are
 * lengthened with zeros; a frame check sequence that the file says is there is left out.
 *
 * <p>One thread runs it, once; {@link #cancel} may be called by any. It does not own its injectors.
 */
public final class Replayer {
  private final Injector injector;
  private final FrameBatch batch;
  private final PunctualThread thread;
  private final int cpus;
  private @Nullable Injector standby;
  private double speed = 1;
  private @Nullable Pacer pacer;
  private long loops = 1;
  private boolean realTime;
  private boolean realTimeGranted;

  private volatile boolean cancelled;
  private volatile ReplayTurns turns = new ReplayTurns();
  private @Nullable ReplayCounts counts;
  private @Nullable ReplayCounts standbyCounts;

  /** Of a thread that waits as it is told to, on a machine of as many CPUs as it is told. */
  Replayer(Injector injector, PunctualThread thread, int cpus) {
    this.injector = injector;
    this.thread = thread;
    this.cpus = cpus;
    this.batch = injector.newBatch();
  }

  /** A replayer at the pace of the capture, once. */
  public static Replayer on(Injector injector) {
    return new Replayer(injector, new PunctualThread(), Runtime.getRuntime().availableProcessors());
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

  /**
   * A second injector on the same link, for a second thread that goes through the file as well and
   * stands ready for each frame: it sends what is due for 30 us and was not sent. So it does little
   * harm when one core stands still. Each frame is given to the kernel once, after all those before
   * it; in a driver that has a queue for each CPU, frames of two CPUs may overtake each other. Both
   * watch the clock before a frame is due, so it takes twice as much of the CPUs; the second thread
   * has no real-time priority. It is for files whose frames leave by their own times, and where
   * there are two CPUs; else it is not used.
   *
   * @param second what {@link #on} was not given; null, as it is unless set, for no such thread
   * @throws IllegalArgumentException if it takes other frames than the first
   */
  public Replayer standby(@Nullable Injector second) {
    if (second != null
        && (second == injector
            || second.link().index() != injector.link().index()
            || second.maxFrame() != injector.maxFrame()
            || second.linkType() != injector.linkType())) {
      throw new IllegalArgumentException(
          "standby=" + second + ": another one like " + injector + " is wanted");
    }
    standby = second;
    return this;
  }

  /** Whether the latest run had real-time priority. For the thread that runs it. */
  public boolean isRealTime() {
    return realTimeGranted;
  }

  /** Ends a run within some 50 ms. */
  public void cancel() {
    cancelled = true;
    turns.end();
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
    checkIsEmpty();
    final boolean canReadTwice = Files.isRegularFile(file);
    if (pacer == null && canReadTwice && !cancelled) {
      ReplayRun.rehearse(injector, speed, thread, file);
    }
    final ReplayRun run = begin();
    final ReplayStandby second = canReadTwice ? standBy(file) : null;
    try (RealTime punctual = punctual()) {
      begin(run, punctual);
      run.run(file, loops);
    } catch (RuntimeException | Error e) {
      turns.end(e);
      throw e;
    } finally {
      turns.close(); // all frames as far as this thread came are taken
      if (second != null) {
        second.awaitEnd();
      }
    }
    turns.check();
    return report();
  }

  /**
   * Sends what a reader gives, once, whatever was asked for. The reader stays open.
   *
   * @throws FramejetException as {@link #run(Path)} does
   */
  public ReplayReport run(CaptureReader reader) throws FramejetException {
    final ReplayRun run = begin();
    try (RealTime punctual = punctual()) {
      begin(run, punctual);
      run.pass(reader, "the capture");
    }
    return report();
  }

  /** What was done so far, by the latest run. For the thread that runs it. */
  public ReplayReport report() {
    final ReplayCounts own = counts;
    return (own == null ? new ReplayCounts(injector) : own).with(standbyCounts);
  }

  private void checkIsEmpty() {
    if (!batch.isEmpty()) {
      throw new IllegalStateException("size=" + batch.size() + ": frames wait in the open batch");
    }
  }

  private ReplayRun begin() throws FramejetException {
    checkIsEmpty();
    final ReplayTurns begun = new ReplayTurns();
    turns = begun;
    if (cancelled) {
      begun.end();
    }
    final ReplayRun run = new ReplayRun(injector, speed, pacer, begun, 0, thread);
    counts = run.counts();
    standbyCounts = null;
    return run;
  }

  private @Nullable RealTime punctual() throws FramejetException {
    return realTime && pacer == null ? RealTime.begin() : null;
  }

  private void begin(ReplayRun run, @Nullable RealTime punctual) {
    realTimeGranted = punctual != null && punctual.isGranted();
    thread.begin(punctual);
    run.realTime(realTimeGranted);
  }

  private @Nullable ReplayStandby standBy(Path file) throws FramejetException {
    final Injector second = standby;
    if (second == null || pacer != null || cpus < 2) {
      return null;
    }
    final ReplayRun run =
        new ReplayRun(second, speed, null, turns, ReplayRun.HEAD_START_NANOS, new PunctualThread());
    standbyCounts = run.counts();
    return ReplayStandby.start(run, turns, file, loops);
  }
}
