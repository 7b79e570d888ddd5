package io.framejet.sweep;

import io.framejet.target.Shard;
import io.framejet.target.TargetOrder;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * The targets of one sweep: each of its hosts, or each port of each host. Numbered by cells in the
 * order in which they are probed. Immutable; computes, keeps nothing per target.
 *
 * <pre>
 *           host cell  0     1     2   …  hosts-1      hosts in an order that looks random
 *  turn 0              0     1     2   …               each with one of its ports,
 *  turn 1            hosts   …                         then each with another, and so on
 * </pre>
 *
 * <p>A host's probes so are as far apart as can be, and each host takes its ports in an order of
 * its own. A shard has whole hosts, so that no two sweeps that share the work probe the same one.
 * Cell modulo number of hosts is the host's cell, which is also its cell in the space without
 * ports: the same numbers therefore index what was found out about a host before.
 */
final class TargetSpace {
  static final int NO_CELL = -1;

  // An array of Java holds some elements less than 2^31.
  private static final long MAX_CELLS = Integer.MAX_VALUE - 8;
  private static final int MAX_PORT = 0xffff;
  private static final char NO_TURN = 0xffff;
  private static final int GOLDEN = 0x9e37_79b1;

  private final Hosts all;
  private final boolean ipv6;
  private final TargetOrder order;
  private final Shard shard;
  private final int hosts;
  private final int size;

  /** In the order of turns; none when hosts are asked as such. */
  private final int[] ports;

  private final int turns;

  /** The index into {@link #ports} of each port. */
  private final char[] turnOf;

  /**
   * The targets of one shard.
   *
   * @param ports those of each host, ascending; none when hosts are asked as such
   */
  TargetSpace(Hosts all, int[] ports, long seed, Shard shard) {
    this.all = all;
    this.ipv6 = all.ipv6();
    this.order = new TargetOrder(all.size(), seed);
    this.shard = shard;
    this.turns = Math.max(1, ports.length);
    long own = shard.size(all.size());
    if (own > MAX_CELLS / turns) {
      throw new IllegalArgumentException(
          String.format(
              "%,d targets are too many for one sweep (%,d): use shards", own * turns, MAX_CELLS));
    }
    if (own == 0) {
      throw new IllegalArgumentException(
          "shard " + shard + " of " + all.size() + " targets has none of them");
    }
    this.hosts = (int) own;
    this.size = hosts * turns;
    this.ports = shuffled(ports, seed);
    this.turnOf = turnOf(this.ports);
  }

  private static int[] shuffled(int[] ports, long seed) {
    final TargetOrder order = new TargetOrder(ports.length, ~seed);
    final int[] shuffled = new int[ports.length];
    for (int i = 0; i < ports.length; i++) {
      shuffled[i] = ports[(int) order.at(i)];
    }
    return shuffled;
  }

  private static char[] turnOf(int[] ports) {
    if (ports.length == 0) {
      return new char[0];
    }
    final char[] turns = new char[MAX_PORT + 1];
    Arrays.fill(turns, NO_TURN);
    for (int i = 0; i < ports.length; i++) {
      turns[ports[i]] = (char) i;
    }
    return turns;
  }

  /** The same hosts, asked as such. */
  TargetSpace withoutPorts(long seed) {
    return ports.length == 0 ? this : new TargetSpace(all, new int[0], seed, shard);
  }

  /** The ports of each host, in no particular order; none when hosts are asked as such. */
  int[] ports() {
    return ports.clone();
  }

  /** Number of cells. */
  int size() {
    return size;
  }

  /** Number of hosts. */
  int hosts() {
    return hosts;
  }

  /** Whether ports are asked, rather than hosts. */
  boolean hasPorts() {
    return ports.length > 0;
  }

  /** Whether the hosts have IPv6 addresses. */
  boolean ipv6() {
    return ipv6;
  }

  /** The host's cell of a cell. */
  int host(int cell) {
    return turns == 1 ? cell : cell % hosts;
  }

  /** The port that is asked; 0 when hosts are asked as such. */
  int port(int cell) {
    if (ports.length == 0) {
      return 0;
    }
    final int host = cell % hosts;
    return ports[(int) ((cell / hosts + (long) shift(host)) % turns)];
  }

  /** The first 8 bytes of the address that is probed as number {@code cell}; 0 for IPv4. */
  long high(int cell) {
    return ipv6 ? all.high(order.at(shard.position(host(cell)))) : 0;
  }

  /** The last 8 bytes of the address that is probed as number {@code cell}. */
  long low(int cell) {
    return all.low(order.at(shard.position(host(cell))));
  }

  /**
   * The cell of a host and its port, or {@link #NO_CELL} when that is no target here; the port is
   * of no account when hosts are asked as such.
   */
  int cell(long high, long low, int port) {
    final long index = all.indexOf(high, low);
    return index < 0 ? NO_CELL : cell(hostAt(index), port);
  }

  /** Whether a host is among those asked here. */
  boolean hasHost(long high, long low) {
    final long index = all.indexOf(high, low);
    return index >= 0 && hostAt(index) != NO_CELL;
  }

  /** The cell of a port of a host, given the host's cell. */
  private int cell(int host, int port) {
    if (ports.length == 0 || host == NO_CELL) {
      return host;
    }
    final int at = port < 0 || port > MAX_PORT ? NO_TURN : turnOf[port];
    if (at == NO_TURN) {
      return NO_CELL;
    }
    int turn = at - shift(host);
    if (turn < 0) {
      turn += turns;
    }
    return turn * hosts + host;
  }

  /** At which of its ports a host begins. */
  private int shift(int host) {
    return Integer.remainderUnsigned((host * GOLDEN) >>> 5, turns);
  }

  /** All cells, in the order of their addresses and then of their ports. */
  void forEachCell(IntConsumer action) {
    final int[] sorted = ports.clone();
    Arrays.sort(sorted);
    final long count = all.size();
    for (long index = 0; index < count; index++) {
      final int host = hostAt(index);
      if (host != NO_CELL && sorted.length == 0) {
        action.accept(host);
      } else if (host != NO_CELL) {
        for (int port : sorted) {
          action.accept(cell(host, port));
        }
      }
    }
  }

  private int hostAt(long index) {
    final long position = order.positionOf(index);
    return shard.contains(position) ? (int) shard.ordinal(position) : NO_CELL;
  }
}
