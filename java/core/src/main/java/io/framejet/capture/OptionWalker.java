package io.framejet.capture;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Walks the options of a pcapng block that is whole in memory. Layout: {@link PcapNg}. */
final class OptionWalker {
  private final FileCaptureReader reader;
  private final ByteBuffer fields;
  private final int end;
  private int next;
  private int code;
  private int value;
  private int length;

  OptionWalker(FileCaptureReader reader, ByteBuffer fields, int start, int end) {
    this.reader = reader;
    this.fields = fields;
    this.end = end;
    next = start;
  }

  /** Goes on to the next option, which lies inside of the block, or returns false at their end. */
  boolean next() throws CaptureFormatException {
    // Blocks and options are padded to 4 bytes, so what is left is none or at least a header.
    if (next == end) {
      return false;
    }
    code = fields.getShort(next + PcapNg.OPTION_CODE) & 0xffff;
    length = fields.getShort(next + PcapNg.OPTION_LENGTH) & 0xffff;
    if (code == PcapNg.OPTION_END) {
      return false;
    }
    value = next + PcapNg.OPTION_VALUE;
    final int room = end - value;
    if (PcapNg.padded(length) > room) {
      throw reader.malformed(
          "option code=" + code + " length=" + length + ", but " + room + " bytes are left");
    }
    next = value + PcapNg.padded(length);
    return true;
  }

  int code() {
    return code;
  }

  int length() {
    return length;
  }

  int valueOffset() {
    return value;
  }

  void requireLength(int expected) throws CaptureFormatException {
    if (length != expected) {
      throw reader.malformed(
          "option code=" + code + " length=" + length + ", expected " + expected);
    }
  }

  int getByte() {
    return fields.get(value) & 0xff;
  }

  long getLong() {
    return fields.getLong(value);
  }

  /** The value without its first {@code skipped} bytes. What is not UTF-8 is replaced. */
  String text(int skipped) {
    final byte[] bytes = new byte[length - skipped];
    fields.get(value + skipped, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
