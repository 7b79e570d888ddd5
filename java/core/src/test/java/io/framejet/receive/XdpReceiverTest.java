package io.framejet.receive;

import io.framejet.Backend;

/** The ring buffer of an XDP program. */
class XdpReceiverTest extends ReceiverConformance {
  @Override
  Backend backend() {
    return Backend.XDP;
  }

  @Override
  boolean seesOutgoing() {
    return false;
  }
}
