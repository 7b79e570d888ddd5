package io.framejet.sweep;

import io.framejet.frame.FrameTemplate;
import io.framejet.probe.Probe;
import io.framejet.probe.Reply;
import io.framejet.probe.Verdict;
import java.nio.ByteBuffer;

/**
 * A probe that leaves as a packet, before which the kernel puts the link's header, and is answered
 * by frames with that header: two probes with the same key of cookies.
 */
final class PacketProbe implements Probe {
  private final Probe asking;
  private final Probe reading;

  /**
   * Both of one kind, source and key.
   *
   * @param asking whose frames begin with an IP header
   * @param reading whose frames begin as those of the link
   */
  PacketProbe(Probe asking, Probe reading) {
    this.asking = asking;
    this.reading = reading;
  }

  @Override
  public String name() {
    return asking.name();
  }

  @Override
  public FrameTemplate template() {
    return asking.template();
  }

  @Override
  public FrameTemplate template(int port) {
    return asking.template(port);
  }

  @Override
  public long[] filter() {
    return reading.filter();
  }

  @Override
  public Verdict read(ByteBuffer buffer, int offset, int length, Reply reply) {
    return reading.read(buffer, offset, length, reply);
  }
}
