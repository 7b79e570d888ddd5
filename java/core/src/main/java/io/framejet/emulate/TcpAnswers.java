package io.framejet.emulate;

import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.Options;
import io.framejet.frame.SipHash;
import io.framejet.frame.TcpHeader;

/**
 * Answers TCP segments as a stack does whose ports are in the states LISTEN and CLOSED (RFC 9293,
 * 3.10.7.1 and 3.10.7.2), and keeps nothing between segments.
 *
 * <ul>
 *   <li>SYN to an open port: SYN-ACK, with an initial sequence number that is a hash of both
 *       addresses and ports. The ACK that ends the handshake is known by it, and is taken in
 *       silence: for the client the connection is made.
 *   <li>Whatever else acknowledges something: RST with the sequence number that it acknowledges. So
 *       a connection is reset at its first byte, or at its FIN.
 *   <li>Anything else to a closed port: RST that acknowledges all of it; to an open one: nothing.
 *   <li>RST: nothing. SYN and FIN at once, to an open port: nothing.
 * </ul>
 */
final class TcpAnswers {
  private static final int MSS_LENGTH = 4;
  private static final int HEADERS = Ipv4Header.MIN_LENGTH + TcpHeader.MIN_LENGTH;
  private static final int ISN_PORT = IpProtocol.TCP;

  private final SipHash key;
  private final Ports ports;
  private final int maxSegment;
  private final TcpHeader segment = new TcpHeader();
  private final TcpHeader reply = new TcpHeader();
  private final Ipv4Header header = new Ipv4Header();

  TcpAnswers(SipHash key, Ports ports, int mtu) {
    this.key = key;
    this.ports = ports;
    this.maxSegment = maxSegment(mtu);
  }

  /** The longest segment that a link of that MTU carries (RFC 9293, 3.7.1). */
  static int maxSegment(int mtu) {
    return Math.min(Math.max(mtu, HEADERS) - HEADERS, 0xffff);
  }

  boolean answer(Ipv4Header asked, long to, Answer answer) {
    final int length = asked.payloadLength();
    final TcpHeader tcp = segment.wrap(asked.buffer(), asked.payloadOffset(), length);
    if (!tcp.isValid()
        || tcp.hasFlags(TcpHeader.RST)
        || !Transport.isChecksumRight(asked, length, tcp.checksum())) {
      return false;
    }
    final boolean open = ports.isOpen(tcp.destinationPort());
    if (tcp.hasFlags(TcpHeader.ACK)) {
      if (open && endsHandshake(asked, tcp)) {
        return false;
      }
      reset(asked, to, tcp.acknowledgment(), 0, TcpHeader.RST, answer);
      return true;
    }
    if (!open) {
      reset(asked, to, 0, after(tcp), TcpHeader.RST | TcpHeader.ACK, answer);
      return true;
    }
    if (!tcp.hasFlags(TcpHeader.SYN) || tcp.hasFlags(TcpHeader.FIN)) {
      return false;
    }
    accept(asked, to, answer);
    return true;
  }

  /** The sequence number behind a segment: its payload, SYN and FIN take up some. */
  private static long after(TcpHeader tcp) {
    return tcp.sequence()
        + tcp.payloadLength()
        + (tcp.hasFlags(TcpHeader.SYN) ? 1 : 0)
        + (tcp.hasFlags(TcpHeader.FIN) ? 1 : 0);
  }

  private boolean endsHandshake(Ipv4Header asked, TcpHeader tcp) {
    return (tcp.flags() & (TcpHeader.SYN | TcpHeader.FIN)) == 0
        && tcp.payloadLength() == 0
        && (int) tcp.acknowledgment() == initialSequence(asked, tcp) + 1;
  }

  private int initialSequence(Ipv4Header asked, TcpHeader tcp) {
    final long addresses = ((long) asked.source() << 32) | (asked.destination() & 0xffff_ffffL);
    final long both = (long) tcp.sourcePort() << 16 | tcp.destinationPort();
    return (int) key.cookie(addresses, both, ISN_PORT);
  }

  private void accept(Ipv4Header asked, long to, Answer answer) {
    final TcpHeader syn = segment;
    begin(AnswerKind.SYN_ACK, asked, to, MSS_LENGTH, answer);
    reply
        .headerLength(TcpHeader.MIN_LENGTH + MSS_LENGTH)
        .sequence(initialSequence(asked, syn))
        .acknowledgment(syn.sequence() + 1)
        .flags(TcpHeader.SYN | TcpHeader.ACK);
    answer
        .buffer()
        .putInt(
            reply.offset() + TcpHeader.OPTIONS,
            Options.MAX_SEGMENT_SIZE << 24 | MSS_LENGTH << 16 | maxSegment);
    finish();
  }

  private void reset(
      Ipv4Header asked, long to, long sequence, long acknowledgment, int flags, Answer answer) {
    begin(AnswerKind.RESET, asked, to, 0, answer);
    reply.sequence(sequence).acknowledgment(acknowledgment).flags(flags).window(0);
    finish();
  }

  private void begin(AnswerKind kind, Ipv4Header asked, long to, int options, Answer answer) {
    final int length = TcpHeader.MIN_LENGTH + options;
    Ipv4Answers.begin(kind, asked, to, 0, header, length, answer);
    header.fillChecksum();
    reply
        .wrap(answer.buffer(), header.payloadOffset(), length)
        .defaults()
        .sourcePort(segment.destinationPort())
        .destinationPort(segment.sourcePort());
  }

  private void finish() {
    reply.fillChecksum(header.pseudoSum(IpProtocol.TCP, reply.length()));
  }
}
