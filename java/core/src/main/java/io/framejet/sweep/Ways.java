package io.framejet.sweep;

import io.framejet.FramejetException;
import io.framejet.frame.Ipv4;
import io.framejet.link.Link;
import io.framejet.link.Route;
import io.framejet.target.TargetSet;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How IPv4 targets that are in no subnet of the link are reached from it: the kernel's routes,
 * looked up once for each stretch of addresses that no route of the main table divides.
 */
final class Ways {
  private static final long UNSIGNED = 0xffff_ffffL;

  /** No target is beyond the link. */
  static final Ways NONE = new Ways(List.of());

  private final List<Way> ways;

  private Ways(List<Way> ways) {
    this.ways = ways;
  }

  /**
   * The way to a stretch of addresses.
   *
   * @param first the lowest address, as an unsigned number
   * @param last the highest
   * @param gateway the router to send to, or null when they are on the link itself
   * @param source the address that the kernel would send from, if the route names one
   */
  record Way(long first, long last, @Nullable InetAddress gateway, @Nullable InetAddress source) {}

  /**
   * The ways to these targets.
   *
   * @throws FramejetException NO_ROUTE
   * @throws IllegalArgumentException with a sentence for the user when the kernel sends frames for
   *     one of them out by another link
   */
  static Ways of(TargetSet beyond, Link link) throws FramejetException {
    final NavigableSet<Long> borders = borders(link);
    final List<Way> ways = new ArrayList<>();
    for (TargetSet.Range range : beyond.ranges()) {
      long first = range.first() & UNSIGNED;
      final long end = (range.last() & UNSIGNED) + 1;
      while (first < end) {
        final Long border = borders.higher(first);
        final long next = border == null ? end : Math.min(border, end);
        ways.add(way(first, next - 1, link));
        first = next;
      }
    }
    return new Ways(ways);
  }

  /** Where one route ends to count and another begins. */
  private static NavigableSet<Long> borders(Link link) throws FramejetException {
    final NavigableSet<Long> borders = new TreeSet<>();
    for (Route route : Route.all(link.namespace())) {
      final String destination = route.destination();
      if (destination.indexOf(':') < 0 && !destination.equals("default")) {
        final TargetSet.Range range = rangeOf(destination);
        borders.add(range.first() & UNSIGNED);
        borders.add((range.last() & UNSIGNED) + 1);
      }
    }
    return borders;
  }

  private static TargetSet.Range rangeOf(String destination) {
    final int slash = destination.indexOf('/');
    final int address = Ipv4.parse(slash < 0 ? destination : destination.substring(0, slash));
    final int length = slash < 0 ? 32 : Integer.parseInt(destination.substring(slash + 1));
    return new TargetSet.Range(address, length == 32 ? address : address | -1 >>> length);
  }

  private static Way way(long first, long last, Link link) throws FramejetException {
    final Route route = Route.to(Ipv4.toInet((int) first), link.namespace());
    if (!route.link().isSame(link)) {
      throw new IllegalArgumentException(
          "the way to "
              + Ipv4.format((int) first)
              + " leads over link "
              + route.link().name()
              + ", not over "
              + link.name()
              + " (framejet routes "
              + Ipv4.format((int) first)
              + ")");
    }
    if (route.gateway() != null && !(route.gateway() instanceof Inet4Address)) {
      throw new IllegalArgumentException(
          "the router to "
              + Ipv4.format((int) first)
              + " has an IPv6 address, which is not supported yet");
    }
    return new Way(first, last, route.gateway(), route.source());
  }

  /** Whether all targets are on the link. */
  boolean isEmpty() {
    return ways.isEmpty();
  }

  /** All routers that are needed, each once. */
  Set<InetAddress> gateways() {
    final Set<InetAddress> gateways = new LinkedHashSet<>();
    for (Way way : ways) {
      if (way.gateway() != null) {
        gateways.add(way.gateway());
      }
    }
    return gateways;
  }

  /** The address that the kernel would send from to the first of them, if the route names one. */
  @Nullable Integer source() {
    return !ways.isEmpty() && ways.get(0).source() instanceof Inet4Address source
        ? (Integer) Ipv4.fromInet(source)
        : null;
  }

  /** The router on the way to an IPv4 address, or null when it is on the link. */
  @Nullable InetAddress gatewayTo(long address) {
    int low = 0;
    int high = ways.size() - 1;
    while (low <= high) {
      final int middle = (low + high) >>> 1;
      final Way way = ways.get(middle);
      if (address < way.first()) {
        high = middle - 1;
      } else if (address > way.last()) {
        low = middle + 1;
      } else {
        return way.gateway();
      }
    }
    return null;
  }
}
