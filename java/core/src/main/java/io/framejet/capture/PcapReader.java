package io.framejet.capture;

import io.framejet.FramejetException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads pcap. */
final class PcapReader extends FileCaptureReader {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int NANOS_PER_MICRO = 1000;

  private final int nanosPerUnit;

  PcapReader(CaptureInput input, ByteOrder order, boolean nanoseconds) throws FramejetException {
    super(CaptureFormat.PCAP, input);
    nanosPerUnit = nanoseconds ? 1 : NANOS_PER_MICRO;
    input.order(order);
    if (!input.require(Pcap.HEADER)) {
      throw cutOff("the file header", Pcap.HEADER);
    }
    addInterface(readHeader(nanoseconds));
    input.consume(Pcap.HEADER);
  }

  private CaptureInterface readHeader(boolean nanoseconds) throws CaptureFormatException {
    final ByteBuffer fields = input.fields();
    final int at = input.start();
    final int major = fields.getShort(at + Pcap.MAJOR_VERSION) & 0xffff;
    final int minor = fields.getShort(at + Pcap.MINOR_VERSION) & 0xffff;
    if (major != Pcap.MAJOR || minor != Pcap.MINOR) {
      throw malformed("version " + major + "." + minor + " of pcap, expected 2.4");
    }
    final int linkType = fields.getInt(at + Pcap.LINK_TYPE);
    final int fcs = (linkType & Pcap.FCS_PRESENT) != 0 ? 2 * (linkType >>> Pcap.FCS_SHIFT) : 0;
    return new CaptureInterface(
        0,
        linkType & 0xffff,
        fields.getInt(at + Pcap.SNAPLEN) & 0xffff_ffffL,
        fcs,
        nanoseconds ? PcapNg.Interface.NANOSECONDS : PcapNg.Interface.MICROSECONDS,
        0,
        null,
        null,
        null,
        null,
        null);
  }

  @Override
  boolean advance() throws FramejetException {
    if (!input.require(Pcap.RECORD)) {
      if (input.available() == 0) {
        return false;
      }
      throw cutOff("a record header", Pcap.RECORD);
    }
    final long captured = input.fields().getInt(input.start() + Pcap.CAPTURED) & 0xffff_ffffL;
    if (captured > MAX_FRAME) {
      throw malformed("captured length=" + captured + ", expected at most " + MAX_FRAME);
    }
    final int length = (int) captured;
    if (!input.require(Pcap.RECORD + length)) {
      throw cutOff("a record", Pcap.RECORD + captured);
    }
    final ByteBuffer fields = input.fields();
    final int at = input.start();
    final long seconds = fields.getInt(at + Pcap.SECONDS) & 0xffff_ffffL;
    final long fraction = fields.getInt(at + Pcap.FRACTION) & 0xffff_ffffL;
    final long original = fields.getInt(at + Pcap.ORIGINAL) & 0xffff_ffffL;
    frame.move(input.memory(), at + Pcap.RECORD, length, original);
    frame.describe(0, true, seconds * NANOS_PER_SECOND + fraction * nanosPerUnit);
    input.consume(Pcap.RECORD + length);
    return true;
  }
}
