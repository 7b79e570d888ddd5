package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An ARP (RFC 826) or RARP (RFC 903) packet for Ethernet and IPv4 in a buffer: the payload of an
 * Ethernet frame of EtherType {@link EtherType#ARP} or {@link EtherType#RARP}.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |       Hardware type (1)       |    Protocol type (0x0800)     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | HW length (6) |Proto length(4)|           Operation           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          Sender MAC                           |
 * +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                               |      Sender IPv4 (0-15)       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      Sender IPv4 (16-31)      |                               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
 * |                          Target MAC                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          Target IPv4                          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>The two length fields of a received packet may lie. They are compared with what the types
 * demand, and never used to find a field: the offsets below are fixed.
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a packet that is too short they read what lies behind it,
 * or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to be
 * wrapped again for every packet.
 */
public final class ArpPacket {
  /** Offset of the hardware type, 2 bytes. */
  public static final int HARDWARE_TYPE = 0;

  /** Offset of the protocol type, 2 bytes. */
  public static final int PROTOCOL_TYPE = 2;

  /** Offset of the hardware length, 1 byte. */
  public static final int HARDWARE_LENGTH = 4;

  /** Offset of the protocol length, 1 byte. */
  public static final int PROTOCOL_LENGTH = 5;

  /** Offset of the operation, 2 bytes. */
  public static final int OPERATION = 6;

  /** Offset of the sender's MAC, 6 bytes. */
  public static final int SENDER_MAC = 8;

  /** Offset of the sender's IPv4 address, 4 bytes. */
  public static final int SENDER_IP = 14;

  /** Offset of the target's MAC, 6 bytes. */
  public static final int TARGET_MAC = 18;

  /** Offset of the target's IPv4 address, 4 bytes. */
  public static final int TARGET_IP = 24;

  /** Bytes of the packet; what follows in a frame is padding. */
  public static final int LENGTH = 28;

  /** The hardware type of Ethernet. */
  public static final int ETHERNET = 1;

  private static final Malformed TOO_SHORT = new Malformed("shorter than an ARP packet", 0);
  private static final Malformed NOT_ETHERNET =
      new Malformed("hardware type is not Ethernet", HARDWARE_TYPE);
  private static final Malformed NOT_IPV4 =
      new Malformed("protocol type is not IPv4", PROTOCOL_TYPE);
  private static final Malformed NOT_6 = new Malformed("hardware length is not 6", HARDWARE_LENGTH);
  private static final Malformed NOT_4 = new Malformed("protocol length is not 4", PROTOCOL_LENGTH);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A packet over nothing, to be wrapped. */
  public ArpPacket() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a packet, with any padding. They are
   * not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public ArpPacket wrap(ByteBuffer buffer, int offset, int length) {
    Bytes.check(buffer, offset, length);
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    return this;
  }

  /** Takes the payload of {@code ethernet} for a packet; what its EtherType says is not asked. */
  public ArpPacket wrap(EthernetHeader ethernet) {
    if (!ethernet.isValid()) {
      return wrap(ethernet.buffer(), ethernet.offset(), 0);
    }
    return wrap(ethernet.buffer(), ethernet.payloadOffset(), ethernet.payloadLength());
  }

  /** Whether this is a whole packet for Ethernet and IPv4, so that all getters may be used. */
  public boolean isValid() {
    return problem() == null;
  }

  /** What is wrong with it, one of a few constant texts, or null when it is valid. */
  public @Nullable String problem() {
    final Malformed malformed = check();
    return malformed == null ? null : malformed.problem();
  }

  @Nullable Malformed check() {
    if (isTooShort()) {
      return TOO_SHORT;
    }
    if (hardwareType() != ETHERNET) {
      return NOT_ETHERNET;
    }
    if (protocolType() != EtherType.IPV4) {
      return NOT_IPV4;
    }
    if (hardwareLength() != MacAddress.LENGTH) {
      return NOT_6;
    }
    if (protocolLength() != Ipv4.LENGTH) {
      return NOT_4;
    }
    return null;
  }

  /** Whether there are fewer bytes than a packet for Ethernet and IPv4 has. */
  public boolean isTooShort() {
    return length < LENGTH;
  }

  /** The hardware type, 0 to 0xffff. */
  public int hardwareType() {
    return Bytes.getShort(buffer, offset + HARDWARE_TYPE);
  }

  /** The protocol type, 0 to 0xffff: a number as in {@link EtherType}. */
  public int protocolType() {
    return Bytes.getShort(buffer, offset + PROTOCOL_TYPE);
  }

  /** What the packet says a hardware address takes, 0 to 255 bytes. */
  public int hardwareLength() {
    return Bytes.getByte(buffer, offset + HARDWARE_LENGTH);
  }

  /** What the packet says a protocol address takes, 0 to 255 bytes. */
  public int protocolLength() {
    return Bytes.getByte(buffer, offset + PROTOCOL_LENGTH);
  }

  /** The operation, 0 to 0xffff: see {@link ArpOperation}. */
  public int operation() {
    return Bytes.getShort(buffer, offset + OPERATION);
  }

  /** The sender's MAC, see {@link MacAddress} for the form. */
  public long senderMac() {
    return MacAddress.read(buffer, offset + SENDER_MAC);
  }

  /** The sender's IPv4 address, see {@link Ipv4} for the form. */
  public int senderIp() {
    return Bytes.getInt(buffer, offset + SENDER_IP);
  }

  /** The target's MAC, see {@link MacAddress} for the form. */
  public long targetMac() {
    return MacAddress.read(buffer, offset + TARGET_MAC);
  }

  /** The target's IPv4 address, see {@link Ipv4} for the form. */
  public int targetIp() {
    return Bytes.getInt(buffer, offset + TARGET_IP);
  }

  /** Sets the four fields that say "Ethernet and IPv4". */
  public ArpPacket ethernetIpv4() {
    Bytes.putShort(buffer, offset + HARDWARE_TYPE, ETHERNET);
    Bytes.putShort(buffer, offset + PROTOCOL_TYPE, EtherType.IPV4);
    Bytes.putByte(buffer, offset + HARDWARE_LENGTH, MacAddress.LENGTH);
    Bytes.putByte(buffer, offset + PROTOCOL_LENGTH, Ipv4.LENGTH);
    return this;
  }

  /** Sets the operation: the low 16 bits, see {@link ArpOperation}. */
  public ArpPacket operation(int operation) {
    Bytes.putShort(buffer, offset + OPERATION, operation);
    return this;
  }

  /** Sets the sender's MAC. */
  public ArpPacket senderMac(long mac) {
    MacAddress.write(buffer, offset + SENDER_MAC, mac);
    return this;
  }

  /** Sets the sender's IPv4 address. */
  public ArpPacket senderIp(int address) {
    Bytes.putInt(buffer, offset + SENDER_IP, address);
    return this;
  }

  /** Sets the target's MAC. */
  public ArpPacket targetMac(long mac) {
    MacAddress.write(buffer, offset + TARGET_MAC, mac);
    return this;
  }

  /** Sets the target's IPv4 address. */
  public ArpPacket targetIp(int address) {
    Bytes.putInt(buffer, offset + TARGET_IP, address);
    return this;
  }

  /** One line for logs: operation and both ends. */
  @Override
  public String toString() {
    final String problem = problem();
    if (problem != null) {
      return "ARP, " + length + " bytes: " + problem;
    }
    final StringBuilder text = new StringBuilder(96);
    text.append("ARP ").append(ArpOperation.name(operation())).append(", ");
    MacAddress.appendTo(Ipv4.appendTo(text, senderIp()).append(" at "), senderMac());
    text.append(" > ");
    MacAddress.appendTo(Ipv4.appendTo(text, targetIp()).append(" at "), targetMac());
    return text.toString();
  }
}
