package io.framejet.probe;

import io.framejet.frame.ArpPacket;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Icmp4Message;
import io.framejet.frame.Icmp6Message;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.Ipv6Header;
import io.framejet.frame.MacAddress;
import io.framejet.frame.NdpMessage;
import io.framejet.frame.Options;
import io.framejet.frame.TcpHeader;
import io.framejet.frame.UdpHeader;
import java.util.Locale;

/**
 * An answer, as a probe found it in a frame. Made once per receiving thread and overwritten by the
 * next answer; not thread-safe.
 */
public final class Reply {
  private static final long UNSIGNED = 0xffff_ffffL;
  private static final int NO_TTL = -1;

  // The headers that a probe reads through belong here, so that the probe itself has no state.
  final EthernetHeader ethernet = new EthernetHeader();
  final ArpPacket arp = new ArpPacket();
  final Ipv4Header ipv4 = new Ipv4Header();
  final Icmp4Message icmp4 = new Icmp4Message();
  final Ipv4Header quoted4 = new Ipv4Header();
  final TcpHeader tcp = new TcpHeader();
  final UdpHeader udp = new UdpHeader();
  final Ipv6Header ipv6 = new Ipv6Header();
  final Icmp6Message icmp6 = new Icmp6Message();
  final NdpMessage ndp = new NdpMessage();
  final Options options = new Options();

  private long addressHigh;
  private long addressLow;
  private long fromHigh;
  private long fromLow;
  private long mac;
  private long ethernetSource;
  private int port;
  private int ttl = NO_TTL;
  private ReplyState state = ReplyState.UP;
  private boolean router;

  /** A reply that holds nothing yet. */
  public Reply() {}

  /** An answer of a target itself that is up, with nothing else known. */
  Reply set(long high, long low, long mac, long ethernetSource) {
    this.addressHigh = high;
    this.addressLow = low;
    this.fromHigh = high;
    this.fromLow = low;
    this.mac = mac;
    this.ethernetSource = ethernetSource;
    this.port = 0;
    this.ttl = NO_TTL;
    this.state = ReplyState.UP;
    this.router = false;
    return this;
  }

  /**
   * Sets what a program in the kernel has recognised as an answer of the target itself.
   *
   * @param address the IPv4 address, see {@link Ipv4} for the form
   * @param port 0 to 65535; 0 where there is none
   * @param state what it says of the target
   * @param mac that it gives for the target, see {@link MacAddress} for the form
   * @param ethernetSource that the frame came from
   * @param ttl 0 to 255; -1 where there is none
   * @return this
   */
  public Reply recognised(
      int address, int port, ReplyState state, long mac, long ethernetSource, int ttl) {
    final long low = address & UNSIGNED;
    return set(0, low, mac, ethernetSource).state(state, port).from(0, low, ttl);
  }

  /** Says the same as {@code other} from here on. */
  public void set(Reply other) {
    set(other.addressHigh, other.addressLow, other.mac, other.ethernetSource)
        .state(other.state, other.port)
        .from(other.fromHigh, other.fromLow, other.ttl)
        .router(other.router);
  }

  /** The same for IPv4. */
  Reply set(int address, long mac, long ethernetSource) {
    return set(0, address & UNSIGNED, mac, ethernetSource);
  }

  Reply state(ReplyState value, int atPort) {
    this.state = value;
    this.port = atPort;
    return this;
  }

  Reply from(long high, long low, int withTtl) {
    this.fromHigh = high;
    this.fromLow = low;
    this.ttl = withTtl;
    return this;
  }

  Reply router(boolean value) {
    this.router = value;
    return this;
  }

  /**
   * The target that it is about: the first 8 bytes of an IPv6 address, see {@link Ipv6Address} for
   * the form; 0 for IPv4. Not checked to be a target.
   */
  public long addressHigh() {
    return addressHigh;
  }

  /** Its last 8 bytes; for IPv4 the address as an unsigned number of 32 bits. */
  public long addressLow() {
    return addressLow;
  }

  /** The IPv4 address that it is about, see {@link Ipv4} for the form. */
  public int address() {
    return (int) addressLow;
  }

  /** The port that was asked, 0 to 65535; 0 where there is none. */
  public int port() {
    return port;
  }

  /** What it says of the target. */
  public ReplyState state() {
    return state;
  }

  /**
   * The MAC that ARP or NDP give for the target, else the one that the frame came from: a router's
   * when the target is beyond. 0 on links without MACs. See {@link MacAddress} for the form.
   */
  public long mac() {
    return mac;
  }

  /**
   * The MAC that the frame came from, see {@link MacAddress} for the form; 0 on links without MACs.
   * It differs from {@link #mac()} when a host answers for another: proxy ARP, a cluster's virtual
   * address, or a forgery.
   */
  public long ethernetSource() {
    return ethernetSource;
  }

  /** The time to live, or hop limit, that the packet arrived with, 0 to 255; -1 if it has none. */
  public int ttl() {
    return ttl;
  }

  /**
   * Who sent it: the first 8 bytes of an IPv6 address, 0 for IPv4. Mostly the target itself; for an
   * ICMP error it may be a router on the way.
   */
  public long fromHigh() {
    return fromHigh;
  }

  /** Its last 8 bytes; for IPv4 the address as an unsigned number of 32 bits. */
  public long fromLow() {
    return fromLow;
  }

  /** Whether the target says that it is a router (the R flag of NDP). */
  public boolean isRouter() {
    return router;
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final StringBuilder text = new StringBuilder(96);
    appendAddress(text, addressHigh, addressLow);
    if (port != 0) {
      text.append(" port ").append(port);
    }
    if (state != ReplyState.UP) {
      text.append(' ').append(state.name().toLowerCase(Locale.ROOT));
    }
    MacAddress.appendTo(text.append(" is at "), mac);
    if (ethernetSource != mac) {
      MacAddress.appendTo(text.append(", says "), ethernetSource);
    }
    if (fromHigh != addressHigh || fromLow != addressLow) {
      appendAddress(text.append(", says "), fromHigh, fromLow);
    }
    return text.append(router ? ", a router" : "").toString();
  }

  private static void appendAddress(StringBuilder text, long high, long low) {
    if (high == 0 && low >>> 32 == 0) {
      Ipv4.appendTo(text, (int) low);
    } else {
      Ipv6Address.appendTo(text, high, low);
    }
  }
}
