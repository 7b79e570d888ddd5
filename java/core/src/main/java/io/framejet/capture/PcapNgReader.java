package io.framejet.capture;

import static io.framejet.capture.PcapNg.BODY;
import static io.framejet.capture.PcapNg.LENGTH;
import static io.framejet.capture.PcapNg.MIN_BLOCK;
import static io.framejet.capture.PcapNg.TRAILER;

import io.framejet.FramejetException;
import io.framejet.capture.PcapNg.Interface;
import io.framejet.capture.PcapNg.Packet;
import io.framejet.capture.PcapNg.Section;
import io.framejet.capture.PcapNg.SimplePacket;
import io.framejet.capture.PcapNg.Statistics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Reads pcapng. Every block that is handled is in memory whole, and its length proved, first. */
final class PcapNgReader extends FileCaptureReader {
  /** The longest block that is held: a frame and its options. */
  private static final int MAX_BLOCK = MAX_FRAME + (1 << 20);

  private static final int MAX_INTERFACES = 1 << 16;

  /** Bytes of names and the like of all interfaces together. */
  private static final int MAX_TEXT = 4 << 20;

  private final List<TimestampScale> scales = new ArrayList<>();
  private int section = -1;
  private int firstOfSection;
  private int textBytes;

  PcapNgReader(CaptureInput input) throws FramejetException {
    super(CaptureFormat.PCAPNG, input);
    openSection();
  }

  @Override
  boolean advance() throws FramejetException {
    while (input.require(BODY)) {
      final int type = input.fields().getInt(input.start());
      switch (type) {
        case Packet.TYPE, Packet.OBSOLETE_TYPE -> {
          readPacket(type == Packet.OBSOLETE_TYPE);
          return true;
        }
        case SimplePacket.TYPE -> {
          readSimplePacket();
          return true;
        }
        case Section.TYPE -> openSection();
        case Interface.TYPE -> readInterface();
        case Statistics.TYPE -> readStatistics();
        default -> skipBlock();
      }
    }
    if (input.available() > 0) {
      throw cutOff("a block header", BODY);
    }
    return false;
  }

  private void openSection() throws FramejetException {
    final String what = "the section header block";
    if (!input.require(MIN_BLOCK)) {
      throw cutOff(what, Section.OPTIONS + TRAILER);
    }
    final int magic = input.memory().getInt(input.start() + Section.MAGIC);
    if (magic == Section.BYTE_ORDER_MAGIC) {
      input.order(ByteOrder.BIG_ENDIAN);
    } else if (Integer.reverseBytes(magic) == Section.BYTE_ORDER_MAGIC) {
      input.order(ByteOrder.LITTLE_ENDIAN);
    } else {
      throw malformed(
          String.format("byte-order magic=0x%08x of a section, expected 0x1a2b3c4d", magic));
    }
    final int length = requireBlock(what, Section.OPTIONS);
    final ByteBuffer fields = input.fields();
    final int at = input.start();
    final int major = fields.getShort(at + Section.MAJOR_VERSION) & 0xffff;
    final int minor = fields.getShort(at + Section.MINOR_VERSION) & 0xffff;
    // Some programs wrote 1.2 for what is 1.0 (section 4.1).
    if (major != Section.MAJOR || (minor != 0 && minor != 2)) {
      throw malformed("version " + major + "." + minor + " of pcapng, expected 1.0");
    }
    section++;
    firstOfSection = interfaceCount();
    input.consume(length);
  }

  private void readInterface() throws FramejetException {
    final int length = requireBlock("an interface description block", Interface.OPTIONS);
    if (interfaceCount() == MAX_INTERFACES) {
      throw malformed("more than " + MAX_INTERFACES + " interfaces");
    }
    final int linkType = input.fields().getShort(input.start() + Interface.LINK_TYPE) & 0xffff;
    final long snaplen = input.fields().getInt(input.start() + Interface.SNAPLEN) & 0xffff_ffffL;
    final InterfaceOptions options = new InterfaceOptions();
    final OptionWalker walker = walk(Interface.OPTIONS, length);
    while (walker.next()) {
      options.take(walker);
    }
    textBytes += options.textBytes();
    if (textBytes > MAX_TEXT) {
      throw malformed("more than " + MAX_TEXT + " bytes of names of interfaces");
    }
    scales.add(options.scale());
    addInterface(options.describe(section, linkType, snaplen));
    input.consume(length);
  }

  private void readPacket(boolean obsolete) throws FramejetException {
    final int length = requireBlock("a packet block", Packet.FRAME);
    final ByteBuffer fields = input.fields();
    final int at = input.start();
    final long number =
        obsolete
            ? fields.getShort(at + Packet.INTERFACE) & 0xffff
            : fields.getInt(at + Packet.INTERFACE) & 0xffff_ffffL;
    final int index = interfaceIndex(number);
    final long captured = fields.getInt(at + Packet.CAPTURED) & 0xffff_ffffL;
    checkCaptured(captured, length - Packet.FRAME - TRAILER);
    final long time = time(at + Packet.TIMESTAMP_HIGH, at + Packet.TIMESTAMP_LOW);
    frame.move(
        input.memory(),
        at + Packet.FRAME,
        (int) captured,
        fields.getInt(at + Packet.ORIGINAL) & 0xffff_ffffL);
    frame.describe(index, true, scales.get(index).nanos(time));
    input.consume(length);
  }

