package io.framejet.frame;

import java.nio.ByteBuffer;

/**
 * One layer of a frame being built. Layers are written from the innermost to the outermost, so that
 * a header which covers what it carries (a length, a checksum) finds it written.
 */
interface Layer {
  /** Bytes of this layer's own header, or of a payload. */
  int length();

  /**
   * Writes this layer's own bytes, every one of them.
   *
   * @param offset where they begin
   * @param total bytes of this layer and of all that it carries, without Ethernet padding
   */
  void write(ByteBuffer buffer, int offset, int total);
}
