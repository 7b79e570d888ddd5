package io.framejet.target;

/**
 * A pseudo-random order of the indexes 0 to size - 1: a permutation with random access, chosen by a
 * seed. Immutable, and so thread-safe; allocates nothing per call and keeps nothing per index.
 *
 * <p>A sweep in this order spreads its probes over the whole network rather than over one switch or
 * host after another, and the same seed gives the same order again, on every machine.
 *
 * <p>This is no cipher: who sees some of the order may work out the rest.
 */
public final class TargetOrder {
  /** The largest size, 2^62. */
  public static final long MAX_SIZE = 1L << 62;

  // Odd, so that multiplying by them is invertible modulo any power of two; well mixed in their low
  // bits, which are all that small sizes use. From SplitMix64 and Murmur3.
  private static final long MULTIPLIER_1 = 0xbf58_476d_1ce4_e5b9L;
  private static final long MULTIPLIER_2 = 0x94d0_49bb_1331_11ebL;
  private static final long MULTIPLIER_3 = 0xff51_afd7_ed55_8ccdL;
  private static final long MULTIPLIER_4 = 0xc4ce_b9fe_1a85_ec53L;
  private static final long INVERSE_1 = inverse(MULTIPLIER_1);
  private static final long INVERSE_2 = inverse(MULTIPLIER_2);
  private static final long INVERSE_3 = inverse(MULTIPLIER_3);
  private static final long INVERSE_4 = inverse(MULTIPLIER_4);
  private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;

  private final long size;
  private final long mask;
  private final int shift;
  private final long key1;
  private final long key2;
  private final long key3;
  private final long key4;

  /**
   * The order that {@code seed} chooses among the permutations of 0 to size - 1.
   *
   * @param size 0 to {@link #MAX_SIZE}
   * @throws IllegalArgumentException if the size is not in that range
   */
  public TargetOrder(long size, long seed) {
    if (size < 0 || size > MAX_SIZE) {
      throw new IllegalArgumentException("size=" + size + " max=" + MAX_SIZE);
    }
    this.size = size;
    final int bits = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(size - 1));
    this.mask = size <= 1 ? 1 : (1L << bits) - 1;
    this.shift = size <= 1 ? 1 : (bits + 1) / 2;
    this.key1 = mix(seed + GOLDEN_GAMMA);
    this.key2 = mix(key1 + GOLDEN_GAMMA);
    this.key3 = mix(key2 + GOLDEN_GAMMA);
    this.key4 = mix(key3 + GOLDEN_GAMMA);
  }

  /** How many indexes there are. */
  public long size() {
    return size;
  }

  /**
   * The index at a position.
   *
   * @return 0 to size - 1, a different one for every position
   * @throws IndexOutOfBoundsException if not 0 &lt;= position &lt; size
   */
  public long at(long position) {
    check(position);
    // permute() is a bijection of 0 to 2^bits - 1. Walking along its cycle until it comes back
    // below size is one of 0 to size - 1: the walk ends, as the cycle holds the start itself, and
    // it
    // can be walked back the same way. More than half of 2^bits is below size, so it takes less
    // than
    // two steps on average (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
    long value = permute(position);
    while (value >= size) {
      value = permute(value);
    }
    return value;
  }

  /**
   * The position of an index: the inverse of {@link #at}.
   *
   * @throws IndexOutOfBoundsException if not 0 &lt;= index &lt; size
   */
  public long positionOf(long index) {
    check(index);
    long value = unpermute(index);
    while (value >= size) {
      value = unpermute(value);
    }
    return value;
  }

  /**
   * Four rounds of adding a key, multiplying and folding the upper half onto the lower. Each step
   * is invertible modulo 2^bits, hence so is the whole. Multiplying carries low bits up, folding
   * brings high bits down, so after two rounds each bit depends on all; three still showed in the
   * steps between neighbours at small sizes.
   */
  private long permute(long position) {
    long value = (position + key1) * MULTIPLIER_1 & mask;
    value ^= value >>> shift;
    value = (value + key2) * MULTIPLIER_2 & mask;
    value ^= value >>> shift;
    value = (value + key3) * MULTIPLIER_3 & mask;
    value ^= value >>> shift;
    value = (value + key4) * MULTIPLIER_4 & mask;
    return value ^ value >>> shift;
  }

  private long unpermute(long index) {
    // The shift is half of the bits or more, so that folding undoes itself.
    long value = index ^ index >>> shift;
    value = value * INVERSE_4 - key4 & mask;
    value ^= value >>> shift;
    value = value * INVERSE_3 - key3 & mask;
    value ^= value >>> shift;
    value = value * INVERSE_2 - key2 & mask;
    value ^= value >>> shift;
    return value * INVERSE_1 - key1 & mask;
  }

  /** The inverse of an odd number modulo 2^64, by Newton's method. */
  private static long inverse(long odd) {
    long inverse = odd; // right in the lowest 3 bits; each step doubles them
    for (int i = 0; i < 5; i++) {
      inverse *= 2 - odd * inverse;
    }
    return inverse;
  }

  /** The finalizer of SplitMix64: seeds that differ in one bit give unrelated keys. */
  private static long mix(long z) {
    final long y = (z ^ z >>> 30) * MULTIPLIER_1;
    final long x = (y ^ y >>> 27) * MULTIPLIER_2;
    return x ^ x >>> 31;
  }

  private void check(long number) {
    if (number < 0 || number >= size) {
      throw new IndexOutOfBoundsException("position=" + number + " size=" + size);
    }
  }
}
