package io.framejet.sweep;

import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.TargetSet;

/**
 * The addresses of a sweep, IPv4 or IPv6, numbered from 0 in ascending order. An address is two
 * longs as {@link io.framejet.frame.Ipv6Address} has them; an IPv4 address is the lower 32 bits of
 * the second.
 */
interface Hosts {
  /** How many there are. */
  long size();

  /** How many were named and are left out. */
  long excluded();

  /** Whether they are IPv6 addresses. */
  boolean ipv6();

  /** The number of an address, or -1. */
  long indexOf(long high, long low);

  /** The first 8 bytes of the address of that number; 0 for IPv4. */
  long high(long index);

  /** The last 8 bytes of the address of that number. */
  long low(long index);

  /** IPv4 addresses. */
  static Hosts of(TargetSet targets) {
    return new OfIpv4(targets);
  }

  /** IPv6 addresses. */
  static Hosts of(Ipv6TargetSet targets) {
    return new OfIpv6(targets);
  }

  /** IPv6 addresses. */
  record OfIpv6(Ipv6TargetSet targets) implements Hosts {
    @Override
    public long size() {
      return targets.size();
    }

    @Override
    public long excluded() {
      return targets.excluded();
    }

    @Override
    public boolean ipv6() {
      return true;
    }

    @Override
    public long indexOf(long high, long low) {
      return targets.indexOf(high, low);
    }

    @Override
    public long high(long index) {
      return targets.highAt(index);
    }

    @Override
    public long low(long index) {
      return targets.lowAt(index);
    }
  }

  /** IPv4 addresses. */
  record OfIpv4(TargetSet targets) implements Hosts {
    private static final long UNSIGNED = 0xffff_ffffL;

    @Override
    public long size() {
      return targets.size();
    }

    @Override
    public long excluded() {
      return targets.excluded();
    }

    @Override
    public boolean ipv6() {
      return false;
    }

    @Override
    public long indexOf(long high, long low) {
      return high == 0 && low >>> 32 == 0 ? targets.indexOf((int) low) : -1;
    }

    @Override
    public long high(long index) {
      return 0;
    }

    @Override
    public long low(long index) {
      return targets.addressAt(index) & UNSIGNED;
    }
  }
}
