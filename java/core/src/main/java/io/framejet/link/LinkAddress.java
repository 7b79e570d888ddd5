package io.framejet.link;

import io.framejet.FramejetException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address of a link, as {@code ip address} shows it.
 *
 * @param address the link's own address
 * @param prefixLength how many leading bits it has in common with its on-link neighbors: 0 to 32,
 *     or to 128
 * @param broadcast the broadcast address, if one was set; the kernel treats the last address of an
 *     IPv4 prefix up to /30 as one even if none was
 * @param peer the other end of a point-to-point address; then the prefix is that of the peer
 */
public record LinkAddress(
    InetAddress address,
    int prefixLength,
    @Nullable InetAddress broadcast,
    @Nullable InetAddress peer) {

  /** Whether {@code other} is reached on the link itself by virtue of this address. */
  public boolean contains(InetAddress other) {
    return new Addresses.Prefix(peer == null ? address : peer, prefixLength).contains(other);
  }

  /** {@code 10.77.0.1/16}. */
  @Override
  public String toString() {
    return peer == null
        ? Addresses.text(address) + "/" + prefixLength
        : Addresses.text(address) + " peer " + Addresses.text(peer) + "/" + prefixLength;
  }

  /**
   * From a message of type RTM_NEWADDR; null when it is about another link, or about no IP address.
   */
  static @Nullable LinkAddress of(NetlinkMessage message, int index) throws FramejetException {
    message.require(Rtnetlink.IFADDRMSG_SIZE);
    final int family = Byte.toUnsignedInt(message.body().get(0));
    final int prefixLength = Byte.toUnsignedInt(message.body().get(1));
    if (message.body().getInt(4) != index
        || (family != Rtnetlink.AF_INET && family != Rtnetlink.AF_INET6)) {
      return null;
    }
    // IFA_ADDRESS is the prefix address: the peer's when IFA_LOCAL differs (linux/if_addr.h).
    final NetlinkAttributes attributes = message.attributes(Rtnetlink.IFADDRMSG_SIZE);
    final InetAddress prefixAddress = attributes.getAddress(Rtnetlink.IFA_ADDRESS);
    final InetAddress local = attributes.getAddress(Rtnetlink.IFA_LOCAL);
    final InetAddress address = local == null ? prefixAddress : local;
    if (address == null || prefixLength > Addresses.bits(address)) {
      throw Netlink.malformed("address with prefix length=" + prefixLength);
    }
    final InetAddress peer = address.equals(prefixAddress) ? null : prefixAddress;
    return new LinkAddress(
        address, prefixLength, attributes.getAddress(Rtnetlink.IFA_BROADCAST), peer);
  }
}
