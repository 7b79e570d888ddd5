package io.framejet.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One netlink message under construction: header, the fixed part of its type, attributes, nested or
 * not. Everything is in native byte order, and everything begins at a multiple of four
 * (linux/netlink.h, NLMSG_ALIGNTO and NLA_ALIGNTO). Only network addresses, passed as bytes, are in
 * network order.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                          nlmsg_len                            |
 * +-------------------------------+-------------------------------+
 * |          nlmsg_type           |          nlmsg_flags          |
 * +-------------------------------+-------------------------------+
 * |                          nlmsg_seq                            |
 * +---------------------------------------------------------------+
 * |                          nlmsg_pid                            |
 * +---------------------------------------------------------------+
 * |        fixed part: ifinfomsg, ifaddrmsg, rtmsg  ...           |
 * +-------------------------------+-------------------------------+
 * |            nla_len            |           nla_type            |
 * +-------------------------------+-------------------------------+
 * |                         payload  ...                          |
 * </pre>
 */
final class NetlinkRequest {
  /** Far more than the longest message built here: a dozen numbers, addresses and link names. */
  private static final int CAPACITY = 1024;

  private static final int FLAGS_OFFSET = 6;
  private static final int SEQUENCE_OFFSET = 8;

  private final ByteBuffer buffer = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());

  /** A message of this type; {@code NLM_F_REQUEST} is added to the flags. */
  NetlinkRequest(int type, int flags) {
    buffer.putInt(0).putShort((short) type).putShort((short) (flags | Rtnetlink.NLM_F_REQUEST));
    buffer.putInt(0).putInt(0);
  }

  /**
   * struct ifinfomsg: the link of this index, 0 for any; {@code change} masks the flags to be set.
   */
  NetlinkRequest linkHeader(int index, int flags, int change) {
    buffer.put((byte) Rtnetlink.AF_UNSPEC).put((byte) 0).putShort((short) 0);
    buffer.putInt(index).putInt(flags).putInt(change);
    return this;
  }

  /** struct ifaddrmsg. */
  NetlinkRequest addressHeader(int family, int prefixLength, int index) {
    buffer.put((byte) family).put((byte) prefixLength).put((byte) 0).put((byte) 0).putInt(index);
    return this;
  }

  /** struct rtmsg. */
  NetlinkRequest routeHeader(int family, int prefixLength, int table, int scope, int type) {
    final int protocol = type == 0 ? 0 : Rtnetlink.RTPROT_BOOT;
    buffer.put((byte) family).put((byte) prefixLength).put((byte) 0).put((byte) 0);
    buffer.put((byte) table).put((byte) protocol).put((byte) scope).put((byte) type).putInt(0);
    return this;
  }

  /** struct ndmsg: neighbors of this family, on all links. */
  NetlinkRequest neighborHeader(int family) {
    return neighborHeader(family, 0, 0);
  }

  /** struct ndmsg: a neighbor of this family on a link, and its state. */
  NetlinkRequest neighborHeader(int family, int index, int state) {
    buffer.put((byte) family).put((byte) 0).putShort((short) 0).putInt(index);
    buffer.putShort((short) state).put((byte) 0).put((byte) 0);
    return this;
  }

  /** struct tcmsg: what hangs at {@code parent} of a link. */
  NetlinkRequest trafficHeader(int index, int parent) {
    buffer.put((byte) Rtnetlink.AF_UNSPEC).put((byte) 0).putShort((short) 0);
    buffer.putInt(index).putInt(0).putInt(parent).putInt(0);
    return this;
  }

  NetlinkRequest attribute(int type, byte[] payload) {
    final int start = begin(type);
    buffer.put(payload);
    return end(start);
  }

  NetlinkRequest attribute(int type, int value) {
    final int start = begin(type);
    buffer.putInt(value);
    return end(start);
  }

  /** A string with its final NUL. */
  NetlinkRequest attribute(int type, String text) {
    final int start = begin(type);
    buffer.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
    return end(start);
  }

  /** Opens an attribute; what is added until {@link #end} is its payload. */
  int begin(int type) {
    final int start = buffer.position();
    buffer.putShort((short) 0).putShort((short) type);
    return start;
  }

  /** Closes the attribute that {@link #begin} opened at {@code start}. */
  NetlinkRequest end(int start) {
    buffer.putShort(start, (short) (buffer.position() - start));
    while (buffer.position() % 4 != 0) {
      buffer.put((byte) 0);
    }
    return this;
  }

  boolean hasFlags(int flags) {
    return (buffer.getShort(FLAGS_OFFSET) & flags) == flags;
  }

  /** The finished message with this number; {@link #length} bytes of it count. */
  byte[] finish(int sequence) {
    buffer.putInt(0, buffer.position());
    buffer.putInt(SEQUENCE_OFFSET, sequence);
    return buffer.array();
  }

  int length() {
    return buffer.position();
  }
}
