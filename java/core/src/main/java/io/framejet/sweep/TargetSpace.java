package io.framejet.sweep;

import io.framejet.target.Shard;
import io.framejet.target.TargetOrder;
import io.framejet.target.TargetSet;
import java.util.function.IntConsumer;

/**
 * The targets of one sweep, numbered by cells in the order in which they are probed. Immutable;
 * computes, keeps nothing per target.
 */
final class TargetSpace {
  static final int NO_CELL = -1;

  // An array of Java holds some elements less than 2^31.
  private static final long MAX_CELLS = Integer.MAX_VALUE - 8;

  private final TargetSet targets;
  private final TargetOrder order;
  private final Shard shard;
  private final int size;

  TargetSpace(TargetSet targets, long seed, Shard shard) {
    long cells = shard.size(targets.size());
    if (cells > MAX_CELLS) {
      throw new IllegalArgumentException(
          String.format(
              "%,d targets are too many for one sweep (%,d): use shards", cells, MAX_CELLS));
    }
    if (cells == 0) {
      throw new IllegalArgumentException(
          "shard " + shard + " of " + targets.size() + " targets has none of them");
    }
    this.targets = targets;
    this.order = new TargetOrder(targets.size(), seed);
    this.shard = shard;
    this.size = (int) cells;
  }

  /** Number of cells. */
  int size() {
    return size;
  }

  /** The target that is probed as number {@code cell}. */
  int address(int cell) {
    return targets.addressAt(order.at(shard.position(cell)));
  }

  /** The cell of {@code address}, or {@link #NO_CELL} when it is no target here. */
  int cell(int address) {
    final long index = targets.indexOf(address);
    return index < 0 ? NO_CELL : cellAt(index);
  }

  /** All cells, in the order of their addresses. */
  void forEachCell(IntConsumer action) {
    long all = targets.size();
    for (long index = 0; index < all; index++) {
      int cell = cellAt(index);
      if (cell != NO_CELL) {
        action.accept(cell);
      }
    }
  }

  private int cellAt(long index) {
    final long position = order.positionOf(index);
    return shard.contains(position) ? (int) shard.ordinal(position) : NO_CELL;
  }
}
