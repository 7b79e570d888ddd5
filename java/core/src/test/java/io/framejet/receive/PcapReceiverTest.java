package io.framejet.receive;

import io.framejet.Backend;

/** libpcap. */
class PcapReceiverTest extends ReceiverConformance {
  @Override
  Backend backend() {
    return Backend.PCAP;
  }

  @Override
  boolean knowsDirection() {
    return false; // libpcap does not tell
  }
}
