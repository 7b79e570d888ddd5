package io.framejet.demux;

import io.framejet.probe.Probe;
import io.framejet.probe.Reply;
import io.framejet.probe.ReplyState;
import io.framejet.probe.Verdict;
import io.framejet.receive.FrameHandler;
import io.framejet.receive.ReceivedFrame;
import io.framejet.receive.RecognisedReply;
import io.framejet.receive.RecognisedReplyHandler;

/**
 * Sorts received frames: replies to a probe go to a handler, everything else is counted. Replies
 * that the kernel has sorted out already join them.
 *
 * <p>Not thread-safe: it runs on the thread that polls. No allocation per frame, and no exception
 * whatever the bytes.
 */
public final class ReplyDemultiplexer implements FrameHandler, RecognisedReplyHandler {
  private final Probe probe;
  private final ReplyHandler handler;
  private final Reply reply = new Reply();

  private long replies;
  private long others;
  private long refused;
  private long malformed;

  /** Sorts by {@code probe}. */
  public ReplyDemultiplexer(Probe probe, ReplyHandler handler) {
    this.probe = probe;
    this.handler = handler;
  }

  @Override
  public void onFrame(ReceivedFrame frame) {
    final Verdict verdict = probe.read(frame.buffer(), frame.offset(), frame.length(), reply);
    switch (verdict) {
      case REPLY -> {
        replies++;
        handler.onReply(reply, frame.timestampNanos());
      }
      case MALFORMED -> malformed++;
      case REFUSED -> refused++;
      case OTHER -> others++;
    }
  }

  @Override
  public void onRecognised(RecognisedReply recognised) {
    replies++;
    final ReplyState state =
        switch (recognised.says()) {
          case UP -> ReplyState.UP;
          case OPEN -> ReplyState.OPEN;
          case CLOSED -> ReplyState.CLOSED;
        };
    reply.recognised(
        recognised.address(),
        recognised.port(),
        state,
        recognised.mac(),
        recognised.ethernetSource(),
        recognised.ttl());
    handler.onReply(reply, recognised.timestampNanos());
  }

  /** All frames that came by. */
  public long frames() {
    return replies + others + refused + malformed;
  }

  /** Frames that were replies. */
  public long replies() {
    return replies;
  }

  /** Frames that were well formed and no replies to this probe. */
  public long others() {
    return others;
  }

  /** Frames that looked like replies and did not have the cookie of one. */
  public long refused() {
    return refused;
  }

  /** Frames that claimed to be replies and broke the protocol's rules. */
  public long malformed() {
    return malformed;
  }
}
