package io.framejet.frame;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A logical link control header (IEEE 802.2) in a buffer, with the SNAP header (IEEE 802, RFC 1042)
 * that follows when both access points are {@link #SNAP}. It is what an Ethernet frame carries
 * whose EtherType is below 0x600 and so a length (IEEE 802.3).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     DSAP      |     SSAP      |    Control    |  SNAP: OUI
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *                                 |          Protocol ID          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>Only unnumbered frames (the two low bits of the control field set) have a control field of one
 * byte; others have two, and no SNAP header.
 *
 * <p>All access is by absolute offset and big-endian, whatever the buffer's own order. Check {@link
 * #isValid()} before the first getter: on a header that is too short they read what lies behind it,
 * or throw {@code IndexOutOfBoundsException} at the end of the buffer. Not thread-safe; made to be
 * wrapped again for every packet.
 */
public final class LlcHeader {
  /** Offset of the destination service access point, 1 byte. */
  public static final int DSAP = 0;

  /** Offset of the source service access point, 1 byte. */
  public static final int SSAP = 1;

  /** Offset of the control field, 1 byte, or 2 in frames that are numbered. */
  public static final int CONTROL = 2;

  /** Offset of the SNAP header's organization, 3 bytes. */
  public static final int OUI = 3;

  /** Offset of the SNAP header's protocol, 2 bytes. */
  public static final int PROTOCOL = 6;

  /** Bytes of an unnumbered header without SNAP. */
  public static final int LENGTH = 3;

  /** Bytes of an unnumbered header with SNAP. */
  public static final int SNAP_LENGTH = 8;

  /** The access point that announces a SNAP header. */
  public static final int SNAP = 0xaa;

  /** The access point of spanning tree. */
  public static final int SPANNING_TREE = 0x42;

  /** The control field of unnumbered information, the usual one. */
  public static final int UNNUMBERED = 0x03;

  private static final Malformed TOO_SHORT = new Malformed("shorter than an LLC header", 0);
  private static final Malformed SNAP_TOO_SHORT = new Malformed("shorter than a SNAP header", OUI);

  private ByteBuffer buffer = Empty.BUFFER;
  private int offset;
  private int length;

  /** A header over nothing, to be wrapped. */
  public LlcHeader() {}

  /**
   * Takes the {@code length} bytes from {@code offset} on for a header and what it carries. They
   * are not read yet.
   *
   * @throws IndexOutOfBoundsException if they do not lie before the buffer's limit
   */
  public LlcHeader wrap(ByteBuffer buffer, int offset, int length) {
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

  /** Where the header begins in {@link #buffer()}. */
  public int offset() {
    return offset;
  }

  /** Bytes that were wrapped, from the header's first on. */
  public int length() {
    return length;
  }

  @Nullable Malformed check() {
    if (length < LENGTH) {
      return TOO_SHORT;
    }
    if (length < headerLength()) {
      return isSnap() ? SNAP_TOO_SHORT : TOO_SHORT;
    }
    return null;
  }

  /** Bytes of the header: 3, 4 when frames are numbered, 8 with SNAP. Reads the first 3 bytes. */
  public int headerLength() {
    if (isSnap()) {
      return SNAP_LENGTH;
    }
    return isUnnumbered() ? LENGTH : LENGTH + 1;
  }

  /** Where the payload begins in {@link #buffer()}. */
  public int payloadOffset() {
    return offset + headerLength();
  }

  /** Bytes of the payload. */
  public int payloadLength() {
    return length - headerLength();
  }

  /** Whether a SNAP header follows the control field. */
  public boolean isSnap() {
    return dsap() == SNAP && ssap() == SNAP && isUnnumbered();
  }

  private boolean isUnnumbered() {
    return (control() & 3) == 3;
  }

  /** Whether the SNAP header's protocol is an EtherType, as its organization of zeros says. */
  public boolean isEtherType() {
    return isSnap() && oui() == 0;
  }

  /** The destination service access point, 0 to 255. */
  public int dsap() {
    return Bytes.getByte(buffer, offset + DSAP);
  }

  /** The source service access point, 0 to 255. */
  public int ssap() {
    return Bytes.getByte(buffer, offset + SSAP);
  }

  /** The control field's first byte, 0 to 255. */
  public int control() {
    return Bytes.getByte(buffer, offset + CONTROL);
  }

  /** The organization of the SNAP header, 0 to 0xffffff. Only when {@link #isSnap()}. */
  public int oui() {
    return Bytes.getShort(buffer, offset + OUI) << 8 | Bytes.getByte(buffer, offset + OUI + 2);
  }

  /** The protocol of the SNAP header, 0 to 0xffff. Only when {@link #isSnap()}. */
  public int protocol() {
    return Bytes.getShort(buffer, offset + PROTOCOL);
  }

  /** Sets the destination service access point: the low 8 bits. */
  public LlcHeader dsap(int dsap) {
    Bytes.putByte(buffer, offset + DSAP, dsap);
    return this;
  }

  /** Sets the source service access point: the low 8 bits. */
  public LlcHeader ssap(int ssap) {
    Bytes.putByte(buffer, offset + SSAP, ssap);
    return this;
  }

  /** Sets the control field's first byte: the low 8 bits. */
  public LlcHeader control(int control) {
    Bytes.putByte(buffer, offset + CONTROL, control);
    return this;
  }

  /** Sets the organization of the SNAP header: the low 24 bits. */
  public LlcHeader oui(int oui) {
    Bytes.put(buffer, offset + OUI, 3, oui);
    return this;
  }

  /** Sets the protocol of the SNAP header: the low 16 bits. */
  public LlcHeader protocol(int protocol) {
    Bytes.putShort(buffer, offset + PROTOCOL, protocol);
    return this;
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final String problem = problem();
    if (problem != null) {
      return "LLC, " + length + " bytes: " + problem;
    }
    if (isSnap()) {
      return String.format("LLC SNAP, organization 0x%06x, protocol 0x%04x", oui(), protocol());
    }
    return String.format(
        "LLC, access points 0x%02x > 0x%02x, control 0x%02x", ssap(), dsap(), control());
  }
}
