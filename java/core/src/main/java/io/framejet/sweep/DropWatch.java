package io.framejet.sweep;

import io.framejet.FramejetException;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.link.LinkMonitor;
import io.framejet.receive.Receiver;

/**
 * Watches every counter that tells of frames lost on this host: the link's, both ways, and the
 * receiver's.
 *
 * <p>Frames that are lost elsewhere are seen by nobody: only retrying helps against those.
 */
final class DropWatch implements AutoCloseable {
  private final LinkMonitor monitor;
  private final Receiver receiver;
  private final boolean sentAgain;
  private LinkCounters before;
  private LinkCounters since;
  private long queueDropsBefore;
  private long queueDrops;
  private long receiverDropped;
  private long delivered;
  private long seen;

  private DropWatch(LinkMonitor monitor, Receiver receiver, boolean sentAgain)
      throws FramejetException {
    this.monitor = monitor;
    this.sentAgain = sentAgain;
    this.receiver = receiver;
    this.before = monitor.counters();
    this.since = before.minus(before);
    this.queueDropsBefore = monitor.queueDrops();
  }

  /**
   * A watch over {@code link}.
   *
   * @param sentAgain whether what the link's driver drops on the way out is known to the sender,
   *     who sends it again: it is counted, but not lost
   */
  static DropWatch open(Link link, Receiver receiver, boolean sentAgain) throws FramejetException {
    LinkMonitor monitor = LinkMonitor.open(link);
    try {
      return new DropWatch(monitor, receiver, sentAgain);
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
    final long now = drops() + since.rxErrors() + since.txErrors() + since.carrierChanges();
    final long more = now - seen;
    seen = now;
    return more;
  }

  /** Frames lost so far, as of the last check. */
  long drops() {
    return receivedDropped() + (sentAgain ? queueDrops : transmitDropped());
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
