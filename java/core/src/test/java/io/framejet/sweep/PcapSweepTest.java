package io.framejet.sweep;

import io.framejet.Backend;

/** libpcap. */
class PcapSweepTest extends SweepConformance {
  @Override
  Backend backend() {
    return Backend.PCAP;
  }
}
