package io.framejet.sweep;

import io.framejet.frame.MacAddress;
import java.util.ArrayList;
import java.util.Arrays;
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

  private long end;
  private boolean ended;
  private boolean anyDrop;
  private int lastDrop;

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
    return !known.contains(other) && known.add(other);
  }

  /** Notes that frames were dropped some time before {@code micros}. */
  void dropped(int micros) {
    anyDrop = true;
    lastDrop = micros;
  }

  /**
   * Ends the account: targets that were probed less than {@code waitMicros} before {@code micros}
   * were cut short.
   */
  void end(long micros, long waitMicros) {
    end = micros - waitMicros;
    ended = true;
  }

  HostState state(int cell) {
    if (isUp(cell)) {
      return HostState.UP;
    }
    // Differences, for the stamps wrap around after 71 minutes.
    boolean missed =
        tries[cell] == 0
            || (anyDrop && lastDrop - values[cell] >= 0)
            || (ended && (int) end - values[cell] < 0);
    return missed ? HostState.POSSIBLY_LOST : HostState.SILENT;
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
