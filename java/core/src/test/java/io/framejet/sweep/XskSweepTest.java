package io.framejet.sweep;

import io.framejet.Backend;

/** AF_XDP, both ways. */
class XskSweepTest extends SweepConformance {
  @Override
  Backend backend() {
    return Backend.XSK;
  }

  @Override
  boolean queues() {
    return false;
  }

  @Override
  boolean leavesFramesToTheHost() {
    return false;
  }
}
