package io.framejet.sweep;

import io.framejet.frame.Ipv4;
import io.framejet.link.LinkAddress;
import io.framejet.target.TargetSet;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An IPv4 address of a link with the subnet that it puts on the link.
 *
 * @param prefix an address in that subnet: the peer's on a point-to-point link, else the same
 */
record Subnet(int address, int prefix, int prefixLength) {
  static List<Subnet> of(List<LinkAddress> addresses) {
    List<Subnet> subnets = new ArrayList<>();
    for (LinkAddress address : addresses) {
      if (address.address() instanceof Inet4Address ipv4) {
        int own = Ipv4.fromInet(ipv4);
        int prefix = address.peer() instanceof Inet4Address peer ? Ipv4.fromInet(peer) : own;
        subnets.add(new Subnet(own, prefix, address.prefixLength()));
      }
    }
    return subnets;
  }

  int first() {
    return prefixLength == 0 ? 0 : prefix & (-1 << (32 - prefixLength));
  }

  int last() {
    return prefixLength == 0 ? -1 : first() | ~(-1 << (32 - prefixLength));
  }

  /** Subnets of two addresses have neither a network nor a broadcast address (RFC 3021). */
  boolean hasBroadcast() {
    return prefixLength < 31;
  }

  TargetSet.Range networkAddress() {
    return new TargetSet.Range(first(), first());
  }

  TargetSet.Range broadcastAddress() {
    return new TargetSet.Range(last(), last());
  }

  boolean contains(int other) {
    return Integer.compareUnsigned(first(), other) <= 0
        && Integer.compareUnsigned(other, last()) <= 0;
  }

  /**
   * The address to ask from: that of the subnet the targets are in; else the first; else none at
   * all (RFC 5227).
   */
  static int sourceFor(TargetSet targets, List<Subnet> subnets) {
    int target = targets.addressAt(0);
    return subnets.stream()
        .filter(subnet -> subnet.contains(target))
        .max((a, b) -> Integer.compare(a.prefixLength, b.prefixLength))
        .or(() -> subnets.stream().findFirst())
        .map(Subnet::address)
        .orElse(0);
  }

  /** The targets that are in none of these subnets. */
  static TargetSet beyond(TargetSet targets, List<Subnet> subnets) {
    TargetSet beyond = targets;
    for (Subnet subnet : subnets) {
      beyond = beyond.without(new TargetSet.Range(subnet.first(), subnet.last()));
    }
    return beyond;
  }

  static void requireOnLink(TargetSet targets, List<Subnet> subnets, String link) {
    TargetSet beyond = beyond(targets, subnets);
    if (!beyond.isEmpty()) {
      String known =
          subnets.isEmpty()
              ? "which has no IPv4 address"
              : "which has "
                  + subnets.stream().map(Subnet::toString).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          Ipv4.format(beyond.addressAt(0))
              + (beyond.size() == 1
                  ? " is"
                  : String.format(" and %,d more targets are", beyond.size() - 1))
              + " not on link "
              + link
              + ", "
              + known
              + "; to probe them all the same, ask for it (--off-link, offLink(true))");
    }
  }

  @Override
  public String toString() {
    return Ipv4.format(prefix) + "/" + prefixLength;
  }
}
