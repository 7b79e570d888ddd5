package io.framejet.capture;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.capture.Captures.Taken;
import io.framejet.frame.LinkType;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureReaderTest {
  private static final byte[] FRAME = {1, 2, 3, 4, 5};

  private static ByteOrder order(boolean big) {
    return big ? BIG_ENDIAN : LITTLE_ENDIAN;
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true", "false,false"})
  void shouldReadPcapOfEitherByteOrderAndUnit(boolean big, boolean nanos) throws Exception {
    final ByteBuffer file = Captures.file(order(big));
    file.putInt(nanos ? 0xa1b23c4d : 0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    // With an FCS of two times 16 bits.
    file.putInt(0).putInt(0).putInt(65_535).putInt(0x2400_0000 | LinkType.NUMBER_IPV4);
    file.putInt(0xffff_fffe).putInt(999_999).putInt(5).putInt(60).put(FRAME);
    file.putInt(7).putInt(0).putInt(0).putInt(-1);
    try (CaptureReader reader = Captures.reader(Captures.bytes(file))) {
      assertThat(reader.format()).isEqualTo(CaptureFormat.PCAP);
      assertThat(reader.interfaces()).hasSize(1);
      final CaptureInterface link = reader.interfaces().get(0);
      assertThat(link.linkType()).isEqualTo(LinkType.NUMBER_IPV4);
      assertThat(link.snaplen()).isEqualTo(65_535);
      assertThat(link.fcsLength()).isEqualTo(4);
      assertThat(link.timestampResolution()).isEqualTo(nanos ? 9 : 6);
      assertThat(reader.statistics(0)).isNull();
    }
    final long fraction = nanos ? 999_999 : 999_999_000;
    assertThat(Captures.read(Captures.bytes(file)).frames())
        .containsExactly(
            new Taken("0102030405", 60, 4_294_967_294L * 1_000_000_000L + fraction, 0),
            new Taken("", Integer.MAX_VALUE, 7_000_000_000L, 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldReadEveryBlockOfPcapng(boolean big) throws Exception {
    final ByteBuffer file = Captures.file(order(big));
    addSection(file);
    // A second section, of the other byte order, whose interfaces go on counting.
    file.order(order(!big));
    addSection(file);
    try (CaptureReader reader = Captures.reader(Captures.bytes(file))) {
      assertThat(reader.format()).isEqualTo(CaptureFormat.PCAPNG);
      assertThat(reader.interfaces()).isEmpty();
      while (reader.next() != null) {}
      assertThat(reader.interfaces()).hasSize(4);
      for (int i = 0; i < 4; i += 2) {
        assertThat(reader.interfaces().get(i))
            .isEqualTo(
                new CaptureInterface(
                    i / 2, 1, 4, 4, 9, -10, "eth0", "a link", "arp", "Linux", "a NIC"));
        assertThat(reader.interfaces().get(i + 1))
            .isEqualTo(new CaptureInterface(i / 2, 276, 0, 0, 6, 0, null, null, null, null, null));
        assertThat(reader.statistics(i)).isNull();
        assertThat(reader.statistics(i + 1))
            .isEqualTo(new CaptureStatistics(1000, 8_000_000_000L, 1, 2, Long.MAX_VALUE));
      }
    }
    final long offset = -10_000_000_000L;
    assertThat(Captures.read(Captures.bytes(file)).frames())
        .containsExactly(
            new Taken("0102030405", 60, (1L << 40) + 1 + offset, 0),
            new Taken("0102030405", 5, ((1L << 32) + 7) * 1000, 1),
            new Taken("01020304", 5, 0, 0),
            new Taken("0102030405", 60, (1L << 40) + 1 + offset, 2),
            new Taken("0102030405", 5, ((1L << 32) + 7) * 1000, 3),
            new Taken("01020304", 5, 0, 2));
  }

  private static void addSection(ByteBuffer file) {
    final ByteOrder order = file.order();
    Captures.section(file);
    final ByteBuffer first = Captures.interfaceBody(order, 1, 4);
    Captures.option(first, 2, "eth0".getBytes(UTF_8));
    Captures.option(first, 3, "a link".getBytes(UTF_8));
    Captures.option(first, 9, (byte) 9);
    Captures.option(first, 11, "\0arp".getBytes(UTF_8));
    Captures.option(first, 12, "Linux".getBytes(UTF_8));
    Captures.option(first, 13, (byte) 32);
    Captures.longOption(first, 14, -10L);
    Captures.option(first, 15, "a NIC".getBytes(UTF_8));
    Captures.option(first, 2988, FRAME);
    first.putInt(0);
    Captures.block(file, 1, first);
    Captures.block(file, 1, Captures.interfaceBody(order, 276, 0));

    final ByteBuffer enhanced = Captures.packetBody(order, 0, (1L << 40) + 1, 60, FRAME);
    Captures.longOption(enhanced, 4, 99L);
    Captures.block(file, 6, enhanced);
    Captures.block(file, 0x0bad_f00d, Captures.file(order).put(new byte[4000]));
    Captures.block(file, 4, Captures.file(order));
    final ByteBuffer obsolete = Captures.packetBody(order, 0, (1L << 32) + 7, 5, FRAME);
    obsolete.putShort(0, (short) 1).putShort(2, (short) 500);
    Captures.block(file, 2, obsolete);
    Captures.block(file, 3, Captures.file(order).putInt(5).put(FRAME).put(new byte[3]));

    final ByteBuffer statistics = Captures.file(order).putInt(1).putInt(0).putInt(0);
    statistics.putShort((short) 2).putShort((short) 8).putInt(0).putInt(1);
    statistics.putShort((short) 3).putShort((short) 8).putInt(0).putInt(8_000_000);
    Captures.longOption(statistics, 4, 1L);
    Captures.longOption(statistics, 5, 2L);
    Captures.longOption(statistics, 6, 3L);
    Captures.longOption(statistics, 7, -1L);
    Captures.block(file, 5, statistics);
  }

  @ParameterizedTest
  @CsvSource({
    "6, 0, 5, 5000",
    "0, 0, 5, 5000000000",
    "9, 3, 5, 3000000005",
    "12, 0, 5999, 5",
    "27, 0, -1, 18",
    "28, 0, -1, 0",
    "127, 0, -1, 0",
    "128, 0, 3, 3000000000",
    "129, 0, 3, 1500000000",
    "148, 0, 1048577, 1000000953",
    "191, 0, -1, 1999999999",
    "192, 0, -1, 999999999",
    "255, 0, -1, 0",
    "9, 0, 9223372036854775807, 9223372036854775807",
    "9, 0, -1, 9223372036854775807",
    "0, 0, 9223372037, 9223372036854775807",
    "128, 0, -1, 9223372036854775807",
    "9, 1, 9223372036854775807, 9223372036854775807",
    "9, 9223372036854775807, 0, 9223372036854775807",
    "9, -9223372036854775808, 0, -9223372036854775808",
    "6, -1, 0, -1000000000",
  })
  void shouldScaleTimesOfEveryResolution(int resolution, long offset, long units, long nanos) {
    assertThat(new TimestampScale(resolution, offset).nanos(units)).isEqualTo(nanos);
  }

  @Test
  void shouldSeeTheFramesOfALivePipeAsTheyCome() throws Exception {
    final Pipe pipe = Pipe.open();
    final CaptureWriter writer = CaptureWriter.pcapng(pipe.sink(), CaptureOptions.defaults());
    try (CaptureReader reader = CaptureReader.open(pipe.source())) {
      for (int i = 0; i < 3; i++) {
        writer.write(ByteBuffer.wrap(FRAME), 0, 5, 5, i);
        writer.flush();
        final CapturedFrame frame = reader.next();
        assertThat(frame).isNotNull();
        assertThat(String.valueOf(frame))
            .isEqualTo(
                "CapturedFrame[length=5 originalLength=5 timestampNanos=" + i + " interface=0]");
      }
      writer.close();
      assertThat(reader.next()).isNull();
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void shouldReadAndWriteStreams() throws Exception {
    final PipedOutputStream out = new PipedOutputStream();
    try (PipedInputStream in = new PipedInputStream(out);
        CaptureWriter writer = CaptureWriter.pcap(out, CaptureOptions.defaults())) {
      // Closed with the stream that it reads.
      final CaptureReader reader = CaptureReader.open(in);
      writer.write(ByteBuffer.wrap(FRAME), 0, 5, 5, 1);
      writer.flush();
      final CapturedFrame frame = reader.next();
      assertThat(frame).isNotNull();
      if (frame != null) {
        assertThat(frame.toByteArray()).isEqualTo(FRAME);
        assertThat(frame.hasTimestamp()).isTrue();
        writer.write(frame);
        assertThat(writer.frames()).isEqualTo(2);
      }
    }
  }

  @Test
  void shouldRefuseAChannelThatDoesNotBlock() throws Exception {
    final Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      assertThat(sink.isOpen()).isTrue();
      assertThatThrownBy(() -> CaptureReader.open(source))
          .isInstanceOf(FramejetException.class)
          .hasMessageContaining("blocking");
      assertThat(source.isOpen()).isTrue();
    }
  }

  @Test
  void shouldSayWhatCannotBeOpened() {
    assertThatThrownBy(() -> CaptureReader.open(Path.of("/no/such.pcap")))
        .isInstanceOf(FramejetException.class)
        .hasMessage("there is no file /no/such.pcap");
    assertThatThrownBy(() -> CaptureReader.open(Path.of("/tmp")))
        .isInstanceOf(FramejetException.class)
        .hasMessageContaining("cannot read /tmp");
    assertThatThrownBy(() -> CaptureReader.open(Path.of("/dev/null")))
        .isInstanceOf(CaptureFormatException.class)
        .hasMessageContaining("empty");
    for (String magic : List.of("1f8b0808", "28b52ffd", "34cdb2a1", "47455420")) {
      assertThat(complaint(magic)).contains("magic=0x" + magic).contains("offset=0");
    }
    assertThat(complaint("1f8b0808")).contains("compressed");
    assertThat(complaint("34cdb2a1")).contains("Kuznetzov");
  }

  private static String complaint(String hex) {
    try {
      return String.valueOf(Captures.read(HexFormat.of().parseHex(hex)).malformed().getMessage());
    } catch (FramejetException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldSayThatItIsClosed() throws Exception {
    final ByteBuffer file = Captures.file(BIG_ENDIAN);
    Captures.section(file);
    final CaptureReader reader = Captures.reader(Captures.bytes(file));
    reader.close();
    reader.close();
    assertThatThrownBy(reader::next)
        .isInstanceOfSatisfying(
            FramejetException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void shouldNameLinkTypes() {
    assertThat(LinkType.name(LinkType.NUMBER_ETHERNET)).isEqualTo("ETHERNET");
    assertThat(LinkType.name(147)).isEqualTo("147");
    assertThat(LinkType.ofNumber(LinkType.NUMBER_ETHERNET)).isEqualTo(LinkType.ETHERNET);
    assertThat(LinkType.ofNumber(LinkType.NUMBER_IPV6)).isEqualTo(LinkType.IP);
    assertThat(LinkType.ofNumber(147)).isNull();
  }
}
