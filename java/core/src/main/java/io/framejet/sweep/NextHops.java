package io.framejet.sweep;

import io.framejet.frame.MacAddress;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the frames for each host go: to its own MAC, or to that of the router on the way to it.
 * Numbered by the cells of the hosts.
 */
final class NextHops {
  /** No MAC: nobody has the address. */
  static final long NONE = 0;

  private final long[] macs;
  private final BitSet routed = new BitSet();
  private final Map<Integer, List<MacAddress>> conflicts = new HashMap<>();

  NextHops(int hosts) {
    this.macs = new long[hosts];
  }

  /** The MAC that frames for this host go to, or {@link #NONE}. */
  long mac(int host) {
    return macs[host];
  }

  /** Whether the host is on the link, and has a MAC. */
  boolean isOnLink(int host) {
    return macs[host] != NONE && !routed.get(host);
  }

  /** Whether the host is reached through a router. */
  boolean isRouted(int host) {
    return routed.get(host);
  }

  /**
   * Frames for this host go to its own MAC.
   *
   * @param others that claim its address as well
   */
  void direct(int host, long mac, List<MacAddress> others) {
    macs[host] = mac;
    if (!others.isEmpty()) {
      conflicts.put(host, others);
    }
  }

  /** The MACs that claim the address besides. */
  List<MacAddress> others(int host) {
    return conflicts.isEmpty() ? List.of() : conflicts.getOrDefault(host, List.of());
  }

  /** Whether any address is claimed by more than one MAC. */
  boolean hasConflicts() {
    return !conflicts.isEmpty();
  }

  /** Frames for this host go to a router's MAC; {@link #NONE} when it does not answer. */
  void routed(int host, long mac) {
    macs[host] = mac;
    routed.set(host);
  }
}
