package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The bytes of one frame, from the destination MAC up to, and without, the FCS. Immutable, and so
 * thread-safe.
 *
 * <p>A frame is built like the stack it is: {@code Frame.ethernet(source, MacAddress.BROADCAST)
 * .arpRequest(source, senderIp, targetIp).build()}. Built frames are at least {@link
 * FrameBatch#MIN_FRAME} bytes long. Frames from {@link #of} and {@link #ofHex} are kept as given,
 * short and broken ones too; a {@link FrameBatch} lengthens short ones when they are added.
 */
public final class Frame {
  private static final HexFormat HEX = HexFormat.of();

  private final LinkType linkType;
  private final byte[] bytes;

  private Frame(LinkType linkType, byte[] bytes) {
    this.linkType = linkType;
    this.bytes = bytes;
  }

  /** A frame over an array that nobody else has. */
  static Frame owning(LinkType linkType, byte[] bytes) {
    return new Frame(linkType, bytes);
  }

  /** Begins a frame with an Ethernet II header; what it is to carry comes next. */
  public static EthernetBuilder ethernet(MacAddress source, MacAddress destination) {
    return new EthernetBuilder(source, destination);
  }

  /**
   * Begins a frame without a link header, for tun links and raw IP sockets: an IPv4 packet;
   * addresses as {@link Ipv4} has them.
   */
  public static Ipv4Builder ipv4(int source, int destination) {
    return Ipv4Builder.of(new Stack(LinkType.IP), source, destination);
  }

  /** Begins a frame without a link header, for tun links and raw IP sockets: an IPv6 packet. */
  public static Ipv6Builder ipv6(Ipv6Address source, Ipv6Address destination) {
    return Ipv6Builder.of(new Stack(LinkType.IP), source, destination);
  }

  /** A frame of a copy of these bytes, as they are, that begins with an Ethernet header. */
  public static Frame of(byte[] bytes) {
    return of(LinkType.ETHERNET, bytes);
  }

  /** A frame of a copy of these bytes, as they are. */
  public static Frame of(LinkType linkType, byte[] bytes) {
    return new Frame(linkType, bytes.clone());
  }

  /**
   * A frame of a copy of {@code length} bytes of a buffer, as they are.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public static Frame of(ByteBuffer buffer, int offset, int length) {
    Bytes.check(buffer, offset, length);
    final byte[] bytes = new byte[length];
    buffer.get(offset, bytes);
    return new Frame(LinkType.ETHERNET, bytes);
  }

  /**
   * A frame from hexadecimal text. Digits come in groups of whole bytes; between groups may stand
   * white space, colons, dashes and commas, before a group {@code 0x}. Lines that begin with an
   * offset, as {@code tcpdump -xx} and {@code -XX} print them, are understood; their offset and
   * their text column are left out. (With a single {@code -x} tcpdump leaves out the Ethernet
   * header.)
   *
   * @throws IllegalArgumentException if there are no bytes, or something else stands there; the
   *     message holds it and the number of its line
   */
  public static Frame ofHex(String text) {
    return ofHex(LinkType.ETHERNET, text);
  }

  /**
   * A frame from hexadecimal text, as {@link #ofHex(String)}, for a link of any type.
   *
   * @throws IllegalArgumentException as there
   */
  public static Frame ofHex(LinkType linkType, String text) {
    return new Frame(linkType, HexDump.parse(text));
  }

  /** What the frame begins with. */
  public LinkType linkType() {
    return linkType;
  }

  /** Bytes of the frame, without FCS. */
  public int length() {
    return bytes.length;
  }

  /** All bytes as hexadecimal digits in lower case, nothing between. */
  public String toHex() {
    return HEX.formatHex(bytes);
  }

  /** A copy of all bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** A read-only view of all bytes, big-endian. */
  public ByteBuffer toByteBuffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /**
   * Writes all bytes from {@code offset} on; the buffer's position is neither used nor changed.
   *
   * @throws IndexOutOfBoundsException if they do not fit before the buffer's limit
   */
  public void copyTo(ByteBuffer buffer, int offset) {
    buffer.put(offset, bytes);
  }

  /**
   * Adds a copy to a batch.
   *
   * @return false when the batch is full
   * @throws IllegalArgumentException if no slot can hold a frame of that length, or if the frames
   *     of this batch begin with another header
   */
  public boolean addTo(FrameBatch batch) {
    batch.requireSameLink(linkType);
    return batch.add(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Frame frame
        && frame.linkType == linkType
        && Arrays.equals(frame.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /**
   * Walks the layers of a frame that begins with an Ethernet header and lies in a buffer. On hot
   * paths use one {@link FrameDecoder} again and again.
   *
   * @throws IndexOutOfBoundsException if the bytes do not lie before the buffer's limit
   */
  public static FrameDecoder decode(ByteBuffer buffer, int offset, int length) {
    return new FrameDecoder().decode(buffer, offset, length);
  }

  /** Walks the layers of this frame. */
  public FrameDecoder decode() {
    return new FrameDecoder().decode(linkType, toByteBuffer(), 0, bytes.length);
  }

  /** One line for logs, as {@link FramePrinter#line} has it. */
  @Override
  public String toString() {
    return FramePrinter.line(decode());
  }
}
