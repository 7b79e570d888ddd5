package io.framejet.emulate;

import io.framejet.target.PortSet;
import org.jspecify.annotations.Nullable;

/**
 * What hosts do about ports, the same for all of them.
 *
 * @param open the TCP ports that accept connections; null for none
 * @param portUnreachable whether UDP datagrams are answered with an ICMP port unreachable
 */
record Ports(@Nullable PortSet open, boolean portUnreachable) {
  boolean isOpen(int port) {
    return open != null && open.contains(port);
  }
}