  private void readSimplePacket() throws FramejetException {
    final int length = requireBlock("a simple packet block", SimplePacket.FRAME);
    final int index = interfaceIndex(0);
    final int at = input.start();
    final long original = input.fields().getInt(at + SimplePacket.ORIGINAL) & 0xffff_ffffL;
    final long snaplen = interfaceAt(index).snaplen();
    final long captured = snaplen == 0 ? original : Math.min(original, snaplen);
    checkCaptured(captured, length - SimplePacket.FRAME - TRAILER);
    frame.move(input.memory(), at + SimplePacket.FRAME, (int) captured, original);
    frame.describe(index, false, 0);
    input.consume(length);
  }

  private void readStatistics() throws FramejetException {
    final int length = requireBlock("an interface statistics block", Statistics.OPTIONS);
    final int at = input.start() + Statistics.INTERFACE;
    final int index = interfaceIndex(input.fields().getInt(at) & 0xffff_ffffL);
    final TimestampScale scale = scales.get(index);
    CaptureStatistics read = CaptureStatistics.unknown();
    final OptionWalker walker = walk(Statistics.OPTIONS, length);
    while (walker.next()) {
      switch (walker.code()) {
        case Statistics.START_TIME -> read = read.withTimes(nanos(walker, scale), read.endNanos());
        case Statistics.END_TIME -> read = read.withTimes(read.startNanos(), nanos(walker, scale));
        case Statistics.RECEIVED -> read = read.withReceived(count(walker));
        case Statistics.INTERFACE_DROPPED -> read = read.withInterfaceDropped(count(walker));
        case Statistics.SYSTEM_DROPPED -> read = read.withSystemDropped(count(walker));
        default -> {}
      }
    }
    setStatistics(index, read);
    input.consume(length);
  }

  private long nanos(OptionWalker walker, TimestampScale scale) throws CaptureFormatException {
    walker.requireLength(8);
    final int at = walker.valueOffset();
    // Times before 1970, which only a negative if_tsoffset makes, have no place in the statistics.
    return Math.max(scale.nanos(time(at, at + 4)), 0);
  }

  private static long count(OptionWalker walker) throws CaptureFormatException {
    walker.requireLength(8);
    final long value = walker.getLong();
    return value < 0 ? Long.MAX_VALUE : value;
  }

  /** A block of a type that is not known may be of any length: it is read past, not held. */
  private void skipBlock() throws FramejetException {
    final String what = "a block of another type";
    final long offset = input.offset();
    final long length = length(what, MIN_BLOCK, 0xffff_ffffL);
    final long skipped = input.skip(length - TRAILER);
    if (skipped < length - TRAILER || !input.require(TRAILER)) {
      throw cutOffAt(offset, what, length, skipped + input.available());
    }
    checkTrailer(offset, what, length, input.start());
    input.consume(TRAILER);
  }

  /** The length of a block that is whole in memory, at least {@code fixed} bytes and a trailer. */
  private int requireBlock(String what, int fixed) throws FramejetException {
    final int length = (int) length(what, fixed + TRAILER, MAX_BLOCK);
    if (!input.require(length)) {
      throw cutOff(what, length);
    }
    checkTrailer(input.offset(), what, length, input.start() + length - TRAILER);
    return length;
  }

  private long length(String what, int least, long most) throws CaptureFormatException {
    final long length = input.fields().getInt(input.start() + LENGTH) & 0xffff_ffffL;
    if (length < least || length > most || (length & 3) != 0) {
      throw malformed(
          what
              + " has total length="
              + length
              + ", expected a multiple of 4 from "
              + least
              + " to "
              + most);
    }
    return length;
  }

  private void checkTrailer(long offset, String what, long length, int at)
      throws CaptureFormatException {
    final long trailer = input.fields().getInt(at) & 0xffff_ffffL;
    if (trailer != length) {
      throw malformedAt(
          offset, what + " ends with total length=" + trailer + ", expected " + length);
    }
  }

  private void checkCaptured(long captured, int room) throws CaptureFormatException {
    if (captured > room || captured > MAX_FRAME) {
      throw malformed(
          "captured length=" + captured + ", expected at most " + Math.min(room, MAX_FRAME));
    }
  }

  private int interfaceIndex(long number) throws CaptureFormatException {
    final int described = interfaceCount() - firstOfSection;
    if (number >= described) {
      throw malformed("interface=" + number + ", but the section described " + described);
    }
    return firstOfSection + (int) number;
  }

  private long time(int high, int low) {
    final ByteBuffer fields = input.fields();
    return (long) fields.getInt(high) << 32 | (fields.getInt(low) & 0xffff_ffffL);
  }

  private OptionWalker walk(int from, int blockLength) {
    final int start = input.start();
    return new OptionWalker(this, input.fields(), start + from, start + blockLength - TRAILER);
  }
}
