package io.framejet.target;

import io.framejet.target.Ipv6TargetSet.Range;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sets of IPv6 addresses as lists of ranges. */
final class Ipv6Ranges {
  private Ipv6Ranges() {}

  /** The same addresses in sorted ranges that neither overlap nor touch. */
  static List<Range> merged(List<Range> ranges) {
    final List<Range> sorted = new ArrayList<>(ranges);
    Collections.sort(sorted);
    final List<Range> merged = new ArrayList<>();
    Range last = null;
    for (Range range : sorted) {
      if (last == null) {
        last = range;
      } else if (isBeyond(range, last)) {
        merged.add(last);
        last = range;
      } else {
        last = joined(last, range);
      }
    }
    if (last != null) {
      merged.add(last);
    }
    return merged;
  }

  /** Whether there are addresses between the two; {@code range} is the later one. */
  private static boolean isBeyond(Range range, Range earlier) {
    final long low = earlier.lastLow() + 1;
    final long high = low == 0 ? earlier.lastHigh() + 1 : earlier.lastHigh();
    final boolean atTheEnd = low == 0 && high == 0;
    return !atTheEnd && Ipv6TargetSet.compare(range.firstHigh(), range.firstLow(), high, low) > 0;
  }

  private static Range joined(Range one, Range other) {
    final boolean longer =
        Ipv6TargetSet.compare(other.lastHigh(), other.lastLow(), one.lastHigh(), one.lastLow()) > 0;
    final Range last = longer ? other : one;
    return new Range(one.firstHigh(), one.firstLow(), last.lastHigh(), last.lastLow());
  }

  /** The ranges without the addresses of {@code holes}; both merged. */
  static List<Range> minus(List<Range> ranges, List<Range> holes) {
    final List<Range> left = new ArrayList<>();
    int hole = 0;
    for (Range range : ranges) {
      while (hole < holes.size() && isBefore(holes.get(hole), range)) {
        hole++;
      }
      Range rest = range;
      // A hole may reach into the next range, so it is only left behind by the loop above.
      for (int h = hole; rest != null && h < holes.size() && !isBefore(rest, holes.get(h)); h++) {
        addBegin(rest, holes.get(h), left);
        rest = end(rest, holes.get(h));
      }
      if (rest != null) {
        left.add(rest);
      }
    }
    return left;
  }

  /** Whether all of one comes before all of the other. */
  private static boolean isBefore(Range one, Range other) {
    return Ipv6TargetSet.compare(one.lastHigh(), one.lastLow(), other.firstHigh(), other.firstLow())
        < 0;
  }

  /** Adds what of the range comes before the hole. */
  private static void addBegin(Range range, Range hole, List<Range> to) {
    if (Ipv6TargetSet.compare(
            range.firstHigh(), range.firstLow(), hole.firstHigh(), hole.firstLow())
        < 0) {
      final long low = hole.firstLow() - 1;
      final long high = hole.firstLow() == 0 ? hole.firstHigh() - 1 : hole.firstHigh();
      to.add(new Range(range.firstHigh(), range.firstLow(), high, low));
    }
  }

  /** What of the range comes after the hole, or null. */
  private static @Nullable Range end(Range range, Range hole) {
    if (Ipv6TargetSet.compare(range.lastHigh(), range.lastLow(), hole.lastHigh(), hole.lastLow())
        <= 0) {
      return null;
    }
    final long low = hole.lastLow() + 1;
    final long high = low == 0 ? hole.lastHigh() + 1 : hole.lastHigh();
    return new Range(high, low, range.lastHigh(), range.lastLow());
  }
}
