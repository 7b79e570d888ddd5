package io.framejet.sweep;

import io.framejet.FramejetException;
import io.framejet.frame.Ipv6Address;
import io.framejet.link.Link;
import io.framejet.link.LinkAddress;
import io.framejet.target.Ipv6TargetSet;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;

/**
 * The IPv6 side of a link: its own addresses, and what is on it by virtue of them.
 *
 * @param name of the link
 * @param source to ask from: the link-local address, for all on the link answer to that; the one
 *     that the link would have where it has none
 * @param own all of its addresses
 * @param prefixes what is on the link
 */
record Ipv6Link(String name, Ipv6Address source, List<Ipv6Address> own, List<Prefix> prefixes) {
  private static final Prefix LINK_LOCAL = new Prefix(Ipv6Address.parse("fe80::"), 10);

  /** Addresses whose first bits are those of one. */
  record Prefix(Ipv6Address address, int length) {
    boolean contains(long high, long low) {
      final long highMask = length == 0 ? 0 : -1L << (Long.SIZE - Math.min(length, Long.SIZE));
      final long lowMask = length <= Long.SIZE ? 0 : -1L << (2 * Long.SIZE - length);
      return ((high ^ address.high()) & highMask) == 0 && ((low ^ address.low()) & lowMask) == 0;
    }

    @Override
    public String toString() {
      return address + "/" + length;
    }
  }

  static Ipv6Link of(Link link) throws FramejetException {
    final List<Ipv6Address> own = new ArrayList<>();
    final List<Prefix> prefixes = new ArrayList<>(List.of(LINK_LOCAL));
    Ipv6Address source = Ipv6Address.linkLocal(link.mac());
    boolean found = false;
    for (LinkAddress address : link.addresses()) {
      if (address.address() instanceof Inet6Address inet) {
        final Ipv6Address each = Ipv6Address.fromInet(inet);
        own.add(each);
        prefixes.add(
            new Prefix(
                address.peer() instanceof Inet6Address peer ? Ipv6Address.fromInet(peer) : each,
                address.prefixLength()));
        if (each.isLinkLocal() && !found) {
          source = each;
          found = true;
        }
      }
    }
    return new Ipv6Link(link.name(), source, List.copyOf(own), List.copyOf(prefixes));
  }

  /** Whether an address is in one of the link's subnets, or link-local. */
  boolean isOnLink(long high, long low) {
    for (Prefix prefix : prefixes) {
      if (prefix.contains(high, low)) {
        return true;
      }
    }
    return false;
  }

  void requireOnLink(Ipv6TargetSet targets) {
    for (Ipv6TargetSet.Range range : targets.ranges()) {
      final boolean on =
          prefixes.stream()
              .anyMatch(
                  prefix ->
                      prefix.contains(range.firstHigh(), range.firstLow())
                          && prefix.contains(range.lastHigh(), range.lastLow()));
      if (!on) {
        throw new IllegalArgumentException(
            range
                + " is not on link "
                + name
                + ", which has "
                + prefixes
                + "; to probe it all the same, ask for it (--off-link, offLink(true))");
      }
    }
  }
}
