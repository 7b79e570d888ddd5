package io.framejet.cli.output;

import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.sweep.HostResult;
import io.framejet.sweep.HostState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a sweep's results.
 *
 * @param address IPv4, most significant byte first
 * @param mac who answered, or null
 * @param rttMicros microseconds to the answer, -1 where none was measured
 * @param tries which try was answered; without an answer how many there were; 0 for an own address
 * @param note empty, or words
 */
record HostRow(int address, @Nullable MacAddress mac, long rttMicros, int tries, String note) {
  static final List<String> COLUMNS = List.of("address", "mac", "rtt_us", "try", "note");

  /** A target as it ended. */
  static HostRow of(HostResult host) {
    boolean up = host.state() == HostState.UP;
    String note = up ? host.note() : host.state().label();
    return new HostRow(
        host.address(), host.mac(), host.self() ? -1 : host.rttMicros(), host.tries(), note);
  }

  /** The MAC that claimed an address last, which another MAC had claimed before. */
  static HostRow conflicting(HostResult host) {
    List<MacAddress> others = host.others();
    return new HostRow(host.address(), others.get(others.size() - 1), -1, host.tries(), "conflict");
  }

  String addressText() {
    return Ipv4.format(address);
  }

  String macText() {
    return mac == null ? "" : mac.toString();
  }
}
