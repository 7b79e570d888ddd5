package io.framejet.capture;

/** Takes the frames of a capture file, one at a time, in the order of the file. */
@FunctionalInterface
public interface CapturedFrameHandler {
  /**
   * A frame was read. The object and the bytes behind it are valid during this call only: copy what
   * is to be kept. The reader must not be used from here.
   */
  void onFrame(CapturedFrame frame);
}
