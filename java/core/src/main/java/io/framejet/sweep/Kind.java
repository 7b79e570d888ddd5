package io.framejet.sweep;

/** The kinds of sweeps. */
enum Kind {
  /** Who has which IPv4 address? */
  ARP("arp", false, false),
  /** Who has which IPv6 address? */
  NDP("ndp", false, false),
  /** Who echoes? */
  ICMP("icmp", true, false),
  /** Which TCP ports take connections? */
  TCP("tcp", true, true),
  /** Which UDP ports answer? */
  UDP("udp", true, true);

  private final String label;
  private final boolean resolves;
  private final boolean hasPorts;

  Kind(String label, boolean resolves, boolean hasPorts) {
    this.label = label;
    this.resolves = resolves;
    this.hasPorts = hasPorts;
  }

  /** As on the command line: {@code arp}. */
  String label() {
    return label;
  }

  /** Whether probes go to the MACs of those who are asked, which are to be found out first. */
  boolean resolves() {
    return resolves;
  }

  /** Whether ports are asked rather than hosts. */
  boolean hasPorts() {
    return hasPorts;
  }
}
