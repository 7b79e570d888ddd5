package io.framejet.link;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;

/**
 * Reads one link's counters and state again and again, through one socket that stays open, which
 * costs a few system calls. Safe for use by several threads, whichever namespace they are in; only
 * opening it takes what {@link NetworkNamespace} says.
 */
public final class LinkMonitor implements AutoCloseable {
  private final Link link;
  private final Netlink netlink;

  private LinkMonitor(Link link, Netlink netlink) {
    this.link = link;
    this.netlink = netlink;
  }

  /**
   * Opens a monitor of this link; whether the link still exists shows at the first question.
   *
   * @throws FramejetException when its namespace cannot be entered, or for lack of descriptors
   */
  public static LinkMonitor open(Link link) throws FramejetException {
    return new LinkMonitor(link, Netlink.open(link.namespace()));
  }

  /** The snapshot that it was opened with. */
  public Link link() {
    return link;
  }

  /**
   * The counters at this moment.
   *
   * @throws FramejetException {@link ErrorCode#LINK_GONE}, {@link ErrorCode#CLOSED}
   */
  public LinkCounters counters() throws FramejetException {
    return link.counters(netlink);
  }

  /**
   * Frames that the link's queueing discipline has dropped, modulo 2^32; 0 for a link without one.
   * They are in none of the {@link #counters()}. A head drop is not even told to the sender.
   *
   * @throws FramejetException {@link ErrorCode#LINK_GONE}, {@link ErrorCode#CLOSED}
   */
  public long queueDrops() throws FramejetException {
    return link.queueDrops(netlink);
  }

  /**
   * A new snapshot.
   *
   * @throws FramejetException {@link ErrorCode#LINK_GONE}, {@link ErrorCode#CLOSED}
   */
  public Link refresh() throws FramejetException {
    return link.refresh(netlink);
  }

  /**
   * Whether the link still exists.
   *
   * @throws FramejetException {@link ErrorCode#CLOSED}
   */
  public boolean exists() throws FramejetException {
    try {
      refresh();
      return true;
    } catch (FramejetException e) {
      if (e.code() == ErrorCode.LINK_GONE) {
        return false;
      }
      throw e;
    }
  }

  /** Closes the socket. Does nothing the second time. */
  @Override
  public void close() {
    netlink.close();
  }
}
