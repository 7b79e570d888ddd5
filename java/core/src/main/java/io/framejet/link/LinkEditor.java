package io.framejet.link;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.MacAddress;
import io.framejet.jni.EngineNative;
import io.framejet.jni.Errno;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Makes and changes the links of one namespace, as {@code ip link}, {@code ip address} and {@code
 * ip route} do, for labs and tests. Each call is done when it returns, except that a carrier may
 * follow a moment later. Calls can be chained. Safe for use by several threads.
 *
 * <p>All methods take {@code CAP_NET_ADMIN} and throw {@link FramejetException}: {@link
 * ErrorCode#PERMISSION_DENIED}; {@link ErrorCode#LINK_NOT_FOUND}, naming the links that exist;
 * {@link ErrorCode#NOT_SUPPORTED} when the kernel lacks a kind of link; {@link
 * ErrorCode#SYSTEM_ERROR} with the kernel's reason, for instance when something exists already.
 * Text that is no address, prefix or link name is an {@link IllegalArgumentException}.
 */
public final class LinkEditor {
  private static final int CHANGE = Rtnetlink.NLM_F_ACK;
  private static final int MAKE =
      Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL;

  private static final int REPLACE =
      Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_REPLACE;

  private static final long LOCAL_NANOS = 2_000_000_000;
  private static final long LOCAL_STEP_NANOS = 500_000;

  private final NetworkNamespace namespace;

  private LinkEditor(NetworkNamespace namespace) {
    this.namespace = namespace;
  }

  /** An editor of the links of this namespace. It holds nothing open. */
  public static LinkEditor of(NetworkNamespace namespace) {
    return new LinkEditor(namespace);
  }

  /** Sets a link up. */
  public LinkEditor up(String name) throws FramejetException {
    return edit(name, "set up", index -> header(index, Rtnetlink.IFF_UP, Rtnetlink.IFF_UP));
  }

  /** Sets a link down. */
  public LinkEditor down(String name) throws FramejetException {
    return edit(name, "set down", index -> header(index, 0, Rtnetlink.IFF_UP));
  }

  /** Sets the MTU in bytes: the longest payload, without Ethernet header and FCS. */
  public LinkEditor mtu(String name, int mtu) throws FramejetException {
    return edit(
        name,
        "set MTU " + mtu + " of",
        index -> header(index, 0, 0).attribute(Rtnetlink.IFLA_MTU, mtu));
  }

  /** Sets the MAC address; some kinds of link must be down for that. */
  public LinkEditor mac(String name, MacAddress mac) throws FramejetException {
    return edit(
        name,
        "set MAC address " + mac + " of",
        index -> header(index, 0, 0).attribute(Rtnetlink.IFLA_ADDRESS, Addresses.octets(mac)));
  }

  /** Gives a link another name; older kernels want it down for that. */
  public LinkEditor rename(String name, String newName) throws FramejetException {
    requireName(newName);
    return edit(
        name,
        "rename to " + newName,
        index -> header(index, 0, 0).attribute(Rtnetlink.IFLA_IFNAME, newName));
  }

  /**
   * Switches generic receive offload on or off. One end of a veth pair takes frames of an XDP
   * program only when the other end has it on, or an XDP program of its own; switched on while one
   * of the two is down, it may go unnoticed.
   */
  public LinkEditor gro(String name, boolean on) throws FramejetException {
    Link.find(name, namespace);
    final int status = namespace.withPath(netns -> EngineNative.setGro(netns, name, on));
    if (status < 0) {
      throw Faults.of(
          status, "set GRO of link " + name, Faults.ETHTOOL, name, Faults.CAP_NET_ADMIN);
    }
    return this;
  }

  /** Deletes a link; with one end of a veth pair goes the other. */
  public LinkEditor delete(String name) throws FramejetException {
    return edit(
        name,
        "delete",
        index -> new NetlinkRequest(Rtnetlink.RTM_DELLINK, CHANGE).linkHeader(index, 0, 0));
  }

  /** Makes a veth pair with both ends in this namespace, down. */
  public LinkEditor addVeth(String name, String peerName) throws FramejetException {
    return addVeth(name, peerName, namespace);
  }

  /** Makes a veth pair, one end here and its peer in another namespace, both down. */
  public LinkEditor addVeth(String name, String peerName, NetworkNamespace peerNamespace)
      throws FramejetException {
    requireName(name);
    requireName(peerName);
    try (Netlink netlink = Netlink.open(namespace)) {
      return peerNamespace.withDescriptor(
          peerFd -> {
            add(netlink, veth(name, peerName, peerFd), "veth", name);
            return this;
          });
    }
  }

  /**
   * Makes an {@code ifb} link, down: what is injected on it is counted as received, and then
   * dropped.
   */
  public LinkEditor addIfb(String name) throws FramejetException {
    return addSimple(name, "ifb");
  }

  /** Makes a {@code dummy} link, down: it swallows what is sent. */
  public LinkEditor addDummy(String name) throws FramejetException {
    return addSimple(name, "dummy");
  }

  /**
   * Gives a link an address, with the route to its prefix that comes with it. An IPv6 address is
   * ready at once: no duplicate is looked for.
   *
   * @param address {@code 10.77.0.1/16} or {@code 2001:db8::1/64}
   */
  public LinkEditor addAddress(String name, String address) throws FramejetException {
    final Addresses.Prefix prefix = Addresses.parsePrefix(address);
    final boolean six = prefix.address() instanceof Inet6Address;
    final byte[] octets = prefix.address().getAddress();
    edit(
        name,
        "add address " + address + " to",
        index -> {
          final NetlinkRequest request =
              new NetlinkRequest(Rtnetlink.RTM_NEWADDR, MAKE)
                  .addressHeader(Addresses.family(prefix.address()), prefix.length(), index)
                  .attribute(Rtnetlink.IFA_LOCAL, octets)
                  .attribute(Rtnetlink.IFA_ADDRESS, octets);
          return six ? request.attribute(Rtnetlink.IFA_FLAGS, Rtnetlink.IFA_F_NODAD) : request;
        });
    if (six && !prefix.address().isLinkLocalAddress() && Link.find(name, namespace).isUp()) {
      awaitLocal(prefix.address());
    }
    return this;
  }

  /**
   * The kernel makes an IPv6 address its own in a work queue, a moment after it has taken it, also
   * when no duplicate is looked for (net/ipv6/addrconf.c, addrconf_dad_work). On a link that is
   * down that waits until it is up.
   */
  private void awaitLocal(InetAddress address) throws FramejetException {
    final long giveUp = System.nanoTime() + LOCAL_NANOS;
    while (!isLocal(address) && System.nanoTime() - giveUp < 0) {
      LockSupport.parkNanos(LOCAL_STEP_NANOS);
    }
  }

  private boolean isLocal(InetAddress address) throws FramejetException {
    try {
      return Route.to(address, namespace).isLocal();
    } catch (FramejetException e) {
      if (e.code() == ErrorCode.NO_ROUTE) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Makes all addresses of a prefix this host's own: {@code ip route add local PREFIX dev lo}.
   * Linux then answers ARP and ICMP echo for every one of them, on every link that is up; {@code
   * lo} has to be up. For IPv6 it answers echo but no neighbor solicitation.
   *
   * @param prefix {@code 10.77.0.0/16}; bits behind its length are ignored
   */
  public LinkEditor addLocalRoute(String prefix) throws FramejetException {
    return addRoute(
        "lo", prefix, Rtnetlink.RT_TABLE_LOCAL, Rtnetlink.RT_SCOPE_HOST, Rtnetlink.RTN_LOCAL, null);
  }

  /**
   * Takes a prefix out of the reach of a local route that covers it: {@code ip route add PREFIX dev
   * LINK table local}. It is then reached on that link.
   */
  public LinkEditor addLocalTableRoute(String name, String prefix) throws FramejetException {
    return addRoute(
        name,
        prefix,
        Rtnetlink.RT_TABLE_LOCAL,
        Rtnetlink.RT_SCOPE_LINK,
        Rtnetlink.RTN_UNICAST,
        null);
  }

  /**
   * Adds a route to a prefix that is reached on the link itself: {@code ip route add PREFIX dev
   * LINK}.
   */
  public LinkEditor addRoute(String name, String prefix) throws FramejetException {
    return addRoute(
        name,
        prefix,
        Rtnetlink.RT_TABLE_MAIN,
        Rtnetlink.RT_SCOPE_LINK,
        Rtnetlink.RTN_UNICAST,
        null);
  }

  /**
   * Adds a route to a prefix by a router: {@code ip route add PREFIX via GATEWAY dev LINK}. The
   * prefix {@code 0.0.0.0/0} makes it the default route.
   */
  public LinkEditor addRoute(String name, String prefix, String gateway) throws FramejetException {
    return addRoute(
        name,
        prefix,
        Rtnetlink.RT_TABLE_MAIN,
        Rtnetlink.RT_SCOPE_UNIVERSE,
        Rtnetlink.RTN_UNICAST,
        Addresses.parse(gateway).getAddress());
  }

  /**
   * Tells the kernel the MAC of a neighbor for good, in place of what it knew: {@code ip neigh
   * replace ADDRESS lladdr MAC dev LINK nud permanent}. It never asks for it then, and such an
   * entry finds room even when the neighbor table, which all namespaces share, is full. It ends
   * when the link is set down.
   */
  public LinkEditor setNeighbor(String name, String address, MacAddress mac)
      throws FramejetException {
    final InetAddress neighbor = Addresses.parse(address);
    return edit(
        name,
        "set neighbor " + address + " on",
        index ->
            new NetlinkRequest(Rtnetlink.RTM_NEWNEIGH, REPLACE)
                .neighborHeader(Addresses.family(neighbor), index, Rtnetlink.NUD_PERMANENT)
                .attribute(Rtnetlink.NDA_DST, neighbor.getAddress())
                .attribute(Rtnetlink.NDA_LLADDR, Addresses.octets(mac)));
  }

  /** Keeps a link that is down from giving itself a link-local IPv6 address once it is up. */
  LinkEditor withoutLinkLocal(String name) throws FramejetException {
    return edit(
        name,
        "switch off IPv6 address generation of",
        index -> {
          final NetlinkRequest request = header(index, 0, 0);
          final int families = request.begin(Rtnetlink.IFLA_AF_SPEC);
          final int ipv6 = request.begin(Rtnetlink.AF_INET6);
          final byte[] none = {Rtnetlink.IN6_ADDR_GEN_MODE_NONE};
          request.attribute(Rtnetlink.IFLA_INET6_ADDR_GEN_MODE, none);
          return request.end(ipv6).end(families);
        });
  }

  /** A request about the link of this index. */
  @FunctionalInterface
  private interface Edit {
    NetlinkRequest of(int index);
  }

  private LinkEditor edit(String name, String what, Edit edit) throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      final int index = Link.find(netlink, namespace, name).index();
      netlink.change(edit.of(index), what + " link " + name, name);
    }
    return this;
  }

  /** Deletes the link of this index, under whatever name. */
  void delete(int index) throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      final NetlinkRequest request =
          new NetlinkRequest(Rtnetlink.RTM_DELLINK, CHANGE).linkHeader(index, 0, 0);
      netlink.change(request, "delete link " + index, null);
    }
  }

  private LinkEditor addRoute(
      String name, String prefix, int table, int scope, int type, byte @Nullable [] gateway)
      throws FramejetException {
    final Addresses.Prefix network = Addresses.parsePrefix(prefix).network();
    return edit(
        name,
        "add route to " + prefix + " on",
        index -> {
          final NetlinkRequest request =
              new NetlinkRequest(Rtnetlink.RTM_NEWROUTE, MAKE)
                  .routeHeader(
                      Addresses.family(network.address()), network.length(), table, scope, type)
                  .attribute(Rtnetlink.RTA_DST, network.address().getAddress())
                  .attribute(Rtnetlink.RTA_OIF, index);
          return gateway == null ? request : request.attribute(Rtnetlink.RTA_GATEWAY, gateway);
        });
  }

  private LinkEditor addSimple(String name, String kind) throws FramejetException {
    requireName(name);
    final NetlinkRequest request = make(name);
    request.end(beginKind(request, kind));
    try (Netlink netlink = Netlink.open(namespace)) {
      add(netlink, request, kind, name);
    }
    return this;
  }

  private static void add(Netlink netlink, NetlinkRequest request, String kind, String name)
      throws FramejetException {
    final String operation = "make " + kind + " link " + name;
    try {
      netlink.change(request, operation, name);
    } catch (FramejetException e) {
      if (e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
      final String message =
          "cannot "
              + operation
              + ": this kernel has no links of kind "
              + kind
              + " (module "
              + kind
              + ")";
      throw new FramejetException(
          ErrorCode.NOT_SUPPORTED, message, e.errno(), Faults.NETLINK, name, e);
    }
  }

  private static NetlinkRequest veth(String name, String peerName, int peerNamespaceFd) {
    final NetlinkRequest request = make(name);
    final int info = beginKind(request, "veth");
    final int data = request.begin(Rtnetlink.IFLA_INFO_DATA);
    // linux/veth.h: a struct ifinfomsg of its own, then the peer's attributes.
    final int peer = request.begin(Rtnetlink.VETH_INFO_PEER);
    request
        .linkHeader(0, 0, 0)
        .attribute(Rtnetlink.IFLA_IFNAME, peerName)
        .attribute(Rtnetlink.IFLA_NET_NS_FD, peerNamespaceFd);
    return request.end(peer).end(data).end(info);
  }

  private static NetlinkRequest header(int index, int flags, int change) {
    return new NetlinkRequest(Rtnetlink.RTM_NEWLINK, CHANGE).linkHeader(index, flags, change);
  }

  private static NetlinkRequest make(String name) {
    return new NetlinkRequest(Rtnetlink.RTM_NEWLINK, MAKE)
        .linkHeader(0, 0, 0)
        .attribute(Rtnetlink.IFLA_IFNAME, name);
  }

  private static int beginKind(NetlinkRequest request, String kind) {
    final int info = request.begin(Rtnetlink.IFLA_LINKINFO);
    request.attribute(Rtnetlink.IFLA_INFO_KIND, kind);
    return info;
  }

  private static void requireName(String name) {
    if (!Link.isName(name)) {
      throw new IllegalArgumentException(
          "name='" + name + "' is no link name: 1 to 15 bytes, no '/', ':' or space");
    }
  }
}
