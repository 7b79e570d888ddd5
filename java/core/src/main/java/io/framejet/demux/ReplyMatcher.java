package io.framejet.demux;

import io.framejet.receive.ReceivedFrame;

/** Tells whether a received frame is the answer that was waited for. */
@FunctionalInterface
public interface ReplyMatcher {
  /**
   * Whether {@code frame} is it. The bytes came from the network; the object is valid during this
   * call only.
   */
  boolean matches(ReceivedFrame frame);
}
