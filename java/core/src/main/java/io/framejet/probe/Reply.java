package io.framejet.probe;

import io.framejet.frame.ArpPacket;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;

/**
 * An answer, as a probe found it in a frame. Made once per receiving thread and overwritten by the
 * next answer; not thread-safe.
 */
public final class Reply {
  // The headers that a probe reads through belong here, so that the probe itself has no state.
  final EthernetHeader ethernet = new EthernetHeader();
  final ArpPacket arp = new ArpPacket();

  private int address;
  private long mac;
  private long ethernetSource;

  /** A reply that holds nothing yet. */
  public Reply() {}

  void set(int address, long mac, long ethernetSource) {
    this.address = address;
    this.mac = mac;
    this.ethernetSource = ethernetSource;
  }

  /** The IPv4 address that answers, see {@link Ipv4} for the form. Not checked to be a target. */
  public int address() {
    return address;
  }

  /** The MAC that the answer gives for it, see {@link MacAddress} for the form. */
  public long mac() {
    return mac;
  }

  /**
   * The MAC that the frame came from, see {@link MacAddress} for the form. It differs from {@link
   * #mac()} when a host answers for another: proxy ARP, a cluster's virtual address, or a forgery.
   */
  public long ethernetSource() {
    return ethernetSource;
  }

  /** One line for logs. */
  @Override
  public String toString() {
    final StringBuilder text = new StringBuilder(64);
    MacAddress.appendTo(Ipv4.appendTo(text, address).append(" is at "), mac);
    if (ethernetSource != mac) {
      MacAddress.appendTo(text.append(", says "), ethernetSource);
    }
    return text.toString();
  }
}
