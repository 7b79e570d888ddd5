package io.framejet.probe;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Unsigned big-endian fields of a buffer of either byte order, by absolute offset. */
final class Fields {
  private Fields() {}

  static int getByte(ByteBuffer buffer, int offset) {
    return buffer.get(offset) & 0xff;
  }

  static int getShort(ByteBuffer buffer, int offset) {
    final short value = buffer.getShort(offset);
    return (swaps(buffer) ? Short.reverseBytes(value) : value) & 0xffff;
  }

  static int getInt(ByteBuffer buffer, int offset) {
    final int value = buffer.getInt(offset);
    return swaps(buffer) ? Integer.reverseBytes(value) : value;
  }

  static long getLong(ByteBuffer buffer, int offset) {
    final long value = buffer.getLong(offset);
    return swaps(buffer) ? Long.reverseBytes(value) : value;
  }

  private static boolean swaps(ByteBuffer buffer) {
    return buffer.order() != ByteOrder.BIG_ENDIAN;
  }
}
