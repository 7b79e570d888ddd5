package io.framejet.emulate;

import io.framejet.Backend;

class SocketEmulatorTest extends EmulatorConformance {
  @Override
  Backend backend() {
    return Backend.SOCKET;
  }
}
