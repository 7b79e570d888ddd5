package io.framejet.inject;

import io.framejet.Backend;

/** The ring backend, with frames that begin with an IP header. */
class RingPacketTest extends PacketConformance {
  @Override
  Backend backend() {
    return Backend.RING;
  }
}
