package io.framejet.inject;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.LinkType;
import io.framejet.link.Link;

/**
 * Puts frames on a link, below the IP stack.
 *
 * <pre>{@code
 * try (Injector injector = Injector.open(Link.find("v0"))) {
 *   FrameBatch batch = injector.newBatch();
 *   while (frame.addTo(batch)) {}
 *   int taken = injector.send(batch);
 * }
 * }</pre>
 *
 * <p>One thread at a time fills batches and sends. {@link #statistics()} and {@link #close()} may
 * be called by any thread at any time; whoever uses the injector afterwards gets {@code CLOSED}.
 */
public interface Injector extends AutoCloseable {
  /** Opens {@code link} for injecting, by the best backend that is available. */
  static Injector open(Link link) throws FramejetException {
    return open(link, InjectorOptions.defaults());
  }

  /**
   * Opens {@code link} for injecting.
   *
   * @throws FramejetException PERMISSION_DENIED without CAP_NET_RAW, LINK_GONE, NOT_SUPPORTED when
   *     the backend is not to be had here, OUT_OF_MEMORY, RESOURCE_EXHAUSTED
   */
  static Injector open(Link link, InjectorOptions options) throws FramejetException {
    return NativeInjector.open(link, options);
  }

  /**
   * The batch of this injector, empty. There is one at a time: frames of it that were not sent are
   * dropped and counted as discarded.
   */
  FrameBatch newBatch();

  /**
   * Sends the frames of {@code batch}, in order, by one native call.
   *
   * <p>The frames that the kernel took leave the batch; those not taken stay at its front and can
   * be sent again. When a queue stays full for some 10 ms the call returns what was taken so far,
   * possibly 0. A fault after some frames were taken shows at the next call. When the link goes
   * down within the call, the frames concerned leave the batch and count as unconfirmed, not as
   * sent.
   *
   * @return how many frames the kernel took
   * @throws FramejetException LINK_DOWN when the link is down or has no carrier (sending resumes by
   *     itself); LINK_GONE when it was deleted; FRAME_TOO_LARGE or MALFORMED_FRAME naming the
   *     frame, with nothing of the batch sent before it lost; CLOSED
   */
  int send(FrameBatch batch) throws FramejetException;

  /**
   * Sends one frame.
   *
   * @return whether the kernel took it; false when a queue stayed full
   * @throws IllegalStateException if frames wait in the open batch
   * @throws IllegalArgumentException if the frame does not begin as {@link #linkType} says
   * @throws FramejetException as {@link #send(FrameBatch)} does
   */
  boolean send(Frame frame) throws FramejetException;

  /**
   * CLOCK_REALTIME, in ns, just before the first system call of the latest send that took frames.
   */
  long sendStartedNanos();

  /** CLOCK_REALTIME, in ns, just after the last system call of that send. */
  long sendFinishedNanos();

  /** What was done so far. */
  InjectorStatistics statistics();

  /** The kernel path in use. */
  Backend backend();

  /**
   * Whether the link's driver sends frames from where they were written, which only {@code xsk} can
   * do, and only with some drivers; elsewhere the kernel copies them.
   */
  default boolean isZeroCopy() {
    return false;
  }

  /** The link as it was when it was opened. */
  Link link();

  /**
   * What its frames begin with: the link's own header, but an IP header with the backend {@code
   * rawip}, whatever the link.
   */
  LinkType linkType();

  /** Longest frame that the link takes, in bytes without FCS and without an 802.1Q tag. */
  int maxFrame();

  /** Lets go of the link. Idempotent, never waits; a send in progress ends first. */
  @Override
  void close();
}
