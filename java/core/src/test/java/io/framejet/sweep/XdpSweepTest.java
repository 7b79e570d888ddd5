package io.framejet.sweep;

import io.framejet.Backend;

/** The XDP program of the link: frames made and replies told within the kernel. */
class XdpSweepTest extends SweepConformance {
  @Override
  Backend backend() {
    return Backend.XDP;
  }
}
