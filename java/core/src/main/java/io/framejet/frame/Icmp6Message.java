package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An ICMPv6 message (RFC 4443) in a buffer: the payload of an IPv6 packet of next header {@link
 * IpProtocol#ICMPV6}. For what is behind the checksum of neighbor discovery see {@link NdpMessage}.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |     Code      |           Checksum            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Identifier           |           Sequence            |  echo
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                 MTU, pointer, or unused                       |  errors
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Body: data, or the packet that caused an error ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a message that is too short they read what lies behind
 * it, or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to
 * be wrapped again for every packet.
 */
public final class Icmp6Message {
  /** The packet did not get there; the code says why. */
  public static final int UNREACHABLE = 1;

  /** The packet is longer than the next link's MTU. */
  public static final int PACKET_TOO_BIG = 2;

  /** The packet's hop limit, or the time of its reassembly, ran out. */
  public static final int TIME_EXCEEDED = 3;

  /** A field of the packet's headers is wrong. */
  public static final int PARAMETER_PROBLEM = 4;

  /** Asks for {@link #ECHO_REPLY} with the same body. */
  public static final int ECHO_REQUEST = 128;

  /** The answer to {@link #ECHO_REQUEST}. */
  public static final int ECHO_REPLY = 129;

  /** Code of {@link #UNREACHABLE}: no route. */
  public static final int NO_ROUTE = 0;

  /** Code of {@link #UNREACHABLE}: forbidden by a filter. */
  public static final int ADMINISTRATIVELY_PROHIBITED = 1;

  /** Code of {@link #UNREACHABLE}: the address does not answer. */
  public static final int ADDRESS_UNREACHABLE = 3;

  /** Code of {@link #UNREACHABLE}: nobody listens on the port. */
  public static final int PORT_UNREACHABLE = 4;

  /** Offset of the type, 1 byte. */
  public static final int TYPE = 0;

  /** Offset of the code, 1 byte. */
  public static final int CODE = 1;

  /** Offset of the checksum, 2 bytes. */
  public static final int CHECKSUM = 2;

  /** Offset of the four bytes whose meaning depends on the type. */
  public static final int REST = 4;

  /** Offset of the identifier of echo, 2 bytes. */
  public static final int IDENTIFIER = 4;

  /** Offset of the sequence number of echo, 2 bytes. */
  public static final int SEQUENCE = 6;

  /** Offset of the body: echoed data, or the packet that an error quotes. */
  public static final int BODY = 8;

  /** Bytes of the header, without the body. */
  public static final int LENGTH = 8;

  private static final Malformed TOO_SHORT = new Malformed("shorter than an ICMPv6 header", 0);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A message over nothing, to be wrapped. */
  public Icmp6Message() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a message and nothing else. They are
   * not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public Icmp6Message wrap(ByteBuffer buffer, int offset, int length) {
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

  @Nullable Malformed check() {
    return length < LENGTH ? TOO_SHORT : null;
  }

  /** Where the body begins in {@link #buffer()}. */
  public int bodyOffset() {
    return offset + BODY;
  }

  /** Bytes of the body. */
  public int bodyLength() {
    return length - BODY;
  }

  /** Whether the body quotes the packet that caused the message, from its IPv6 header on. */
  public boolean isError() {
    return type() >= UNREACHABLE && type() <= PARAMETER_PROBLEM;
  }

  /** Whether the message is one of neighbor discovery: {@link NdpMessage} reads it. */
  public boolean isNdp() {
    return type() >= NdpMessage.ROUTER_SOLICITATION && type() <= NdpMessage.REDIRECT;
  }

  /** The type, 0 to 255. */
  public int type() {
    return Bytes.getByte(buffer, offset + TYPE);
  }

  /** The code, 0 to 255: what it says depends on the type. */
  public int code() {
    return Bytes.getByte(buffer, offset + CODE);
  }

  /** The checksum of pseudo-header and message, 0 to 0xffff. */
  public int checksum() {
    return Bytes.getShort(buffer, offset + CHECKSUM);
  }

  /** The four bytes whose meaning depends on the type. */
  public int rest() {
    return Bytes.getInt(buffer, offset + REST);
  }

  /** The identifier of echo, 0 to 0xffff. */
  public int identifier() {
    return Bytes.getShort(buffer, offset + IDENTIFIER);
  }

  /** The sequence number of echo, 0 to 0xffff. */
  public int sequence() {
    return Bytes.getShort(buffer, offset + SEQUENCE);
  }

  /** The MTU of {@link #PACKET_TOO_BIG}, 0 to 0xffffffff bytes. */
  public long mtu() {
    return Bytes.getInt(buffer, offset + REST) & 0xffff_ffffL;
  }

  /**
   * Whether the checksum is right.
   *
   * @param pseudoSum of {@link Ipv6Header#pseudoSum} with the message's length
   */
  public boolean isChecksumValid(long pseudoSum) {
    return Checksum.finish(pseudoSum + Checksum.sum(buffer, offset, length)) == 0;
  }

  /** Sets the type: the low 8 bits. */
  public Icmp6Message type(int type) {
    Bytes.putByte(buffer, offset + TYPE, type);
    return this;
  }

  /** Sets the code: the low 8 bits. */
  public Icmp6Message code(int code) {
    Bytes.putByte(buffer, offset + CODE, code);
    return this;
  }

  /** Sets the checksum: the low 16 bits. */
  public Icmp6Message checksum(int checksum) {
    Bytes.putShort(buffer, offset + CHECKSUM, checksum);
    return this;
  }

  /**
   * Sets the checksum to what is right for the message as it is. Call it last.
   *
   * @param pseudoSum of {@link Ipv6Header#pseudoSum} with the message's length
   */
  public Icmp6Message fillChecksum(long pseudoSum) {
    checksum(0);
    return checksum(Checksum.finish(pseudoSum + Checksum.sum(buffer, offset, length)));
  }

  /** Sets the four bytes whose meaning depends on the type. */
  public Icmp6Message rest(int rest) {
    Bytes.putInt(buffer, offset + REST, rest);
    return this;
  }

  /** Sets the identifier: the low 16 bits. */
  public Icmp6Message identifier(int identifier) {
    Bytes.putShort(buffer, offset + IDENTIFIER, identifier);
    return this;
  }

  /** Sets the sequence number: the low 16 bits. */
  public Icmp6Message sequence(int sequence) {
    Bytes.putShort(buffer, offset + SEQUENCE, sequence);
    return this;
  }

  /** Sets the MTU: the low 32 bits. */
  public Icmp6Message mtu(long mtu) {
    Bytes.putInt(buffer, offset + REST, (int) mtu);
    return this;
  }

  /** The type and code in words. */
  public static String name(int type, int code) {
    return switch (type) {
      case PACKET_TOO_BIG -> "packet too big";
      case TIME_EXCEEDED -> code == 0 ? "time exceeded in transit" : "reassembly time exceeded";
      case PARAMETER_PROBLEM -> "parameter problem";
      case ECHO_REQUEST -> "echo request";
      case ECHO_REPLY -> "echo reply";
      case NdpMessage.ROUTER_SOLICITATION -> "router solicitation";
      case NdpMessage.ROUTER_ADVERTISEMENT -> "router advertisement";
      case NdpMessage.NEIGHBOR_SOLICITATION -> "neighbor solicitation";
      case NdpMessage.NEIGHBOR_ADVERTISEMENT -> "neighbor advertisement";
      case NdpMessage.REDIRECT -> "redirect";
      case UNREACHABLE ->
          switch (code) {
            case NO_ROUTE -> "no route";
            case ADMINISTRATIVELY_PROHIBITED -> "administratively prohibited";
            case ADDRESS_UNREACHABLE -> "address unreachable";
            case PORT_UNREACHABLE -> "port unreachable";
            default -> "unreachable, code " + code;
          };
      default -> "type " + type + ", code " + code;
    };
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final String problem = problem();
    if (problem != null) {
      return "ICMPv6, " + length + " bytes: " + problem;
    }
    final String name = "ICMPv6 " + name(type(), code());
    return switch (type()) {
      case ECHO_REQUEST, ECHO_REPLY ->
          name + ", id " + identifier() + ", seq " + sequence() + ", length " + length;
      default -> name + ", length " + length;
    };
  }
}
