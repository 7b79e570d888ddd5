package io.framejet.receive;

import io.framejet.Backend;

/** AF_XDP. */
class XskReceiverTest extends ReceiverConformance {
  @Override
  Backend backend() {
    return Backend.XSK;
  }

  @Override
  boolean seesOutgoing() {
    return false;
  }

  @Override
  boolean leavesFramesToTheHost() {
    return false;
  }
}
