package io.framejet.capture;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** A file that is being written, whose end can be cut off again. */
interface CaptureFile extends WritableByteChannel {
  /** Cuts off what lies behind the first {@code bytes}. Nothing is written afterwards. */
  void truncate(long bytes) throws IOException;
}
