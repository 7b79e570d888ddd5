package io.framejet.capture;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the readers of both formats share. */
abstract class FileCaptureReader implements CaptureReader {
  private static final int MAGIC = 4;
  private static final int GZIP = 0x1f8b;
  private static final int ZSTD = 0x28b5_2ffd;
  private static final int KUZNETZOV = 0xa1b2_cd34;

  final CaptureInput input;
  final CapturedFrame frame;

  private final CaptureFormat format;
  private final List<CaptureInterface> interfaces = new ArrayList<>();
  private final List<@Nullable CaptureStatistics> statistics = new ArrayList<>();
  private long frames;

  /** Where it went wrong once, nothing that follows can be trusted. */
  private @Nullable FramejetException fault;

  private boolean closed;

  FileCaptureReader(CaptureFormat format, CaptureInput input) {
    this.format = format;
    this.input = input;
    frame = new CapturedFrame(input.memory());
  }

  static CaptureReader open(Path file) throws FramejetException {
    final FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new FramejetException(ErrorCode.SYSTEM_ERROR, "there is no file " + file, e);
    } catch (IOException e) {
      throw new FramejetException(
          ErrorCode.SYSTEM_ERROR, "cannot open " + file + ": " + Reason.of(e), e);
    }
    try {
      return open(file.toString(), channel, CaptureInput.INITIAL_BYTES);
    } catch (FramejetException | RuntimeException | Error e) {
      try {
        channel.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  static CaptureReader open(String name, ReadableByteChannel channel, int initialBytes)
      throws FramejetException {
    final CaptureInput input = new CaptureInput(name, channel, initialBytes);
    if (!input.require(MAGIC)) {
      final String there = input.available() == 0 ? "empty" : input.available() + " bytes long";
      throw new CaptureFormatException(
          name, 0, "no capture file: it is " + there + ", expected a magic number of 4 bytes", 0);
    }
    final int magic = input.memory().getInt(input.start());
    return switch (magic) {
      case PcapNg.Section.TYPE -> new PcapNgReader(input);
      case Pcap.MAGIC_MICROS -> new PcapReader(input, ByteOrder.BIG_ENDIAN, false);
      case Pcap.MAGIC_NANOS -> new PcapReader(input, ByteOrder.BIG_ENDIAN, true);
      default ->
          switch (Integer.reverseBytes(magic)) {
            case Pcap.MAGIC_MICROS -> new PcapReader(input, ByteOrder.LITTLE_ENDIAN, false);
            case Pcap.MAGIC_NANOS -> new PcapReader(input, ByteOrder.LITTLE_ENDIAN, true);
            default -> throw new CaptureFormatException(name, 0, unknown(magic), 0);
          };
    };
  }

  private static String unknown(int magic) {
    final String what;
    if (magic >>> 16 == GZIP || magic == ZSTD) {
      what = "it is compressed: unpack it first";
    } else if (magic == KUZNETZOV || Integer.reverseBytes(magic) == KUZNETZOV) {
      what = "a pcap file as Alexey Kuznetzov's libpcap wrote it: convert it with editcap";
    } else {
      what = "expected the magic number of pcap or pcapng";
    }
    return String.format("no capture file that can be read: magic=0x%08x, %s", magic, what);
  }

  /** Moves {@link #frame} to the next frame, or returns false at the end of the file. */
  abstract boolean advance() throws FramejetException;

  final void addInterface(CaptureInterface added) {
    interfaces.add(added);
    statistics.add(null);
  }

  final void setStatistics(int interfaceIndex, CaptureStatistics value) {
    statistics.set(interfaceIndex, value);
  }

  final int interfaceCount() {
    return interfaces.size();
  }

  final CaptureInterface interfaceAt(int index) {
    return interfaces.get(index);
  }

  /** What to throw when the header, record or block at the input's place is at fault. */
  final CaptureFormatException malformed(String problem) {
    return malformedAt(input.offset(), problem);
  }

  final CaptureFormatException malformedAt(long offset, String problem) {
    return new CaptureFormatException(input.name(), offset, problem, frames);
  }

  final CaptureFormatException cutOff(String what, long expected) {
    return cutOffAt(input.offset(), what, expected, input.available());
  }

  final CaptureFormatException cutOffAt(long offset, String what, long expected, long there) {
    return malformedAt(
        offset, what + " is cut off: expected " + expected + " bytes, " + there + " are there");
  }

  @Override
  public final @Nullable CapturedFrame next() throws FramejetException {
    if (closed || fault != null) {
      throw closed || fault == null
          ? new FramejetException(ErrorCode.CLOSED, input.name() + ": the reader is closed")
          : fault;
    }
    try {
      if (!advance()) {
        return null;
      }
    } catch (FramejetException e) {
      fault = e;
      throw e;
    }
    frames++;
    return frame;
  }

  @Override
  public final int poll(CapturedFrameHandler handler, int limit) throws FramejetException {
    int count = 0;
    while (count < limit) {
      final CapturedFrame taken = next();
      if (taken == null) {
        break;
      }
      count++;
      handler.onFrame(taken);
    }
    return count;
  }

  @Override
  public final CaptureFormat format() {
    return format;
  }

  @Override
  public final long frames() {
    return frames;
  }

  @Override
  public final List<CaptureInterface> interfaces() {
    return Collections.unmodifiableList(interfaces);
  }

  @Override
  public final @Nullable CaptureStatistics statistics(int interfaceIndex) {
    return statistics.get(interfaceIndex);
  }

  @Override
  public final void close() throws FramejetException {
    if (!closed) {
      closed = true;
      input.close();
    }
  }
}
