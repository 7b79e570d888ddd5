package io.framejet.inject;

import io.framejet.Backend;

/** libpcap's pcap_sendpacket. */
class PcapSendpacketInjectorTest extends InjectorConformance {
  @Override
  InjectorOptions options() {
    return InjectorOptions.defaults()
        .withBackend(Backend.PCAP)
        .withPcapCall(InjectorOptions.PcapCall.SENDPACKET);
  }
}
