package io.framejet.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Unsigned big-endian fields of a buffer, by absolute offset. The buffer's own byte order, position
 * and mark are neither used nor changed.
 */
final class Bytes {
  // Not by view handles (MethodHandles.byteBufferViewVarHandle), which have an order built in: they
  // are as
  // fast once compiled, but slow to interpret. A sweep of a /16 by a JVM just started took 1.0 s
  // with
  // them and takes 0.3 s without.
  /**
   * The bits of any offset below 1 GiB. Each access to a buffer is checked for a negative offset on
   * its own; of one that was masked, C2 knows that what lies behind it has none, and checks less.
   */
  static final int OFFSET_MASK = (1 << 30) - 1;

  private Bytes() {}

  private static boolean swaps(ByteBuffer buffer) {
    return buffer.order() != ByteOrder.BIG_ENDIAN;
  }

  /**
   * Whether it is the same object. Storing a reference, of which the garbage collector keeps track,
   * costs more than comparing two.
   */
  @SuppressWarnings("ReferenceEquality")
  static boolean isSame(ByteBuffer one, ByteBuffer other) {
    return one == other;
  }

  static int getByte(ByteBuffer buffer, int offset) {
    return buffer.get(offset) & 0xff;
  }

  static void putByte(ByteBuffer buffer, int offset, int value) {
    buffer.put(offset, (byte) value);
  }

  static int getShort(ByteBuffer buffer, int offset) {
    final short value = buffer.getShort(offset);
    return (swaps(buffer) ? Short.reverseBytes(value) : value) & 0xffff;
  }

  static void putShort(ByteBuffer buffer, int offset, int value) {
    buffer.putShort(offset, swaps(buffer) ? Short.reverseBytes((short) value) : (short) value);
  }

  static int getInt(ByteBuffer buffer, int offset) {
    final int value = buffer.getInt(offset);
    return swaps(buffer) ? Integer.reverseBytes(value) : value;
  }

  static void putInt(ByteBuffer buffer, int offset, int value) {
    buffer.putInt(offset, swaps(buffer) ? Integer.reverseBytes(value) : value);
  }

  static long getLong(ByteBuffer buffer, int offset) {
    final long value = buffer.getLong(offset);
    return swaps(buffer) ? Long.reverseBytes(value) : value;
  }

  static void putLong(ByteBuffer buffer, int offset, long value) {
    buffer.putLong(offset, swaps(buffer) ? Long.reverseBytes(value) : value);
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
