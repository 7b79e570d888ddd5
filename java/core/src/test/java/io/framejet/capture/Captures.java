package io.framejet.capture;

import io.framejet.FramejetException;
import io.framejet.testing.Command;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** What the tests of capture files share. */
final class Captures {
  private Captures() {}

  /** A frame as it was read. */
  record Taken(String hex, int originalLength, long timestampNanos, int interfaceIndex) {
    static Taken of(CapturedFrame frame) {
      return new Taken(
          HexFormat.of().formatHex(frame.toByteArray()),
          frame.originalLength(),
          frame.timestampNanos(),
          frame.interfaceIndex());
    }
  }

  /** The frames of a file, and what ended them when it was not the end of the file. */
  record Outcome(List<Taken> frames, @Nullable CaptureFormatException fault) {
    CaptureFormatException malformed() {
      if (fault == null) {
        throw new AssertionError("read without a fault: " + frames.size() + " frames");
      }
      return fault;
    }
  }

  static CaptureReader reader(byte[] file) throws FramejetException {
    return FileCaptureReader.open(
        "test", Channels.newChannel(new ByteArrayInputStream(file)), 1 << 10);
  }

  static Outcome read(byte[] file) throws FramejetException {
    final List<Taken> frames = new ArrayList<>();
    try (CaptureReader reader = reader(file)) {
      while (reader.poll(frame -> frames.add(Taken.of(frame)), 10) > 0) {}
      return new Outcome(frames, null);
    } catch (CaptureFormatException e) {
      return new Outcome(frames, e);
    }
  }

  static List<Taken> read(Path file) throws FramejetException {
    final List<Taken> frames = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(file)) {
      while (reader.poll(frame -> frames.add(Taken.of(frame)), 10) > 0) {}
    }
    return frames;
  }

  static CaptureWriter writer(
      CaptureFormat format, ByteArrayOutputStream into, CaptureOptions options)
      throws FramejetException {
    return format == CaptureFormat.PCAP
        ? CaptureWriter.pcap(into, options)
        : CaptureWriter.pcapng(into, options);
  }

  static CaptureWriter writer(CaptureFormat format, Path file, CaptureOptions options)
      throws FramejetException {
    return format == CaptureFormat.PCAP
        ? CaptureWriter.pcap(file, options)
        : CaptureWriter.pcapng(file, options);
  }

  /** Bytes 0, 1, 2 and so on, off the start of a buffer. */
  static ByteBuffer pattern(int length) {
    final ByteBuffer buffer = ByteBuffer.allocateDirect(length + 3);
    for (int i = 0; i < length; i++) {
      buffer.put(3 + i, (byte) i);
    }
    return buffer;
  }

  /** Blocks of a file, put together by hand in one byte order. */
  static ByteBuffer file(ByteOrder order) {
    return ByteBuffer.allocate(1 << 16).order(order);
  }

  static byte[] bytes(ByteBuffer file) {
    final byte[] bytes = new byte[file.position()];
    file.get(0, bytes);
    return bytes;
  }

  /** Adds a pcapng block around a body that is padded already. */
  static void block(ByteBuffer file, int type, ByteBuffer body) {
    final int length = body.position() + 12;
    file.putInt(type).putInt(length).put(bytes(body)).putInt(length);
  }

  static void section(ByteBuffer file) {
    block(
        file,
        0x0a0d0d0a,
        file(file.order()).putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0).putLong(-1));
  }

  static ByteBuffer interfaceBody(ByteOrder order, int linkType, int snaplen) {
    return file(order).putShort((short) linkType).putShort((short) 0).putInt(snaplen);
  }

  static void option(ByteBuffer body, int code, byte... value) {
    body.putShort((short) code).putShort((short) value.length).put(value);
    pad(body);
  }

  static void longOption(ByteBuffer body, int code, long value) {
    body.putShort((short) code).putShort((short) 8).putLong(value);
  }

  static void pad(ByteBuffer body) {
    while (body.position() % 4 != 0) {
      body.put((byte) 0);
    }
  }

  static ByteBuffer packetBody(ByteOrder order, int index, long time, int original, byte[] frame) {
    final ByteBuffer body =
        file(order)
            .putInt(index)
            .putInt((int) (time >>> 32))
            .putInt((int) time)
            .putInt(frame.length)
            .putInt(original)
            .put(frame);
    pad(body);
    return body;
  }

  /** Skips where a tool is missing, but not in CI: there it has to be installed. */
  static void needs(String tool, String debianPackage) {
    if (Files.exists(Path.of("/usr/bin", tool))) {
      return;
    }
    if ("true".equals(System.getenv("CI"))) {
      Assertions.fail("not installed: " + debianPackage);
    }
    Assumptions.abort(debianPackage + " is not installed");
  }

  /** What a tool prints, which must have nothing to complain of. */
  static String run(String... words) {
    final Command.Result result = Command.of(words).environment("LC_ALL", "C").run();
    final String complaints =
        result
            .errors()
            .lines()
            .filter(line -> !line.contains("Running as user"))
            .filter(line -> !line.startsWith("reading from file"))
            .reduce("", String::concat);
    Assertions.assertThat(result.exitCode()).as("%s: %s", List.of(words), result).isZero();
    Assertions.assertThat(complaints).as(String.join(" ", words)).isEmpty();
    return result.output();
  }
}
