package io.framejet.fuzz;

import io.framejet.capture.CaptureFormatException;
import io.framejet.capture.CaptureReader;
import io.framejet.capture.CapturedFrame;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** How targets take their inputs. */
final class Inputs {
  private Inputs() {}

  /** Off the heap, as frames are, and no longer than the input: a read beyond it throws. */
  static ByteBuffer frame(byte[] input) {
    return ByteBuffer.allocateDirect(input.length).put(0, input);
  }

  /** Reads a capture file to its end or to where it is malformed. */
  static long readCapture(byte[] file) throws IOException {
    long sum = 0;
    try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(file))) {
      CapturedFrame frame;
      while ((frame = reader.next()) != null) {
        sum += checked(frame, reader).timestampNanos();
      }
      for (int i = 0; i < reader.interfaces().size(); i++) {
        sum += String.valueOf(reader.statistics(i)).hashCode();
        sum += reader.interfaces().get(i).hashCode();
      }
    } catch (CaptureFormatException e) {
      if (e.offset() < 0 || e.offset() > file.length) {
        throw new AssertionError("offset=" + e.offset(), e);
      }
    }
    return sum;
  }

  private static CapturedFrame checked(CapturedFrame frame, CaptureReader reader) {
    if (frame.length() < 0
        || frame.originalLength() < frame.length()
        || frame.offset() < 0
        || frame.offset() + frame.length() > frame.buffer().capacity()
        || frame.interfaceIndex() >= reader.interfaces().size()) {
      throw new AssertionError(frame.toString());
    }
    return frame;
  }

  /** Something that reads a text, and may say that it is none of its kind. */
  interface TextReader {
    Object read(String text) throws IOException;
  }

  /** What users write may be wrong; then they are told so in a sentence. */
  static void read(TextReader reader, String text) throws IOException {
    try {
      if (reader.read(text) == null) {
        throw new AssertionError("nothing was read");
      }
    } catch (IllegalArgumentException e) {
      if (e.getMessage() == null || e.getMessage().isBlank()) {
        throw new AssertionError("no message", e);
      }
    }
  }
}
