package io.framejet.link;

import static java.util.stream.Collectors.joining;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.jni.Errno;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A link: a network interface, as in {@code ip link}. An immutable snapshot of the moment it was
 * looked up; {@link #refresh} takes a new one. What identifies a link is its index within its
 * namespace; its name may change, and may pass to another link.
 *
 * <p>All methods are safe for use by several threads. Those that ask the kernel open and close a
 * socket of their own; a {@link LinkMonitor} keeps one open for repeated questions. They need no
 * capability as long as the calling thread is in the link's namespace.
 */
public final class Link {
  private final NetworkNamespace namespace;
  private final int index;
  private final String name;
  private final MacAddress mac;
  private final int mtu;
  private final int flags;
  private final int hardwareType;
  private final String kind;
  private final boolean lowerUp;
  private final int promiscuity;
  private final int xdpProgram;

  private Link(NetworkNamespace namespace, NetlinkMessage message) throws FramejetException {
    final NetlinkAttributes attributes = message.attributes(Rtnetlink.IFINFOMSG_SIZE);
    final ByteBuffer header = message.body();
    this.namespace = namespace;
    this.hardwareType = Short.toUnsignedInt(header.getShort(2));
    this.index = header.getInt(4);
    this.flags = header.getInt(8);
    this.name = attributes.getText(Rtnetlink.IFLA_IFNAME, "");
    this.mtu = attributes.getInt(Rtnetlink.IFLA_MTU, 0);
    this.kind = attributes.getNested(Rtnetlink.IFLA_LINKINFO).getText(Rtnetlink.IFLA_INFO_KIND, "");
    this.lowerUp = attributes.getByte(Rtnetlink.IFLA_CARRIER, 1) != 0;
    this.promiscuity = attributes.getInt(Rtnetlink.IFLA_PROMISCUITY, 0);
    final NetlinkAttributes xdp = attributes.getNested(Rtnetlink.IFLA_XDP);
    this.xdpProgram =
        xdp.getInt(Rtnetlink.IFLA_XDP_PROG_ID, xdp.getInt(Rtnetlink.IFLA_XDP_DRV_PROG_ID, 0));
    final ByteBuffer address = attributes.get(Rtnetlink.IFLA_ADDRESS);
    this.mac =
        address == null || address.limit() != MacAddress.LENGTH
            ? MacAddress.ZERO
            : MacAddress.of(MacAddress.read(address, 0));
  }

  /** From a message of type RTM_NEWLINK. */
  static Link of(NetworkNamespace namespace, NetlinkMessage message) throws FramejetException {
    return new Link(namespace, message);
  }

  /**
   * The link of that name, or alternative name, in the calling thread's namespace.
   *
   * @throws FramejetException {@link ErrorCode#LINK_NOT_FOUND}, naming the links that exist
   */
  public static Link find(String name) throws FramejetException {
    return find(name, NetworkNamespace.current());
  }

  /**
   * The link of that name, or alternative name.
   *
   * @throws FramejetException {@link ErrorCode#LINK_NOT_FOUND}, naming the links that exist; {@link
   *     ErrorCode#PERMISSION_DENIED} or {@link ErrorCode#NAMESPACE_NOT_FOUND} when the namespace
   *     cannot be entered
   */
  public static Link find(String name, NetworkNamespace namespace) throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      return find(netlink, namespace, name);
    }
  }

  /**
   * The link of that index.
   *
   * @throws FramejetException {@link ErrorCode#LINK_NOT_FOUND}, naming the links that exist
   */
  public static Link byIndex(int index, NetworkNamespace namespace) throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      final Link link = lookUp(netlink, namespace, index);
      if (link == null) {
        throw notFound(netlink, namespace, "index " + index);
      }
      return link;
    }
  }

  /** All links of the calling thread's namespace, in order of their index. */
  public static List<Link> all() throws FramejetException {
    return all(NetworkNamespace.current());
  }

  /** All links of a namespace, in order of their index. */
  public static List<Link> all(NetworkNamespace namespace) throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      return all(netlink, namespace);
    }
  }

  /**
   * A new snapshot of the same link, whatever its name is now.
   *
   * @throws FramejetException {@link ErrorCode#LINK_GONE} when it has been deleted or moved to
   *     another namespace, also when another link has its name now
   */
  public Link refresh() throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      return refresh(netlink);
    }
  }

  /**
   * Its IPv4 and IPv6 addresses at this moment, in the kernel's order.
   *
   * @throws FramejetException {@link ErrorCode#LINK_GONE}
   */
  public List<LinkAddress> addresses() throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      final NetlinkRequest request =
          new NetlinkRequest(Rtnetlink.RTM_GETADDR, Rtnetlink.NLM_F_DUMP)
              .addressHeader(Rtnetlink.AF_UNSPEC, 0, index);
      final List<LinkAddress> addresses = new ArrayList<>();
      try {
        for (NetlinkMessage message : netlink.dump(request, "list addresses of link " + name)) {
          // Linux before 4.20 lists those of all links.
          final LinkAddress address = LinkAddress.of(message, index);
          if (address != null) {
            addresses.add(address);
          }
        }
      } catch (FramejetException e) {
        throw isMissing(e) ? gone() : e;
      }
      if (addresses.isEmpty()) {
        refresh(netlink); // a link that is gone has no addresses either
      }
      return List.copyOf(addresses);
    }
  }

  /**
   * What the kernel has counted on it up to this moment.
   *
   * @throws FramejetException {@link ErrorCode#LINK_GONE}
   */
  public LinkCounters counters() throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      return counters(netlink);
    }
  }

  /** Its number, unique within its namespace: 1 or more. */
  public int index() {
    return index;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /**
   * Its MAC address; {@link MacAddress#ZERO} for {@code lo} and for a link that has none, as a
   * tunnel.
   */
  public MacAddress mac() {
    return mac;
  }

  /** The longest payload that it takes, in bytes: a frame without its Ethernet header and FCS. */
  public int mtu() {
    return mtu;
  }

  /** Flags as in netdevice(7): {@code IFF_UP} is 0x1, {@code IFF_RUNNING} 0x40, and so on. */
  public int flags() {
    return flags;
  }

  /** Whether it is set up, by an administrator. */
  public boolean isUp() {
    return (flags & Rtnetlink.IFF_UP) != 0;
  }

  /** Whether it is set up and something is at its other end, so that frames can leave. */
  public boolean hasCarrier() {
    final int needed = Rtnetlink.IFF_UP | Rtnetlink.IFF_RUNNING | Rtnetlink.IFF_LOWER_UP;
    return lowerUp && (flags & needed) == needed;
  }

  /** Whether it leads back to this host: {@code lo}. */
  public boolean isLoopback() {
    return (flags & Rtnetlink.IFF_LOOPBACK) != 0;
  }

  /** Whether it receives frames for all MAC addresses, for whatever reason: a flag, or a socket. */
  public boolean isPromiscuous() {
    return promiscuity > 0;
  }

  /** What made it: {@code veth}, {@code ifb}, {@code vlan}; empty for a NIC and for {@code lo}. */
  public String kind() {
    return kind;
  }

  /**
   * Whether its frames begin with an Ethernet header; that of {@code lo} has MAC addresses of
   * zeros.
   */
  public boolean hasEthernetHeader() {
    return linkType() == LinkType.ETHERNET;
  }

  /**
   * What its frames begin with: an Ethernet header, or an IP header on a link that has none of its
   * own (tun, WireGuard, IP tunnels, PPP).
   *
   * @return null when it is something else, such as 802.11
   */
  public @Nullable LinkType linkType() {
    return switch (hardwareType) {
      case Rtnetlink.ARPHRD_ETHER, Rtnetlink.ARPHRD_LOOPBACK -> LinkType.ETHERNET;
      case Rtnetlink.ARPHRD_NONE,
          Rtnetlink.ARPHRD_RAWIP,
          Rtnetlink.ARPHRD_PPP,
          Rtnetlink.ARPHRD_TUNNEL,
          Rtnetlink.ARPHRD_TUNNEL6,
          Rtnetlink.ARPHRD_SIT,
          Rtnetlink.ARPHRD_IPGRE,
          Rtnetlink.ARPHRD_IP6GRE ->
          LinkType.IP;
      default -> null;
    };
  }

  /** The namespace that it was found in. */
  public NetworkNamespace namespace() {
    return namespace;
  }

  /** Whether both are snapshots of one link: the same index in the same namespace. */
  public boolean isSame(Link other) {
    return index == other.index && namespace.isSame(other.namespace);
  }

  /** The id of the XDP program that is attached to it, as {@code bpftool prog} has it; 0: none. */
  public int xdpProgram() {
    return xdpProgram;
  }

  /**
   * The name of the other end of a {@code veth} pair, in whatever namespace it is; null when this
   * link has no other end, or it cannot be seen from here.
   */
  public @Nullable String peerName() throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      final NetlinkAttributes own =
          fetch(netlink, index, name, true).attributes(Rtnetlink.IFINFOMSG_SIZE);
      final int peer = own.getInt(Rtnetlink.IFLA_LINK, 0);
      if (peer <= 0) {
        return null;
      }
      final NetlinkRequest request =
          new NetlinkRequest(Rtnetlink.RTM_GETLINK, 0).linkHeader(peer, 0, 0);
      final int elsewhere = own.getInt(Rtnetlink.IFLA_LINK_NETNSID, -1);
      if (elsewhere >= 0) {
        request.attribute(Rtnetlink.IFLA_TARGET_NETNSID, elsewhere);
      }
      return netlink
          .get(request, "look up the peer of " + name, name)
          .attributes(Rtnetlink.IFINFOMSG_SIZE)
          .getText(Rtnetlink.IFLA_IFNAME, "");
    } catch (FramejetException e) {
      if (isMissing(e) || e.code() == ErrorCode.PERMISSION_DENIED || e.errno() == Errno.EINVAL) {
        return null;
      }
      throw e;
    }
  }

  /** {@code v0 (index 2)}. */
  @Override
  public String toString() {
    return name + " (index " + index + ")";
  }

  static Link find(Netlink netlink, NetworkNamespace namespace, String name)
      throws FramejetException {
    if (!isName(name)) {
      throw notFound(netlink, namespace, "name '" + name + "'");
    }
    final NetlinkRequest request =
        new NetlinkRequest(Rtnetlink.RTM_GETLINK, 0)
            .linkHeader(0, 0, 0)
            .attribute(Rtnetlink.IFLA_IFNAME, name)
            .attribute(Rtnetlink.IFLA_EXT_MASK, Rtnetlink.RTEXT_FILTER_SKIP_STATS);
    try {
      return new Link(namespace, netlink.get(request, "look up link " + name, name));
    } catch (FramejetException e) {
      throw isMissing(e) ? notFound(netlink, namespace, "name '" + name + "'") : e;
    }
  }

  /** The link of that index, or null. */
  static @Nullable Link lookUp(Netlink netlink, NetworkNamespace namespace, int index)
      throws FramejetException {
    try {
      return new Link(namespace, fetch(netlink, index, "link " + index, true));
    } catch (FramejetException e) {
      if (isMissing(e)) {
        return null;
      }
      throw e;
    }
  }

  static List<Link> all(Netlink netlink, NetworkNamespace namespace) throws FramejetException {
    final NetlinkRequest request =
        new NetlinkRequest(Rtnetlink.RTM_GETLINK, Rtnetlink.NLM_F_DUMP)
            .linkHeader(0, 0, 0)
            .attribute(Rtnetlink.IFLA_EXT_MASK, Rtnetlink.RTEXT_FILTER_SKIP_STATS);
    final List<Link> links = new ArrayList<>();
    for (NetlinkMessage message : netlink.dump(request, "list the links of " + namespace)) {
      links.add(new Link(namespace, message));
    }
    links.sort((a, b) -> Integer.compare(a.index, b.index));
    return List.copyOf(links);
  }

  Link refresh(Netlink netlink) throws FramejetException {
    try {
      return new Link(namespace, fetch(netlink, index, name, true));
    } catch (FramejetException e) {
      throw isMissing(e) ? gone() : e;
    }
  }

  LinkCounters counters(Netlink netlink) throws FramejetException {
    try {
      return LinkCounters.of(fetch(netlink, index, name, false));
    } catch (FramejetException e) {
      throw isMissing(e) ? gone() : e;
    }
  }

  long queueDrops(Netlink netlink) throws FramejetException {
    // Echoed, for before Linux 6.8 the answer otherwise went to listeners alone; acknowledged, for
    // there is no answer about "noqueue".
    final NetlinkRequest request =
        new NetlinkRequest(Rtnetlink.RTM_GETQDISC, Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_ECHO)
            .trafficHeader(index, Rtnetlink.TC_H_ROOT);
    try {
      final NetlinkMessage answer = netlink.find(request, "look up the queue of " + name, name);
      if (answer == null) {
        return 0;
      }
      final ByteBuffer queue =
          answer
              .attributes(Rtnetlink.TCMSG_SIZE)
              .getNested(Rtnetlink.TCA_STATS2)
              .get(Rtnetlink.TCA_STATS_QUEUE);
      return queue == null
          ? 0
          : Integer.toUnsignedLong(
              NetlinkAttributes.sized(
                      queue,
                      Rtnetlink.TCA_STATS_QUEUE,
                      Rtnetlink.GNET_STATS_QUEUE_DROPS + Integer.BYTES)
                  .getInt(Rtnetlink.GNET_STATS_QUEUE_DROPS));
    } catch (FramejetException e) {
      if (isMissing(e)) {
        throw gone();
      }
      if (e.errno() == Errno.ENOENT || e.code() == ErrorCode.NOT_SUPPORTED) {
        return 0; // a kernel without traffic control, or a link without a queue
      }
      throw e;
    }
  }

  /** The exception for a link that was there when this snapshot was taken. */
  FramejetException gone() {
    final String message =
        "link "
            + name
            + " (index "
            + index
            + ") is gone from network namespace "
            + namespace
            + "; look it up anew, since a link of that name would be another one";
    return new FramejetException(
        ErrorCode.LINK_GONE, message, Errno.ENODEV, Faults.NETLINK, name, null);
  }

  /** Whether the kernel said that there is no such link. */
  static boolean isMissing(FramejetException fault) {
    return fault.errno() == Errno.ENODEV || fault.errno() == Errno.ENXIO;
  }

  /** Whether a link can have that name (net/core/dev.c, dev_valid_name). */
  static boolean isName(String name) {
    final int length = name.getBytes(StandardCharsets.UTF_8).length;
    return length > 0
        && length < Rtnetlink.IFNAMSIZ
        && !name.equals(".")
        && !name.equals("..")
        && name.chars().noneMatch(c -> c == '/' || c == ':' || c <= ' ');
  }

  private static NetlinkMessage fetch(
      Netlink netlink, int index, String name, boolean skipStatistics) throws FramejetException {
    if (index <= 0) {
      throw new FramejetException(
          ErrorCode.LINK_NOT_FOUND, "index=" + index, Errno.ENODEV, Faults.NETLINK, name, null);
    }
    final NetlinkRequest request =
        new NetlinkRequest(Rtnetlink.RTM_GETLINK, 0).linkHeader(index, 0, 0);
    if (skipStatistics) {
      request.attribute(Rtnetlink.IFLA_EXT_MASK, Rtnetlink.RTEXT_FILTER_SKIP_STATS);
    }
    return netlink.get(request, "look up link " + name, name);
  }

  private static FramejetException notFound(
      Netlink netlink, NetworkNamespace namespace, String what) throws FramejetException {
    final String names = all(netlink, namespace).stream().map(Link::name).collect(joining(", "));
    final String message =
        "there is no link of " + what + " in network namespace " + namespace + "; it has: " + names;
    return new FramejetException(
        ErrorCode.LINK_NOT_FOUND, message, Errno.ENODEV, Faults.NETLINK, null, null);
  }
}
