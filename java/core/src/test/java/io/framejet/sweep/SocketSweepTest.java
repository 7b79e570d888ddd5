package io.framejet.sweep;

import io.framejet.Backend;

/** AF_PACKET with sendmmsg and recvmmsg. */
class SocketSweepTest extends SweepConformance {
  @Override
  Backend backend() {
    return Backend.SOCKET;
  }
}
