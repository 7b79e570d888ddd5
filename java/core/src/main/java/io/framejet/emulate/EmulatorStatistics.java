package io.framejet.emulate;

/**
 * What an emulator has done so far. All counts are of frames.
 *
 * @param arp ARP replies that left
 * @param ndp neighbor advertisements that left
 * @param echo ICMP echo replies that left
 * @param echo6 ICMPv6 echo replies that left
 * @param synAck SYN-ACKs that left
 * @param reset RSTs that left
 * @param unreachable ICMP port unreachables that left
 * @param ignored frames that came in and got no answer
 * @param unsent answers that were made and did not leave, for the link was down or took none; they
 *     are in none of the other counts
 * @param missed frames that came in and were never seen, for lack of room or time
 */
public record EmulatorStatistics(
    long arp,
    long ndp,
    long echo,
    long echo6,
    long synAck,
    long reset,
    long unreachable,
    long ignored,
    long unsent,
    long missed) {
  /** Where the counters stand behind those of the answers that left. */
  static final int IGNORED = AnswerKind.COUNT;

  static final int UNSENT = AnswerKind.COUNT + 1;

  /** From counters in the order of {@link AnswerKind#number}, then ignored and unsent. */
  static EmulatorStatistics of(long[] counts, long missed) {
    return new EmulatorStatistics(
        counts[0],
        counts[1],
        counts[2],
        counts[3],
        counts[4],
        counts[5],
        counts[6],
        counts[IGNORED],
        counts[UNSENT],
        missed);
  }

  /** All answers that left. */
  public long answers() {
    return arp + ndp + echo + echo6 + synAck + reset + unreachable;
  }

  /** The answers of one kind that left. */
  public long answers(AnswerKind kind) {
    return switch (kind) {
      case ARP -> arp;
      case NDP -> ndp;
      case ECHO -> echo;
      case ECHO6 -> echo6;
      case SYN_ACK -> synAck;
      case RESET -> reset;
      case UNREACHABLE -> unreachable;
    };
  }
}
