package io.framejet.inject;

import io.framejet.Backend;

/** The rawip backend, with frames that begin with an IP header. */
class RawipPacketTest extends PacketConformance {
  @Override
  Backend backend() {
    return Backend.RAWIP;
  }
}
