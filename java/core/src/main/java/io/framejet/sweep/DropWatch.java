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
  private final LinkCounters before;
  private LinkCounters since;
  private long receiverDropped;
  private long delivered;
  private long seen;

  private DropWatch(LinkMonitor monitor, Receiver receiver) throws FramejetException {
    this.monitor = monitor;
    this.receiver = receiver;
    this.before = monitor.counters();
    this.since = before.minus(before);
  }

  static DropWatch open(Link link, Receiver receiver) throws FramejetException {
    LinkMonitor monitor = LinkMonitor.open(link);
    try {
      return new DropWatch(monitor, receiver);
    } catch (FramejetException | RuntimeException e) {
      monitor.close();
      throw e;
    }
  }

  /** Reads the counters; how many more frames were dropped since the last call. */
  long check() throws FramejetException {
    var statistics = receiver.statistics();
    delivered = statistics.delivered();
    receiverDropped = statistics.dropped();
    since = monitor.counters().minus(before);
    final long now = drops();
    final long more = now - seen;
    seen = now;
    return more;
  }

  /** All drops so far, as of the last check. */
  long drops() {
    return receivedDropped() + since.txDropped();
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
