package io.framejet.receive;

import io.framejet.Backend;
import io.framejet.engine.Engine;
import org.jspecify.annotations.Nullable;

/**
 * How to open a {@link Receiver}. Immutable: each method that sets something returns a changed
 * copy.
 *
 * @param backend the kernel path, or null for the ring
 * @param filter which frames to take
 * @param ringBytes memory for frames not yet polled; made smaller when the kernel has none
 * @param snaplen longest part of a frame that is kept, in bytes
 * @param promiscuous whether to take frames for other hosts too (PACKET_MR_PROMISC: ends with the
 *     receiver)
 * @param includeOutgoing whether to see what this host sends
 * @param engine the link's XDP program, for the backend xdp; null for one that its receivers share
 * @param replies whether to take replies that the engine has recognised as {@link RecognisedReply}
 *     where it can sum them up, instead of as frames: see {@link Receiver#poll(FrameHandler,
 *     RecognisedReplyHandler, int)}. Of one engine one receiver at a time gets them; of no account
 *     with a filter
 */
public record ReceiverOptions(
    @Nullable Backend backend,
    CaptureFilter filter,
    int ringBytes,
    int snaplen,
    boolean promiscuous,
    boolean includeOutgoing,
    @Nullable Engine engine,
    boolean replies) {
  /** Checks the ranges. */
  public ReceiverOptions {
    if (ringBytes < 1 << 17 || ringBytes > 1 << 30) {
      throw new IllegalArgumentException("ringBytes=" + ringBytes + ": 128 KiB to 1 GiB");
    }
    if (snaplen < 14 || snaplen > 1 << 17) {
      throw new IllegalArgumentException("snaplen=" + snaplen + ": 14 to 131,072 bytes");
    }
  }

  /** The ring, all frames that come in, 16 MiB, nothing cut short. */
  public static ReceiverOptions defaults() {
    return new ReceiverOptions(
        null, CaptureFilter.all(), 16 << 20, 1 << 16, false, false, null, false);
  }

  /** With this kernel path; null for the ring. */
  public ReceiverOptions withBackend(@Nullable Backend value) {
    return new ReceiverOptions(
        value, filter, ringBytes, snaplen, promiscuous, includeOutgoing, engine, replies);
  }

  /** With this filter. */
  public ReceiverOptions withFilter(CaptureFilter value) {
    return new ReceiverOptions(
        backend, value, ringBytes, snaplen, promiscuous, includeOutgoing, engine, replies);
  }

  /** With this much memory for frames not yet polled. */
  public ReceiverOptions withRingBytes(int value) {
    return new ReceiverOptions(
        backend, filter, value, snaplen, promiscuous, includeOutgoing, engine, replies);
  }

  /** With frames cut to this many bytes. */
  public ReceiverOptions withSnaplen(int value) {
    return new ReceiverOptions(
        backend, filter, ringBytes, value, promiscuous, includeOutgoing, engine, replies);
  }

  /** With or without frames for other hosts. */
  public ReceiverOptions withPromiscuous(boolean value) {
    return new ReceiverOptions(
        backend, filter, ringBytes, snaplen, value, includeOutgoing, engine, replies);
  }

  /** With or without what this host sends. */
  public ReceiverOptions withIncludeOutgoing(boolean value) {
    return new ReceiverOptions(
        backend, filter, ringBytes, snaplen, promiscuous, value, engine, replies);
  }

  /** With an engine of one's own, for the backend xdp; null for the link's shared one. */
  public ReceiverOptions withEngine(@Nullable Engine value) {
    return new ReceiverOptions(
        backend, filter, ringBytes, snaplen, promiscuous, includeOutgoing, value, replies);
  }

  /** With replies as such, or all as frames. */
  public ReceiverOptions withReplies(boolean value) {
    return new ReceiverOptions(
        backend, filter, ringBytes, snaplen, promiscuous, includeOutgoing, engine, value);
  }
}
