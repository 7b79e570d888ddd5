package io.framejet.emulate;

import io.framejet.Backend;

class RingEmulatorTest extends EmulatorConformance {
  @Override
  Backend backend() {
    return Backend.RING;
  }
}
