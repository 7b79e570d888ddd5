package io.framejet.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Unsigned big-endian fields of a buffer, by absolute offset. The buffer's own byte order, position
 * and mark are neither used nor changed.
 */
final class Bytes {
  // A view handle has its byte order built in, so that a buffer left in another order by its owner
  // cannot swap a field. Plain get and set of these handles take any alignment.
  private static final VarHandle SHORT =
      MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Bytes() {}

  static int getByte(ByteBuffer buffer, int offset) {
    return buffer.get(offset) & 0xff;
  }

  static void putByte(ByteBuffer buffer, int offset, int value) {
    buffer.put(offset, (byte) value);
  }

  static int getShort(ByteBuffer buffer, int offset) {
    return (short) SHORT.get(buffer, offset) & 0xffff;
  }

  static void putShort(ByteBuffer buffer, int offset, int value) {
    SHORT.set(buffer, offset, (short) value);
  }

  static int getInt(ByteBuffer buffer, int offset) {
    return (int) INT.get(buffer, offset);
  }

  static void putInt(ByteBuffer buffer, int offset, int value) {
    INT.set(buffer, offset, value);
  }

  static long getLong(ByteBuffer buffer, int offset) {
    return (long) LONG.get(buffer, offset);
  }

  static void putLong(ByteBuffer buffer, int offset, long value) {
    LONG.set(buffer, offset, value);
  }

  /** The {@code width} bytes, 1 to 8, as one unsigned number. */
  static long get(ByteBuffer buffer, int offset, int width) {
    long value = 0;
    for (int i = 0; i < width; i++) {
      value = value << 8 | getByte(buffer, offset + i);
    }
    return value;
  }

  /** Stores the low {@code width} bytes, 1 to 8, of a number. */
  static void put(ByteBuffer buffer, int offset, int width, long value) {
    switch (width) {
      case 1 -> putByte(buffer, offset, (int) value);
      case 2 -> putShort(buffer, offset, (int) value);
      case 4 -> putInt(buffer, offset, (int) value);
      case 8 -> putLong(buffer, offset, value);
      default -> {
        for (int i = 0; i < width; i++) {
          putByte(buffer, offset + i, (int) (value >>> (8 * (width - 1 - i))));
        }
      }
    }
  }

  /**
   * Where the last of {@code length} bytes from {@code offset} on must lie inside the buffer.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  static void check(ByteBuffer buffer, int offset, int length) {
    if (offset < 0 || length < 0 || offset > buffer.limit() - length) {
      throw new IndexOutOfBoundsException(
          "offset=" + offset + " length=" + length + " limit=" + buffer.limit());
    }
  }
}
