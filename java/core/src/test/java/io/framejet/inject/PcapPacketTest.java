package io.framejet.inject;

import io.framejet.Backend;

/** The pcap backend, with frames that begin with an IP header. */
class PcapPacketTest extends PacketConformance {
  @Override
  Backend backend() {
    return Backend.PCAP;
  }
}
