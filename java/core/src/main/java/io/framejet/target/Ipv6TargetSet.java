package io.framejet.target;

import inet.ipaddr.ipv6.IPv6Address;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The IPv6 addresses to probe: ranges minus exclusions. Immutable, and so thread-safe.
 *
 * <p>The addresses are numbered in ascending order from 0 to {@link #size()} - 1. Memory and time
 * go with the number of ranges, not of addresses. There are at most {@link #MAX_SIZE}: no sweep
 * gets through a prefix as subnets have it, of 2^64.
 *
 * <p>Exclusions always win, in whichever order things are named. Addresses that are no node's are
 * excluded for good: {@code ::}, {@code ::1}, {@code ::ffff:0:0/96} and {@code ff00::/8}.
 *
 * <p>An address is two {@code long}s, its first 8 bytes and its last 8, both big-endian.
 */
public final class Ipv6TargetSet {
  /** Most addresses that may be added: 2^32. */
  public static final long MAX_SIZE = 1L << 32;

  private final List<Range> ranges;

  // Of each range; before[i] addresses come before range i.
  private final long[] firstHigh;
  private final long[] firstLow;
  private final long[] lastHigh;
  private final long[] lastLow;
  private final long[] before;
  private final long size;
  private final long excluded;

  private Ipv6TargetSet(List<Range> ranges, long excluded) {
    final int count = ranges.size();
    this.ranges = List.copyOf(ranges);
    this.firstHigh = new long[count];
    this.firstLow = new long[count];
    this.lastHigh = new long[count];
    this.lastLow = new long[count];
    this.before = new long[count];
    long sum = 0;
    for (int i = 0; i < count; i++) {
      final Range range = ranges.get(i);
      firstHigh[i] = range.firstHigh();
      firstLow[i] = range.firstLow();
      lastHigh[i] = range.lastHigh();
      lastLow[i] = range.lastLow();
      before[i] = sum;
      sum += range.lastLow() - range.firstLow() + 1;
    }
    this.size = sum;
    this.excluded = excluded;
  }

  /** Begins an empty set. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The set of these, each as {@link Builder#add(String)} reads it.
   *
   * @throws IllegalArgumentException if one of them is malformed, or they are more than {@link
   *     #MAX_SIZE}; the message is fit for a user
   */
  public static Ipv6TargetSet of(String... texts) {
    final Builder builder = builder();
    for (String text : texts) {
      builder.add(text);
    }
    return builder.build();
  }

  /** Addresses to probe, 0 to 2^32. */
  public long size() {
    return size;
  }

  /** Addresses that were added and are excluded, each counted once. */
  public long excluded() {
    return excluded;
  }

  /** Whether there is nothing to probe. */
  public boolean isEmpty() {
    return size == 0;
  }

  /**
   * The first 8 bytes of the address with that number.
   *
   * @throws IndexOutOfBoundsException if not 0 &lt;= index &lt; size
   */
  public long highAt(long index) {
    final int range = rangeAt(index);
    final long low = firstLow[range] + (index - before[range]);
    // A range of 2^32 addresses or fewer goes over the end of a low half once at most.
    return Long.compareUnsigned(low, firstLow[range]) < 0 ? lastHigh[range] : firstHigh[range];
  }

  /**
   * The last 8 bytes of the address with that number.
   *
   * @throws IndexOutOfBoundsException if not 0 &lt;= index &lt; size
   */
  public long lowAt(long index) {
    final int range = rangeAt(index);
    return firstLow[range] + (index - before[range]);
  }

  private int rangeAt(long index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("index=" + index + " size=" + size);
    }
    final long[] sorted = before;
    int low = 0;
    int high = sorted.length - 1;
    while (low < high) {
      final int middle = (low + high + 1) >>> 1;
      if (sorted[middle] <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The number of an address, or -1 when it is not in the set. */
  public long indexOf(long high, long low) {
    int from = 0;
    int to = before.length - 1;
    while (from <= to) {
      final int middle = (from + to) >>> 1;
      if (compare(firstHigh[middle], firstLow[middle], high, low) > 0) {
        to = middle - 1;
      } else if (compare(lastHigh[middle], lastLow[middle], high, low) < 0) {
        from = middle + 1;
      } else {
        return before[middle] + (low - firstLow[middle]);
      }
    }
    return -1;
  }

  /** Whether an address is to be probed. */
  public boolean contains(long high, long low) {
    return indexOf(high, low) >= 0;
  }

  /** What is to be probed as ranges in ascending order, which neither overlap nor touch. */
  public List<Range> ranges() {
    return ranges;
  }

  static int compare(long highA, long lowA, long highB, long lowB) {
    final int order = Long.compareUnsigned(highA, highB);
    return order != 0 ? order : Long.compareUnsigned(lowA, lowB);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ipv6TargetSet set
        && set.ranges.equals(ranges)
        && set.excluded == excluded;
  }

  @Override
  public int hashCode() {
    return ranges.hashCode();
  }

  /** For logs: the number of addresses, and the first few ranges. */
  @Override
  public String toString() {
    final StringBuilder text = new StringBuilder();
    text.append(size).append(" targets, ").append(excluded).append(" excluded");
    for (int i = 0; i < Math.min(ranges.size(), 4); i++) {
      text.append(i == 0 ? ": " : ", ").append(ranges.get(i));
    }
    return text.append(ranges.size() > 4 ? ", …" : "").toString();
  }

  /**
   * Addresses from the first to the last, both included; {@code first <= last} as unsigned numbers.
   *
   * @param firstHigh the first 8 bytes of the lowest address
   * @param firstLow its last 8 bytes
   * @param lastHigh the first 8 bytes of the highest address
   * @param lastLow its last 8 bytes
   */
  public record Range(long firstHigh, long firstLow, long lastHigh, long lastLow)
      implements Comparable<Range> {
    /**
     * Addresses from the first to the last.
     *
     * @throws IllegalArgumentException if the last comes before the first
     */
    public Range {
      if (Ipv6TargetSet.compare(firstHigh, firstLow, lastHigh, lastLow) > 0) {
        throw new IllegalArgumentException(
            "first=" + text(firstHigh, firstLow) + " comes after last=" + text(lastHigh, lastLow));
      }
    }

    /** How many addresses, 1 to 2^128. */
    public BigInteger size() {
      final BigInteger high = unsigned(lastHigh).subtract(unsigned(firstHigh));
      final BigInteger low = unsigned(lastLow).subtract(unsigned(firstLow));
      return high.shiftLeft(Long.SIZE).add(low).add(BigInteger.ONE);
    }

    private static BigInteger unsigned(long half) {
      return new BigInteger(Long.toUnsignedString(half));
    }

    /** By the lowest address, then by the highest. */
    @Override
    public int compareTo(Range other) {
      final int first = Ipv6TargetSet.compare(firstHigh, firstLow, other.firstHigh, other.firstLow);
      return first != 0
          ? first
          : Ipv6TargetSet.compare(lastHigh, lastLow, other.lastHigh, other.lastLow);
    }

    /** As RFC 5952 wants it: {@code 2001:db8::1-2001:db8::9}, or a single address. */
    @Override
    public String toString() {
      final String first = text(firstHigh, firstLow);
      final String last = text(lastHigh, lastLow);
      return first.equals(last) ? first : first + "-" + last;
    }

    private static String text(long high, long low) {
      final BigInteger value = unsigned(high).shiftLeft(Long.SIZE).add(unsigned(low));
      return new IPv6Address(value).toCanonicalString();
    }
  }

  /** Collects what to probe and what not. Not thread-safe. */
  public static final class Builder {
    private static final List<String> NEVER_PROBED =
        List.of("::", "::1", "::ffff:0:0/96", "ff00::/8");

    private final List<Range> added = new ArrayList<>();
    private final List<Range> excluded = new ArrayList<>();

    private Builder() {
      NEVER_PROBED.forEach(this::exclude);
    }

    /**
     * Adds an address ({@code 2001:db8::1}), a prefix ({@code 2001:db8::/112}; of an address
     * within, too) or a range ({@code 2001:db8::1-2001:db8::2:0}, or up to a last group: {@code
     * 2001:db8::1-ff}).
     *
     * @throws IllegalArgumentException if it is none of these, or more than {@link #MAX_SIZE}
     *     addresses; the message is fit for a user
     */
    public Builder add(String text) {
      return add(Ipv6RangeParser.parse(text));
    }

    /**
     * Adds a range.
     *
     * @throws IllegalArgumentException if it has more than {@link #MAX_SIZE} addresses
     */
    public Builder add(Range range) {
      if (range.size().compareTo(BigInteger.valueOf(MAX_SIZE)) > 0) {
        throw tooMany(range.toString());
      }
      added.add(range);
      return this;
    }

    /**
     * Excludes an address, a prefix or a range, written as for {@link #add(String)}, of any size.
     *
     * @throws IllegalArgumentException if it is none of these; the message is fit for a user
     */
    public Builder exclude(String text) {
      return exclude(Ipv6RangeParser.parse(text));
    }

    /** Excludes a range, of any size. */
    public Builder exclude(Range range) {
      excluded.add(range);
      return this;
    }

    /**
     * Adds what a file names: one address, prefix or range a line. From a {@code #} on a line is a
     * comment; blank lines are skipped.
     *
     * @throws IllegalArgumentException if the file cannot be read, or a line is malformed or more
     *     than {@link #MAX_SIZE} addresses: nothing of the file is added then. The message names
     *     the file and the line.
     */
    public Builder addFile(Path file) {
      final Builder ofFile = new Builder();
      TargetFile.read(file, ofFile::add);
      added.addAll(ofFile.added);
      return this;
    }

    /**
     * Excludes what a file names, written as for {@link #addFile}.
     *
     * @throws IllegalArgumentException if the file cannot be read or a line is malformed: nothing
     *     of the file is excluded then. The message names the file and the line.
     */
    public Builder excludeFile(Path file) {
      final List<Range> ofFile = new ArrayList<>();
      TargetFile.read(file, line -> ofFile.add(Ipv6RangeParser.parse(line)));
      excluded.addAll(ofFile);
      return this;
    }

    /**
     * The set. The builder may be used further.
     *
     * @throws IllegalArgumentException if more than {@link #MAX_SIZE} addresses were added,
     *     excluded ones too; the message is fit for a user
     */
    public Ipv6TargetSet build() {
      final List<Range> asked = Ipv6Ranges.merged(added);
      final BigInteger all = size(asked);
      if (all.compareTo(BigInteger.valueOf(MAX_SIZE)) > 0) {
        throw tooMany("all targets together");
      }
      final List<Range> left = Ipv6Ranges.minus(asked, Ipv6Ranges.merged(excluded));
      return new Ipv6TargetSet(left, all.subtract(size(left)).longValue());
    }

    private static BigInteger size(List<Range> ranges) {
      BigInteger size = BigInteger.ZERO;
      for (Range range : ranges) {
        size = size.add(range.size());
      }
      return size;
    }

    private static IllegalArgumentException tooMany(String what) {
      return new IllegalArgumentException(
          what + ": more than 2^32 addresses, which no sweep gets through; name smaller ranges");
    }
  }
}
