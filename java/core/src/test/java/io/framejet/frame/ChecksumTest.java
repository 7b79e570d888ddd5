package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ChecksumTest {
  @Test
  void shouldGiveTheSumOfTheExampleInRfc1071() {
    final ByteBuffer data = Frame.ofHex("00 01 f2 03 f4 f5 f6 f7").toByteBuffer();
    assertThat(Checksum.of(data, 0, 8)).isEqualTo(~0xddf2 & 0xffff);
  }

  @Test
  void shouldGiveTheChecksumOfAnIpv4Header() {
    final ByteBuffer header =
        Frame.ofHex("4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7").toByteBuffer();
    assertThat(Checksum.of(header, 0, 20)).isEqualTo(0xb861);
  }

  @Test
  void shouldGiveTheExampleOfRfc1624AndNotThatOfRfc1141() {
    assertThat(Checksum.update(0xdd2f, 0x5555, 0x3285)).isZero();
  }

  @Test
  void shouldEqualTheNaiveSumForEveryLengthAndAlignment() {
    final Random random = new Random(3);
    final byte[] bytes = new byte[80];
    for (int length = 0; length <= 64; length++) {
      random.nextBytes(bytes);
      final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int offset = 0; offset < 9; offset++) {
        assertThat(Checksum.of(buffer, offset, length)).isEqualTo(naive(bytes, offset, length));
      }
    }
  }

  @Test
  void shouldFoldAnySumAsIfEachCarryWereAddedOnItsOwn() {
    final SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 200_000; i++) {
      final long bits = random.nextLong() >>> random.nextInt(64);
      // Around the ends of 16, 32 and 48 bits too, where carries make carries.
      final long sum = random.nextBoolean() ? bits : (-1L << random.nextInt(64)) ^ (bits % 3);
      long expected = sum;
      while (expected >>> 16 != 0) {
        expected = (expected >>> 16) + (expected & 0xffff);
      }
      assertThat(Checksum.fold(sum)).as("sum=%x", sum).isEqualTo((int) expected);
    }
    assertThat(Checksum.fold(0)).isZero();
    assertThat(Checksum.fold(-1)).isEqualTo(0xffff);
  }

  @Test
  void shouldNotOverflowOnBytesAllOnes() {
    final byte[] ones = new byte[65_535];
    Arrays.fill(ones, (byte) 0xff);
    assertThat(Checksum.of(ByteBuffer.wrap(ones), 0, ones.length))
        .isEqualTo(naive(ones, 0, ones.length));
  }

  @Test
  void shouldReplaceAsIfSummedAfresh() {
    final Random random = new Random(4);
    final byte[] bytes = new byte[40];
    for (int round = 0; round < 20_000; round++) {
      random.nextBytes(bytes);
      final ByteBuffer buffer = ByteBuffer.wrap(bytes);
      final int checksumOffset = 2 * random.nextInt(4);
      buffer.putShort(checksumOffset, (short) 0);
      buffer.putShort(checksumOffset, (short) Checksum.of(buffer, 0, 40));
      final int width = 1 + random.nextInt(8);
      final int field = 8 + random.nextInt(32 - width + 1);
      // Zeros and ones are where the two zeros of one's complement arithmetic meet.
      final long value = random.nextBoolean() ? random.nextLong() : -random.nextInt(2);

      Checksum.replace(buffer, checksumOffset, field, width, value);

      final int updated = buffer.getShort(checksumOffset) & 0xffff;
      assertThat(Checksum.of(buffer, 0, 40)).isZero();
      buffer.putShort(checksumOffset, (short) 0);
      assertThat(updated).isEqualTo(Checksum.of(buffer, 0, 40));
    }
  }

  @Test
  void shouldRefuseAWidthThatIsNone() {
    final ByteBuffer buffer = ByteBuffer.allocate(40);
    assertThatThrownBy(() -> Checksum.replace(buffer, 0, 8, 9, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("width=9");
  }

  private static int naive(byte[] bytes, int offset, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (bytes[offset + i] & 0xff) << (i % 2 == 0 ? 8 : 0);
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return ~sum & 0xffff;
  }
}
