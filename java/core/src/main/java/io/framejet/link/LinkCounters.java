package io.framejet.link;

import io.framejet.FramejetException;
import java.nio.ByteBuffer;

/**
 * What the kernel has counted on a link since it was made: {@code struct rtnl_link_stats64}
 * (linux/if_link.h). What a driver counts where differs: an {@code ifb} counts an injected frame as
 * received and leaves {@code txPackets} at 0, and bytes are without FCS on most links.
 *
 * @param rxPackets frames received
 * @param txPackets frames sent
 * @param rxBytes bytes received
 * @param txBytes bytes sent
 * @param rxErrors frames received broken
 * @param txErrors frames that could not be sent
 * @param rxDropped frames received and not processed, as for lack of memory or of a taker
 * @param txDropped frames dropped on their way out
 * @param rxMissed frames that the device had no room for: it was not emptied fast enough; in
 *     neither {@code rxPackets} nor {@code rxDropped}
 * @param carrierChanges how often the link got or lost its carrier
 */
public record LinkCounters(
    long rxPackets,
    long txPackets,
    long rxBytes,
    long txBytes,
    long rxErrors,
    long txErrors,
    long rxDropped,
    long txDropped,
    long rxMissed,
    long carrierChanges) {
  /** Positions in the struct, which is all 64-bit numbers. */
  private static final int RX_PACKETS = 0;

  private static final int TX_PACKETS = 1;
  private static final int RX_BYTES = 2;
  private static final int TX_BYTES = 3;
  private static final int RX_ERRORS = 4;
  private static final int TX_ERRORS = 5;
  private static final int RX_DROPPED = 6;
  private static final int TX_DROPPED = 7;
  private static final int RX_MISSED_ERRORS = 15;

  /** What was counted between {@code earlier} and this. */
  public LinkCounters minus(LinkCounters earlier) {
    return new LinkCounters(
        rxPackets - earlier.rxPackets,
        txPackets - earlier.txPackets,
        rxBytes - earlier.rxBytes,
        txBytes - earlier.txBytes,
        rxErrors - earlier.rxErrors,
        txErrors - earlier.txErrors,
        rxDropped - earlier.rxDropped,
        txDropped - earlier.txDropped,
        rxMissed - earlier.rxMissed,
        carrierChanges - earlier.carrierChanges);
  }

  /** From a message of type RTM_NEWLINK. */
  static LinkCounters of(NetlinkMessage message) throws FramejetException {
    final NetlinkAttributes attributes = message.attributes(Rtnetlink.IFINFOMSG_SIZE);
    final ByteBuffer stats = attributes.get(Rtnetlink.IFLA_STATS64);
    if (stats == null) {
      throw Netlink.malformed("link without IFLA_STATS64");
    }
    NetlinkAttributes.sized(stats, Rtnetlink.IFLA_STATS64, (RX_MISSED_ERRORS + 1) * Long.BYTES);
    return new LinkCounters(
        at(stats, RX_PACKETS),
        at(stats, TX_PACKETS),
        at(stats, RX_BYTES),
        at(stats, TX_BYTES),
        at(stats, RX_ERRORS),
        at(stats, TX_ERRORS),
        at(stats, RX_DROPPED),
        at(stats, TX_DROPPED),
        at(stats, RX_MISSED_ERRORS),
        Integer.toUnsignedLong(attributes.getInt(Rtnetlink.IFLA_CARRIER_CHANGES, 0)));
  }

  private static long at(ByteBuffer stats, int position) {
    return stats.getLong(position * Long.BYTES);
  }
}
