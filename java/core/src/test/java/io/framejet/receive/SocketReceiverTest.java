package io.framejet.receive;

import io.framejet.Backend;

/** AF_PACKET with recvmmsg. */
class SocketReceiverTest extends ReceiverConformance {
  @Override
  Backend backend() {
    return Backend.SOCKET;
  }
}
