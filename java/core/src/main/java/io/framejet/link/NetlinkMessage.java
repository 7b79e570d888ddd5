package io.framejet.link;

import io.framejet.FramejetException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * One message of an answer, taken apart without trusting any length in it. What does not fit in the
 * bytes that are there is refused with a {@link FramejetException}; what is merely unknown is
 * skipped.
 *
 * @param body what follows the header, in native byte order, from position 0 to its limit
 */
record NetlinkMessage(int type, int flags, int sequence, ByteBuffer body) {

  /** The messages of an answer, in order (linux/netlink.h, NLMSG_OK and NLMSG_NEXT). */
  static List<NetlinkMessage> split(byte[] answer) throws FramejetException {
    final ByteBuffer bytes = ByteBuffer.wrap(answer).order(ByteOrder.nativeOrder());
    final List<NetlinkMessage> messages = new ArrayList<>();
    int offset = 0;
    while (offset < answer.length) {
      if (answer.length - offset < Rtnetlink.NLMSG_HDRLEN) {
        throw Netlink.malformed("message header cut off at byte " + offset);
      }
      final int length = bytes.getInt(offset);
      if (length < Rtnetlink.NLMSG_HDRLEN || length > answer.length - offset) {
        throw Netlink.malformed(
            "message length=" + length + " at byte " + offset + " of " + answer.length);
      }
      final int type = Short.toUnsignedInt(bytes.getShort(offset + 4));
      final int flags = Short.toUnsignedInt(bytes.getShort(offset + 6));
      final int sequence = bytes.getInt(offset + 8);
      final int start = offset + Rtnetlink.NLMSG_HDRLEN;
      messages.add(
          new NetlinkMessage(type, flags, sequence, slice(bytes, start, offset + length - start)));
      // A step beyond the end is the padding of a last message that was not padded.
      offset += Math.min(align(length), answer.length - offset);
    }
    return messages;
  }

  /** Requires the fixed part of a message: so many bytes. */
  NetlinkMessage require(int size) throws FramejetException {
    if (body.limit() < size) {
      throw Netlink.malformed(
          "message type=" + type + " has " + body.limit() + " of " + size + " bytes");
    }
    return this;
  }

  /** The attributes behind a fixed part of so many bytes. */
  NetlinkAttributes attributes(int fixedSize) throws FramejetException {
    require(fixedSize);
    final int start = Math.min(align(fixedSize), body.limit());
    return new NetlinkAttributes(slice(body, start, body.limit() - start));
  }

  /**
   * A length rounded up to the next multiple of four; the caller has bounded it by an array's
   * length.
   */
  static int align(int length) {
    return length > Integer.MAX_VALUE - 3 ? Integer.MAX_VALUE : (length + 3) & ~3;
  }

  /** A view of its own; {@link ByteBuffer#slice} would forget the byte order. */
  static ByteBuffer slice(ByteBuffer bytes, int offset, int length) {
    return bytes.slice(offset, length).order(bytes.order());
  }
}
