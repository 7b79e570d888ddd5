package io.framejet.link;

import io.framejet.FramejetException;
import io.framejet.frame.MacAddress;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel knows of a neighbor, as {@code ip neigh} shows it. A snapshot.
 *
 * @param address its IPv4 or IPv6 address
 * @param link the link that it is on
 * @param mac where frames for it go, or null while that is not known
 * @param state how sure the kernel is of it
 * @param router whether it has said that it is a router (IPv6)
 */
public record LinkNeighbor(
    InetAddress address, Link link, @Nullable MacAddress mac, State state, boolean router) {

  /** How sure the kernel is (linux/neighbour.h, NUD_*). */
  public enum State {
    /** Nothing was found out yet. */
    NONE(Rtnetlink.NUD_NONE),
    /** It was asked for, and has not answered yet. */
    INCOMPLETE(Rtnetlink.NUD_INCOMPLETE),
    /** It was heard of a short while ago. */
    REACHABLE(Rtnetlink.NUD_REACHABLE),
    /** It was not heard of for some time. */
    STALE(Rtnetlink.NUD_STALE),
    /** A frame was sent to it, which may bring a sign of life. */
    DELAY(Rtnetlink.NUD_DELAY),
    /** It is being asked again. */
    PROBE(Rtnetlink.NUD_PROBE),
    /** It did not answer. */
    FAILED(Rtnetlink.NUD_FAILED),
    /** It needs no asking, as a group does not. */
    NOARP(Rtnetlink.NUD_NOARP),
    /** It was entered by hand. */
    PERMANENT(Rtnetlink.NUD_PERMANENT);

    private final int number;

    State(int number) {
      this.number = number;
    }

    /** As {@code ip neigh} names it, in lower case: {@code reachable}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(int number) {
      for (State state : values()) {
        if (state.number == number) {
          return state;
        }
      }
      return NONE;
    }
  }

  /**
   * The neighbors on all links of a namespace: IPv4 before IPv6, in the kernel's order. What needs
   * no asking (groups, point-to-point ends) is left out, as {@code ip neigh} does.
   */
  public static List<LinkNeighbor> all(NetworkNamespace namespace) throws FramejetException {
    try (Netlink netlink = Netlink.open(namespace)) {
      final Map<Integer, Link> links = new HashMap<>();
      for (Link link : Link.all(netlink, namespace)) {
        links.put(link.index(), link);
      }
      return list(netlink, 0, links);
    }
  }

  /**
   * The neighbors of one link, in the same order.
   *
   * @throws FramejetException {@link io.framejet.ErrorCode#LINK_GONE}
   */
  public static List<LinkNeighbor> of(Link link) throws FramejetException {
    try (Netlink netlink = Netlink.open(link.namespace())) {
      link.refresh(
          netlink); // the kernel lists nothing for a link that is gone, and calls it a list
      return list(netlink, link.index(), Map.of(link.index(), link));
    }
  }

  private static List<LinkNeighbor> list(Netlink netlink, int index, Map<Integer, Link> links)
      throws FramejetException {
    final List<LinkNeighbor> neighbors = new ArrayList<>();
    for (int family : new int[] {Rtnetlink.AF_INET, Rtnetlink.AF_INET6}) {
      final NetlinkRequest request =
          new NetlinkRequest(Rtnetlink.RTM_GETNEIGH, Rtnetlink.NLM_F_DUMP).neighborHeader(family);
      if (index != 0) {
        request.attribute(Rtnetlink.NDA_IFINDEX, index);
      }
      for (NetlinkMessage message : netlink.dump(request, "list neighbors")) {
        final LinkNeighbor neighbor = read(message, family, links);
        if (neighbor != null) {
          neighbors.add(neighbor);
        }
      }
    }
    return List.copyOf(neighbors);
  }

  /**
   * From a message of type RTM_NEWNEIGH; null when it is about another family or link, or needs no
   * asking.
   */
  static @Nullable LinkNeighbor read(NetlinkMessage message, int family, Map<Integer, Link> links)
      throws FramejetException {
    final NetlinkAttributes attributes = message.attributes(Rtnetlink.NDMSG_SIZE);
    final ByteBuffer header = message.body();
    final State state = State.of(Short.toUnsignedInt(header.getShort(8)));
    // Before Linux 4.20 the neighbors of all links are listed.
    final Link link = links.get(header.getInt(4));
    final InetAddress address = attributes.getAddress(Rtnetlink.NDA_DST);
    if (Byte.toUnsignedInt(header.get(0)) != family
        || link == null
        || address == null
        || state == State.NOARP) {
      return null;
    }
    final ByteBuffer mac = attributes.get(Rtnetlink.NDA_LLADDR);
    return new LinkNeighbor(
        address,
        link,
        mac == null || mac.limit() != MacAddress.LENGTH
            ? null
            : MacAddress.of(MacAddress.read(mac, 0)),
        state,
        (header.get(10) & Rtnetlink.NTF_ROUTER) != 0);
  }

  /** {@code 10.77.0.2 02:00:00:00:00:02 reachable}. */
  @Override
  public String toString() {
    return Addresses.text(address) + (mac == null ? "" : " " + mac) + " " + state.label();
  }
}
