package io.framejet.target;

import java.util.Arrays;

/**
 * Ranges of unsigned 32-bit numbers as they were named: in any order, overlapping. Each is one long
 * with its first number in the upper half and its last in the lower, so that sorting the longs
 * sorts the ranges (the upper half is biased, since longs compare signed).
 */
final class Ranges {
  private static final long UNSIGNED = 0xffff_ffffL;
  private static final long BIAS = Long.MIN_VALUE;

  private long[] packed = new long[16];
  private int count;

  /** Adds first to last, both included, as unsigned numbers. */
  void add(long first, long last) {
    if (count == packed.length) {
      packed = Arrays.copyOf(packed, count * 2);
    }
    packed[count++] = (first << 32 | last) ^ BIAS;
  }

  void addAll(Ranges other) {
    for (int i = 0; i < other.count; i++) {
      add(other.first(i), other.last(i));
    }
  }

  int count() {
    return count;
  }

  long first(int index) {
    return (packed[index] ^ BIAS) >>> 32;
  }

  long last(int index) {
    return packed[index] & UNSIGNED;
  }

  /** How many numbers they hold, given that they are disjoint. */
  long size() {
    long size = 0;
    for (int i = 0; i < count; i++) {
      size += last(i) - first(i) + 1;
    }
    return size;
  }

  /** The same numbers in sorted ranges that neither overlap nor touch. */
  Ranges merged() {
    final long[] sorted = Arrays.copyOf(packed, count);
    Arrays.sort(sorted);
    final Ranges merged = new Ranges();
    long first = -1;
    long last = -2;
    for (long range : sorted) {
      final long nextFirst = (range ^ BIAS) >>> 32;
      final long nextLast = range & UNSIGNED;
      if (nextFirst > last + 1) {
        if (first >= 0) {
          merged.add(first, last);
        }
        first = nextFirst;
        last = nextLast;
      } else {
        last = Math.max(last, nextLast);
      }
    }
    if (first >= 0) {
      merged.add(first, last);
    }
    return merged;
  }

  /** These without the numbers of {@code holes}; both merged. */
  Ranges minus(Ranges holes) {
    final Ranges left = new Ranges();
    int hole = 0;
    for (int i = 0; i < count; i++) {
      long first = first(i);
      final long last = last(i);
      while (hole < holes.count && holes.last(hole) < first) {
        hole++;
      }
      // A hole may reach into the next range, so it is only left behind by the loop above.
      for (int h = hole; h < holes.count && holes.first(h) <= last; h++) {
        if (holes.first(h) > first) {
          left.add(first, holes.first(h) - 1);
        }
        first = holes.last(h) + 1;
      }
      if (first <= last) {
        left.add(first, last);
      }
    }
    return left;
  }
}
