package io.framejet.cli;

import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/** Addresses as text; no name server is asked. */
final class InetAddresses {
  private InetAddresses() {}

  /**
   * Reads an IPv4 or IPv6 address.
   *
   * @throws IllegalArgumentException if it is none
   */
  static InetAddress parse(String text) {
    return text.indexOf(':') < 0 ? Ipv4.toInet(Ipv4.parse(text)) : Ipv6Address.parse(text).toInet();
  }

  static String text(InetAddress address) {
    return address instanceof Inet6Address ipv6
        ? Ipv6Address.fromInet(ipv6).toString()
        : address.getHostAddress();
  }
}
