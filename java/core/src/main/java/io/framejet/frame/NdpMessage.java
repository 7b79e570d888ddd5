package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message of neighbor discovery (RFC 4861) in a buffer: an ICMPv6 message of one of five types.
 * What all ICMPv6 messages have, {@link Icmp6Message} sets; {@link Options} walks what follows the
 * fixed part.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |     Code      |           Checksum            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |R|S|O|                       Reserved                          |  neighbor messages
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  Target address (16 bytes)                    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Hop limit   |M|O| Reserved  |        Router lifetime        |  router advertisement
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Reachable time                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     Retransmission timer                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>A redirect has a destination of 16 bytes behind the target. A receiver must not believe a
 * message whose IPv6 hop limit is not 255 (it came from beyond the link): check that yourself.
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a message that is too short they read what lies behind
 * it, or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to
 * be wrapped again for every packet.
 */
public final class NdpMessage {
  /** Asks routers to speak up. */
  public static final int ROUTER_SOLICITATION = 133;

  /** A router tells of itself and of prefixes. */
  public static final int ROUTER_ADVERTISEMENT = 134;

  /** Who has the target address? */
  public static final int NEIGHBOR_SOLICITATION = 135;

  /** The target address is here. */
  public static final int NEIGHBOR_ADVERTISEMENT = 136;

  /** A nearer first hop. */
  public static final int REDIRECT = 137;

  /** Offset of the type, 1 byte. */
  public static final int TYPE = 0;

  /** Offset of the flags, 1 byte, in neighbor advertisements. */
  public static final int FLAGS = 4;

  /** Offset of the target address, 16 bytes, in neighbor messages and redirects. */
  public static final int TARGET = 8;

  /** Offset of the destination address, 16 bytes, in redirects. */
  public static final int DESTINATION = 24;

  /** Offset of the hop limit that hosts should use, 1 byte, in router advertisements. */
  public static final int HOP_LIMIT = 4;

  /** Offset of the flags, 1 byte, in router advertisements. */
  public static final int ROUTER_FLAGS = 5;

  /** Offset of the router lifetime, 2 bytes, in router advertisements. */
  public static final int ROUTER_LIFETIME = 6;

  /** Offset of the reachable time, 4 bytes, in router advertisements. */
  public static final int REACHABLE_TIME = 8;

  /** Offset of the retransmission timer, 4 bytes, in router advertisements. */
  public static final int RETRANSMISSION_TIMER = 12;

  /** Bytes of a neighbor solicitation or advertisement, without options. */
  public static final int NEIGHBOR_LENGTH = 24;

  private static final int FROM_ROUTER = 0x80;
  private static final int SOLICITED = 0x40;
  private static final int OVERRIDE = 0x20;

  private static final Malformed TOO_SHORT = new Malformed("shorter than its NDP message", 0);
  private static final Malformed NOT_NDP = new Malformed("not an NDP message", 0);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A message over nothing, to be wrapped. */
  public NdpMessage() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a message and nothing else. They are
   * not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public NdpMessage wrap(ByteBuffer buffer, int offset, int length) {
    Bytes.check(buffer, offset, length);
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    return this;
  }

  /** Whether all getters may be used. */
  public boolean isValid() {
    return check() == null;
  }

  /** What is wrong with it, one of a few constant texts, or null when it is valid. */
  public @Nullable String problem() {
    final Malformed malformed = check();
    return malformed == null ? null : malformed.problem();
  }

  /** The buffer that was wrapped. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Where the message begins in {@link #buffer()}. */
  public int offset() {
    return offset;
  }

  /** Bytes that were wrapped, from the message's first on. */
  public int length() {
    return length;
  }

  /** Takes the bytes of an ICMPv6 message, whatever its type. */
  public NdpMessage wrap(Icmp6Message icmp) {
    return wrap(icmp.buffer(), icmp.offset(), icmp.length());
  }

  @Nullable Malformed check() {
    if (length < Icmp6Message.LENGTH) {
      return TOO_SHORT;
    }
    final int fixed = fixedLength(type());
    if (fixed == 0) {
      return NOT_NDP;
    }
    return length < fixed ? TOO_SHORT : null;
  }

  /** Bytes before the options of a message of that type, 0 when it is no NDP message. */
  public static int fixedLength(int type) {
    return switch (type) {
      case ROUTER_SOLICITATION -> 8;
      case ROUTER_ADVERTISEMENT -> 16;
      case NEIGHBOR_SOLICITATION, NEIGHBOR_ADVERTISEMENT -> NEIGHBOR_LENGTH;
      case REDIRECT -> 40;
      default -> 0;
    };
  }

  /** Where the options begin in {@link #buffer()}. */
  public int optionsOffset() {
    return offset + fixedLength(type());
  }

  /** Bytes of the options. */
  public int optionsLength() {
    return length - fixedLength(type());
  }

  /** The type, 0 to 255: one of the five above. */
  public int type() {
    return Bytes.getByte(buffer, offset + TYPE);
  }

  /** The target address' first 8 bytes, see {@link Ipv6Address} for the form. */
  public long targetHigh() {
    return Bytes.getLong(buffer, offset + TARGET);
  }

