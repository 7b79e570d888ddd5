package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.testing.VethLab;

/** NDP sweeps by the XDP program of the link. */
class XdpNdpSweepTest extends NdpSweepTest {
  @Override
  Backend backend() {
    return Backend.XDP;
  }

  @Override
  void prepare(VethLab lab) throws FramejetException {
    lab.farEditor().gro(VethLab.FAR, true);
  }
}
