package io.framejet.cli.output;

import io.framejet.frame.MacAddress;
import io.framejet.sweep.HostResult;
import io.framejet.sweep.HostState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a sweep's results.
 *
 * @param address as text
 * @param port that was asked; of no account where the columns have none
 * @param state of the port, or empty
 * @param mac who answered, or null
 * @param rttMicros microseconds to the answer, -1 where none was measured
 * @param ttl that the answer arrived with, -1 where there is none
 * @param tries which try was answered; without an answer how many there were; 0 for an own address
 * @param note empty, or words
 */
record HostRow(
    String address,
    int port,
    String state,
    @Nullable MacAddress mac,
    long rttMicros,
    int ttl,
    int tries,
    String note) {

  /** A target as it ended. */
  static HostRow of(HostResult host) {
    return new HostRow(
        host.addressText(),
        host.port(),
        host.portState(),
        host.mac(),
        host.self() ? -1 : host.rttMicros(),
        host.ttl(),
        host.tries(),
        note(host));
  }

  /** Why it is not up, if so, and what else there is to say of it. */
  private static String note(HostResult host) {
    if (host.state() == HostState.UP) {
      return host.note();
    }
    // A port that somebody called filtered, or that did not answer where a host is, is no silence.
    final boolean known = host.state() == HostState.SILENT && host.reply() != null;
    final String words = known ? "" : host.state().label();
    final String more = host.note();
    return words.isEmpty() || more.isEmpty() ? words + more : words + " " + more;
  }

  /** The MAC that claimed an address last, which another MAC had claimed before. */
  static HostRow conflicting(HostResult host) {
    List<MacAddress> others = host.others();
    return new HostRow(
        host.addressText(),
        host.port(),
        host.portState(),
        others.get(others.size() - 1),
        -1,
        -1,
        host.tries(),
        "conflict");
  }

  String macText() {
    return mac == null ? "" : mac.toString();
  }
}
