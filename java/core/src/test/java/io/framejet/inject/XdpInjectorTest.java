package io.framejet.inject;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.testing.VethLab;

/** Live frames of an XDP program. They pass by the queueing discipline. */
class XdpInjectorTest extends InjectorConformance {
  @Override
  InjectorOptions options() {
    return InjectorOptions.defaults().withBackend(Backend.XDP).withQdiscBypass(true);
  }

  @Override
  VethLab newLab() throws FramejetException {
    return VethLab.takingXdpFrames();
  }
}
