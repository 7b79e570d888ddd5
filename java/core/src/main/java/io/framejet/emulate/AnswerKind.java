package io.framejet.emulate;

/** What a made-up host answers with. */
public enum AnswerKind {
  /** An ARP reply. */
  ARP("arp"),
  /** A neighbor advertisement. */
  NDP("ndp"),
  /** An ICMP echo reply. */
  ECHO("echo"),
  /** An ICMPv6 echo reply. */
  ECHO6("echo6"),
  /** A SYN-ACK: the port is open. */
  SYN_ACK("syn_ack"),
  /** A RST: the port is closed, or the segment belongs to no connection. */
  RESET("reset"),
  /** An ICMP port unreachable, to a UDP datagram. */
  UNREACHABLE("unreachable");

  private final String label;

  AnswerKind(String label) {
    this.label = label;
  }

  /** The name in reports, in lower case. */
  public String label() {
    return label;
  }
}
