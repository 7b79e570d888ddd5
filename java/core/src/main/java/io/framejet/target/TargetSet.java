package io.framejet.target;

import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;

/**
 * The IPv4 addresses to probe: ranges minus exclusions. Immutable, and so thread-safe.
 *
 * <p>The addresses are numbered in ascending order from 0 to {@link #size()} - 1. Memory and time
 * go with the number of ranges, not of addresses.
 *
 * <p>Exclusions always win, in whichever order things are named. Addresses that are no host's are
 * excluded for good: 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/4 and 240.0.0.0/4.
 *
 * <p>An address is an {@code int} with its first octet in bits 31 to 24.
 */
public final class TargetSet {
  private static final long UNSIGNED = 0xffff_ffffL;

  // Sorted and disjoint. Both ends as unsigned numbers; before[i] addresses come before range i.
  private final long[] firsts;
  private final long[] lasts;
  private final long[] before;
  private final long size;
  private final long excluded;

  private TargetSet(Ranges ranges, long excluded) {
    final int count = ranges.count();
    this.firsts = new long[count];
    this.lasts = new long[count];
    this.before = new long[count];
    long sum = 0;
    for (int i = 0; i < count; i++) {
      firsts[i] = ranges.first(i);
      lasts[i] = ranges.last(i);
      before[i] = sum;
      sum += lasts[i] - firsts[i] + 1;
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
   * @throws IllegalArgumentException if one of them is malformed; the message is fit for a user
   */
  public static TargetSet of(String... texts) {
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

  /** This set less the addresses of {@code range}; those that were in it count as excluded. */
  public TargetSet without(Range range) {
    final Ranges mine = new Ranges();
    for (int i = 0; i < firsts.length; i++) {
      mine.add(firsts[i], lasts[i]);
    }
    final Ranges hole = new Ranges();
    hole.add(range.first() & UNSIGNED, range.last() & UNSIGNED);
    final Ranges left = mine.minus(hole);
    return new TargetSet(left, excluded + size - left.size());
  }

  /**
   * The address with that number.
   *
   * @throws IndexOutOfBoundsException if not 0 &lt;= index &lt; size
   */
  public int addressAt(long index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("index=" + index + " size=" + size);
    }
    final long[] before = this.before;
    final int range = before.length == 1 ? 0 : floor(before, index);
    return (int) (firsts[range] + (index - before[range]));
  }

  /** The number of an address, or -1 when it is not in the set. */
  public long indexOf(int address) {
    final long number = address & UNSIGNED;
    final long[] firsts = this.firsts;
    final int range = firsts.length == 1 ? 0 : floor(firsts, number);
    if (range < 0 || number < firsts[range] || number > lasts[range]) {
      return -1;
    }
    return before[range] + (number - firsts[range]);
  }

  /** Whether an address is to be probed. */
  public boolean contains(int address) {
    return indexOf(address) >= 0;
  }

  /** What is to be probed as ranges in ascending order, which neither overlap nor touch. */
  public List<Range> ranges() {
    return new AbstractList<>() {
      @Override
      public Range get(int index) {
        return new Range((int) firsts[index], (int) lasts[index]);
      }

      @Override
      public int size() {
        return firsts.length;
      }
    };
  }

  /** The last entry that is not above {@code key}; -1 when all are. */
  private static int floor(long[] sorted, long key) {
    int low = 0;
    int high = sorted.length - 1;
    while (low <= high) {
      final int middle = (low + high) >>> 1;
      if (sorted[middle] <= key) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TargetSet set
        && Arrays.equals(set.firsts, firsts)
        && Arrays.equals(set.lasts, lasts)
        && set.excluded == excluded;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(firsts) * 31 + Arrays.hashCode(lasts);
  }

  /** For logs: the number of addresses, and the first few ranges. */
  @Override
  public String toString() {
    final StringBuilder text = new StringBuilder();
    text.append(size).append(" targets, ").append(excluded).append(" excluded");
    for (int i = 0; i < Math.min(firsts.length, 4); i++) {
      text.append(i == 0 ? ": " : ", ").append(ranges().get(i));
    }
    return text.append(firsts.length > 4 ? ", …" : "").toString();
  }

  /**
   * Addresses from the first to the last, both included; {@code first <= last} as unsigned numbers.
   *
   * @param first the lowest address
   * @param last the highest address
   */
  public record Range(int first, int last) {
    /**
     * Addresses from the first to the last.
     *
     * @throws IllegalArgumentException if the last comes before the first
     */
    public Range {
      if (Integer.compareUnsigned(first, last) > 0) {
        throw new IllegalArgumentException(
            "first=" + dotted(first) + " comes after last=" + dotted(last));
      }
    }

    /** How many addresses, 1 to 2^32. */
    public long size() {
      return (last & UNSIGNED) - (first & UNSIGNED) + 1;
    }

    /** In dotted decimal: {@code 10.0.0.1-10.0.0.9}, or a single address. */
    @Override
    public String toString() {
      return first == last ? dotted(first) : dotted(first) + "-" + dotted(last);
    }

    private static String dotted(int address) {
      return (address >>> 24)
          + "."
          + (address >>> 16 & 0xff)
          + "."
          + (address >>> 8 & 0xff)
          + "."
          + (address & 0xff);
    }
  }

  /** Collects what to probe and what not. Not thread-safe. */
  public static final class Builder {
    private static final List<String> NEVER_PROBED =
        List.of("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4");

    private final Ranges added = new Ranges();
    private final Ranges excluded = new Ranges();

    private Builder() {
      for (String range : NEVER_PROBED) {
        exclude(range);
      }
    }

    /**
     * Adds an address ({@code 10.0.0.1}), a prefix ({@code 10.0.0.0/8}; of an address within, too)
     * or a range ({@code 10.0.0.1-10.0.1.20}, or up to a last octet: {@code 10.0.0.1-20}).
     *
     * @throws IllegalArgumentException if it is none of these; the message is fit for a user
     */
    public Builder add(String text) {
      RangeParser.parse(text, added);
      return this;
    }

    /**
     * Adds all addresses from the first to the last, both included.
     *
     * @throws IllegalArgumentException if the last comes before the first as unsigned numbers
     */
    public Builder add(int first, int last) {
      return add(new Range(first, last), added);
    }

    /**
     * Excludes an address, a prefix or a range, written as for {@link #add(String)}.
     *
     * @throws IllegalArgumentException if it is none of these; the message is fit for a user
     */
    public Builder exclude(String text) {
      RangeParser.parse(text, excluded);
      return this;
    }

    /**
     * Excludes all addresses from the first to the last, both included.
     *
     * @throws IllegalArgumentException if the last comes before the first as unsigned numbers
     */
    public Builder exclude(int first, int last) {
      return add(new Range(first, last), excluded);
    }

    /**
     * Adds what a file names: one address, prefix or range a line. From a {@code #} on a line is a
     * comment; blank lines are skipped.
     *
     * @throws IllegalArgumentException if the file cannot be read or a line is malformed: nothing
     *     of the file is added then. The message names the file and the line.
     */
    public Builder addFile(Path file) {
      added.addAll(read(file));
      return this;
    }

    /**
     * Excludes what a file names, written as for {@link #addFile}.
     *
     * @throws IllegalArgumentException if the file cannot be read or a line is malformed: nothing
     *     of the file is excluded then. The message names the file and the line.
     */
    public Builder excludeFile(Path file) {
      excluded.addAll(read(file));
      return this;
    }

    /** The set. The builder may be used further. */
    public TargetSet build() {
      final Ranges asked = added.merged();
      final Ranges left = asked.minus(excluded.merged());
      return new TargetSet(left, asked.size() - left.size());
    }

    private Builder add(Range range, Ranges to) {
      to.add(range.first() & UNSIGNED, range.last() & UNSIGNED);
      return this;
    }

    private static Ranges read(Path file) {
      final Ranges ranges = new Ranges();
      TargetFile.read(file, line -> RangeParser.parse(line, ranges));
      return ranges;
    }
  }
}
