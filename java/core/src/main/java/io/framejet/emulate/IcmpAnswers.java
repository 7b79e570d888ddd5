package io.framejet.emulate;

import io.framejet.frame.Icmp4Message;
import io.framejet.frame.Ipv4Header;

/**
 * Answers ICMP echo requests (RFC 792): the data comes back unchanged, with the type of service of
 * the request (RFC 1349, 5.1).
 */
final class IcmpAnswers {
  private final Icmp4Message request = new Icmp4Message();
  private final Icmp4Message reply = new Icmp4Message();
  private final Ipv4Header header = new Ipv4Header();

  boolean answer(Ipv4Header asked, long to, Answer answer) {
    final int length = asked.payloadLength();
    final Icmp4Message message = request.wrap(asked.buffer(), asked.payloadOffset(), length);
    if (!message.isValid()
        || message.type() != Icmp4Message.ECHO_REQUEST
        || message.code() != 0
        || !message.isChecksumValid()) {
      return false;
    }
    Ipv4Answers.begin(AnswerKind.ECHO, asked, to, asked.typeOfService(), header, length, answer);
    header.fillChecksum();
    final int at = header.payloadOffset();
    answer.buffer().put(at, asked.buffer(), asked.payloadOffset(), length);
    reply.wrap(answer.buffer(), at, length).type(Icmp4Message.ECHO_REPLY).fillChecksum();
    return true;
  }
}
