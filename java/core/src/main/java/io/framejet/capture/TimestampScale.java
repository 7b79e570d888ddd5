package io.framejet.capture;

/**
 * Turns times of a pcapng interface into nanoseconds since the epoch: if_tsresol and if_tsoffset
 * (draft-ietf-opsawg-pcapng section 4.2).
 */
final class TimestampScale {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int BINARY = 0x80;
  private static final int EXPONENT = 0x7f;

  private final long factor;
  private final long divisor;
  private final int shift;
  private final long offsetNanos;

  /**
   * A scale.
   *
   * @param resolution 10^-n seconds, or 2^-n when bit 7 is set
   * @param offsetSeconds what to add
   */
  TimestampScale(int resolution, long offsetSeconds) {
    final int exponent = resolution & EXPONENT;
    if ((resolution & BINARY) != 0) {
      factor = NANOS_PER_SECOND;
      divisor = 1;
      shift = exponent;
    } else {
      factor = exponent <= 9 ? powerOfTen(9 - exponent) : 1;
      // Of units below 10^-27 s, 64 bits do not make two nanoseconds.
      divisor = exponent <= 9 ? 1 : exponent <= 27 ? powerOfTen(exponent - 9) : 0;
      shift = 0;
    }
    offsetNanos = saturatedMultiply(offsetSeconds, NANOS_PER_SECOND);
  }

  /** Nanoseconds of an unsigned number of units; saturates. */
  long nanos(long units) {
    final long nanos = divisor == 1 ? multiplyAndShift(units) : divide(units);
    return saturatedAdd(nanos, offsetNanos);
  }

  /** The low 63 bits of units * factor / 2^shift, by way of the product's 128 bits. */
  private long multiplyAndShift(long units) {
    final long low = units * factor;
    final long high = Math.multiplyHigh(units, factor) + (units >> 63 & factor);
    if (shift >= 64) {
      return high >>> (shift - 64);
    }
    final long result = shift == 0 ? low : high << (64 - shift) | low >>> shift;
    return high >>> shift != 0 || result < 0 ? Long.MAX_VALUE : result;
  }

  /** Unsigned division as in Hacker's Delight, for a divisor of 63 bits. */
  private long divide(long units) {
    if (divisor == 0) {
      return 0;
    }
    final long quotient = ((units >>> 1) / divisor) << 1;
    final long remainder = units - quotient * divisor;
    return quotient + (Long.compareUnsigned(remainder, divisor) >= 0 ? 1 : 0);
  }

  private static long powerOfTen(int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= 10;
    }
    return power;
  }

  private static long saturatedMultiply(long a, long b) {
    final long low = a * b;
    return Math.multiplyHigh(a, b) == low >> 63
        ? low
        : (a < 0) == (b < 0) ? Long.MAX_VALUE : Long.MIN_VALUE;
  }

  private static long saturatedAdd(long a, long b) {
    final long sum = a + b;
    if (((a ^ sum) & (b ^ sum)) < 0) {
      return a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return sum;
  }
}
