package io.framejet.target;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of several equal parts of the positions 0 to total - 1. Shards that share a count are
 * disjoint, together they are complete, and their sizes differ by one at most.
 *
 * <p>Positions are dealt out in turn: shard 1 of 4 has 0, 4, 8, … Sweeps on several machines that
 * use the same seed, each with a shard of its own, probe every target once.
 *
 * @param index which part, 1 to {@code count}
 * @param count how many parts, at least 1
 */
public record Shard(int index, int count) {
  /** The only part: everything. */
  public static final Shard ALL = new Shard(1, 1);

  private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})/([0-9]{1,9})");

  /**
   * Part {@code index} of {@code count}.
   *
   * @throws IllegalArgumentException if not 1 &lt;= index &lt;= count
   */
  public Shard {
    if (index < 1 || index > count) {
      throw new IllegalArgumentException(
          "a shard is one of 1/"
              + Math.max(count, 1)
              + " and up: index="
              + index
              + " count="
              + count);
    }
  }

  /**
   * Reads {@code 1/4}, the first of four.
   *
   * @throws IllegalArgumentException if the text is not that; the message is fit for a user
   */
  public static Shard parse(String text) {
    final Matcher matcher = TEXT.matcher(text);
    if (matcher.matches()) {
      final int index = Integer.parseInt(matcher.group(1));
      final int count = Integer.parseInt(matcher.group(2));
      if (index >= 1 && index <= count) {
        return new Shard(index, count);
      }
    }
    throw new IllegalArgumentException(
        "not a shard: "
            + Quote.of(text)
            + " (expected INDEX/COUNT with INDEX from 1 to COUNT, "
            + "like 1/4)");
  }

  /** How many of {@code total} positions are in this shard. */
  public long size(long total) {
    return total < index ? 0 : (total - index) / count + 1;
  }

  /** The position that this shard's {@code ordinal} stands for, 0 being its first. */
  public long position(long ordinal) {
    return ordinal * count + (index - 1);
  }

  /** The ordinal of a position of this shard: the inverse of {@link #position}. */
  public long ordinal(long position) {
    return count == 1 ? position : position / count; // a division takes longer than all the rest
  }

  /** Whether a position is in this shard. */
  public boolean contains(long position) {
    return count == 1 || position % count == index - 1;
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return index + "/" + count;
  }
}
