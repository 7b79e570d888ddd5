package io.framejet.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.framejet.frame.FrameDecoder;
import io.framejet.frame.FramePrinter;
import io.framejet.frame.LinkType;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Tag;

/** Decoding and printing. The first bit of the input says what the frame, the rest, begins with. */
@Tag("fuzz")
class FrameFuzzTest {
  private static final FrameDecoder DECODER = new FrameDecoder();

  @FuzzTest
  void decode(byte[] input) {
    if (input.length > 0) {
      final LinkType linkType = (input[0] & 0x80) == 0 ? LinkType.ETHERNET : LinkType.IP;
      exercise(linkType, Inputs.frame(input), 1, input.length - 1);
    }
  }

  /** All that decoding offers; gives something that depends on all of it. */
  static int exercise(LinkType linkType, ByteBuffer buffer, int offset, int length) {
    final FrameDecoder decoder = DECODER;
    decoder.decode(linkType, buffer, offset, length);
    if (decoder.layers() < 0 || decoder.layers() > FrameDecoder.MAX_LAYERS) {
      throw new AssertionError("layers=" + decoder.layers());
    }
    for (int i = 0; i < decoder.layers(); i++) {
      if (decoder.offset(i) < offset
          || decoder.length(i) < 0
          || decoder.offset(i) + decoder.length(i) > offset + length) {
        throw new AssertionError(
            "layer=" + i + " offset=" + decoder.offset(i) + " length=" + decoder.length(i));
      }
    }
    if (decoder.problem() != null
        && (decoder.problemOffset() < 0 || decoder.problemOffset() > length)) {
      throw new AssertionError("problemOffset=" + decoder.problemOffset());
    }
    final int text =
        FramePrinter.line(decoder).hashCode()
            + FramePrinter.full(decoder).hashCode()
            + FramePrinter.hex(decoder, true).hashCode()
            + String.valueOf(decoder.checksumProblem()).hashCode();
    decoder.decodeQuote(buffer, offset, length);
    return text + decoder.layers();
  }
}
