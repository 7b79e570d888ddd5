package io.framejet.inject;

import io.framejet.Backend;

/** PACKET_TX_RING through the queueing discipline. */
class RingInjectorTest extends InjectorConformance {
  @Override
  InjectorOptions options() {
    return InjectorOptions.defaults().withBackend(Backend.RING);
  }
}
