package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.testing.VethLab;

/** The XDP program of the link: frames made and replies told within the kernel. */
class XdpSweepTest extends SweepConformance {
  @Override
  Backend backend() {
    return Backend.XDP;
  }

  @Override
  boolean queues() {
    return false;
  }

  @Override
  void prepare(VethLab lab) throws FramejetException {
    lab.farEditor().gro(VethLab.FAR, true);
  }
}
