package io.framejet.inject;

import io.framejet.Backend;

/** AF_PACKET with sendmmsg. */
class SocketInjectorTest extends InjectorConformance {
  @Override
  InjectorOptions options() {
    return InjectorOptions.defaults().withBackend(Backend.SOCKET);
  }
}
