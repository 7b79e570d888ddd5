package io.framejet.sweep;

import io.framejet.FramejetException;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.link.LinkMonitor;
import io.framejet.receive.Receiver;
import java.util.function.LongSupplier;

/**
 * Watches every counter that tells of frames lost on this host: the link's, both ways, and the
 * receiver's.
 *
 * <p>Frames that are lost elsewhere are seen by nobody: only retrying helps against those.
 */
final class DropWatch implements AutoCloseable {
  private final LinkMonitor monitor;
  private final Receiver receiver;
  private final LongSupplier returned;
  private LinkCounters before;
  private LinkCounters since;
  private long queueDropsBefore;
  private long queueDrops;
  private long receiverDropped;
  private long delivered;
  private long knownBefore;
  private long known;
  private long seen;

  private DropWatch(LinkMonitor monitor, Receiver receiver, LongSupplier returned)
      throws FramejetException {
    this.monitor = monitor;
    this.returned = returned;
    this.receiver = receiver;
    this.before = monitor.counters();
    this.since = before.minus(before);
    this.queueDropsBefore = monitor.queueDrops();
  }

  /**
   * A watch over {@code link}.
   *
   * @param returned how many frames the sender knows to have been dropped by the link's driver, and
   *     sends again: the link counts them, but they are not lost
   */
  static DropWatch open(Link link, Receiver receiver, LongSupplier returned)
      throws FramejetException {
    LinkMonitor monitor = LinkMonitor.open(link);
    try {
      return new DropWatch(monitor, receiver, returned);
    } catch (FramejetException | RuntimeException | Error e) {
      monitor.close();
      throw e;
    }
  }

  /** Begins anew: what was counted before is of no account. */
  void begin() throws FramejetException {
    before = monitor.counters();
    since = before.minus(before);
    queueDropsBefore = monitor.queueDrops();
    knownBefore = returned.getAsLong();
    seen = 0;
  }

  /**
   * Reads the counters; more than 0 when anything was lost since the last call: frames, or for a
   * while the carrier, without which nobody counts what is lost.
   */
  long check() throws FramejetException {
    var statistics = receiver.statistics();
    delivered = statistics.delivered();
    receiverDropped = statistics.dropped();
    since = monitor.counters().minus(before);
    queueDrops = monitor.queueDrops() - queueDropsBefore & 0xffff_ffffL;
    known = returned.getAsLong() - knownBefore;
    final long now = drops() + since.rxErrors() + since.txErrors() + since.carrierChanges();
    final long more = now - seen;
    seen = now;
    return more;
  }

  /** Frames lost so far, as of the last check. */
  long drops() {
    return receivedDropped() + Math.max(0, transmitDropped() - known);
  }

  /** Drops on the way out: by the link's queueing discipline, and by its driver. */
  long transmitDropped() {
    return since.txDropped() + queueDrops;
  }

  /** Drops on the way in: the receiver's, and the link's own. */
  long receivedDropped() {
    return receiverDropped + since.rxDropped() + since.rxMissed();
  }

  long delivered() {
    return delivered;
  }

  /** What the link counted since the watch began, as of the last check. */
  LinkCounters sinceBegin() {
    return since;
  }

  @Override
  public void close() {
    monitor.close();
  }
}
