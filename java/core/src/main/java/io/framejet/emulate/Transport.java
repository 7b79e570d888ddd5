package io.framejet.emulate;

import io.framejet.frame.Checksum;
import io.framejet.frame.Ipv4Header;
import java.nio.ByteBuffer;

/** What TCP and UDP have in common. */
final class Transport {
  private Transport() {}

  /**
   * Whether a checksum is right, or is what a sender leaves for a NIC to finish: the folded sum of
   * the pseudo-header. Over virtual links it arrives like that, and nothing says so to an XDP
   * program.
   *
   * @param checksum the one in the header
   */
  static boolean isChecksumRight(Ipv4Header packet, int length, int checksum) {
    final ByteBuffer buffer = packet.buffer();
    final long pseudo = packet.pseudoSum(packet.protocol(), length);
    return Checksum.finish(pseudo + Checksum.sum(buffer, packet.payloadOffset(), length)) == 0
        || checksum == (~Checksum.finish(pseudo) & 0xffff);
  }
}
