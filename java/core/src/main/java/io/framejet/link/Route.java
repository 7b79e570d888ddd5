package io.framejet.link;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A way to a destination, as {@code ip route} shows it. A snapshot.
 *
 * @param destination {@code 10.0.0.0/8}, {@code default}, or a single address without a prefix
 *     length
 * @param link the link that packets leave by; {@code lo} for a destination that is this host itself
 * @param gateway the router to send to, or null when the destination is on the link itself; it may
 *     be an IPv6 address for an IPv4 destination (RFC 5549)
 * @param source the source address that the kernel prefers, or null when the route names none
 * @param metric the lower is preferred; 0 when the route names none
 * @param type what becomes of a packet
 */
public record Route(
    String destination,
    Link link,
    @Nullable InetAddress gateway,
    @Nullable InetAddress source,
    long metric,
    Type type) {

  /** What becomes of a packet that takes a route (linux/rtnetlink.h, RTN_*). */
  public enum Type {
    /** It is sent on. */
    UNICAST(Rtnetlink.RTN_UNICAST),
    /** It is for this host. */
    LOCAL(Rtnetlink.RTN_LOCAL),
    /** It is sent to all on the link. */
    BROADCAST(Rtnetlink.RTN_BROADCAST),
    /** It is for this host among others. */
    ANYCAST(Rtnetlink.RTN_ANYCAST),
    /** It is sent to a group. */
    MULTICAST(Rtnetlink.RTN_MULTICAST);

    private final int number;

    Type(int number) {
      this.number = number;
    }

    /** As {@code ip route} names it: {@code unicast}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Null for blackhole, unreachable, prohibit, throw: nothing leaves by those. */
    static @Nullable Type of(int number) {
      for (Type type : values()) {
        if (type.number == number) {
          return type;
        }
      }
      return null;
    }
  }

  /**
   * How the kernel says that a packet would go nowhere; EINVAL for a blackhole
   * (net/ipv4/fib_semantics.c).
   */
  private static final Set<Integer> NOWHERE =
      Set.of(Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.EACCES, Errno.EINVAL, Errno.EAGAIN);

  /** Whether the destination is this host itself. */
  public boolean isLocal() {
    return type == Type.LOCAL;
  }

  /** Whether the destination is reached on the link itself, without a router. */
  public boolean isOnLink() {
    return gateway == null;
  }

  /**
   * The way from the calling thread's namespace to an address; see {@link #to(InetAddress,
   * NetworkNamespace)}.
   */
  public static Route to(InetAddress address) throws FramejetException {
    return to(address, NetworkNamespace.current());
  }

  /**
   * The way from the calling thread's namespace to an address, given as an IPv4 or IPv6 address in
   * text. No name server is asked.
   *
   * @throws FramejetException as {@link #to(InetAddress, NetworkNamespace)} does
   * @throws IllegalArgumentException if the text is no address
   */
  public static Route to(String address) throws FramejetException {
    return to(Addresses.parse(address));
  }

  /**
   * The way that the kernel would choose to an address: link, router, preferred source. Its
   * destination is that address. An address of this host gives a {@linkplain #isLocal local} route.
   *
   * @param address an IPv6 address with a scope is asked for on the link of that number
   * @throws FramejetException {@link ErrorCode#NO_ROUTE} when packets to it would go nowhere: no
   *     route, or one that is unreachable, prohibited or a blackhole
   */
  public static Route to(InetAddress address, NetworkNamespace namespace) throws FramejetException {
    final NetlinkRequest request =
        new NetlinkRequest(Rtnetlink.RTM_GETROUTE, 0)
            .routeHeader(Addresses.family(address), Addresses.bits(address), 0, 0, 0)
            .attribute(Rtnetlink.RTA_DST, address.getAddress());
    if (address instanceof Inet6Address scoped && scoped.getScopeId() > 0) {
      request.attribute(Rtnetlink.RTA_OIF, scoped.getScopeId());
    }
    final String text = Addresses.text(address);
    try (Netlink netlink = Netlink.open(namespace)) {
      final NetlinkMessage answer;
      try {
        answer = netlink.get(request, "look up the route to " + text, null);
      } catch (FramejetException e) {
        throw NOWHERE.contains(e.errno()) ? noRoute(text, namespace, e.errno(), e) : e;
      }
      final List<Route> routes =
          read(answer, text, index -> Link.lookUp(netlink, namespace, index));
      if (routes.isEmpty()) {
        throw noRoute(text, namespace, Errno.ENETUNREACH, null);
      }
      return routes.get(0);
    }
  }

  /**
   * The main routing table of a namespace, IPv4 before IPv6, in the kernel's order. A route with
   * several next hops appears once for each. Routes by which nothing leaves (blackhole,
   * unreachable, prohibit, throw) are left out.
   */
  public static List<Route> all(NetworkNamespace namespace) throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      final Map<Integer, Link> links = new HashMap<>();
      for (Link link : Link.all(netlink, namespace)) {
        links.put(link.index(), link);
      }
      final List<Route> routes = new ArrayList<>();
      for (int family : new int[] {Rtnetlink.AF_INET, Rtnetlink.AF_INET6}) {
        final NetlinkRequest request =
            new NetlinkRequest(Rtnetlink.RTM_GETROUTE, Rtnetlink.NLM_F_DUMP)
                .routeHeader(family, 0, Rtnetlink.RT_TABLE_MAIN, 0, 0);
        for (NetlinkMessage message : dump(netlink, request, namespace)) {
          if (isOfMainTable(message, family)) {
            routes.addAll(read(message, null, links::get));
          }
        }
      }
      return List.copyOf(routes);
    }
  }

  /** How a link is looked up by its index; null when it has gone in the meantime. */
  @FunctionalInterface
  interface Links {
    @Nullable Link get(int index) throws FramejetException;
  }

  /**
   * The routes in a message of type RTM_NEWROUTE: one for each next hop, none if nothing leaves by
   * it.
   *
   * @param destination the destination to name, or null for that of the message
   */
  static List<Route> read(NetlinkMessage message, @Nullable String destination, Links links)
      throws FramejetException {
    final NetlinkAttributes attributes = message.attributes(Rtnetlink.RTMSG_SIZE);
    final int prefixLength = Byte.toUnsignedInt(message.body().get(1));
    final Type type = Type.of(Byte.toUnsignedInt(message.body().get(7)));
    if (type == null) {
      return List.of();
    }
    final String name =
        destination == null
            ? destinationOf(attributes.getAddress(Rtnetlink.RTA_DST), prefixLength)
            : destination;
    final InetAddress source = attributes.getAddress(Rtnetlink.RTA_PREFSRC);
    final long metric = Integer.toUnsignedLong(attributes.getInt(Rtnetlink.RTA_PRIORITY, 0));
    final List<Route> routes = new ArrayList<>();
    for (NextHop hop : NextHop.of(attributes)) {
      final Link link = links.get(hop.index);
      if (link != null) {
        routes.add(new Route(name, link, hop.gateway, source, metric, type));
      }
    }
    return routes;
  }

  /** One way out of a route. */
  private record NextHop(int index, @Nullable InetAddress gateway) {

    static List<NextHop> of(NetlinkAttributes attributes) throws FramejetException {
      final ByteBuffer several = attributes.get(Rtnetlink.RTA_MULTIPATH);
      if (several != null) {
        return ofMultipath(several);
      }
      final int index = attributes.getInt(Rtnetlink.RTA_OIF, 0);
      return index == 0 ? List.of() : List.of(new NextHop(index, gatewayOf(attributes)));
    }

    /** struct rtnexthop: 16 bits length, flags, hops, 32 bits link index, attributes. */
    private static List<NextHop> ofMultipath(ByteBuffer bytes) throws FramejetException {
      final List<NextHop> hops = new ArrayList<>();
      int offset = 0;
      while (bytes.limit() - offset >= Rtnetlink.RTNEXTHOP_SIZE) {
        final int length = Short.toUnsignedInt(bytes.getShort(offset));
        if (length < Rtnetlink.RTNEXTHOP_SIZE || length > bytes.limit() - offset) {
          throw Netlink.malformed("next hop length=" + length + " at byte " + offset);
        }
        final int start = offset + Rtnetlink.RTNEXTHOP_SIZE;
        final NetlinkAttributes attributes =
            new NetlinkAttributes(NetlinkMessage.slice(bytes, start, offset + length - start));
        hops.add(new NextHop(bytes.getInt(offset + 4), gatewayOf(attributes)));
        offset += NetlinkMessage.align(length);
      }
      return hops;
    }

    private static @Nullable InetAddress gatewayOf(NetlinkAttributes attributes)
        throws FramejetException {
      final ByteBuffer via = attributes.get(Rtnetlink.RTA_VIA);
      if (via == null) {
        return attributes.getAddress(Rtnetlink.RTA_GATEWAY);
      }
      // struct rtvia: 16 bits address family, address.
      NetlinkAttributes.sized(via, Rtnetlink.RTA_VIA, Short.BYTES);
      return NetlinkAttributes.address(
          NetlinkMessage.slice(via, Short.BYTES, via.limit() - Short.BYTES));
    }
  }

  private static String destinationOf(@Nullable InetAddress address, int prefixLength) {
    if (address == null) {
      return "default";
    }
    final String text = Addresses.text(address);
    return prefixLength == Addresses.bits(address) ? text : text + "/" + prefixLength;
  }

  private static boolean isOfMainTable(NetlinkMessage message, int family)
      throws FramejetException {
    final NetlinkAttributes attributes = message.attributes(Rtnetlink.RTMSG_SIZE);
    final ByteBuffer header = message.body();
    final int table = attributes.getInt(Rtnetlink.RTA_TABLE, Byte.toUnsignedInt(header.get(4)));
    // Linux before 4.20 lists all tables; a clone is a cached answer to somebody, no entry.
    return Byte.toUnsignedInt(header.get(0)) == family
        && table == Rtnetlink.RT_TABLE_MAIN
        && (header.getInt(8) & Rtnetlink.RTM_F_CLONED) == 0;
  }

  /** A kernel without IPv6, or whose table was never used, has no routes rather than a fault. */
  private static List<NetlinkMessage> dump(
      Netlink netlink, NetlinkRequest request, NetworkNamespace namespace)
      throws FramejetException {
    try {
      return netlink.dump(request, "list the routes of network namespace " + namespace);
    } catch (FramejetException e) {
      if (e.errno() == Errno.ENOENT
          || e.errno() == Errno.EAFNOSUPPORT
          || e.errno() == Errno.EOPNOTSUPP) {
        return List.of();
      }
      throw e;
    }
  }

  private static FramejetException noRoute(
      String address, NetworkNamespace namespace, int errno, @Nullable Throwable cause) {
    final String message =
        "no route to "
            + address
            + " in network namespace "
            + namespace
            + " ("
            + Errno.text(errno)
            + "); see framejet routes";
    return new FramejetException(ErrorCode.NO_ROUTE, message, errno, Faults.NETLINK, null, cause);
  }
}
