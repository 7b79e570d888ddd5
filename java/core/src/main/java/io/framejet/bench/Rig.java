package io.framejet.bench;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.InjectorStatistics;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.link.LinkMonitor;
import io.framejet.receive.ReceiverStatistics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** All that the trials of one load need, opened once: injectors, and who reads which counters. */
final class Rig implements AutoCloseable {
  /** Some drivers bring their counters up to date only every second or two. */
  private static final long SETTLE_NANOS = 2_500_000_000L;

  private static final long LOOK_NANOS = 2_000_000;
  private static final String IFB = "ifb";

  private final Load load;
  private final Link link;
  private final @Nullable Link to;
  private final BooleanSupplier cancelled;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Injector> injectors = new ArrayList<>();
  private final LinkMonitor monitor;
  private final @Nullable LinkMonitor peer;
  private final TestFrame frame;
  private final Random tags = new Random();

  private Rig(Load load, Link link, @Nullable Link to, BooleanSupplier cancelled)
      throws FramejetException {
    this.load = load;
    this.link = link;
    this.to = to;
    this.cancelled = cancelled;
    boolean complete = false;
    try {
      final InjectorOptions options =
          InjectorOptions.defaults()
              .withBackend(load.backend())
              .withBatch(load.batch())
              .withQdiscBypass(load.qdiscBypass());
      for (int i = 0; i < load.cores(); i++) {
        final Injector injector = Injector.open(link, options);
        open.add(injector);
        injectors.add(injector);
      }
      frame = new TestFrame(injectors.get(0).linkType(), link.mac(), target(link, to));
      monitor = LinkMonitor.open(link);
      open.add(monitor);
      peer = to == null ? null : LinkMonitor.open(to);
      if (peer != null) {
        open.add(peer);
      }
      requireFits();
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  static Rig open(Load load, Link link, @Nullable Link to, BooleanSupplier cancelled)
      throws FramejetException {
    return new Rig(load, link, to, cancelled);
  }

  /**
   * Where frames go: to the receiving link; without one to the link's own address, which a switch
   * knows to be on the port that they come from, so that it does not flood them.
   */
  private static MacAddress target(Link link, @Nullable Link to) {
    return to != null && to.linkType() == LinkType.ETHERNET ? to.mac() : link.mac();
  }

  private void requireFits() throws FramejetException {
    final Injector injector = injectors.get(0);
    final int length = frame.lengthOf(load.frameSize());
    final int longest = Math.min(injector.maxFrame(), injector.newBatch().maxFrame());
    if (length > longest) {
      throw new FramejetException(
          ErrorCode.FRAME_TOO_LARGE,
          "frames of size "
              + load.frameSize()
              + " have "
              + length
              + " bytes; link "
              + link.name()
              + " takes at most "
              + longest
              + " by "
              + injector.backend().label(),
          0,
          "linux/" + injector.backend().label(),
          link.name(),
          null);
    }
  }

  /**
   * One timed run.
   *
   * @param listener takes what arrives at the receiving link; null to have nobody receive there
   */
  Trial run(Rate rate, long nanos, @Nullable ArrivalListener listener) throws FramejetException {
    final int tag = tags.nextInt() << Byte.SIZE;
    if (to == null || listener == null) {
      return run(rate, nanos, tag, null);
    }
    try (Arrivals arrivals = Arrivals.open(to, frame, tag, listener)) {
      return run(rate, nanos, tag, arrivals);
    }
  }

  private Trial run(Rate rate, long nanos, int tag, @Nullable Arrivals arrivals)
      throws FramejetException {
    final LinkCounters before = monitor.counters();
    final LinkCounters peerBefore = peer == null ? null : peer.counters();
    final long queueDrops = monitor.queueDrops();
    final List<Sender> senders = send(rate, nanos, tag, arrivals != null);
    final Tally tally = new Tally();
    for (Sender sender : senders) {
      tally.add(sender);
    }
    final LinkCounters counted = settle(before, tally.accepted, queueDrops);
    final ReceiverStatistics received = arrivals == null ? null : arrivals.finish(tally.accepted);
    final long delivered =
        peer == null || peerBefore == null ? Trial.UNKNOWN : settlePeer(peer, peerBefore, tally);
    return new Trial(
        tally.accepted,
        tally.unconfirmed,
        tally.rejected,
        tally.queueFull,
        tally.calls,
        injected(counted),
        dropped(counted, queueDrops),
        counted.txErrors(),
        delivered,
        received == null ? Trial.UNKNOWN : received.delivered() + received.dropped(),
        received == null ? 0 : received.dropped(),
        arrivals == null ? 0 : arrivals.reordered(),
        tally.ended - tally.started,
        tally.cpu,
        tally.perCore,
        !cancelled.getAsBoolean());
  }

  private List<Sender> send(Rate rate, long nanos, int tag, boolean stamped)
      throws FramejetException {
    final CountDownLatch go = new CountDownLatch(1);
    final List<Sender> senders = new ArrayList<>();
    final List<Thread> threads = new ArrayList<>();
    final long offset = wallClockOffset();
    for (int i = 0; i < injectors.size(); i++) {
      final FrameTemplate template =
          stamped
              ? frame.stamped(load.frameSize(), tag | i)
              : frame.plain(load.frameSize(), tag | i);
      final Rate share = rate.times(1.0 / injectors.size());
      // Where the kernel cannot write the time of departure, it is that before the send.
      final boolean unused =
          injectors.get(i).stamp(stamped ? frame.payload() + TestFrame.DEPARTURE : 0);
      final int core = pins() ? i : -1;
      final Sender sender =
          new Sender(injectors.get(i), template, share, nanos, offset, core, go, cancelled);
      senders.add(sender);
      threads.add(new Thread(sender, "bench-" + (i + 1)));
    }
    threads.forEach(Thread::start);
    go.countDown();
    for (Thread thread : threads) {
      join(thread);
    }
    return senders;
  }

  /** Frames of xdp are made by the thread that sends them: each stays where it is. */
  private boolean pins() {
    return load.backend() == Backend.XDP && load.cores() > 1;
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the trial ends by itself: nothing may inject after it
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the link to have counted what the kernel has taken. */
  private LinkCounters settle(LinkCounters before, long accepted, long queueDrops)
      throws FramejetException {
    final long begin = System.nanoTime();
    LinkCounters counted = monitor.counters().minus(before);
    while (injected(counted) + dropped(counted, queueDrops) < accepted
        && System.nanoTime() - begin < SETTLE_NANOS) {
      LockSupport.parkNanos(LOOK_NANOS);
      counted = monitor.counters().minus(before);
    }
    return counted;
  }

  private static long settlePeer(LinkMonitor peer, LinkCounters before, Tally tally)
      throws FramejetException {
    // Frames that are lost would be waited for in vain, so not for long: as long as there are more.
    long counted = peer.counters().minus(before).rxPackets();
    long previous = -1;
    while (counted < tally.accepted && counted > previous) {
      previous = counted;
      LockSupport.parkNanos(LOOK_NANOS * 10);
      counted = peer.counters().minus(before).rxPackets();
    }
    return counted;
  }

  /** An {@code ifb} counts an injected frame as received, and once more as dropped. */
  private long injected(LinkCounters since) {
    return link.kind().equals(IFB) ? since.rxPackets() : since.txPackets();
  }

  private long dropped(LinkCounters since, long queueDropsBefore) throws FramejetException {
    final long queue = monitor.queueDrops() - queueDropsBefore & 0xffff_ffffL;
    return since.txDropped() + queue;
  }

  /** CLOCK_REALTIME less the JVM's clock, from the quickest of a few pairs of looks. */
  private static long wallClockOffset() {
    long best = 0;
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < 100; i++) {
      final long begin = System.nanoTime();
      final Instant wall = Instant.now();
      final long took = System.nanoTime() - begin;
      if (took < shortest) {
        shortest = took;
        best = wall.getEpochSecond() * 1_000_000_000L + wall.getNano() - (begin + took / 2);
      }
    }
    return best;
  }

  @Override
  public void close() {
    for (AutoCloseable each : open) {
      if (each instanceof Injector injector) {
        injector.close();
      } else if (each instanceof LinkMonitor opened) {
        opened.close();
      }
    }
  }

  /** The senders of a trial, added up. */
  private static final class Tally {
    private long accepted;
    private long unconfirmed;
    private long rejected;
    private long queueFull;
    private long calls;
    private long started = Long.MAX_VALUE;
    private long ended = Long.MIN_VALUE;
    private final List<Long> perCore = new ArrayList<>();
    private CpuTime cpu = new CpuTime(0, 0, CpuTime.UNKNOWN);

    void add(Sender sender) throws FramejetException {
      final InjectorStatistics done = sender.done();
      accepted += done.frames();
      perCore.add(done.frames());
      unconfirmed += done.unconfirmed();
      rejected += done.rejected();
      queueFull += done.queueFull();
      calls += done.calls();
      started = Math.min(started, sender.started());
      ended = Math.max(ended, sender.ended());
      cpu = cpu.plus(sender.cpu());
    }
  }
}
