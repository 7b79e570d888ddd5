package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An ICMP message of IPv4 (RFC 792) in a buffer: the payload of an IPv4 packet of protocol {@link
 * IpProtocol#ICMP}.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |     Code      |           Checksum            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Identifier           |           Sequence            |  echo, timestamp
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |            Unused             |         Next-hop MTU          |  unreachable
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Body: data, timestamps, or the packet that caused an error ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a message that is too short they read what lies behind
 * it, or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to
 * be wrapped again for every packet.
 */
public final class Icmp4Message {
  /** The answer to {@link #ECHO_REQUEST}. */
  public static final int ECHO_REPLY = 0;

  /** The packet did not get there; the code says why. */
  public static final int UNREACHABLE = 3;

  /** Another gateway is nearer. */
  public static final int REDIRECT = 5;

  /** Asks for {@link #ECHO_REPLY} with the same body. */
  public static final int ECHO_REQUEST = 8;

  /** The packet's time to live, or that of its reassembly, ran out. */
  public static final int TIME_EXCEEDED = 11;

  /** A field of the packet's header is wrong. */
  public static final int PARAMETER_PROBLEM = 12;

  /** Asks for {@link #TIMESTAMP_REPLY}. */
  public static final int TIMESTAMP_REQUEST = 13;

  /** The answer to {@link #TIMESTAMP_REQUEST}. */
  public static final int TIMESTAMP_REPLY = 14;

  /** Code of {@link #UNREACHABLE}: no route to the network. */
  public static final int NETWORK_UNREACHABLE = 0;

  /** Code of {@link #UNREACHABLE}: the host does not answer. */
  public static final int HOST_UNREACHABLE = 1;

  /** Code of {@link #UNREACHABLE}: the host does not know the protocol. */
  public static final int PROTOCOL_UNREACHABLE = 2;

  /** Code of {@link #UNREACHABLE}: nobody listens on the port. */
  public static final int PORT_UNREACHABLE = 3;

  /** Code of {@link #UNREACHABLE}: too long, and it must not be fragmented (RFC 1191). */
  public static final int FRAGMENTATION_NEEDED = 4;

  /** Code of {@link #UNREACHABLE}: packets to the network are prohibited (RFC 1122). */
  public static final int NETWORK_PROHIBITED = 9;

  /** Code of {@link #UNREACHABLE}: packets to the host are prohibited (RFC 1122). */
  public static final int HOST_PROHIBITED = 10;

  /** Code of {@link #UNREACHABLE}: forbidden by a filter (RFC 1812). */
  public static final int ADMINISTRATIVELY_PROHIBITED = 13;

  /** Offset of the type, 1 byte. */
  public static final int TYPE = 0;

  /** Offset of the code, 1 byte. */
  public static final int CODE = 1;

  /** Offset of the checksum, 2 bytes. */
  public static final int CHECKSUM = 2;

  /** Offset of the four bytes whose meaning depends on the type. */
  public static final int REST = 4;

  /** Offset of the identifier of echo and timestamp, 2 bytes. */
  public static final int IDENTIFIER = 4;

  /** Offset of the sequence number of echo and timestamp, 2 bytes. */
  public static final int SEQUENCE = 6;

  /** Offset of the next hop's MTU of {@link #FRAGMENTATION_NEEDED}, 2 bytes. */
  public static final int NEXT_HOP_MTU = 6;

  /** Offset of the body: echoed data, timestamps, or the packet that an error quotes. */
  public static final int BODY = 8;

  /** Offset of a timestamp message's time of sending, 4 bytes. */
  public static final int ORIGINATE = 8;

  /** Offset of a timestamp message's time of receiving, 4 bytes. */
  public static final int RECEIVE = 12;

  /** Offset of a timestamp message's time of answering, 4 bytes. */
  public static final int TRANSMIT = 16;

  /** Bytes of the header, without the body. */
  public static final int LENGTH = 8;

  /** Bytes of a timestamp message. */
  public static final int TIMESTAMP_LENGTH = 20;

  private static final Malformed TOO_SHORT = new Malformed("shorter than an ICMP header", 0);
  private static final Malformed TIMESTAMP_SHORT =
      new Malformed("shorter than an ICMP timestamp message", BODY);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A message over nothing, to be wrapped. */
  public Icmp4Message() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a message and nothing else. They are
   * not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public Icmp4Message wrap(ByteBuffer buffer, int offset, int length) {
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
    if (length < LENGTH) {
      return TOO_SHORT;
    }
    final int type = type();
    if ((type == TIMESTAMP_REQUEST || type == TIMESTAMP_REPLY) && length < TIMESTAMP_LENGTH) {
      return TIMESTAMP_SHORT;
    }
    return null;
  }

  /** Where the body begins in {@link #buffer()}. */
  public int bodyOffset() {
    return offset + BODY;
  }

  /** Bytes of the body. */
  public int bodyLength() {
    return length - BODY;
  }

  /** Whether the body quotes the packet that caused the message, from its IPv4 header on. */
  public boolean isError() {
    return switch (type()) {
      case UNREACHABLE, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
      default -> false;
    };
  }

  /** The type, 0 to 255. */
  public int type() {
    return Bytes.getByte(buffer, offset + TYPE);
  }

  /** The code, 0 to 255: what it says depends on the type. */
  public int code() {
    return Bytes.getByte(buffer, offset + CODE);
  }

  /** The checksum of the whole message, 0 to 0xffff. */
  public int checksum() {
    return Bytes.getShort(buffer, offset + CHECKSUM);
  }

  /** The four bytes whose meaning depends on the type. */
  public int rest() {
    return Bytes.getInt(buffer, offset + REST);
  }

  /** The identifier of echo and timestamp, 0 to 0xffff. */
  public int identifier() {
    return Bytes.getShort(buffer, offset + IDENTIFIER);
  }

  /** The sequence number of echo and timestamp, 0 to 0xffff. */
  public int sequence() {
    return Bytes.getShort(buffer, offset + SEQUENCE);
  }

  /** The next hop's MTU of {@link #FRAGMENTATION_NEEDED}, 0 to 65,535 bytes. */
  public int nextHopMtu() {
    return Bytes.getShort(buffer, offset + NEXT_HOP_MTU);
  }

  /** A timestamp message's time of sending: milliseconds since midnight UT, 0 to 0xffffffff. */
  public long originate() {
    return Bytes.getInt(buffer, offset + ORIGINATE) & 0xffff_ffffL;
  }

  /** A timestamp message's time of receiving, in the same form. */
  public long receive() {
    return Bytes.getInt(buffer, offset + RECEIVE) & 0xffff_ffffL;
  }

  /** A timestamp message's time of answering, in the same form. */
  public long transmit() {
    return Bytes.getInt(buffer, offset + TRANSMIT) & 0xffff_ffffL;
  }

  /** Whether the checksum is right. */
  public boolean isChecksumValid() {
    return Checksum.of(buffer, offset, length) == 0;
  }

  /** Sets the type: the low 8 bits. */
  public Icmp4Message type(int type) {
    Bytes.putByte(buffer, offset + TYPE, type);
    return this;
  }

  /** Sets the code: the low 8 bits. */
  public Icmp4Message code(int code) {
    Bytes.putByte(buffer, offset + CODE, code);
    return this;
  }

  /** Sets the checksum: the low 16 bits. */
  public Icmp4Message checksum(int checksum) {
    Bytes.putShort(buffer, offset + CHECKSUM, checksum);
    return this;
  }

  /** Sets the checksum to what is right for the message as it is. Call it last. */
  public Icmp4Message fillChecksum() {
    checksum(0);
    return checksum(Checksum.of(buffer, offset, length));
  }

  /** Sets the four bytes whose meaning depends on the type. */
  public Icmp4Message rest(int rest) {
    Bytes.putInt(buffer, offset + REST, rest);
    return this;
  }

  /** Sets the identifier: the low 16 bits. */
  public Icmp4Message identifier(int identifier) {
    Bytes.putShort(buffer, offset + IDENTIFIER, identifier);
    return this;
  }

  /** Sets the sequence number: the low 16 bits. */
  public Icmp4Message sequence(int sequence) {
    Bytes.putShort(buffer, offset + SEQUENCE, sequence);
    return this;
  }

  /** Sets the next hop's MTU: the low 16 bits. */
  public Icmp4Message nextHopMtu(int nextHopMtu) {
    Bytes.putShort(buffer, offset + NEXT_HOP_MTU, nextHopMtu);
    return this;
  }

  /** Sets the time of sending: the low 32 bits. */
  public Icmp4Message originate(long originate) {
    Bytes.putInt(buffer, offset + ORIGINATE, (int) originate);
    return this;
  }

  /** Sets the time of receiving: the low 32 bits. */
  public Icmp4Message receive(long receive) {
    Bytes.putInt(buffer, offset + RECEIVE, (int) receive);
    return this;
  }

  /** Sets the time of answering: the low 32 bits. */
  public Icmp4Message transmit(long transmit) {
    Bytes.putInt(buffer, offset + TRANSMIT, (int) transmit);
    return this;
  }

  /** The type and code in words. */
  public static String name(int type, int code) {
    return switch (type) {
      case ECHO_REPLY -> "echo reply";
      case ECHO_REQUEST -> "echo request";
      case TIMESTAMP_REQUEST -> "timestamp request";
      case TIMESTAMP_REPLY -> "timestamp reply";
      case REDIRECT -> "redirect";
      case PARAMETER_PROBLEM -> "parameter problem";
      case TIME_EXCEEDED -> code == 0 ? "time exceeded in transit" : "reassembly time exceeded";
      case UNREACHABLE ->
          switch (code) {
            case NETWORK_UNREACHABLE -> "network unreachable";
            case HOST_UNREACHABLE -> "host unreachable";
            case PROTOCOL_UNREACHABLE -> "protocol unreachable";
            case PORT_UNREACHABLE -> "port unreachable";
            case FRAGMENTATION_NEEDED -> "fragmentation needed";
            case NETWORK_PROHIBITED -> "network prohibited";
            case HOST_PROHIBITED -> "host prohibited";
            case ADMINISTRATIVELY_PROHIBITED -> "administratively prohibited";
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
      return "ICMP, " + length + " bytes: " + problem;
    }
    final String name = "ICMP " + name(type(), code());
    return switch (type()) {
      case ECHO_REQUEST, ECHO_REPLY, TIMESTAMP_REQUEST, TIMESTAMP_REPLY ->
          name + ", id " + identifier() + ", seq " + sequence() + ", length " + length;
      default -> name + ", length " + length;
    };
  }
}
