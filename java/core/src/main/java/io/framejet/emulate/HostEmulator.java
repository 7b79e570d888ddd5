package io.framejet.emulate;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.link.Link;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.PortSet;
import io.framejet.target.TargetSet;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network of made-up hosts: answers on a link for whole ranges of addresses, as real hosts would.
 *
 * <pre>{@code
 * SipHash key = new SipHash(1, 2);
 * try (HostEmulator hosts =
 *     HostEmulator.on(link).targets("10.77.0.0/16").share(0.1).key(key).openPorts(PortSet.of(22)).open()) {
 *   // A sweep of 10.77.0.0/16 from the other end finds exactly those that hosts.isUp(address).
 * }
 * }</pre>
 *
 * <p>Answered are ARP requests (RFC 826, 5227), ICMP echo requests (RFC 792), TCP segments (RFC
 * 9293: SYN-ACK from open ports, RST from others, RST to what belongs to no connection), UDP
 * datagrams (ICMP port unreachable, unless switched off), neighbor solicitations (RFC 4861) and
 * ICMPv6 echo requests (RFC 4443). Answers have TTL or hop limit 64 (255 for NDP), right checksums,
 * and at least 60 bytes. No answer is given to malformed frames, wrong checksums, fragments, IPv4
 * options, IPv6 extension headers, TCP or UDP over IPv6, frames with a VLAN tag, nor to broadcasts
 * and multicasts but those that ask for a neighbor. Nothing is kept between frames. What gets no
 * answer goes on to the host's own stack; not so, with {@link Backend#XDP}, the ARP request for a
 * host that is down, for that costs more than all answers together.
 *
 * <p><b>MACs.</b> The host of an IPv4 address has {@code 02:04:} and the four octets of its
 * address: that of 10.77.0.9 is {@code 02:04:0a:4d:00:09}. The host of an IPv6 address has {@code
 * 06:} and the last five bytes of its address.
 *
 * <p><b>Which are up.</b> A host is up when the upper 32 bits of its hash, an unsigned number, are
 * below share × 2^32; the hash is {@link SipHash#cookie} of its address and port 0. Whoever has the
 * key knows which: {@link #isUp}.
 *
 * <p>Addresses that the link's namespace itself owns when it is opened are left out: {@link
 * #leftOut}. The link hears frames for all MACs meanwhile (a membership, PACKET_MR_PROMISC, which
 * ends with the emulator, {@code kill -9} included). All methods may be called by any thread.
 */
public final class HostEmulator implements AutoCloseable {
  private final Link link;
  private final HostSet hosts;
  private final List<InetAddress> leftOut;
  private final Service service;
  private final String reason;

  private HostEmulator(
      Link link, HostSet hosts, List<InetAddress> leftOut, Service service, String reason) {
    this.link = link;
    this.hosts = hosts;
    this.leftOut = leftOut;
    this.service = service;
    this.reason = reason;
  }

  /** Begins to describe hosts on a link. */
  public static Builder on(Link link) {
    return new Builder(link);
  }

  /** The MAC of the host of an IPv4 address, whether there is one or not. */
  public static MacAddress macOf(int address) {
    return MacAddress.of(HostSet.mac(address));
  }

  /**
   * The MAC of the host of an IPv6 address, whether there is one or not.
   *
   * @param high the address's first 8 bytes, big-endian
   * @param low its last 8 bytes
   */
  public static MacAddress macOf(long high, long low) {
    return MacAddress.of(HostSet.mac6(low));
  }

  /** Whether the host of an IPv4 address is there and up. */
  public boolean isUp(int address) {
    return hosts.isUp(address);
  }

  /**
   * Whether the host of an IPv6 address is there and up.
   *
   * @param high the address's first 8 bytes, big-endian
   * @param low its last 8 bytes
   */
  public boolean isUp(long high, long low) {
    return hosts.isUp(high, low);
  }

  /** The IPv4 addresses of the hosts, up or not: what was asked for, less {@link #leftOut}. */
  public TargetSet ipv4() {
    return hosts.ipv4();
  }

  /** The IPv6 addresses of the hosts, up or not: what was asked for, less {@link #leftOut}. */
  public Ipv6TargetSet ipv6() {
    return hosts.ipv6();
  }

  /** Addresses that were asked for, and that the link's namespace owned when this was opened. */
  public List<InetAddress> leftOut() {
    return leftOut;
  }

  /** The link as it was when this was opened. */
  public Link link() {
    return link;
  }

  /** The kernel path in use. */
  public Backend backend() {
    return service.backend();
  }

  /** Why it is this backend, as a part of a sentence; empty when the caller chose it. */
  public String reason() {
    return reason;
  }

  /** What was done so far; the final counts after {@link #close}. */
  public EmulatorStatistics statistics() {
    return service.statistics();
  }

  /**
   * Why it has ended by itself: {@link ErrorCode#LINK_GONE} when the link was deleted. Null while
   * it answers, or would if the link were up.
   */
  public @Nullable FramejetException fault() {
    return service.fault();
  }

  /** Ends it: no answer leaves afterwards. Does nothing the second time. */
  @Override
  public void close() {
    service.close();
  }

  @Override
  public String toString() {
    return "HostEmulator[link=" + link.name() + " backend=" + backend().label() + "]";
  }

  /** What hosts there are to be. Not thread-safe. */
  public static final class Builder {
    private final Link link;
    private TargetSet ipv4 = TargetSet.builder().build();
    private Ipv6TargetSet ipv6 = Ipv6TargetSet.builder().build();
    private double share = 1;
    private @Nullable SipHash key;
    private @Nullable PortSet openPorts;
    private boolean portUnreachable = true;
    private @Nullable Backend backend;
    private boolean xdpTransmit;

    private Builder(Link link) {
      this.link = link;
    }

    /** The IPv4 addresses of the hosts; none unless set. */
    public Builder targets(TargetSet value) {
      ipv4 = value;
      return this;
    }

    /** The IPv6 addresses of the hosts; none unless set. */
    public Builder targets(Ipv6TargetSet value) {
      ipv6 = value;
      return this;
    }

    /**
     * The IPv4 addresses of the hosts, as {@link TargetSet.Builder#add(String)} reads them.
     *
     * @throws IllegalArgumentException if one is malformed; the message is fit for a user
     */
    public Builder targets(String... texts) {
      return targets(TargetSet.of(texts));
    }

    /**
     * What part of the hosts is up; all of them unless set.
     *
     * @param value 0 to 1
     */
    public Builder share(double value) {
      if (!(value >= 0 && value <= 1)) {
        throw new IllegalArgumentException("share=" + value + ": 0 to 1");
      }
      share = value;
      return this;
    }

    /**
     * The key that decides which hosts are up, and the numbers TCP begins with; random unless set.
     */
    public Builder key(SipHash value) {
      key = value;
      return this;
    }

    /** The TCP ports on which every host accepts connections; none unless set. */
    public Builder openPorts(@Nullable PortSet value) {
      openPorts = value;
      return this;
    }

    /**
     * Whether hosts answer UDP with an ICMP port unreachable, as hosts without a firewall do; they
     * do unless set.
     */
    public Builder portUnreachable(boolean value) {
      portUnreachable = value;
      return this;
    }

    /**
     * The kernel path: {@link Backend#XDP}, which answers within the kernel, {@link
     * Backend#SOCKET}, or {@link Backend#RING}, which takes more frames at a time than the latter,
     * and each up to some milliseconds later. Null, unless set, for XDP where it is to be had, and
     * else packet sockets: {@link HostEmulator#reason} says why.
     */
    public Builder backend(@Nullable Backend value) {
      backend = value;
      return this;
    }

    /**
     * Whether, with {@link Backend#XDP}, answers leave a veth link by XDP_TX; they do not unless
     * set. It takes a tenth less of a sweep's time than the redirect by which they leave else. They
     * arrive only while the far end has an XDP program on each of its queues, as it has while
     * somebody sweeps by {@link Backend#XDP}. While it has GRO and no program, they are counted as
     * sent until its ring of some hundred frames is full, and wait there; while it has neither,
     * they are counted as unsent. To open it takes one of both there, as without this. On other
     * links they leave by XDP_TX anyway.
     */
    public Builder xdpTransmit(boolean value) {
      xdpTransmit = value;
      return this;
    }

    /**
     * Begins to answer.
     *
     * @throws IllegalArgumentException if there is no host at all
     * @throws FramejetException PERMISSION_DENIED, LINK_GONE, OUT_OF_MEMORY, RESOURCE_EXHAUSTED;
     *     XDP_BUSY naming another program on the link; NOT_SUPPORTED when the link's frames have no
     *     Ethernet header, or the backend is not to be had on it
     */
    public HostEmulator open() throws FramejetException {
      if (link.linkType() != LinkType.ETHERNET) {
        throw unsupported("frames of link " + link.name() + " have no Ethernet header");
      }
      OwnAddresses rest = OwnAddresses.takenOut(link.namespace(), ipv4, ipv6);
      if (rest.ipv4().isEmpty() && rest.ipv6().isEmpty()) {
        throw new IllegalArgumentException(
            "no hosts to emulate: "
                + (rest.leftOut().isEmpty()
                    ? "name some addresses"
                    : "this machine itself owns all that were named"));
      }
      HostSet hosts =
          new HostSet(
              rest.ipv4(), rest.ipv6(), share, Objects.requireNonNullElseGet(key, SipHash::random));
      return open(hosts, new Ports(openPorts, portUnreachable), rest.leftOut());
    }

    private HostEmulator open(HostSet hosts, Ports ports, List<InetAddress> leftOut)
        throws FramejetException {
      Backend chosen = backend;
      if (chosen != null) {
        return new HostEmulator(link, hosts, leftOut, serve(hosts, ports, chosen), "");
      }
      try {
        Service service = serve(hosts, ports, Backend.XDP);
        return new HostEmulator(
            link, hosts, leftOut, service, "an XDP program, the fastest there is");
      } catch (FramejetException e) {
        if (e.code() == ErrorCode.LINK_GONE || e.code() == ErrorCode.CLOSED) {
          throw e;
        }
        Service service = serve(hosts, ports, Backend.SOCKET);
        return new HostEmulator(
            link, hosts, leftOut, service, "xdp is not to be had: " + e.getMessage());
      }
    }

    private Service serve(HostSet hosts, Ports ports, Backend by) throws FramejetException {
      return switch (by) {
        case XDP -> XdpService.open(link, hosts, ports, xdpTransmit);
        case SOCKET, RING -> SocketService.open(link, new Answerer(hosts, ports, link.mtu()), by);
        default ->
            throw unsupported("hosts are emulated by xdp, ring or socket, not by " + by.label());
      };
    }

    private FramejetException unsupported(String message) {
      return new FramejetException(
          ErrorCode.NOT_SUPPORTED, message, 0, "linux/emulator", link.name(), null);
    }
  }
}
