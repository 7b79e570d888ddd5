package io.framejet.demux;

import io.framejet.probe.Probe;
import io.framejet.probe.Reply;
import io.framejet.probe.Verdict;
import io.framejet.receive.FrameHandler;
import io.framejet.receive.ReceivedFrame;

/**
 * Sorts received frames: replies to a probe go to a handler, everything else is counted.
 *
 * <p>Not thread-safe: it runs on the thread that polls. No allocation per frame, and no exception
 * whatever the bytes.
 */
public final class ReplyDemultiplexer implements FrameHandler {
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
