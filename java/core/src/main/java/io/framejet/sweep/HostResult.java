package io.framejet.sweep;

import io.framejet.frame.MacAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sweep found out about one target.
 *
 * @param address its IPv4 address, most significant byte first; see {@link
 *     io.framejet.frame.Ipv4#format}
 * @param state how it ended
 * @param mac who answered first; null when nobody did
 * @param rttMicros from the latest probe to the first answer, in microseconds; -1 without an
 *     answer, 0 for own addresses. Frames leave in batches: at full rate it is exact to about the
 *     time that a frame takes to send
 * @param tries which try was answered, 1 being the first; without an answer how many there were; 0
 *     for own addresses
 * @param self whether it is an address of the sweeping link itself, which is reported and not
 *     probed
 * @param others further MACs that claimed the same address: a conflict when there are any
 */
public record HostResult(
    int address,
    HostState state,
    @Nullable MacAddress mac,
    long rttMicros,
    int tries,
    boolean self,
    List<MacAddress> others) {
  /** Copies the list. */
  public HostResult {
    others = List.copyOf(others);
  }

  /** Whether more than one MAC claimed the address. */
  public boolean conflict() {
    return !others.isEmpty();
  }

  /** The note column of reports: empty, {@code self} or {@code conflict}. */
  public String note() {
    if (self) {
      return "self";
    }
    return conflict() ? "conflict" : "";
  }
}
