package io.framejet.sweep;

import io.framejet.frame.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every target of one sweep: five bytes each, and some twenty for those that are
 * up.
 *
 * <p>ARP echoes nothing of the question, so the departure has to be kept for the round-trip time.
 * Targets are numbered by cells, in the order in which they are probed, so that a round walks
 * memory straight ahead. Written by the sweeping thread alone.
 */
final class TargetTable {
  private static final byte UP = -1;

  /**
   * Most MACs kept beside the first: whoever claims one address with more is broken, or attacks.
   */
  private static final int MOST_OTHERS = 16;

  private final TargetSpace space;

  /**
   * Not up: the departure of the latest probe, in microseconds modulo 2^32. Up: index into the
   * arrays of hosts.
   */
  private final int[] values;

  /** Not up: how many probes it got. */
  private final byte[] tries;

  private int hosts;
  private long[] macs = new long[256];
  private int[] rtts = new int[256];
  private byte[] answeredTries = new byte[256];
  private final Map<Integer, List<MacAddress>> others = new HashMap<>();

  /**
   * Cells whose answer to their latest probe may have been missed; null as long as there are none.
   */
  private @Nullable BitSet missed;

  // Probing goes in the order of cells. So those whose time to answer runs are two stretches: of
  // this
  // round the cells from settled to asked, and of the round before those from settledBefore on that
  // were not asked again yet.
  private int round;
  private int settled;
  private int asked;
  private int settledBefore;

  TargetTable(TargetSpace space) {
    this.space = space;
    this.values = new int[space.size()];
    this.tries = new byte[space.size()];
  }

  /** Number of targets that are up. */
  int hostsUp() {
    return hosts;
  }

  /** Number of addresses that more than one MAC answered for. */
  int conflicts() {
    return others.size();
  }

  boolean isUp(int cell) {
    return tries[cell] == UP;
  }

  /** How many probes a target that is not up got. */
  int tries(int cell) {
    return tries[cell];
  }

  /** When a target that is not up was last probed, in microseconds modulo 2^32. */
  int departure(int cell) {
    return values[cell];
  }

  void probed(int cell, int departureMicros) {
    // An answer may be in the ring before its probe is noted here, but it is never read before.
    values[cell] = departureMicros;
    if (tries[cell] < Byte.MAX_VALUE) {
      tries[cell]++;
    }
    asked = cell + 1;
    if (missed != null) {
      missed.clear(cell);
    }
  }

  void up(int cell, long mac, long arrivalMicros) {
    add(cell, mac, Math.max(0, (int) arrivalMicros - values[cell]), tries[cell]);
  }

  void self(int cell, long mac) {
    add(cell, mac, 0, (byte) 0);
  }

  private void add(int cell, long mac, int rtt, byte tryNumber) {
    if (hosts == macs.length) {
      int room = (int) Math.min(space.size(), 2L * hosts);
      macs = Arrays.copyOf(macs, room);
      rtts = Arrays.copyOf(rtts, room);
      answeredTries = Arrays.copyOf(answeredTries, room);
    }
    macs[hosts] = mac;
    rtts[hosts] = rtt;
    answeredTries[hosts] = tryNumber;
    values[cell] = hosts++;
    tries[cell] = UP;
  }

  /** The MAC that answered first for a target that is up. */
  long mac(int cell) {
    return macs[values[cell]];
  }

  /** Notes another MAC of a target that is up; false when it was known already. */
  boolean conflict(int cell, long mac) {
    List<MacAddress> known = others.computeIfAbsent(cell, c -> new ArrayList<>(1));
    MacAddress other = MacAddress.of(mac);
    return known.size() < MOST_OTHERS && !known.contains(other) && known.add(other);
  }

  /** Begins a round of probing, from the first cell on. */
  void beginRound() {
    round++;
    settledBefore = settled;
    settled = 0;
    asked = 0;
  }

  /**
   * Keeps account of whose time to answer is over.
   *
   * @param lost whether anything was lost since the last call: whoever's time ran then may have
   *     been missed
   */
  void settle(int nowMicros, int waitMicros, boolean lost) {
    if (lost) {
      missOutstanding();
    }
    settled = settle(settled, asked, nowMicros, waitMicros);
    settledBefore = settle(settledBefore, values.length, nowMicros, waitMicros);
  }

  /** Ends the account early: whoever's time is not over may have been missed. */
  void cutShort(int nowMicros, int waitMicros) {
    settle(nowMicros, waitMicros, false);
    missOutstanding();
  }

  private int settle(int from, int to, int nowMicros, int waitMicros) {
    int cell = from;
    // A difference, for the stamps wrap around after 71 minutes. A clock that was set back makes it
    // negative: nobody is taken for settled then.
    while (cell < to && tries[cell] != 0 && (isUp(cell) || nowMicros - values[cell] > waitMicros)) {
      cell++;
    }
    return cell;
  }

  private void missOutstanding() {
    miss(settled, asked, round);
    miss(settledBefore, values.length, round - 1);
  }

  private void miss(int from, int to, int tryNumber) {
    for (int cell = from; cell < to; cell++) {
      if (tries[cell] == tryNumber && tryNumber > 0) {
        if (missed == null) {
          missed = new BitSet(values.length);
        }
        missed.set(cell);
      }
    }
  }

  HostState state(int cell) {
    if (isUp(cell)) {
      return HostState.UP;
    }
    return tries[cell] == 0 || (missed != null && missed.get(cell))
        ? HostState.POSSIBLY_LOST
        : HostState.SILENT;
  }

  HostResult result(int cell) {
    int address = space.address(cell);
    if (!isUp(cell)) {
      return new HostResult(address, state(cell), null, -1, tries[cell], false, List.of());
    }
    int host = values[cell];
    @Nullable List<MacAddress> known = others.get(cell);
    return new HostResult(
        address,
        HostState.UP,
        MacAddress.of(macs[host]),
        rtts[host],
        answeredTries[host],
        answeredTries[host] == 0,
        known == null ? List.of() : known);
  }

  void forEach(boolean upOnly, Consumer<HostResult> action) {
    space.forEachCell(
        cell -> {
          if (!upOnly || isUp(cell)) {
            action.accept(result(cell));
          }
        });
  }
}
