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
   * <p>The frames that the kernel took leave the batch; those not taken stay at its front, in
   * order, and can be sent again. With {@code xdp} those taken need not be the first ones: {@link
   * FrameBatch#arrange} tells which they were. When a queue stays full for some 10 ms the call
   * returns what was taken so far, possibly 0. A fault after some frames were taken shows at the
   * next call. When the link goes down within the call, the frames concerned leave the batch and
   * count as unconfirmed, not as sent.
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
   * Has the kernel itself keep a rate from the next send on, which the backend {@code xdp} can from
   * {@value Pacer#LEAST_IN_KERNEL} pps on: each frame leaves within some microseconds of its time.
   * Frame {@code k} is due {@code k / rate} after the first; a sender that has fallen behind
   * catches up as a {@link Pacer} does. A send then waits within the kernel, on a CPU of its own
   * where frames follow each other in less than 0.25 ms, and takes no more frames than leave within
   * some 5 ms, at least one. By the thread that sends.
   *
   * @param rate {@link Rate#MAX} for none
   * @return whether it does; if not, no rate is kept, and a {@link Pacer} helps
   * @throws FramejetException CLOSED
   */
  default boolean pace(Rate rate) throws FramejetException {
    return false;
  }

  /**
   * Has the kernel write the time of its departure into each frame from the next send on:
   * CLOCK_REALTIME in ns, 8 bytes, big-endian. The backend {@code xdp} can; checksums are left as
   * they are. By the thread that sends.
   *
   * @param offset where in the frame; a frame that ends before has none; 0 for nowhere
   * @return whether it does
   * @throws FramejetException CLOSED
   */
  default boolean stamp(int offset) throws FramejetException {
    return false;
  }

  /**
   * CLOCK_REALTIME, in ns, just before the first system call of the latest send that took frames.
   */
  long sendStartedNanos();

  /** CLOCK_REALTIME, in ns, just after the last system call of that send. */
  long sendFinishedNanos();

  /**
   * When each of the frames that the latest send took has left: the time that it took is divided
   * among them.
   *
   * @param micros takes microseconds modulo 2^32, by CLOCK_REALTIME
   * @param count how many there were
   */
  default void departures(int[] micros, int count) {
    final long first = sendStartedNanos();
    final long each = (sendFinishedNanos() - first) / Math.max(1, count);
    for (int i = 0; i < count; i++) {
      micros[i] = (int) ((first + i * each) / 1000);
    }
  }

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
