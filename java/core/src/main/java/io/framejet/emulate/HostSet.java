package io.framejet.emulate;

import io.framejet.frame.SipHash;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.TargetSet;

/**
 * Which hosts there are, which of them are up, and the MAC of each. Immutable; on hot paths it
 * allocates nothing.
 *
 * <p>An XDP program decides the same: see {@code native/bpf/hosts.h}.
 */
final class HostSet {
  /** The threshold of a share of 1: above every 32-bit number. */
  static final long ALL = 1L << 32;

  private static final long MAC4 = 0x0204_0000_0000L;
  private static final long MAC6 = 0x0600_0000_0000L;
  private static final long LOW_40_BITS = 0xff_ffff_ffffL;
  private static final long UNSIGNED = 0xffff_ffffL;

  private final TargetSet ipv4;
  private final Ipv6TargetSet ipv6;
  private final SipHash key;
  private final long threshold;

  /**
   * Hosts.
   *
   * @param share what part of them is up, 0 to 1
   */
  HostSet(TargetSet ipv4, Ipv6TargetSet ipv6, double share, SipHash key) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
    this.key = key;
    this.threshold = Math.round(share * ALL);
  }

  TargetSet ipv4() {
    return ipv4;
  }

  Ipv6TargetSet ipv6() {
    return ipv6;
  }

  SipHash key() {
    return key;
  }

  /** A host is up when the upper half of its hash is below this: 0 to {@link #ALL}. */
  long threshold() {
    return threshold;
  }

  boolean isUp(int address) {
    return ipv4.contains(address) && isChosen(0, address & UNSIGNED);
  }

  boolean isUp(long high, long low) {
    return ipv6.contains(high, low) && isChosen(high, low);
  }

  private boolean isChosen(long high, long low) {
    return threshold == ALL || key.cookie(high, low, 0) >>> 32 < threshold;
  }

  static long mac(int address) {
    return MAC4 | (address & UNSIGNED);
  }

  static long mac6(long low) {
    return MAC6 | (low & LOW_40_BITS);
  }
}
