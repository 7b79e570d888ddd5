package io.framejet.cli.output;

import java.util.List;

/** The columns of a sweep's results, in their order; a contract with scripts. */
public enum Columns {
  /** Of hosts that say no more than that they are there: ARP, NDP. */
  NEIGHBORS("address,mac,rtt_us,try,note"),
  /** Of hosts that answer by IP: ICMP. */
  HOSTS("address,mac,rtt_us,ttl,try,note"),
  /** Of ports: TCP, UDP. */
  PORTS("address,port,state,mac,rtt_us,ttl,try,note");

  private final String names;

  Columns(String names) {
    this.names = names;
  }

  /** Those of a kind of probe, as {@code SweepPlan.probe()} names it. */
  public static Columns of(String probe) {
    return switch (probe) {
      case "icmp" -> HOSTS;
      case "tcp", "udp" -> PORTS;
      default -> NEIGHBORS;
    };
  }

  List<String> names() {
    return List.of(names.split(",", -1));
  }

  boolean hasPorts() {
    return this == PORTS;
  }

  boolean hasTtl() {
    return this != NEIGHBORS;
  }
}
