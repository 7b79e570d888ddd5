package io.framejet.link;

import io.framejet.FramejetException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A chain of netlink attributes (linux/netlink.h, struct nlattr: 16 bits length with header, 16
 * bits type, payload, padding to four bytes). The chain's lengths are checked once, at
 * construction; a payload is checked for its size when it is read.
 */
final class NetlinkAttributes {
  private final ByteBuffer bytes;

  NetlinkAttributes(ByteBuffer bytes) throws FramejetException {
    this.bytes = bytes;
    int offset = 0;
    // Fewer bytes than a header are padding, as for the kernel's own nla_ok().
    while (bytes.limit() - offset >= Rtnetlink.NLA_HDRLEN) {
      final int length = lengthAt(offset);
      if (length < Rtnetlink.NLA_HDRLEN || length > bytes.limit() - offset) {
        throw Netlink.malformed(
            "attribute length=" + length + " at byte " + offset + " of " + bytes.limit());
      }
      offset += NetlinkMessage.align(length);
    }
  }

  /** The payload of the first attribute of that type, or null. */
  @Nullable ByteBuffer get(int type) {
    int offset = 0;
    while (bytes.limit() - offset >= Rtnetlink.NLA_HDRLEN) {
      final int length = lengthAt(offset);
      if ((bytes.getShort(offset + 2) & Rtnetlink.NLA_TYPE_MASK) == type) {
        return NetlinkMessage.slice(
            bytes, offset + Rtnetlink.NLA_HDRLEN, length - Rtnetlink.NLA_HDRLEN);
      }
      offset += NetlinkMessage.align(length);
    }
    return null;
  }

  int getInt(int type, int otherwise) throws FramejetException {
    final ByteBuffer payload = get(type);
    return payload == null ? otherwise : sized(payload, type, Integer.BYTES).getInt(0);
  }

  int getByte(int type, int otherwise) throws FramejetException {
    final ByteBuffer payload = get(type);
    return payload == null
        ? otherwise
        : Byte.toUnsignedInt(sized(payload, type, Byte.BYTES).get(0));
  }

  /** A text up to its NUL, or to the end of the payload if it has none. */
  String getText(int type, String otherwise) {
    final ByteBuffer payload = get(type);
    return payload == null ? otherwise : text(payload);
  }

  /** An IPv4 or IPv6 address by the length of its payload; null if it is not there. */
  @Nullable InetAddress getAddress(int type) throws FramejetException {
    final ByteBuffer payload = get(type);
    return payload == null ? null : address(payload);
  }

  /** Nested attributes; empty if they are not there. */
  NetlinkAttributes getNested(int type) throws FramejetException {
    final ByteBuffer payload = get(type);
    return new NetlinkAttributes(payload == null ? NetlinkMessage.slice(bytes, 0, 0) : payload);
  }

  static ByteBuffer sized(ByteBuffer payload, int type, int size) throws FramejetException {
    if (payload.limit() < size) {
      throw Netlink.malformed(
          "attribute type=" + type + " has " + payload.limit() + " of " + size + " bytes");
    }
    return payload;
  }

  static InetAddress address(ByteBuffer payload) throws FramejetException {
    final byte[] octets = new byte[payload.limit()];
    payload.get(0, octets);
    try {
      // getByAddress(octets) would make an Inet4Address of an IPv4-mapped IPv6 address.
      return octets.length == 16
          ? Inet6Address.getByAddress(null, octets, -1)
          : InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw Netlink.malformed("address of " + octets.length + " bytes");
    }
  }

  private static String text(ByteBuffer payload) {
    int length = 0;
    while (length < payload.limit() && payload.get(length) != 0) {
      length++;
    }
    final byte[] octets = new byte[length];
    payload.get(0, octets);
    return new String(octets, StandardCharsets.UTF_8);
  }

  private int lengthAt(int offset) {
    return Short.toUnsignedInt(bytes.getShort(offset));
  }
}
