package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.frame.FrameTemplate.Field;
import io.framejet.frame.FrameTemplate.Source;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrameTemplateTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final int IP = Ipv4.parse("192.0.2.1");
  private static final int TARGET_IP = EthernetHeader.LENGTH + ArpPacket.TARGET_IP;

  private static Frame arpRequest(int target) {
    return Frame.ethernet(MAC, MacAddress.BROADCAST).arpRequest(MAC, IP, target).build();
  }

  private static FrameTemplate arpTemplate() {
    return FrameTemplate.of(arpRequest(0)).vary(TARGET_IP, 4, Source.TARGET).build();
  }

  @Test
  void shouldWriteTheSameBytesAsBuildingAfresh() {
    final FrameTemplate template = arpTemplate();
    final Random random = new Random(5);
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      final ByteBuffer direct = ByteBuffer.allocateDirect(70).order(order);
      final ByteBuffer heap = ByteBuffer.allocate(70).order(order);
      for (int i = 0; i < 1000; i++) {
        final int target = random.nextInt();
        final String expected = "a5a5a5" + arpRequest(target).toHex() + "a5".repeat(7);
        template.apply(Golden.fill(direct), 3, target);
        template.apply(Golden.fill(heap), 3, target);
        assertThat(Golden.hex(direct, 0, 70)).isEqualTo(expected);
        assertThat(Golden.hex(heap, 0, 70)).isEqualTo(expected);
      }
    }
    assertThat(template.sequence()).isZero();
  }

  @Test
  void shouldWriteEveryByteAtEveryLength() {
    final Random random = new Random(6);
    for (int length = 14; length < 200; length++) {
      final byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      final FrameTemplate template = FrameTemplate.of(Frame.of(bytes)).build();
      assertThat(template.length()).isEqualTo(Math.max(60, length));
      final ByteBuffer buffer = Golden.buffer(220);
      template.apply(buffer, 1, 0);
      assertThat(Golden.hex(buffer, 0, template.length() + 2))
          .isEqualTo("a5" + Frame.of(bytes).toHex() + "00".repeat(Math.max(0, 60 - length)) + "a5");
    }
  }

  @Test
  void shouldKeepChecksumsAsIfSummedAfresh() {
    final Random random = new Random(7);
    final List<Source> sources = List.of(Source.values());
    for (int round = 0; round < 3000; round++) {
      final byte[] bytes = new byte[60 + random.nextInt(60)];
      random.nextBytes(bytes);
      final ByteBuffer expected = ByteBuffer.wrap(bytes.clone());
      // A checksum at 24 over bytes 14 to 59, as an IPv4 header has it, on a sum that is right.
      expected.putShort(24, (short) 0);
      expected.putShort(24, (short) Checksum.of(expected, 14, 46));
      final FrameTemplate.Builder builder =
          FrameTemplate.of(Frame.of(expected, 0, bytes.length)).checksum(24);
      int at = 26;
      final long target = random.nextInt(4) == 0 ? -random.nextInt(2) : random.nextLong();
      final long base = random.nextLong();
      while (at < 45) {
        final int width = 1 + random.nextInt(8);
        final Source source = sources.get(random.nextInt(3));
        builder.vary(at, width, source, source == Source.TARGET ? 0 : base);
        at += width + random.nextInt(6);
      }
      final FrameTemplate template = builder.build();
      final long sequence = random.nextLong();

      final ByteBuffer actual = Golden.buffer(bytes.length);
      template.apply(actual, 0, target, sequence);

      for (Field field : template.fields()) {
        Bytes.put(expected, field.offset(), field.width(), field.value(target, sequence));
      }
      expected.putShort(24, (short) 0);
      expected.putShort(24, (short) Checksum.of(expected, 14, 46));
      assertThat(Golden.hex(actual, 0, bytes.length))
          .isEqualTo(Golden.hex(expected, 0, bytes.length));
    }
  }

  @Test
  void shouldStoreFieldsBesideEachOtherInWhateverOrderTheyAreNamed() {
    final Random random = new Random(8);
    for (int round = 0; round < 3000; round++) {
      final byte[] bytes = new byte[60 + random.nextInt(60)];
      random.nextBytes(bytes);
      final List<Field> fields = new ArrayList<>();
      for (int at = random.nextInt(12); at < 60 && fields.size() < FrameTemplate.MAX_FIELDS; ) {
        final int width = 1 + random.nextInt(Math.min(8, 60 - at));
        fields.add(new Field(at, width, Source.COUNTER, random.nextLong()));
        at += width + (random.nextBoolean() ? 0 : random.nextInt(9));
      }
      Collections.shuffle(fields, random);
      final FrameTemplate.Builder builder = FrameTemplate.of(Frame.of(bytes));
      final ByteBuffer expected = ByteBuffer.wrap(bytes.clone());
      for (Field field : fields) {
        builder.vary(field.offset(), field.width(), field.source(), field.base());
        Bytes.put(expected, field.offset(), field.width(), field.value(0, 3));
      }
      final ByteBuffer buffer = Golden.buffer(bytes.length + 2);
      builder.build().apply(buffer, 1, 0, 3);
      assertThat(Golden.hex(buffer, 0, bytes.length + 2))
          .isEqualTo("a5" + Golden.hex(expected, 0, bytes.length) + "a5");
    }
  }

  @Test
  void shouldKeepEachOfManyChecksumsWhateverTheOrderOfTheFields() {
    final int[] sums = {20, 30, 40, 50};
    final int[] offsets = {56, 16, 43, 33, 24};
    final FrameTemplate.Builder builder = FrameTemplate.of(Frame.of(new byte[60]));
    for (int offset : offsets) {
      builder.vary(offset, 4, Source.RANDOM);
    }
    for (int i = 0; i < sums.length; i++) {
      builder.checksum(sums[i], offsets[i], offsets[i + 1]);
    }
    final FrameTemplate template = builder.build();
    final ByteBuffer buffer = Golden.buffer(60);
    for (int number = 0; number < 500; number++) {
      template.apply(buffer, 0, 0, number);
      for (int i = 0; i < sums.length; i++) {
        final ByteBuffer covered = ByteBuffer.allocate(60);
        for (int offset : new int[] {offsets[i], offsets[i + 1]}) {
          covered.putInt(offset, buffer.getInt(offset));
        }
        final int checksum = buffer.getShort(sums[i]) & 0xffff;
        // The frame of zeros had a checksum of 0, which is that of a sum of 0xffff.
        assertThat(checksum).isEqualTo(Checksum.finish(0xffff + Checksum.sum(covered, 0, 60)));
      }
    }
  }

  @Test
  void shouldLeaveOutFieldsThatAChecksumDoesNotCover() {
    final FrameTemplate template =
        FrameTemplate.of(Frame.of(new byte[60]))
            .vary(30, 2, Source.TARGET)
            .vary(34, 2, Source.COUNTER, 7)
            .checksum(24, 30)
            .build();
    assertThat(template.checksums())
        .singleElement()
        .satisfies(checksum -> assertThat(checksum.fields()).containsExactly(0));
    final ByteBuffer buffer = Golden.buffer(60);
    template.apply(buffer, 0, 0x1234);
    assertThat(buffer.getShort(24)).isEqualTo((short) ~0x1234);
    assertThat(buffer.getShort(34)).isEqualTo((short) 7);
  }

  @Test
  void shouldStoreAUdpChecksumOfZeroAsOnes() {
    final byte[] bytes = new byte[60];
    bytes[40] = (byte) 0xff;
    bytes[41] = (byte) 0xff;
    final ByteBuffer buffer = Golden.buffer(60);
    FrameTemplate.of(Frame.of(bytes))
        .vary(42, 2, Source.TARGET)
        .udpChecksum(40)
        .build()
        .apply(buffer, 0, 0xffff);
    assertThat(buffer.getShort(40)).isEqualTo((short) -1);
    FrameTemplate.of(Frame.of(bytes))
        .vary(42, 2, Source.TARGET)
        .checksum(40)
        .build()
        .apply(buffer, 0, 0xffff);
    assertThat(buffer.getShort(40)).isZero();
    assertThatThrownBy(() -> FrameTemplate.of(Frame.of(new byte[60])).udpChecksum(40))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldCountFramesAndRepeatRandomNumbersForASeed() {
    final FrameTemplate template =
        FrameTemplate.of(Frame.of(new byte[60]))
            .vary(20, 8, Source.COUNTER, 5)
            .vary(30, 8, Source.RANDOM, 99)
            .build();
    // SplittableRandom is SplitMix64 with the golden gamma when made from a seed.
    final SplittableRandom random = new SplittableRandom(99);
    final ByteBuffer buffer = Golden.buffer(60);
    for (int i = 0; i < 100; i++) {
      assertThat(template.sequence()).isEqualTo(i);
      template.apply(buffer, 0, 0);
      assertThat(buffer.getLong(20)).isEqualTo(5 + i);
      assertThat(buffer.getLong(30)).isEqualTo(random.nextLong());
    }
    final long last = buffer.getLong(30);
    template.apply(buffer, 0, 0, 99);
    assertThat(buffer.getLong(30)).isEqualTo(last);
    assertThat(template.sequence()).isEqualTo(100);
  }

  /** Of every source, with a checksum over all of it and one over a part. */
  private static FrameTemplate allSources(byte[] bytes, SipHash key, int shift, long mask) {
    return FrameTemplate.of(Frame.of(bytes))
        .cookieKey(key)
        .vary(0, 6, Source.MAC)
        .vary(20, 16, Source.TARGET)
        .vary(37, 2, Source.PORT)
        .varyByCookie(40, 8, 0)
        .varyByCookie(49, 2, shift)
        .varyByCookie(52, 4, shift, mask, 7)
        .vary(56, 2, Source.COUNTER, 5)
        .checksum(18, 20, 28, 37, 40, 49, 52, 56)
        .build();
  }

  @Test
  void shouldFollowQuestionsAsIfBuiltAfresh() {
    final Random random = new Random(8);
    final ByteBuffer actual = Golden.buffer(70);
    for (int round = 0; round < 3000; round++) {
      final SipHash key = new SipHash(random.nextLong(), random.nextLong());
      final int shift = random.nextInt(64);
      final long mask = random.nextBoolean() ? -1 : 0xff;
      final byte[] bytes = new byte[66];
      random.nextBytes(bytes);
      final ByteBuffer expected = ByteBuffer.wrap(bytes);
      expected.putShort(18, (short) 0).putShort(18, (short) Checksum.of(expected, 18, 48));
      final FrameTemplate template = allSources(bytes, key, shift, mask);
      for (int sequence = 0; sequence < 2; sequence++) {
        final long mac = random.nextLong() >>> 16;
        final long high = random.nextInt(3) == 0 ? 0 : random.nextLong();
        final long low =
            random.nextInt(3) == 0 ? random.nextInt() & 0xffff_ffffL : random.nextLong();
        final int port = random.nextInt(0x10000);
        final long cookie = key.cookie(high, low, port);
        Bytes.put(expected, 0, 6, mac);
        expected.putLong(20, high).putLong(28, low).putShort(37, (short) port);
        expected.putLong(40, cookie).putShort(49, (short) (cookie >>> shift));
        expected.putInt(52, (int) (7 + (cookie >>> shift & mask)));
        expected.putShort(56, (short) (5 + sequence));
        expected.putShort(18, (short) 0).putShort(18, (short) Checksum.of(expected, 18, 48));
        template.apply(Golden.fill(actual), 1, mac, high, low, port);
        assertThat(Golden.hex(actual, 0, 70))
            .isEqualTo("a5" + Frame.of(bytes).toHex() + "a5".repeat(3));
      }
      assertThat(template.sequence()).isEqualTo(2);
    }
  }

  @Test
  void shouldAddQuestionsToABatchUntilItIsFull() {
    final SlotLayout layout = SlotLayout.packed(2, 66);
    final ByteBuffer memory = ByteBuffer.allocateDirect(2 * layout.pitch());
    final FrameBatch batch = new FrameBatch(memory, layout, 2);
    final FrameTemplate template = allSources(new byte[66], new SipHash(1, 2), 0, -1);
    assertThat(template.addTo(batch, 1, 2, 3, 4)).isTrue();
    assertThat(template.addTo(batch, 5, 6, 7, 8)).isTrue();
    assertThat(template.addTo(batch, 9, 10, 11, 12)).isFalse();
    assertThat(template.sequence()).isEqualTo(2);
    assertThat(batch.buffer().getLong(batch.offset(1) + 20)).isEqualTo(6);
    assertThat(batch.buffer().getShort(batch.offset(1) + 37)).isEqualTo((short) 8);
    assertThat(batch.buffer().getLong(batch.offset(1) + 40))
        .isEqualTo(new SipHash(1, 2).cookie(6, 7, 8));
  }

  /** As a sweep of several UDP ports does it, whose payloads differ. */
  @Test
  void shouldTakeTurnsInABatch() {
    final SlotLayout layout = SlotLayout.packed(2, 80);
    final ByteBuffer memory = ByteBuffer.allocateDirect(2 * layout.pitch());
    final FrameBatch batch = new FrameBatch(memory, layout, 2);
    final Random random = new Random(13);
    final FrameTemplate[] templates = new FrameTemplate[3];
    for (int i = 0; i < templates.length; i++) {
      final byte[] bytes = new byte[66 + i];
      random.nextBytes(bytes);
      templates[i] = allSources(bytes, new SipHash(i, 9), 0, -1);
    }
    // Apart from the batch, and with sequence numbers of their own.
    final FrameTemplate[] same = new FrameTemplate[3];
    for (int i = 0; i < templates.length; i++) {
      same[i] = allSources(templates[i].frame().toByteArray(), new SipHash(i, 9), 0, -1);
    }
    for (int i = 0; i < 1000; i++) {
      final int which = random.nextInt(templates.length);
      final int length = templates[which].length();
      final ByteBuffer expected = Golden.buffer(length);
      same[which].apply(expected, 0, 1, 2, i, 3);
      assertThat(templates[which].addTo(batch, 1, 2, i, 3)).isTrue();
      assertThat(batch.length(0)).isEqualTo(length);
      assertThat(Golden.hex(batch.buffer(), batch.offset(0), length))
          .isEqualTo(Golden.hex(expected, 0, length));
      batch.taken(1);
    }
  }

  @Test
  void shouldTellWhatMakesItsCookies() {
    final SipHash key = new SipHash(1, 2);
    final FrameTemplate template = allSources(new byte[66], key, 9, 0xff);
    assertThat(template.cookieKey()).isSameAs(key);
    assertThat(arpTemplate().cookieKey()).isNull();
    assertThat(template.fields())
        .contains(new Field(52, 4, Source.COOKIE, 7, 9, 0xff, List.of()))
        .contains(new Field(37, 2, Source.PORT, 0));
    final FrameTemplate.Builder keyless =
        FrameTemplate.of(Frame.of(new byte[60])).vary(20, 8, Source.COOKIE);
    assertThatThrownBy(keyless::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cookieKey");
    assertThatThrownBy(() -> keyless.varyByCookie(40, 8, 64))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> keyless.vary(40, 2, Source.PORT, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldAddToABatchUntilItIsFull() {
    final SlotLayout layout = SlotLayout.packed(3, 60);
    final ByteBuffer memory = ByteBuffer.allocateDirect(3 * layout.pitch());
    final FrameBatch batch = new FrameBatch(memory, layout, 3);
    final FrameTemplate template =
        FrameTemplate.of(arpRequest(0))
            .vary(TARGET_IP, 4, Source.TARGET)
            .vary(50, 2, Source.COUNTER)
            .build();
    for (int i = 0; i < 3; i++) {
      assertThat(template.addTo(batch, i)).isTrue();
    }
    assertThat(template.addTo(batch, 3)).isFalse();
    assertThat(template.sequence()).isEqualTo(3);
    assertThat(batch.buffer().getInt(batch.offset(2) + TARGET_IP)).isEqualTo(2);
    assertThat(batch.length(2)).isEqualTo(60);
  }

  @Test
  void shouldRefuseFieldsThatDoNotFitOrOverlap() {
    final Frame frame = arpRequest(0);
    assertThatThrownBy(() -> FrameTemplate.of(frame).vary(57, 4, Source.TARGET))
        .hasMessage("offset=57 width=4 length=60");
    assertThatThrownBy(() -> FrameTemplate.of(frame).vary(-1, 4, Source.TARGET))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameTemplate.of(frame).vary(20, 9, Source.TARGET))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameTemplate.of(frame).vary(20, 4, Source.TARGET, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> FrameTemplate.of(frame).checksum(59))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> FrameTemplate.of(frame).vary(20, 4, Source.TARGET).checksum(23).build())
        .hasMessageContaining("overlap");
    assertThatThrownBy(
            () -> FrameTemplate.of(frame).vary(20, 4, Source.TARGET).checksum(30, 21).build())
        .hasMessageContaining("does not vary");
    assertThatThrownBy(() -> FrameTemplate.of(Frame.ofHex("ff")))
        .hasMessage("length=1 minHeader=14");
    final FrameTemplate.Builder builder = FrameTemplate.of(frame);
    for (int i = 0; i < FrameTemplate.MAX_FIELDS; i++) {
      builder.vary(i, 1, Source.TARGET);
    }
    assertThatThrownBy(() -> builder.vary(20, 1, Source.TARGET))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldNotWriteBeyondTheBuffer() {
    final ByteBuffer buffer = ByteBuffer.allocateDirect(59);
    for (int offset : new int[] {0, 60, -1, Integer.MIN_VALUE, 1 << 30, 1 << 31, -1 << 30}) {
      assertThatThrownBy(() -> arpTemplate().apply(buffer, offset, 0))
          .as("offset %d", offset)
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void shouldWriteNothingInFrontOfTheBuffer() {
    final ByteBuffer buffer = ByteBuffer.allocateDirect(256);
    for (int offset : new int[] {-1, -60, Integer.MIN_VALUE, 1 << 30, -1 << 30}) {
      assertThatThrownBy(() -> arpTemplate().apply(buffer, offset, 0))
          .as("offset %d", offset)
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(buffer).isEqualTo(ByteBuffer.allocate(256));
  }

  /**
   * Slots keep what was written last, and a template relies on it: whoever else writes in between,
   * each frame must be whole.
   */
  @Test
  void shouldWriteWholeFramesWhereverOthersWroteBefore() {
    final SlotLayout layout = SlotLayout.packed(4, 100);
    final FrameTemplate arp = arpTemplate();
    final byte[] other = new byte[90];
    Arrays.fill(other, (byte) 0x5a);
    final FrameTemplate longer =
        FrameTemplate.of(Frame.of(other)).vary(20, 2, Source.COUNTER).build();
    for (boolean handedOut : new boolean[] {false, true}) {
      final Random random = new Random(11);
      final ByteBuffer memory = ByteBuffer.allocateDirect(4 * layout.pitch());
      final FrameBatch batch = new FrameBatch(memory, layout, 4);
      for (int i = 0; i < 5000; i++) {
        final int target = random.nextInt();
        switch (random.nextInt(5)) {
          case 0 -> assertThat(longer.addTo(batch, 0)).isTrue();
          case 1 -> assertThat(batch.add(other)).isTrue();
          case 2 -> {
            assertThat(arp.addTo(batch, target)).isTrue();
            if (handedOut) {
              batch.buffer().put(batch.offset(0) + random.nextInt(60), (byte) 0x77);
            }
          }
          default -> {
            assertThat(arp.addTo(batch, target)).isTrue();
            assertThat(batch.length(0)).isEqualTo(60);
            assertThat(Golden.hex(memory, batch.offset(0), 60))
                .isEqualTo(arpRequest(target).toHex());
          }
        }
        if (random.nextInt(10) == 0) {
          batch.clear();
        } else {
          batch.taken(1);
        }
      }
    }
  }
}
