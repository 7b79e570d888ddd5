package io.framejet.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.capture.Captures.Taken;
import io.framejet.frame.LinkType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CaptureWriterTest {
  private static final long TIME = 1_700_000_000_123_456_789L;
  private static final CaptureOptions PLAIN = CaptureOptions.defaults().withApplication(null);

  private static String hex(ByteArrayOutputStream bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  @Test
  void shouldSayInWordsWhyAFileCannotBeHad(@TempDir Path there) throws Exception {
    assertThatThrownBy(() -> CaptureWriter.pcap(there.resolve("none/x.pcap"), PLAIN))
        .hasMessageEndingWith("none/x.pcap: there is no such file or folder");
    assertThatThrownBy(() -> CaptureWriter.pcap(there, PLAIN))
        .hasMessage("cannot create " + there + ": Is a directory");
    assertThatThrownBy(() -> CaptureWriter.pcap(Path.of("/dev/full"), PLAIN))
        .hasMessage("cannot write /dev/full: No space left on device");
    assertThatThrownBy(() -> CaptureReader.open(there))
        .hasMessage("cannot read " + there + ": Is a directory");
  }

  @Test
  void shouldWritePcapInNanoseconds() throws Exception {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (CaptureWriter writer = CaptureWriter.pcap(bytes, PLAIN.withSnaplen(4))) {
      writer.write(Captures.pattern(6), 3, 6, 1514, TIME);
      assertThat(writer.bytes()).isEqualTo(24 + 16 + 4);
      assertThat(bytes.size()).as("buffered").isEqualTo(24);
    }
    assertThat(hex(bytes))
        .isEqualTo(
            "4d3cb2a1"
                + "0200"
                + "0400"
                + "00000000"
                + "00000000"
                + "04000000"
                + "01000000"
                + "00f15365"
                + "15cd5b07"
                + "04000000"
                + "ea050000"
                + "00010203");
  }

  @Test
  void shouldWritePcapInMicrosecondsRoundedDown() throws Exception {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final CaptureOptions options = PLAIN.withNanoseconds(false).withLinkType(LinkType.NUMBER_RAW);
    try (CaptureWriter writer = CaptureWriter.pcap(bytes, options)) {
      writer.write(Captures.pattern(1), 3, 1, 1, TIME);
    }
    assertThat(hex(bytes))
        .isEqualTo(
            "d4c3b2a1"
                + "0200"
                + "0400"
                + "00000000"
                + "00000000"
                + "00000400"
                + "65000000"
                + "00f15365"
                + "40e20100"
                + "01000000"
                + "01000000"
                + "00");
  }

  @Test
  void shouldWritePcapng() throws Exception {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final CaptureOptions options = PLAIN.withName("veth0").withFilter("arp").withSnaplen(64);
    try (CaptureWriter writer = CaptureWriter.pcapng(bytes, options)) {
      // Leaves other bytes where the padding of the second goes.
      writer.write(Captures.pattern(8), 3, 8, 8, TIME);
      writer.flush();
      writer.write(Captures.pattern(5), 3, 5, 60, TIME);
      writer.statistics(
          CaptureStatistics.unknown().withTimes(1, TIME).withReceived(9).withSystemDropped(7));
    }
    final String time = "fe9c9717" + "15cd853d";
    assertThat(hex(bytes))
        .isEqualTo(
            // Section: magic, 1.0, length unknown, end of options.
            "0a0d0d0a"
                + "20000000"
                + "4d3c2b1a"
                + "0100"
                + "0000"
                + "ffffffffffffffff"
                + "00000000"
                + "20000000"
                // Interface: if_name, if_tsresol, if_filter.
                + "01000000"
                + "34000000"
                + "0100"
                + "0000"
                + "40000000"
                + "0200"
                + "0500"
                + "7665746830"
                + "000000"
                + "0900"
                + "0100"
                + "09"
                + "000000"
                + "0b00"
                + "0400"
                + "00617270"
                + "00000000"
                + "34000000"
                + "06000000"
                + "28000000"
                + "00000000"
                + time
                + "08000000"
                + "08000000"
                + "0001020304050607"
                + "28000000"
                + "06000000"
                + "28000000"
                + "00000000"
                + time
                + "05000000"
                + "3c000000"
                + "0001020304"
                + "000000"
                + "28000000"
                // Statistics: start, end, received, dropped by the system.
                + "05000000"
                + "4c000000"
                + "00000000"
                + time
                + "0200"
                + "0800"
                + "00000000"
                + "01000000"
                + "0300"
                + "0800"
                + time
                + "0400"
                + "0800"
                + "0900000000000000"
                + "0700"
                + "0800"
                + "0700000000000000"
                + "00000000"
                + "4c000000");
  }

  @ParameterizedTest
  @EnumSource
  void shouldReadWhatItWrote(CaptureFormat format, @TempDir Path folder) throws Exception {
    final Path file = folder.resolve("x");
    final List<Taken> written = new ArrayList<>();
    final CaptureOptions options =
        CaptureOptions.defaults()
            .withBufferBytes(1 << 16)
            .withSnaplen(300)
            .withName("veth0")
            .withDescription("d\u00e9")
            .withFilter("icmp6 or arp");
    final CaptureStatistics said = new CaptureStatistics(5, TIME, 3000, 20, 10);
    final ByteBuffer frame = Captures.pattern(400);
    try (CaptureWriter writer = Captures.writer(format, file, options)) {
      for (int i = 0; i < 3000; i++) {
        final int length = i % 400;
        writer.write(frame, 3, length, length + i, TIME + i);
        final byte[] kept = new byte[Math.min(length, 300)];
        frame.get(3, kept);
        written.add(new Taken(HexFormat.of().formatHex(kept), length + i, TIME + i, 0));
      }
      writer.statistics(said);
      assertThat(writer.frames()).isEqualTo(3000);
      assertThat(writer.flushedFrames()).isBetween(2000L, 2999L);
    }
    assertThat(Captures.read(file)).isEqualTo(written);
    try (CaptureReader reader = CaptureReader.open(file)) {
      while (reader.next() != null) {}
      assertThat(reader.format()).isEqualTo(format);
      assertThat(reader.frames()).isEqualTo(3000);
      assertThat(reader.interfaces()).hasSize(1);
      final CaptureInterface link = reader.interfaces().get(0);
      assertThat(link.linkType()).isEqualTo(LinkType.NUMBER_ETHERNET);
      assertThat(link.snaplen()).isEqualTo(300);
      final boolean named = format == CaptureFormat.PCAPNG;
      assertThat(link.name()).isEqualTo(named ? "veth0" : null);
      assertThat(link.description()).isEqualTo(named ? "d\u00e9" : null);
      assertThat(link.filter()).isEqualTo(named ? "icmp6 or arp" : null);
      assertThat(reader.statistics(0)).isEqualTo(named ? said : null);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldCountAllBytesOfTheFile(CaptureFormat format, @TempDir Path folder) throws Exception {
    final Path file = folder.resolve("x");
    final CaptureWriter writer = Captures.writer(format, file, CaptureOptions.defaults());
    writer.write(Captures.pattern(61), 3, 61, 61, TIME);
    writer.flush();
    assertThat(Files.size(file)).isEqualTo(writer.bytes());
    assertThat(writer.flushedFrames()).isEqualTo(1);
    writer.statistics(new CaptureStatistics(1, 2, 3, 4, 5));
    writer.close();
    writer.close();
    assertThat(Files.size(file)).isEqualTo(writer.bytes());
    assertThatThrownBy(() -> writer.write(Captures.pattern(1), 3, 1, 1, TIME))
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @ParameterizedTest
  @EnumSource
  void shouldTakeTheLongestFrameAndTheLongestTexts(CaptureFormat format, @TempDir Path folder)
      throws Exception {
    final Path file = folder.resolve("x");
    final String text = "x".repeat(65_000);
    final CaptureOptions options =
        new CaptureOptions(1, CaptureReader.MAX_FRAME, true, 1 << 16, text, text, text, text);
    final ByteBuffer frame = ByteBuffer.allocate(CaptureReader.MAX_FRAME + 10);
    frame.put(CaptureReader.MAX_FRAME - 1, (byte) 0x77);
    try (CaptureWriter writer = Captures.writer(format, file, options)) {
      writer.write(frame, 0, frame.capacity(), frame.capacity(), 0);
      writer.write(frame, 0, 0, 0, 0);
    }
    try (CaptureReader reader = CaptureReader.open(file)) {
      final CapturedFrame read = reader.next();
      assertThat(read).isNotNull();
      if (read != null) {
        assertThat(read.length()).isEqualTo(CaptureReader.MAX_FRAME);
        assertThat(read.originalLength()).isEqualTo(frame.capacity());
        assertThat(read.buffer().get(read.offset() + read.length() - 1)).isEqualTo((byte) 0x77);
      }
      assertThat(reader.next()).isNotNull();
      assertThat(reader.next()).isNull();
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseWhatTheFormatCannotSay(CaptureFormat format) throws Exception {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final ByteBuffer frame = Captures.pattern(60);
    try (CaptureWriter writer = Captures.writer(format, bytes, PLAIN)) {
      final int before = bytes.size();
      assertThatThrownBy(() -> writer.write(frame, 3, 60, 59, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("originalLength=59");
      assertThatThrownBy(() -> writer.write(frame, 3, 60, 60, -1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("timestampNanos=-1");
      assertThatThrownBy(() -> writer.write(frame, 4, 60, 60, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> writer.write(frame, -1, 60, 60, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      if (format == CaptureFormat.PCAP) {
        writer.write(frame, 3, 0, 0, 0xffff_ffffL * 1_000_000_000L + 999_999_999);
        assertThatThrownBy(() -> writer.write(frame, 3, 60, 60, (1L << 32) * 1_000_000_000L))
            .isInstanceOf(IllegalArgumentException.class);
        assertThat(writer.frames()).isEqualTo(1);
      } else {
        writer.write(frame, 3, 0, 0, Long.MAX_VALUE);
      }
      writer.flush();
      assertThat(bytes.size()).isEqualTo(before + (format == CaptureFormat.PCAP ? 16 : 32));
    }
    assertThat(Captures.read(bytes.toByteArray()).frames()).hasSize(1);
    assertThatThrownBy(() -> PLAIN.withSnaplen(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PLAIN.withLinkType(1 << 16))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PLAIN.withName("x".repeat(65_001)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource
  void shouldSayThatTheDiskIsFull(CaptureFormat format) {
    assertThatThrownBy(
            () -> Captures.writer(format, Path.of("/dev/full"), CaptureOptions.defaults()))
        .isInstanceOf(FramejetException.class)
        .hasMessageContaining("/dev/full")
        .hasMessageContaining("No space left");
    assertThatThrownBy(
            () -> Captures.writer(format, Path.of("/no/folder"), CaptureOptions.defaults()))
        .isInstanceOf(FramejetException.class)
        .hasMessageContaining("/no/folder");
  }

  /** A channel of the JDK is closed by it, and what it had not yet written is lost. */
  @ParameterizedTest
  @EnumSource
  void shouldOutliveAnInterrupt(CaptureFormat format, @TempDir Path folder) throws Exception {
    final Path file = folder.resolve("x");
    final ByteBuffer frame = Captures.pattern(1000);
    final CaptureWriter writer = CaptureWriter.rotating(file, format, PLAIN, 3000);
    final ByteArrayOutputStream stream = new ByteArrayOutputStream();
    final CaptureWriter streaming =
        format == CaptureFormat.PCAP
            ? CaptureWriter.pcap(stream, PLAIN)
            : CaptureWriter.pcapng(stream, PLAIN);
    writer.write(frame, 3, 1000, 1000, TIME);
    Thread.currentThread().interrupt();
    try {
      for (int i = 1; i < 5; i++) {
        writer.write(frame, 3, 1000, 1000, TIME + i);
        writer.flush();
        streaming.write(frame, 3, 1000, 1000, TIME + i);
        streaming.flush();
      }
      writer.close();
      streaming.close();
      assertThat(Thread.currentThread().isInterrupted()).as("still interrupted").isTrue();
    } finally {
      final boolean unused = Thread.interrupted();
    }
    assertThat(Captures.read(file)).hasSize(2);
    assertThat(Captures.read(folder.resolve("x1"))).hasSize(2);
    assertThat(Captures.read(folder.resolve("x2"))).hasSize(1);
    assertThat(Captures.read(stream.toByteArray()).frames()).hasSize(4);
  }

  @Test
  void shouldCutAFileBackThoughItsThreadWasInterrupted(@TempDir Path folder) throws Exception {
    final Path file = folder.resolve("x");
    try (CaptureFile channel = StreamChannel.create(file)) {
      assertThat(channel.write(ByteBuffer.allocate(100_000))).isEqualTo(100_000);
      Thread.currentThread().interrupt();
      channel.truncate(70_001);
      assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    }
    assertThat(Files.size(file)).isEqualTo(70_001);
  }

  @ParameterizedTest
  @EnumSource
  void shouldCutAFileBackToTheFramesThatItCounts(CaptureFormat format) throws Exception {
    final SmallDisk disk = new SmallDisk(100_000);
    final CaptureOutput output =
        new CaptureOutput(FileCaptureWriter.memory(PLAIN.withBufferBytes(1 << 16)));
    output.openFile("small", disk);
    final CaptureWriter writer = FileCaptureWriter.begin(output, format, PLAIN);
    final ByteBuffer frame = Captures.pattern(1000);
    for (int i = 0; i < 50; i++) {
      writer.write(frame, 3, 1000, 1000, TIME + i);
    }
    writer.flush();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                writer.write(frame, 3, 1000, 1000, TIME + i);
              }
            })
        .isInstanceOf(FramejetException.class)
        .hasMessageContaining("cannot write small")
        .hasMessageContaining("No space left");
    assertThatThrownBy(() -> writer.write(frame, 3, 1000, 1000, TIME))
        .hasMessageContaining("No space left");
    assertThatThrownBy(writer::flush).hasMessageContaining("No space left");
    writer.close();
    assertThat(writer.flushedFrames()).isEqualTo(50);
    assertThat(Captures.read(disk.content()).frames()).hasSize(50);
    assertThat(disk.isOpen()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void shouldRotateFilesByTheirSize(CaptureFormat format, @TempDir Path folder) throws Exception {
    final Path file = folder.resolve("x.pcap");
    final ByteBuffer frame = Captures.pattern(5000);
    final List<Long> times = new ArrayList<>();
    final CaptureStatistics said = CaptureStatistics.unknown().withSystemDropped(3);
    final CaptureWriter writer =
        CaptureWriter.rotating(file, format, CaptureOptions.defaults(), 4000);
    writer.statistics(said);
    for (int i = 0; i < 100; i++) {
      // One is too long for a file, and gets one of its own.
      writer.write(frame, 3, i == 50 ? 5000 : 100 + i, 5000, TIME + i);
    }
    assertThat(writer.frames()).isEqualTo(100);
    writer.close();
    assertThat(writer.flushedFrames()).isEqualTo(100);
    long onDisk = 0;
    int files = 0;
    for (Path part = file; Files.exists(part); part = folder.resolve("x.pcap" + files)) {
      final List<Taken> frames = Captures.read(part);
      assertThat(frames).isNotEmpty();
      if (Files.size(part) > 4000) {
        assertThat(frames).hasSize(1);
      }
      frames.forEach(taken -> times.add(taken.timestampNanos()));
      onDisk += Files.size(part);
      files++;
      try (CaptureReader reader = CaptureReader.open(part)) {
        while (reader.next() != null) {}
        assertThat(reader.statistics(0)).isEqualTo(format == CaptureFormat.PCAPNG ? said : null);
      }
    }
    assertThat(files).isBetween(4, 20);
    assertThat(onDisk).isEqualTo(writer.bytes());
    try (var listed = Files.list(folder)) {
      assertThat(listed.count()).isEqualTo(files);
    }
    assertThat(times).hasSize(100).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void shouldNotLoseTheFirstFilesWhenTheNextCannotBeBegun(@TempDir Path folder) throws Exception {
    final Path file = folder.resolve("x");
    Files.createDirectory(folder.resolve("x1"));
    final ByteBuffer frame = Captures.pattern(1000);
    try (CaptureWriter writer =
        CaptureWriter.rotating(file, CaptureFormat.PCAP, CaptureOptions.defaults(), 2000)) {
      writer.write(frame, 3, 1000, 1000, TIME);
      assertThatThrownBy(() -> writer.write(frame, 3, 1000, 1000, TIME))
          .isInstanceOf(FramejetException.class)
          .hasMessageContaining("x1");
      assertThatThrownBy(() -> writer.write(frame, 3, 1000, 1000, TIME))
          .isInstanceOf(FramejetException.class)
          .hasMessageContaining("closed");
      assertThat(writer.frames()).isEqualTo(1);
      assertThat(writer.flushedFrames()).isEqualTo(1);
    }
    assertThat(Captures.read(file)).hasSize(1);
  }

  /** A file on a disk that gets full in the middle of a write. */
  private static final class SmallDisk implements CaptureFile {
    private final byte[] bytes;
    private int size;
    private boolean open = true;

    SmallDisk(int capacity) {
      bytes = new byte[capacity];
    }

    byte[] content() {
      return Arrays.copyOf(bytes, size);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      final int count = Math.min(from.remaining(), bytes.length - size);
      if (count == 0) {
        throw new IOException("No space left on device");
      }
      from.get(bytes, size, count);
      size += count;
      return count;
    }

    @Override
    public void truncate(long length) {
      size = (int) Math.min(size, length);
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }
}
