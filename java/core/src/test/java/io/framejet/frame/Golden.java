package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** What tests of wire formats share: an unwritten byte shows as 0xa5. */
final class Golden {
  static final byte FILL = (byte) 0xa5;

  private Golden() {}

  static ByteBuffer buffer(int size) {
    return fill(ByteBuffer.allocateDirect(size));
  }

  static ByteBuffer fill(ByteBuffer buffer) {
    for (int i = 0; i < buffer.capacity(); i++) {
      buffer.put(i, FILL);
    }
    return buffer;
  }

  static String hex(ByteBuffer buffer, int offset, int length) {
    final byte[] bytes = new byte[length];
    buffer.get(offset, bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
