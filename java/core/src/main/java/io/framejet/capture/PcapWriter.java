package io.framejet.capture;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes pcap. */
final class PcapWriter extends FileCaptureWriter {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int NANOS_PER_MICRO = 1000;
  private static final long MAX_SECONDS = 0xffff_ffffL;

  private final int nanosPerUnit;

  PcapWriter(CaptureOptions options, CaptureOutput output) {
    super(CaptureFormat.PCAP, options, output);
    nanosPerUnit = options.nanoseconds() ? 1 : NANOS_PER_MICRO;
  }

  @Override
  void putHeader() {
    final int at = output.used();
    output
        .memory()
        .putInt(at + Pcap.MAGIC, options.nanoseconds() ? Pcap.MAGIC_NANOS : Pcap.MAGIC_MICROS)
        .putShort(at + Pcap.MAJOR_VERSION, (short) Pcap.MAJOR)
        .putShort(at + Pcap.MINOR_VERSION, (short) Pcap.MINOR)
        .putInt(at + Pcap.RESERVED_ZONE, 0)
        .putInt(at + Pcap.RESERVED_ACCURACY, 0)
        .putInt(at + Pcap.SNAPLEN, options.snaplen())
        .putInt(at + Pcap.LINK_TYPE, options.linkType());
    output.commit(Pcap.HEADER);
  }

  @Override
  int recordBytes(int length) {
    return Pcap.RECORD + length;
  }

  @Override
  int trailerBytes() {
    return 0;
  }

  @Override
  void checkTimestamp(long timestampNanos) {
    if (timestampNanos < 0 || timestampNanos / NANOS_PER_SECOND > MAX_SECONDS) {
      throw new IllegalArgumentException(
          "timestampNanos=" + timestampNanos + ": pcap has room for 0 to 2^32 - 1 seconds");
    }
  }

  @Override
  void putRecord(
      int at, ByteBuffer buffer, int offset, int length, int originalLength, long timestampNanos) {
    final long seconds = timestampNanos / NANOS_PER_SECOND;
    final int nanos = (int) (timestampNanos - seconds * NANOS_PER_SECOND);
    output
        .memory()
        .putInt(at + Pcap.SECONDS, (int) seconds)
        .putInt(at + Pcap.FRACTION, nanos / nanosPerUnit)
        .putInt(at + Pcap.CAPTURED, length)
        .putInt(at + Pcap.ORIGINAL, originalLength)
        .put(at + Pcap.RECORD, buffer, offset, length);
  }

  @Override
  void putTrailer(@Nullable CaptureStatistics said) {
    // A pcap file just ends.
  }
}
