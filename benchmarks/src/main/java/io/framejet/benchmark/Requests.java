package io.framejet.benchmark;

import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.probe.ArpProbe;

/** The frame that everything here is measured with: an ARP request of 60 bytes for 10.77.x.y. */
final class Requests {
  static final MacAddress SENDER_MAC = MacAddress.parse("02:00:00:00:00:01");
  static final int SENDER_IP = Ipv4.parse("10.77.0.1");
  static final int NETWORK = Ipv4.parse("10.77.0.0");

  private Requests() {}

  static FrameTemplate template() {
    return new ArpProbe(SENDER_MAC, SENDER_IP).template();
  }

  /** The target of frame {@code number}: all addresses of the /16 in turn. */
  static int target(long number) {
    return NETWORK | ((int) number & 0xffff);
  }
}
