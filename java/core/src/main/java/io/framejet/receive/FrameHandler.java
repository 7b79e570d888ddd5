package io.framejet.receive;

/** Takes received frames, one at a time, in the order of arrival. */
@FunctionalInterface
public interface FrameHandler {
  /**
   * A frame was received. The object and the bytes behind it are valid during this call only: copy
   * what is to be kept. The receiver must not be polled from here.
   */
  void onFrame(ReceivedFrame frame);
}
