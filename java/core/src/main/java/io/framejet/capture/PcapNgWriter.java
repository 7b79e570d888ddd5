package io.framejet.capture;

import static io.framejet.capture.PcapNg.LENGTH;
import static io.framejet.capture.PcapNg.OPTION_CODE;
import static io.framejet.capture.PcapNg.OPTION_LENGTH;
import static io.framejet.capture.PcapNg.OPTION_VALUE;
import static io.framejet.capture.PcapNg.TRAILER;
import static io.framejet.capture.PcapNg.TYPE;
import static io.framejet.capture.PcapNg.padded;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.framejet.FramejetException;
import io.framejet.capture.PcapNg.Interface;
import io.framejet.capture.PcapNg.Packet;
import io.framejet.capture.PcapNg.Section;
import io.framejet.capture.PcapNg.Statistics;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes pcapng: one section, one interface, times in nanoseconds. */
final class PcapNgWriter extends FileCaptureWriter {
  private static final byte[] EXPRESSION = {Interface.FILTER_EXPRESSION};
  private static final byte[] NO_BYTES = {};

  private long lastTimestamp;

  /** Where the next option goes. */
  private int cursor;

  PcapNgWriter(CaptureOptions options, CaptureOutput output) {
    super(CaptureFormat.PCAPNG, options, output);
  }

  /** Bytes that the texts of these options take in a file, with their headers and padding. */
  static int textBytes(CaptureOptions options) {
    return textBytes(options.application())
        + textBytes(options.name())
        + textBytes(options.description())
        + textBytes(options.filter());
  }

  private static int textBytes(@Nullable String text) {
    return text == null ? 0 : OPTION_VALUE + 1 + padded(text.getBytes(UTF_8).length + 1);
  }

  @Override
  void putHeader() {
    // The memory is empty and large enough for both blocks.
    final int section = output.used();
    putSection(section);
    putInterface(cursor);
    output.commit(cursor - section);
  }

  private void putSection(int at) {
    output
        .memory()
        .putInt(at + Section.MAGIC, Section.BYTE_ORDER_MAGIC)
        .putShort(at + Section.MAJOR_VERSION, (short) Section.MAJOR)
        .putShort(at + Section.MINOR_VERSION, (short) 0)
        .putLong(at + Section.SECTION_LENGTH, -1);
    cursor = at + Section.OPTIONS;
    putText(Section.APPLICATION, NO_BYTES, options.application());
    endBlock(at, Section.TYPE);
  }

  private void putInterface(int at) {
    output
        .memory()
        .putShort(at + Interface.LINK_TYPE, (short) options.linkType())
        .putShort(at + Interface.RESERVED, (short) 0)
        .putInt(at + Interface.SNAPLEN, options.snaplen());
    cursor = at + Interface.OPTIONS;
    putText(Interface.NAME, NO_BYTES, options.name());
    putText(Interface.DESCRIPTION, NO_BYTES, options.description());
    putOption(Interface.TIMESTAMP_RESOLUTION, NO_BYTES, new byte[] {Interface.NANOSECONDS});
    putText(Interface.FILTER, EXPRESSION, options.filter());
    endBlock(at, Interface.TYPE);
  }

  @Override
  int recordBytes(int length) {
    return Packet.FRAME + padded(length) + TRAILER;
  }

  @Override
  int trailerBytes() {
    return Statistics.MAX_BLOCK;
  }

  @Override
  void checkTimestamp(long timestampNanos) {
    if (timestampNanos < 0) {
      throw new IllegalArgumentException("timestampNanos=" + timestampNanos + ": 0 or more");
    }
  }

  @Override
  void putRecord(
      int at, ByteBuffer buffer, int offset, int length, int originalLength, long timestampNanos) {
    final ByteBuffer memory = output.memory();
    final int bytes = recordBytes(length);
    // Zeros for the padding first: the frame then covers all but that.
    memory.putInt(at + bytes - TRAILER - Integer.BYTES, 0);
    memory
        .putInt(at + TYPE, Packet.TYPE)
        .putInt(at + LENGTH, bytes)
        .putInt(at + Packet.INTERFACE, 0)
        .putInt(at + Packet.TIMESTAMP_HIGH, (int) (timestampNanos >>> 32))
        .putInt(at + Packet.TIMESTAMP_LOW, (int) timestampNanos)
        .putInt(at + Packet.CAPTURED, length)
        .putInt(at + Packet.ORIGINAL, originalLength)
        .put(at + Packet.FRAME, buffer, offset, length)
        .putInt(at + bytes - TRAILER, bytes);
    lastTimestamp = timestampNanos;
  }

  @Override
  void putTrailer(@Nullable CaptureStatistics said) throws FramejetException {
    if (said == null) {
      return;
    }
    final int at = reserve(Statistics.MAX_BLOCK);
    final boolean ended = said.endNanos() != CaptureStatistics.UNKNOWN;
    putTime(at + Statistics.TIMESTAMP_HIGH, ended ? said.endNanos() : lastTimestamp);
    output.memory().putInt(at + Statistics.INTERFACE, 0);
    cursor = at + Statistics.OPTIONS;
    putTimeOption(Statistics.START_TIME, said.startNanos());
    putTimeOption(Statistics.END_TIME, said.endNanos());
    putCount(Statistics.RECEIVED, said.received());
    putCount(Statistics.INTERFACE_DROPPED, said.interfaceDropped());
    putCount(Statistics.SYSTEM_DROPPED, said.systemDropped());
    output.commit(endBlock(at, Statistics.TYPE));
  }

  private void putTimeOption(int code, long nanos) {
    if (nanos != CaptureStatistics.UNKNOWN) {
      putTime(optionValue(code, Long.BYTES), nanos);
    }
  }

  private void putCount(int code, long count) {
    if (count != CaptureStatistics.UNKNOWN) {
      output.memory().putLong(optionValue(code, Long.BYTES), count);
    }
  }

  /** The upper half comes first in either byte order. */
  private void putTime(int at, long nanos) {
    output.memory().putInt(at, (int) (nanos >>> 32)).putInt(at + 4, (int) nanos);
  }

  private void putText(int code, byte[] prefix, @Nullable String text) {
    if (text != null) {
      putOption(code, prefix, text.getBytes(UTF_8));
    }
  }

  private void putOption(int code, byte[] prefix, byte[] value) {
    final int at = optionValue(code, prefix.length + value.length);
    output.memory().put(at, prefix).put(at + prefix.length, value);
  }

  /** Puts the header and the padding of an option: where its value goes. */
  private int optionValue(int code, int length) {
    final int at = cursor;
    final int value = at + OPTION_VALUE;
    output.memory().putShort(at + OPTION_CODE, (short) code);
    output.memory().putShort(at + OPTION_LENGTH, (short) length);
    cursor = value + padded(length);
    for (int i = value + length; i < cursor; i++) {
      output.memory().put(i, (byte) 0);
    }
    return value;
  }

  /** Puts the end of options and both lengths of a block: its length. */
  private int endBlock(int at, int type) {
    optionValue(PcapNg.OPTION_END, 0);
    final int length = cursor + TRAILER - at;
    output.memory().putInt(at + TYPE, type).putInt(at + LENGTH, length).putInt(cursor, length);
    cursor += TRAILER;
    return length;
  }
}