  /** The target address' last 8 bytes. */
  public long targetLow() {
    return Bytes.getLong(buffer, offset + TARGET + Long.BYTES);
  }

  /** Whether a neighbor advertisement comes from a router. */
  public boolean isRouter() {
    return (flags() & FROM_ROUTER) != 0;
  }

  /** Whether a neighbor advertisement answers a solicitation. */
  public boolean isSolicited() {
    return (flags() & SOLICITED) != 0;
  }

  /** Whether a neighbor advertisement is to replace what is known. */
  public boolean isOverride() {
    return (flags() & OVERRIDE) != 0;
  }

  /** The flags of a neighbor advertisement, 0 to 255; the low five are reserved. */
  public int flags() {
    return Bytes.getByte(buffer, offset + FLAGS);
  }

  /** The hop limit that a router advertises, 0 to 255; 0 for none. */
  public int hopLimit() {
    return Bytes.getByte(buffer, offset + HOP_LIMIT);
  }

  /** The flags of a router advertisement, 0 to 255: 0x80 managed, 0x40 other configuration. */
  public int routerFlags() {
    return Bytes.getByte(buffer, offset + ROUTER_FLAGS);
  }

  /** How long the router is a default router, 0 to 65,535 seconds. */
  public int routerLifetime() {
    return Bytes.getShort(buffer, offset + ROUTER_LIFETIME);
  }

  /** How long a neighbor counts as reachable, 0 to 0xffffffff ms; 0 for unspecified. */
  public long reachableTime() {
    return Bytes.getInt(buffer, offset + REACHABLE_TIME) & 0xffff_ffffL;
  }

  /** Between two solicitations, 0 to 0xffffffff ms; 0 for unspecified. */
  public long retransmissionTimer() {
    return Bytes.getInt(buffer, offset + RETRANSMISSION_TIMER) & 0xffff_ffffL;
  }

  /**
   * The MAC in the message's first option of a type, see {@link MacAddress} for the form; -1 when
   * there is none, or a malformed option comes before it.
   *
   * @param type {@link Options#SOURCE_LINK_ADDRESS} or {@link Options#TARGET_LINK_ADDRESS}
   */
  public long linkAddress(int type) {
    int at = optionsOffset();
    final int end = offset + length;
    while (end - at >= 8) {
      final int bytes = Bytes.getByte(buffer, at + 1) << 3;
      if (bytes == 0 || bytes > end - at) {
        return -1;
      }
      if (Bytes.getByte(buffer, at) == type) {
        return MacAddress.read(buffer, at + 2);
      }
      at += bytes;
    }
    return -1;
  }

  /** Sets the target address. */
  public NdpMessage target(long high, long low) {
    Ipv6Address.write(buffer, offset + TARGET, high, low);
    return this;
  }

  /** Sets the flags of a neighbor advertisement, and the reserved bits behind them to 0. */
  public NdpMessage flags(boolean router, boolean solicited, boolean override) {
    final int flags =
        (router ? FROM_ROUTER : 0) | (solicited ? SOLICITED : 0) | (override ? OVERRIDE : 0);
    Bytes.putInt(buffer, offset + FLAGS, flags << 24);
    return this;
  }

  /** Sets the hop limit that a router advertises: the low 8 bits. */
  public NdpMessage hopLimit(int hopLimit) {
    Bytes.putByte(buffer, offset + HOP_LIMIT, hopLimit);
    return this;
  }

  /** Sets the flags of a router advertisement: the low 8 bits. */
  public NdpMessage routerFlags(int routerFlags) {
    Bytes.putByte(buffer, offset + ROUTER_FLAGS, routerFlags);
    return this;
  }

  /** Sets the router lifetime in seconds: the low 16 bits. */
  public NdpMessage routerLifetime(int routerLifetime) {
    Bytes.putShort(buffer, offset + ROUTER_LIFETIME, routerLifetime);
    return this;
  }

  /** Sets the reachable time in ms: the low 32 bits. */
  public NdpMessage reachableTime(long reachableTime) {
    Bytes.putInt(buffer, offset + REACHABLE_TIME, (int) reachableTime);
    return this;
  }

  /** Sets the retransmission timer in ms: the low 32 bits. */
  public NdpMessage retransmissionTimer(long retransmissionTimer) {
    Bytes.putInt(buffer, offset + RETRANSMISSION_TIMER, (int) retransmissionTimer);
    return this;
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final String problem = problem();
    if (problem != null) {
      return "NDP, " + length + " bytes: " + problem;
    }
    final int type = type();
    final StringBuilder text = new StringBuilder(96).append("NDP ");
    text.append(Icmp6Message.name(type, 0));
    if (fixedLength(type) >= NEIGHBOR_LENGTH) {
      Ipv6Address.appendTo(text.append(", target "), targetHigh(), targetLow());
    }
    final long source = linkAddress(Options.SOURCE_LINK_ADDRESS);
    final long target = linkAddress(Options.TARGET_LINK_ADDRESS);
    if (source >= 0) {
      MacAddress.appendTo(text.append(", source at "), source);
    }
    if (target >= 0) {
      MacAddress.appendTo(text.append(", target at "), target);
    }
    return text.append(", length ").append(length).toString();
  }
}
