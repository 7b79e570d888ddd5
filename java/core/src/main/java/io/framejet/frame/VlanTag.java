package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A VLAN tag (IEEE 802.1Q) in a buffer: what follows an EtherType of {@link EtherType#VLAN}, or of
 * {@link EtherType#QINQ} for the outer tag of IEEE 802.1ad. Tags stack: the EtherType at the end of
 * one may announce the next.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | PCP |D|        VLAN ID        |           EtherType           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a tag that is too short they read what lies behind it, or
 * throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to be
 * wrapped again for every packet.
 */
public final class VlanTag {
  /** Offset of the tag control information (priority, drop eligible, VLAN ID), 2 bytes. */
  public static final int CONTROL = 0;

  /** Offset of the EtherType of what follows, 2 bytes. */
  public static final int ETHER_TYPE = 2;

  /** Bytes of the tag, without the EtherType that announces it. */
  public static final int LENGTH = 4;

  private static final Malformed TOO_SHORT = new Malformed("shorter than a VLAN tag", 0);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A tag over nothing, to be wrapped. */
  public VlanTag() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a tag and what it carries. They are
   * not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public VlanTag wrap(ByteBuffer buffer, int offset, int length) {
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

  /** Where the tag begins in {@link #buffer()}. */
  public int offset() {
    return offset;
  }

  /** Bytes that were wrapped, from the tag's first on. */
  public int length() {
    return length;
  }

  @Nullable Malformed check() {
    return length < LENGTH ? TOO_SHORT : null;
  }

  /** Where the payload begins in {@link #buffer()}. */
  public int payloadOffset() {
    return offset + LENGTH;
  }

  /** Bytes of the payload, padding included; 0 when there is not even a tag. */
  public int payloadLength() {
    return Math.max(length - LENGTH, 0);
  }

  /** The tag control information, 0 to 0xffff: the three fields below in one. */
  public int control() {
    return Bytes.getShort(buffer, offset + CONTROL);
  }

  /** The VLAN, 0 to 4095; 0 stands for none (a priority tag), 4095 is reserved. */
  public int id() {
    return control() & 0xfff;
  }

  /** The priority code point, 0 to 7. */
  public int priority() {
    return control() >>> 13;
  }

  /** Whether the frame may be dropped first (DEI). */
  public boolean isDropEligible() {
    return (control() & 0x1000) != 0;
  }

  /** What follows, 0 to 0xffff: see {@link EtherType}. Below 0x600 it is a length. */
  public int etherType() {
    return Bytes.getShort(buffer, offset + ETHER_TYPE);
  }

  /** Sets the tag control information, all three fields: the low 16 bits. */
  public VlanTag control(int control) {
    Bytes.putShort(buffer, offset + CONTROL, control);
    return this;
  }

  /** Sets the VLAN: the low 12 bits; the other two fields of the control information stay. */
  public VlanTag id(int id) {
    return control((control() & 0xf000) | (id & 0xfff));
  }

  /** Sets the priority code point: the low 3 bits. */
  public VlanTag priority(int priority) {
    return control((control() & 0x1fff) | priority << 13);
  }

  /** Sets whether the frame may be dropped first (DEI). */
  public VlanTag dropEligible(boolean eligible) {
    return control((control() & 0xefff) | (eligible ? 0x1000 : 0));
  }

  /** Sets what follows: the low 16 bits, see {@link EtherType}. */
  public VlanTag etherType(int etherType) {
    Bytes.putShort(buffer, offset + ETHER_TYPE, etherType);
    return this;
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final String problem = problem();
    if (problem != null) {
      return "VLAN, " + length + " bytes: " + problem;
    }
    return "VLAN "
        + id()
        + ", priority "
        + priority()
        + (isDropEligible() ? ", drop eligible, " : ", ")
        + EtherType.name(etherType());
  }
}
