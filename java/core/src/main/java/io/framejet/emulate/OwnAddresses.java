package io.framejet.emulate;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.link.Link;
import io.framejet.link.LinkAddress;
import io.framejet.link.NetworkNamespace;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.TargetSet;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the addresses that a namespace itself owns, on whichever link, out of those to emulate: for
 * them its own stack answers.
 */
final class OwnAddresses {
  private final List<InetAddress> leftOut = new ArrayList<>();
  private TargetSet ipv4;
  private Ipv6TargetSet ipv6;

  private OwnAddresses(TargetSet ipv4, Ipv6TargetSet ipv6) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  static OwnAddresses takenOut(NetworkNamespace namespace, TargetSet ipv4, Ipv6TargetSet ipv6)
      throws FramejetException {
    OwnAddresses rest = new OwnAddresses(ipv4, ipv6);
    for (Link link : Link.all(namespace)) {
      for (LinkAddress address : addresses(link)) {
        rest.takeOut(address.address());
      }
    }
    return rest;
  }

  private static List<LinkAddress> addresses(Link link) throws FramejetException {
    try {
      return link.addresses();
    } catch (FramejetException e) {
      if (e.code() == ErrorCode.LINK_GONE) {
        return List.of();
      }
      throw e;
    }
  }

  private void takeOut(InetAddress own) {
    if (own instanceof Inet4Address inet) {
      int address = Ipv4.fromInet(inet);
      if (ipv4.contains(address)) {
        ipv4 = ipv4.without(new TargetSet.Range(address, address));
        leftOut.add(own);
      }
    } else if (own instanceof Inet6Address inet) {
      Ipv6Address address = Ipv6Address.fromInet(inet);
      if (ipv6.contains(address.high(), address.low())) {
        ipv6 = without(ipv6, address);
        leftOut.add(own);
      }
    }
  }

  private static Ipv6TargetSet without(Ipv6TargetSet set, Ipv6Address address) {
    Ipv6TargetSet.Builder builder = Ipv6TargetSet.builder();
    set.ranges().forEach(builder::add);
    return builder
        .exclude(
            new Ipv6TargetSet.Range(address.high(), address.low(), address.high(), address.low()))
        .build();
  }

  TargetSet ipv4() {
    return ipv4;
  }

  Ipv6TargetSet ipv6() {
    return ipv6;
  }

  /** Those that were to be emulated and are owned. */
  List<InetAddress> leftOut() {
    return List.copyOf(leftOut);
  }
}
