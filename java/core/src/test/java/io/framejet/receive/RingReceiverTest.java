package io.framejet.receive;

import io.framejet.Backend;

/** TPACKET_V3. */
class RingReceiverTest extends ReceiverConformance {
  @Override
  Backend backend() {
    return Backend.RING;
  }
}
