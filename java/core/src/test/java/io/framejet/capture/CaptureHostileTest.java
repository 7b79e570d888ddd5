package io.framejet.capture;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.capture.Captures.Outcome;
import io.framejet.capture.Captures.Taken;
import io.framejet.testing.Allocation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are cut off, or lie. */
class CaptureHostileTest {
  private static byte[] sample(CaptureFormat format) throws FramejetException {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final CaptureOptions options = CaptureOptions.defaults().withName("eth0").withFilter("arp");
    try (CaptureWriter writer = Captures.writer(format, bytes, options)) {
      for (int i = 0; i < 5; i++) {
        writer.write(Captures.pattern(60), 3, 10 * i, 100, i);
      }
      writer.statistics(new CaptureStatistics(1, 2, 3, 4, 5));
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveTheFramesBeforeACutAtEveryByte(CaptureFormat format) throws Exception {
    final byte[] whole = sample(format);
    final List<Taken> all = Captures.read(whole).frames();
    assertThat(all).hasSize(5);
    int clean = 0;
    for (int length = 0; length < whole.length; length++) {
      final Outcome outcome = Captures.read(Arrays.copyOf(whole, length));
      final int frames = outcome.frames().size();
      assertThat(outcome.frames()).isEqualTo(all.subList(0, frames));
      if (outcome.fault() == null) {
        clean++;
        continue;
      }
      final CaptureFormatException fault = outcome.fault();
      assertThat(fault.code()).isEqualTo(ErrorCode.CAPTURE_FORMAT);
      assertThat(fault.frames()).isEqualTo(frames);
      assertThat(fault.offset()).isBetween(0L, (long) length);
      assertThat(fault).hasMessageContaining("expected").hasMessageContaining("test: ");
    }
    // Only where a record or a block ends is a shorter file a whole one.
    assertThat(clean).isEqualTo(format == CaptureFormat.PCAP ? 5 : 7);
  }

  @Test
  void shouldSayWhereAndWhatWasExpected() throws Exception {
    final byte[] whole = sample(CaptureFormat.PCAP);
    assertThat(Captures.read(Arrays.copyOf(whole, 45)).malformed())
        .hasMessage(
            "test: a record header is cut off: expected 16 bytes, 5 are there"
                + " (byte offset=40, valid frames before=1)");
    assertThat(Captures.read(Arrays.copyOf(whole, 60)).malformed())
        .hasMessage(
            "test: a record is cut off: expected 26 bytes, 20 are there"
                + " (byte offset=40, valid frames before=1)");
    try (CaptureReader reader = Captures.reader(Arrays.copyOf(whole, 45))) {
      assertThat(reader.next()).isNotNull();
      for (int i = 0; i < 3; i++) {
        assertThat(faultOf(reader)).hasMessageContaining("offset=40");
      }
    }
  }

  private static FramejetException faultOf(CaptureReader reader) {
    try {
      reader.next();
    } catch (FramejetException e) {
      return e;
    }
    throw new AssertionError("no fault");
  }

  private static void expectPcap(int captured, String problem) throws FramejetException {
    final ByteBuffer file = Captures.file(LITTLE_ENDIAN);
    file.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    file.putInt(0).putInt(0).putInt(-1).putInt(1);
    file.putInt(1).putInt(2).putInt(captured).putInt(captured).put(new byte[100]);
    assertThat(Captures.read(Captures.bytes(file)).malformed())
        .hasMessageContaining(problem)
        .hasMessageContaining("offset=24");
  }

  @Test
  void shouldNotBelieveLengthsOfPcap() throws Exception {
    expectPcap(-1, "captured length=4294967295, expected at most 16777216");
    expectPcap(Integer.MIN_VALUE, "captured length=2147483648");
    expectPcap(CaptureReader.MAX_FRAME + 1, "captured length=16777217");
    expectPcap(CaptureReader.MAX_FRAME, "a record is cut off: expected 16777232 bytes, 116");
  }

  /** A section and an interface, 48 bytes, and then what is wrong. */
  private static void expect(String problem, Consumer<ByteBuffer> wrong) throws FramejetException {
    for (ByteOrder order : List.of(BIG_ENDIAN, LITTLE_ENDIAN)) {
      final ByteBuffer file = Captures.file(order);
      Captures.section(file);
      Captures.block(file, 1, Captures.interfaceBody(order, 1, 0));
      wrong.accept(file);
      assertThat(Captures.read(Captures.bytes(file)).malformed())
          .hasMessageContaining(problem)
          .hasMessageContaining("offset=48");
    }
  }

  @Test
  void shouldNotBelieveLengthsOfBlocks() throws Exception {
    for (int type : new int[] {1, 2, 3, 5, 6, 10, 0x0a0d0d0a}) {
      for (int length : new int[] {0, 1, 4, 8, 11}) {
        expect("total length=" + length, file -> broken(file, type, length));
      }
      expect("total length=1025", file -> broken(file, type, 1025));
      expect("total length=4294967295", file -> broken(file, type, -1));
      expect(
          type == 10 ? "cut off: expected 4294967292 bytes" : "total length=4294967292",
          file -> broken(file, type, -4));
    }
    expect("cut off: expected 1024 bytes", file -> broken(file, 6, 1024));
    expect("ends with total length=7, expected 36", file -> trailer(file, 6));
    expect("ends with total length=7, expected 36", file -> trailer(file, 10));
  }

  private static void broken(ByteBuffer file, int type, int length) {
    file.putInt(type).putInt(length).putInt(0x1a2b3c4d).put(new byte[100]);
  }

  private static void trailer(ByteBuffer file, int type) {
    file.putInt(type).putInt(36).put(new byte[24]).putInt(7);
  }

  @Test
  void shouldNotBelieveFieldsOfBlocks() throws Exception {
    expect("captured length=4294967295, expected at most 8", file -> packet(file, 0, -1));
    expect("captured length=9, expected at most 8", file -> packet(file, 0, 9));
    expect("interface=1, but the section described 1", file -> packet(file, 1, 8));
    expect("interface=4294967295", file -> packet(file, -1, 8));
    expect(
        "captured length=5, expected at most 4",
        file -> Captures.block(file, 3, Captures.file(file.order()).putInt(5).putInt(0)));
    expect("byte-order magic=0x00000000", file -> file.putInt(0x0a0d0d0a).put(new byte[40]));
    expect(
        "version 2.0 of pcapng",
        file ->
            Captures.block(
                file,
                0x0a0d0d0a,
                Captures.file(file.order())
                    .putInt(0x1a2b3c4d)
                    .putShort((short) 2)
                    .put(new byte[10])));
    expect("option code=2 length=65535, but 4 bytes are left", file -> option(file, 2, 65_535));
    expect("option code=77 length=5, but 4 bytes are left", file -> option(file, 77, 5));
    expect("option code=9 length=4, expected 1", file -> option(file, 9, 4));
    expect("option code=14 length=4, expected 8", file -> option(file, 14, 4));
    expect(
        "interface=0, but the section described 0",
        file -> {
          // Interfaces end with their section. At this place, for the offset that is expected.
          final int length = file.position();
          file.position(0).put(new byte[48]).position(0);
          Captures.block(
              file,
              0x0a0d0d0a,
              Captures.file(file.order())
                  .putInt(0x1a2b3c4d)
                  .putShort((short) 1)
                  .putShort((short) 2)
                  .putLong(-1)
                  .put(new byte[20]));
          assertThat(file.position()).isEqualTo(length);
          packet(file, 0, 8);
        });
  }

  private static void packet(ByteBuffer file, int index, int captured) {
    final ByteBuffer body = Captures.packetBody(file.order(), index, 0, 60, new byte[8]);
    body.putInt(12, captured);
    Captures.block(file, 6, body);
  }

  private static void option(ByteBuffer file, int code, int length) {
    final ByteBuffer body = Captures.interfaceBody(file.order(), 1, 0);
    body.putShort((short) code).putShort((short) length).putInt(0);
    Captures.block(file, 1, body);
  }

  @Test
  void shouldBoundTheInterfacesAndTheirNames() {
    final ByteBuffer plain = Captures.file(BIG_ENDIAN);
    Captures.block(plain, 1, Captures.interfaceBody(BIG_ENDIAN, 1, 0));
    assertThat(endless(plain)).hasMessageContaining("more than 65536 interfaces");

    final ByteBuffer named = Captures.file(BIG_ENDIAN);
    final ByteBuffer body = Captures.interfaceBody(BIG_ENDIAN, 1, 0);
    Captures.option(body, 2, new byte[60_000]);
    Captures.block(named, 1, body);
    assertThat(endless(named)).hasMessageContaining("more than 4194304 bytes of names");
  }

  /** A section and then one block over and over. */
  private static FramejetException endless(ByteBuffer block) {
    final ByteBuffer section = Captures.file(BIG_ENDIAN);
    Captures.section(section);
    final byte[] first = Captures.bytes(section);
    final byte[] again = Captures.bytes(block);
    final ReadableByteChannel channel =
        new ReadableByteChannel() {
          private ByteBuffer rest = ByteBuffer.wrap(first);

          @Override
          public int read(ByteBuffer into) {
            if (!rest.hasRemaining()) {
              rest = ByteBuffer.wrap(again);
            }
            final int count = Math.min(into.remaining(), rest.remaining());
            into.put(rest.slice(rest.position(), count));
            rest.position(rest.position() + count);
            return count;
          }

          @Override
          public boolean isOpen() {
            return true;
          }

          @Override
          public void close() {}
        };
    try (CaptureReader reader = CaptureReader.open(channel)) {
      return faultOf(reader);
    } catch (FramejetException e) {
      throw new AssertionError(e);
    }
  }

  /** Bytes that are not there are never made room for: the file ends after a few. */
  @Test
  void shouldNotAllocateByALengthThatLies() throws Exception {
    final ByteBuffer file = Captures.file(LITTLE_ENDIAN);
    file.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    file.putInt(0).putInt(0).putInt(-1).putInt(1);
    file.putInt(1).putInt(2).putInt(CaptureReader.MAX_FRAME).putInt(0).put(new byte[5000]);
    final byte[] bytes = Captures.bytes(file);
    final CaptureInput input =
        new CaptureInput("lie", Channels.newChannel(new ByteArrayInputStream(bytes)), 1 << 10);
    assertThat(input.require(CaptureReader.MAX_FRAME)).isFalse();
    assertThat(input.available()).isEqualTo(bytes.length);
    assertThat(input.memory().capacity()).isEqualTo(1 << 13);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void shouldTakeAnyMutation(long seed) throws Exception {
    final SplittableRandom random = new SplittableRandom(seed);
    final CaptureFormat format = seed % 2 == 0 ? CaptureFormat.PCAP : CaptureFormat.PCAPNG;
    final byte[] sample = sample(format);
    final Allocation allocation = Allocation.ofThisThread();
    final int files = 5000;
    for (int i = 0; i < files; i++) {
      final byte[] mutated = mutate(sample, random);
      // Whatever it is, it ends, and nothing but CaptureFormatException is thrown.
      final Outcome outcome = Captures.read(mutated);
      assertThat(outcome.frames().size()).isLessThan(50);
      for (Taken taken : outcome.frames()) {
        assertThat(taken.hex().length()).isLessThanOrEqualTo(2 * mutated.length);
      }
    }
    assertThat(allocation.bytes() / files).as("bytes of heap per file").isLessThan(1 << 16);
  }

  private static byte[] mutate(byte[] sample, SplittableRandom random) {
    final byte[] bytes =
        random.nextInt(4) == 0
            ? Arrays.copyOf(sample, random.nextInt(sample.length))
            : sample.clone();
    final ByteBuffer words = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
    for (int i = random.nextInt(5); i >= 0 && bytes.length > 0; i--) {
      final int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> {
          final int[] numbers = {0, 1, 3, 4, 8, 12, -1, -4, 1 << 24, (1 << 24) + 4, 1 << 31};
          if (at + 4 <= bytes.length) {
            words.putInt(at & ~3, numbers[random.nextInt(numbers.length)]);
          }
        }
        default -> {
          final int from = random.nextInt(bytes.length);
          final int length = Math.min(random.nextInt(64), bytes.length - Math.max(at, from));
          System.arraycopy(sample, from, bytes, at, Math.max(length, 0));
        }
      }
    }
    return bytes;
  }
}
