package io.framejet.receive;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.LinkType;
import io.framejet.link.Link;

/**
 * Takes frames from a link as the kernel sees them arrive, in batches, without copying where the
 * backend allows it.
 *
 * <p>One thread at a time polls and awaits. {@link #wakeup()}, {@link #statistics()} and {@link
 * #close()} may be called by any thread at any time.
 */
public interface Receiver extends AutoCloseable {
  /** Opens {@code link} for receiving all frames that come in. */
  static Receiver open(Link link) throws FramejetException {
    return open(link, ReceiverOptions.defaults());
  }

  /**
   * Opens {@code link} for receiving. The filter is in force before the first frame arrives.
   *
   * @throws FramejetException PERMISSION_DENIED without CAP_NET_RAW, LINK_GONE, INVALID_FILTER,
   *     NOT_SUPPORTED when the backend, or libpcap for a filter expression, is not to be had here,
   *     or when the frames of the link begin with neither an Ethernet nor an IP header,
   *     OUT_OF_MEMORY, RESOURCE_EXHAUSTED
   */
  static Receiver open(Link link, ReceiverOptions options) throws FramejetException {
    return NativeReceiver.open(link, options);
  }

  /**
   * Hands the frames that are there to {@code handler}, at most {@code limit}, without waiting.
   *
   * @return how many there were
   * @throws FramejetException CLOSED; LINK_DOWN and LINK_GONE as {@link #await} does
   */
  int poll(FrameHandler handler, int limit) throws FramejetException;

  /**
   * Hands over the frames that are there, and the replies that the link's XDP program has summed
   * up: see {@link ReceiverOptions#withReplies}. Both together are at most {@code limit}. Frames
   * come first; what arrived in between does not keep its order.
   *
   * @return how many there were
   * @throws FramejetException as {@link #poll(FrameHandler, int)} does
   */
  int poll(FrameHandler frames, RecognisedReplyHandler replies, int limit) throws FramejetException;

  /**
   * Waits until there are frames to poll.
   *
   * @param timeoutNanos longest wait in nanoseconds; 0 does not wait
   * @return whether there are some; false when the time is over, or after {@link #wakeup()}
   * @throws FramejetException LINK_DOWN when the link was set down, once, for frames come in again
   *     by themselves after it is up; LINK_GONE when it was deleted; CLOSED, also when another
   *     thread closes during the wait
   */
  boolean await(long timeoutNanos) throws FramejetException;

  /** Ends an {@link #await} in progress, or else the next one. */
  void wakeup();

  /** What arrived so far, by the kernel's count. */
  ReceiverStatistics statistics() throws FramejetException;

  /** The kernel path in use. */
  Backend backend();

  /** What the frames of the link begin with. */
  LinkType linkType();

  /** The link as it was when it was opened. */
  Link link();

  /** Lets go of the link. Idempotent, never waits; a poll in progress ends first. */
  @Override
  void close();
}
