package io.framejet.neighbor;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.demux.Answer;
import io.framejet.demux.Demultiplexer;
import io.framejet.frame.ArpOperation;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.link.Link;
import io.framejet.link.LinkAddress;
import io.framejet.probe.ArpProbe;
import io.framejet.probe.NdpProbe;
import io.framejet.probe.Reply;
import io.framejet.receive.CaptureFilter;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who on a link has an address, by ARP (RFC 826) or NDP (RFC 4861), without the kernel's
 * table of neighbors and without changing it.
 *
 * <p>Safe for use by several threads: their questions go one after another.
 */
public final class Resolver implements AutoCloseable {
  private final Link link;
  private final List<LinkAddress> addresses;
  private @Nullable Demultiplexer arp; // guarded by this
  private @Nullable Demultiplexer ndp; // guarded by this
  private boolean closed; // guarded by this

  private Resolver(Link link, List<LinkAddress> addresses) {
    this.link = link;
    this.addresses = addresses;
  }

  /**
   * A resolver for a link. Sockets are opened at the first question.
   *
   * @throws FramejetException LINK_GONE; NOT_SUPPORTED when the link has no MAC addresses
   */
  public static Resolver open(Link link) throws FramejetException {
    if (!link.hasEthernetHeader() || link.isLoopback()) {
      throw new FramejetException(
          ErrorCode.NOT_SUPPORTED,
          "link " + link.name() + " has no MAC addresses: there is nothing to resolve",
          0,
          "java",
          link.name(),
          null);
    }
    return new Resolver(link, link.addresses());
  }

  /**
   * Who has an address.
   *
   * @param address that was asked for
   * @param mac where frames for it go
   * @param rttNanos from just before the request was handed to the kernel to the answer
   * @param tries which request was answered, 1 being the first
   * @param router whether it says that it is a router (IPv6)
   */
  public record Resolved(
      InetAddress address, MacAddress mac, long rttNanos, int tries, boolean router) {}

  /**
   * Asks until somebody answers.
   *
   * @param timeout how long each request may take, more than 0
   * @param retries how many times to ask again: 0 or more
   * @throws FramejetException TIMEOUT when nobody answered; LINK_DOWN, LINK_GONE,
   *     PERMISSION_DENIED, CLOSED
   */
  public Resolved resolve(InetAddress address, Duration timeout, int retries)
      throws FramejetException {
    for (int tries = 1; ; tries++) {
      try {
        final Reply reply = new Reply();
        final Answer answer =
            address instanceof Inet4Address ipv4
                ? askByArp(ipv4, reply, timeout)
                : askByNdp(Ipv6Address.fromInet((Inet6Address) address), reply, timeout);
        return new Resolved(
            address, MacAddress.of(reply.mac()), answer.rttNanos(), tries, reply.isRouter());
      } catch (FramejetException e) {
        if (e.code() != ErrorCode.TIMEOUT || tries > retries) {
          throw e;
        }
      }
    }
  }

  private Answer askByArp(Inet4Address address, Reply reply, Duration timeout)
      throws FramejetException {
    return arp()
        .request(
            new ArpProbe(link.mac(), sourceFor(address)),
            MacAddress.BROADCAST.toLong(),
            0,
            Ipv4.fromInet(address) & 0xffff_ffffL,
            0,
            reply,
            timeout);
  }

  private Answer askByNdp(Ipv6Address address, Reply reply, Duration timeout)
      throws FramejetException {
    final NdpProbe probe = new NdpProbe(link.mac(), linkLocal());
    return ndp(probe).request(probe, 0, address.high(), address.low(), 0, reply, timeout);
  }

  /** The link's own link-local address, or what it would be: neighbors answer to that as well. */
  private Ipv6Address linkLocal() {
    for (LinkAddress address : addresses) {
      if (address.address() instanceof Inet6Address own && own.isLinkLocalAddress()) {
        return Ipv6Address.fromInet(own);
      }
    }
    return Ipv6Address.linkLocal(link.mac());
  }

  /**
   * Whether nobody on the link uses an IPv4 address: asked for without claiming it, nobody answers,
   * and nobody is heard to use it or to ask for it likewise (RFC 5227, section 2.1.1).
   *
   * @param timeout how long each request may take, more than 0
   * @param retries how many times to ask again: 0 or more
   * @return who uses it, or null when nobody does
   * @throws FramejetException LINK_DOWN, LINK_GONE, PERMISSION_DENIED, CLOSED
   */
  public @Nullable MacAddress userOf(int address, Duration timeout, int retries)
      throws FramejetException {
    final Frame request =
        Frame.ethernet(link.mac(), MacAddress.BROADCAST).arpRequest(link.mac(), 0, address).build();
    for (int tries = 0; tries <= retries; tries++) {
      try {
        final Answer answer =
            arp()
                .request(
                    request,
                    frame -> isUse(frame.buffer(), frame.offset(), frame.length(), address),
                    timeout);
        return senderOf(answer.frame());
      } catch (FramejetException e) {
        if (e.code() != ErrorCode.TIMEOUT) {
          throw e;
        }
      }
    }
    return null;
  }

  private boolean isUse(ByteBuffer buffer, int offset, int length, int address) {
    final EthernetHeader ethernet = new EthernetHeader().wrap(buffer, offset, length);
    if (!ethernet.isValid()) {
      return false;
    }
    final ArpPacket arp = new ArpPacket().wrap(ethernet);
    if (!arp.isValid() || arp.senderMac() == link.mac().toLong()) {
      return false;
    }
    final boolean alsoAsks =
        arp.operation() == ArpOperation.REQUEST && arp.senderIp() == 0 && arp.targetIp() == address;
    return arp.senderIp() == address || alsoAsks;
  }

  private static MacAddress senderOf(Frame frame) {
    final EthernetHeader ethernet =
        new EthernetHeader().wrap(frame.toByteBuffer(), 0, frame.length());
    return MacAddress.of(new ArpPacket().wrap(ethernet).senderMac());
  }

  /** The link's address in the longest prefix that holds the target; or any; or none (RFC 5227). */
  private int sourceFor(InetAddress target) {
    int source = 0;
    int longest = -1;
    for (LinkAddress address : addresses) {
      if (address.address() instanceof Inet4Address own) {
        final int length = address.contains(target) ? address.prefixLength() : -1;
        if (source == 0 || length > longest) {
          source = Ipv4.fromInet(own);
          longest = length;
        }
      }
    }
    return source;
  }

  private synchronized Demultiplexer arp() throws FramejetException {
    requireOpen();
    if (arp == null) {
      arp = Demultiplexer.open(link, CaptureFilter.of(new ArpProbe(link.mac(), 0).filter()));
    }
    return arp;
  }

  private synchronized Demultiplexer ndp(NdpProbe probe) throws FramejetException {
    requireOpen();
    if (ndp == null) {
      ndp = Demultiplexer.open(link, CaptureFilter.of(probe.filter()));
    }
    return ndp;
  }

  private void requireOpen() throws FramejetException {
    if (closed) {
      throw new FramejetException(
          ErrorCode.CLOSED, "the resolver is closed", 0, "java", link.name(), null);
    }
  }

  /** How many requests the kernel took so far. */
  public synchronized long requests() {
    return (arp == null ? 0 : arp.requestsSent()) + (ndp == null ? 0 : ndp.requestsSent());
  }

  /** Closes the sockets, and ends a question in progress with CLOSED. Any thread; idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    if (arp != null) {
      arp.close();
    }
    if (ndp != null) {
      ndp.close();
    }
  }
}
