package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A header whose bytes are ready, but for what depends on the layers inside (a length, a checksum)
 * and was not set by the caller. Immutable: a change makes another one.
 */
final class HeaderLayer implements Layer {
  /** Fills in the fields that depend on what the layer carries. */
  @FunctionalInterface
  interface Fixer {
    /**
     * Fills them in.
     *
     * @param offset of the header
     * @param total bytes of the header and of all that it carries
     * @param kept bits of the fields that the caller has set and that stay as they are
     */
    void fix(ByteBuffer buffer, int offset, int total, int kept);
  }

  /** A length field that stays. */
  static final int LENGTH = 1;

  /** A checksum that stays. */
  static final int CHECKSUM = 2;

  /** A field for what follows that stays. */
  static final int NEXT = 4;

  /** A header length that stays. */
  static final int HEADER_LENGTH = 8;

  /** A hop limit that stays. */
  static final int HOPS = 16;

  /** For headers in which nothing depends on what they carry. */
  static final Fixer NOTHING = (buffer, offset, total, kept) -> {};

  private final byte[] bytes;
  private final int kept;
  private final Fixer fixer;

  private HeaderLayer(byte[] bytes, int kept, Fixer fixer) {
    this.bytes = bytes;
    this.kept = kept;
    this.fixer = fixer;
  }

  /** A header of {@code length} bytes, 0 until they are set. */
  static HeaderLayer of(int length, Fixer fixer, Consumer<ByteBuffer> setter) {
    return new HeaderLayer(new byte[length], 0, fixer).with(0, setter);
  }

  /** The same, changed by {@code setter}; {@code field} stays from now on. */
  HeaderLayer with(int field, Consumer<ByteBuffer> setter) {
    final byte[] copy = bytes.clone();
    setter.accept(ByteBuffer.wrap(copy));
    return new HeaderLayer(copy, kept | field, fixer);
  }

  /** The same, {@code more} bytes longer, which are 0 until {@code setter} sets them. */
  HeaderLayer extended(int more, Consumer<ByteBuffer> setter) {
    final byte[] copy = Arrays.copyOf(bytes, bytes.length + more);
    setter.accept(ByteBuffer.wrap(copy));
    return new HeaderLayer(copy, kept, fixer);
  }

  /** The same with the 2 bytes at {@code at} the length of what it carries. */
  HeaderLayer lengthAt(int at) {
    final int own = bytes.length;
    return new HeaderLayer(
        bytes,
        kept,
        (buffer, offset, total, keep) -> Bytes.putShort(buffer, offset + at, total - own));
  }

  /** Whether the caller has set {@code field}. */
  boolean keeps(int field) {
    return (kept & field) != 0;
  }

  /** The header as it is, to be read. */
  ByteBuffer bytes() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  @Override
  public int length() {
    return bytes.length;
  }

  @Override
  public void write(ByteBuffer buffer, int offset, int total) {
    buffer.put(offset, bytes);
    fixer.fix(buffer, offset, total, kept);
  }
}
