package io.framejet.emulate;

/** What a made-up host answers with. */
public enum AnswerKind {
  /** An ARP reply. */
  ARP(0, "arp"),
  /** A neighbor advertisement. */
  NDP(1, "ndp"),
  /** An ICMP echo reply. */
  ECHO(2, "echo"),
  /** An ICMPv6 echo reply. */
  ECHO6(3, "echo6"),
  /** A SYN-ACK: the port is open. */
  SYN_ACK(4, "syn_ack"),
  /** A RST: the port is closed, or the segment belongs to no connection. */
  RESET(5, "reset"),
  /** An ICMP port unreachable, to a UDP datagram. */
  UNREACHABLE(6, "unreachable");

  /** How many there are. */
  static final int COUNT = 7;

  private final int number;
  private final String label;

  AnswerKind(int number, String label) {
    this.number = number;
    this.label = label;
  }

  /** Its place among the counters: {@code enum fj_emulator_count}, native/bpf/emulator.h. */
  int number() {
    return number;
  }

  /** The name in reports, in lower case. */
  public String label() {
    return label;
  }
}
