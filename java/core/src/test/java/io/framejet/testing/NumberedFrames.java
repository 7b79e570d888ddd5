package io.framejet.testing;

import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import java.nio.ByteBuffer;

/**
 * Frames that carry a number and bytes that follow from it, so that loss, order and damage show.
 */
public final class NumberedFrames {
  /** An EtherType for experiments (IEEE 802), which no kernel answers. */
  public static final int ETHER_TYPE = 0x88b5;

  private static final int NUMBER = 14;

  private NumberedFrames() {}

  /** The frame {@code number}, {@code length} bytes long, from the near MAC to the far one. */
  public static byte[] bytes(int number, int length) {
    byte[] bytes = new byte[length];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    buffer
        .putShort(0, (short) (VethLab.FAR_MAC.toLong() >>> 32))
        .putInt(2, (int) VethLab.FAR_MAC.toLong());
    buffer
        .putShort(6, (short) (VethLab.NEAR_MAC.toLong() >>> 32))
        .putInt(8, (int) VethLab.NEAR_MAC.toLong());
    buffer.putShort(12, (short) ETHER_TYPE).putInt(NUMBER, number);
    for (int i = NUMBER + 4; i < length; i++) {
      bytes[i] = (byte) (number * 31 + i * 7);
    }
    return bytes;
  }

  /** The same as a {@link Frame}. */
  public static Frame frame(int number, int length) {
    return Frame.of(bytes(number, length));
  }

  /** The same with an 802.1Q tag, which adds four bytes. */
  public static byte[] tagged(int number, int length, int protocol, int tci) {
    byte[] plain = bytes(number, length);
    byte[] tagged = new byte[length + 4];
    System.arraycopy(plain, 0, tagged, 0, 12);
    ByteBuffer.wrap(tagged).putShort(12, (short) protocol).putShort(14, (short) tci);
    System.arraycopy(plain, 12, tagged, 16, length - 12);
    return tagged;
  }

  /**
   * A length for frame {@code number}: all between the shortest and the longest in turn, by steps.
   */
  public static int length(int number, int longest) {
    return 60 + (int) (number * 37L % (longest - 59));
  }

  /** The number of a frame that carries one; -1 when it does not. */
  public static int number(byte[] frame) {
    ByteBuffer buffer = ByteBuffer.wrap(frame);
    return frame.length < NUMBER + 4 || buffer.getShort(12) != (short) ETHER_TYPE
        ? -1
        : buffer.getInt(NUMBER);
  }

  /**
   * Fills {@code batch} from {@code first} on with frames of {@code length} bytes until it is full,
   * or to {@code end}.
   */
  public static int fill(FrameBatch batch, int first, int end, int length) {
    int next = first;
    while (next < end && batch.add(bytes(next, length))) {
      next++;
    }
    return next;
  }
}
