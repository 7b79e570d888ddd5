package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A walk over the options of an IPv4 header (RFC 791), a TCP header (RFC 9293), an IPv6 hop-by-hop
 * or destination options header (RFC 8200) or an NDP message (RFC 4861):
 *
 * <pre>
 *  0                   1
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+- - - - -
 * |     Type      |    Length     |  Data ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+- - - - -
 * </pre>
 *
 * <p>The length counts the whole option in IPv4 and TCP, the data alone in IPv6, and units of 8
 * bytes in NDP. In IPv4 and TCP the types 0 and 1, in IPv6 the type 0, are one byte without a
 * length.
 *
 * <pre>{@code
 * options.wrap(tcp);
 * while (options.next()) {
 *   ... options.type() ... options.dataOffset() ...
 * }
 * if (options.problem() != null) ...
 * }</pre>
 *
 * <p>Every step is at least one byte forward and stays inside, whatever the bytes are. Not
 * thread-safe; made to be wrapped again.
 */
public final class Options {
  /** IPv4 and TCP: the end of the list. */
  public static final int END = 0;

  /** IPv4 and TCP: one byte of padding. */
  public static final int NO_OPERATION = 1;

  /** TCP: maximum segment size, 4 bytes. */
  public static final int MAX_SEGMENT_SIZE = 2;

  /** TCP: window scale (RFC 7323), 3 bytes. */
  public static final int WINDOW_SCALE = 3;

  /** TCP: selective acknowledgments permitted (RFC 2018), 2 bytes. */
  public static final int SACK_PERMITTED = 4;

  /** TCP: selective acknowledgment (RFC 2018), 10 to 34 bytes. */
  public static final int SACK = 5;

  /** TCP: timestamps (RFC 7323), 10 bytes. */
  public static final int TIMESTAMPS = 8;

  /** IPv4: record route. */
  public static final int RECORD_ROUTE = 7;

  /** IPv4: timestamps. */
  public static final int IPV4_TIMESTAMP = 68;

  /** IPv4: loose source route. */
  public static final int LOOSE_SOURCE_ROUTE = 131;

  /** IPv4: strict source route. */
  public static final int STRICT_SOURCE_ROUTE = 137;

  /** IPv4: router alert (RFC 2113), 4 bytes. */
  public static final int ROUTER_ALERT = 148;

  /** IPv6: one byte of padding. */
  public static final int PAD1 = 0;

  /** IPv6: two or more bytes of padding. */
  public static final int PADN = 1;

  /** IPv6: router alert (RFC 2711), 2 bytes of data. */
  public static final int IPV6_ROUTER_ALERT = 5;

  /** NDP: the sender's MAC, 8 bytes. */
  public static final int SOURCE_LINK_ADDRESS = 1;

  /** NDP: the target's MAC, 8 bytes. */
  public static final int TARGET_LINK_ADDRESS = 2;

  /** NDP: a prefix of the link, 32 bytes. */
  public static final int PREFIX_INFORMATION = 3;

  /** NDP: the packet that a redirect is about. */
  public static final int REDIRECTED_HEADER = 4;

  /** NDP: the link's MTU, 8 bytes. */
  public static final int MTU = 5;

  private static final String CUT = "option without a length";
  private static final String SHORT = "option length is too small";
  private static final String LONG = "option length goes past the end";

  private enum Style {
    KIND_LENGTH,
    IPV6,
    NDP
  }

  private ByteBuffer buffer = Empty.BUFFER;
  private Style style = Style.KIND_LENGTH;
  private int offset;
  private int length;
  private int end;
  private @Nullable String problem;

  /** A walk over nothing, to be wrapped. */
  public Options() {}

  /** Goes before the first option of a valid header. */
  public Options wrap(Ipv4Header header) {
    final int at = header.offset() + Ipv4Header.OPTIONS;
    return wrap(Style.KIND_LENGTH, header.buffer(), at, header.optionsLength());
  }

  /** Goes before the first option of a valid header. */
  public Options wrap(TcpHeader header) {
    final int at = header.offset() + TcpHeader.OPTIONS;
    return wrap(Style.KIND_LENGTH, header.buffer(), at, header.optionsLength());
  }

  /** Goes before the first option of a valid hop-by-hop or destination options header. */
  public Options wrap(Ipv6Extension header) {
    final int at = header.offset() + Ipv6Extension.OPTIONS;
    final int bytes = header.headerLength() - Ipv6Extension.OPTIONS;
    return wrap(Style.IPV6, header.buffer(), at, bytes);
  }

  /** Goes before the first option of a valid message. */
  public Options wrap(NdpMessage message) {
    return wrap(Style.NDP, message.buffer(), message.optionsOffset(), message.optionsLength());
  }

  private Options wrap(Style newStyle, ByteBuffer newBuffer, int at, int bytes) {
    Bytes.check(newBuffer, at, bytes);
    buffer = newBuffer;
    style = newStyle;
    offset = at;
    length = 0;
    end = at + bytes;
    problem = null;
    return this;
  }

  /**
   * Goes to the next option; false when there is none, or when what follows is malformed and {@link
   * #problem()} says how. The end of an IPv4 or TCP list is not an option.
   */
  public boolean next() {
    final int at = offset + length;
    if (problem != null || at >= end) {
      return false;
    }
    offset = at;
    length = 0;
    final int type = Bytes.getByte(buffer, at);
    if (style == Style.KIND_LENGTH && type == END) {
      end = at;
      return false;
    }
    if (isSingle(type)) {
      length = 1;
      return true;
    }
    if (end - at < 2) {
      problem = CUT;
      return false;
    }
    final int field = Bytes.getByte(buffer, at + 1);
    final int bytes =
        switch (style) {
          case KIND_LENGTH -> field;
          case IPV6 -> field + 2;
          case NDP -> field << 3;
        };
    if (bytes < 2) {
      problem = SHORT;
      return false;
    }
    if (bytes > end - at) {
      problem = LONG;
      return false;
    }
    length = bytes;
    return true;
  }

  private boolean isSingle(int type) {
    return switch (style) {
      case KIND_LENGTH -> type == NO_OPERATION;
      case IPV6 -> type == PAD1;
      case NDP -> false;
    };
  }

  /** What is wrong with the option at {@link #offset()}, or null as long as nothing is. */
  public @Nullable String problem() {
    return problem;
  }

  /** The option's type, 0 to 255. */
  public int type() {
    return Bytes.getByte(buffer, offset);
  }

  /** Where the option begins in the buffer. */
  public int offset() {
    return offset;
  }

  /** Bytes of the whole option. */
  public int length() {
    return length;
  }

  /** Where the option's data begins in the buffer. */
  public int dataOffset() {
    return offset + Math.min(length, 2);
  }

  /** Bytes of the option's data. */
  public int dataLength() {
    return Math.max(length - 2, 0);
  }
}
