package io.framejet.frame;

import java.nio.ByteBuffer;

/** Bytes as they are. A class, since a record would offer its array to be compared by identity. */
final class RawLayer implements Layer {
  private final byte[] bytes;

  /** Takes the array for its own. */
  RawLayer(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public int length() {
    return bytes.length;
  }

  @Override
  public void write(ByteBuffer buffer, int offset, int total) {
    buffer.put(offset, bytes);
  }
}
