package io.framejet.emulate;

import io.framejet.frame.EthernetHeader;
import io.framejet.frame.FrameBatch;
import java.nio.ByteBuffer;

/** The frame that answers another, in memory of its own; made to be written again and again. */
final class Answer {
  /** Where what follows the Ethernet header begins. */
  static final int PAYLOAD = EthernetHeader.LENGTH;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 17);
  private final EthernetHeader ethernet = new EthernetHeader();
  private int length;
  private AnswerKind kind = AnswerKind.ARP;

  ByteBuffer buffer() {
    return buffer;
  }

  /** Bytes of the frame, padding included. */
  int length() {
    return length;
  }

  AnswerKind kind() {
    return kind;
  }

  /** Writes the header, and says how long the frame is; what is too short is padded with zeros. */
  void begin(AnswerKind kind, long to, long from, int etherType, int payloadLength) {
    this.kind = kind;
    final int bytes = PAYLOAD + payloadLength;
    length = Math.max(bytes, FrameBatch.MIN_FRAME);
    ethernet.wrap(buffer, 0, length).destination(to).source(from).etherType(etherType);
    for (int i = bytes; i < length; i++) {
      buffer.put(i, (byte) 0);
    }
  }
}
