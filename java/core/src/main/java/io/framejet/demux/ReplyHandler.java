package io.framejet.demux;

import io.framejet.probe.Reply;

/** Takes the replies that a {@link ReplyDemultiplexer} recognised. */
@FunctionalInterface
public interface ReplyHandler {
  /**
   * A frame answered a probe.
   *
   * @param reply what it says; valid during this call only
   * @param timestampNanos when the kernel saw it: CLOCK_REALTIME, in nanoseconds
   */
  void onReply(Reply reply, long timestampNanos);
}
