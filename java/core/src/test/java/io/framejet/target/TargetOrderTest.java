package io.framejet.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetOrderTest {
  @ParameterizedTest
  @ValueSource(
      ints = {
        1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 100, 255, 256, 257, 999, 4096, 4097, 65_534, 65_535,
        65_536, 65_537
      })
  void shouldVisitEveryIndexOnce(int size) {
    for (long seed : new long[] {0, 1, 2, -1, 0x1234_5678_9abc_def0L, Long.MIN_VALUE}) {
      final TargetOrder order = new TargetOrder(size, seed);
      final BitSet seen = new BitSet(size);
      for (int position = 0; position < size; position++) {
        final long index = order.at(position);
        seen.set((int) index);
        if (order.positionOf(index) != position) {
          assertThat(order.positionOf(index)).isEqualTo(position);
        }
      }
      assertThat(seen.cardinality()).isEqualTo(size);
      assertThat(seen.length()).isEqualTo(size);
    }
  }

  @Test
  void shouldVisitEveryIndexOfEverySmallSize() {
    for (int size = 1; size <= 130; size++) {
      for (long seed = 0; seed < 20; seed++) {
        final TargetOrder order = new TargetOrder(size, seed);
        final BitSet seen = new BitSet(size);
        for (int position = 0; position < size; position++) {
          seen.set((int) order.at(position));
        }
        assertThat(seen.cardinality()).as("size=%d seed=%d", size, seed).isEqualTo(size);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {16_777_216, 4_294_967_296L, 4_294_967_297L, 3_741_319_168L, 1L << 62})
  void shouldInvertLargeSizes(long size) {
    final Random random = new Random(8);
    final TargetOrder order = new TargetOrder(size, random.nextLong());
    for (int i = 0; i < 10_000; i++) {
      final long position = random.nextLong() & (size - 1) & Long.MAX_VALUE;
      if (position < size) {
        final long index = order.at(position);
        assertThat(index).isBetween(0L, size - 1);
        assertThat(order.positionOf(index)).isEqualTo(position);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4096, 65_534, 65_536, 100_000, 16_777_216, 4_294_967_296L})
  void shouldSpreadNeighboursOverTheRange(long size) {
    for (long seed = 0; seed < 10; seed++) {
      final TargetOrder order = new TargetOrder(size, seed);
      final int pairs = 4000;
      final int[][] cells = new int[8][8];
      final int[] steps = new int[16];
      long close = 0;
      for (int position = 0; position < pairs; position++) {
        final long one = order.at(position);
        final long next = order.at(position + 1);
        cells[(int) (one * 8 / size)][(int) (next * 8 / size)]++;
        steps[(int) (Math.floorMod(next - one, size) * 16 / size)]++;
        close += Math.abs(next - one) < Math.max(2, size / 1000) ? 1 : 0;
      }
      // Pearson's chi-squared with 63 and 15 degrees of freedom: 10 seeds a size, all of them
      // fixed,
      // must stay below what one in a million random orders exceeds.
      assertThat(chiSquared(cells, pairs)).as("pairs, seed=%d", seed).isLessThan(130);
      assertThat(chiSquared(new int[][] {steps}, pairs)).as("steps, seed=%d", seed).isLessThan(56);
      assertThat(close).isLessThan(pairs / 100);
    }
  }

  private static double chiSquared(int[][] counts, int total) {
    final double expected = total / (double) (counts.length * counts[0].length);
    double sum = 0;
    for (int[] row : counts) {
      for (int count : row) {
        sum += (count - expected) * (count - expected) / expected;
      }
    }
    return sum;
  }

  @Test
  void shouldDifferFromSeedToSeedAndRepeatForASeed() {
    final int size = 65_536;
    for (long seed = 0; seed < 20; seed++) {
      final TargetOrder order = new TargetOrder(size, seed);
      final TargetOrder other = new TargetOrder(size, seed + 1);
      final TargetOrder same = new TargetOrder(size, seed);
      int equal = 0;
      for (int position = 0; position < size; position++) {
        equal += order.at(position) == other.at(position) ? 1 : 0;
      }
      assertThat(equal).isLessThan(20);
      assertThat(same.at(4711)).isEqualTo(order.at(4711));
    }
  }

  @Test
  void shouldStayTheSameFromReleaseToRelease() {
    final TargetOrder order = new TargetOrder(65_534, 1);
    assertThat(new long[] {order.at(0), order.at(1), order.at(2), order.at(65_533)})
        .containsExactly(PINNED);
  }

  private static final long[] PINNED = {18_202, 5_572, 50_204, 24_484};

  @Test
  void shouldRefuseWhatIsOutOfRange() {
    assertThatThrownBy(() -> new TargetOrder(-1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TargetOrder((1L << 62) + 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    final TargetOrder order = new TargetOrder(5, 0);
    assertThatThrownBy(() -> order.at(5))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("position=5 size=5");
    assertThatThrownBy(() -> order.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> order.positionOf(5)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new TargetOrder(0, 0).at(0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(order.size()).isEqualTo(5);
  }
}
