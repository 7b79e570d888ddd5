package io.framejet.sweep;

import io.framejet.Backend;
import java.util.ArrayList;
import java.util.List;

/**
 * What one pass over targets did; see {@link SweepReport} for the words.
 *
 * @param probed targets that got at least one probe
 * @param perCore frames that each core has sent
 * @param kernelPackets frames that the link counted as sent meanwhile
 * @param receivedDropped frames that found no room in the receiver, or that the link dropped
 * @param complete whether every target was probed and waited for
 */
record PassTotals(
    long probesSent,
    long probed,
    long replies,
    long refused,
    long malformed,
    long unasked,
    long duplicates,
    int rounds,
    long sendNanos,
    long accepted,
    List<Long> perCore,
    long unconfirmed,
    long kernelPackets,
    long transmitDropped,
    long delivered,
    long receivedDropped,
    Backend backend,
    boolean complete) {

  /** Of a pass that was not begun. */
  static PassTotals none(Backend backend) {
    return new PassTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of(), 0, 0, 0, 0, 0, backend, false);
  }

  private static List<Long> sum(List<Long> ours, List<Long> theirs) {
    final List<Long> sums = new ArrayList<>();
    for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
      sums.add((i < ours.size() ? ours.get(i) : 0) + (i < theirs.size() ? theirs.get(i) : 0));
    }
    return sums;
  }

  /** Both together. */
  PassTotals plus(PassTotals other) {
    return new PassTotals(
        probesSent + other.probesSent,
        probed + other.probed,
        replies + other.replies,
        refused + other.refused,
        malformed + other.malformed,
        unasked + other.unasked,
        duplicates + other.duplicates,
        rounds + other.rounds,
        sendNanos + other.sendNanos,
        accepted + other.accepted,
        sum(perCore, other.perCore),
        unconfirmed + other.unconfirmed,
        kernelPackets + other.kernelPackets,
        transmitDropped + other.transmitDropped,
        delivered + other.delivered,
        receivedDropped + other.receivedDropped,
        other.backend,
        complete && other.complete);
  }
}
