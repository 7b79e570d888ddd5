package io.framejet.inject;

import io.framejet.Backend;

/** The socket backend, with frames that begin with an IP header. */
class SocketPacketTest extends PacketConformance {
  @Override
  Backend backend() {
    return Backend.SOCKET;
  }
}
