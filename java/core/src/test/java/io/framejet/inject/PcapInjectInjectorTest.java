package io.framejet.inject;

import io.framejet.Backend;

/** libpcap's pcap_inject. */
class PcapInjectInjectorTest extends InjectorConformance {
  @Override
  InjectorOptions options() {
    return InjectorOptions.defaults().withBackend(Backend.PCAP);
  }
}
