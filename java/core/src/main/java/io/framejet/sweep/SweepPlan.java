package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.target.Shard;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sweep is going to do. Making one sends nothing.
 *
 * @param link where the probes go out
 * @param probe the kind of question, for example {@code arp}
 * @param sourceMac sender of the probes; {@link MacAddress#ZERO} on a link without an Ethernet
 *     header
 * @param sourceAddress sender of the probes, IPv4, most significant byte first; 0 when it has none,
 *     or an IPv6 address
 * @param sourceIpv6 sender of the probes, IPv6; null for IPv4
 * @param claimsSource whether the kernel does not own the source address, so that the sweep answers
 *     for it
 * @param targets all targets of this shard, own addresses included; a port of a host is a target of
 *     its own
 * @param hosts all hosts of this shard, own addresses included
 * @param ports how many ports of each host are asked; 0 when hosts are asked as such
 * @param self how many of them are the link's own addresses, which are not probed
 * @param excluded addresses that were named as targets and are left out, in all shards
 * @param resolves whether the MACs of hosts on the link are found out first; not where frames have
 *     none, nor where the kernel finds them out (backend {@code rawip})
 * @param gateways routers through which targets beyond the link are reached, as text
 * @param rate probes per second
 * @param hostRate most probes per second for each host; null for no such limit
 * @param rounds most rounds: one, and one per retry
 * @param waitTime how long a target may take to answer
 * @param grace how long to listen on after the last answer
 * @param backend the kernel path asked for, or null for the best that is available
 * @param consume whether replies are kept from the host's own stack; {@link Backend#XDP} alone
 * @param cores how many make the probes, each its part; {@link Backend#XDP} alone has several
 * @param seed of the order in which targets are probed
 * @param shard the part of the targets that is this sweep's
 */
public record SweepPlan(
    Link link,
    String probe,
    MacAddress sourceMac,
    int sourceAddress,
    @Nullable Ipv6Address sourceIpv6,
    boolean claimsSource,
    long targets,
    long hosts,
    int ports,
    long self,
    long excluded,
    boolean resolves,
    List<String> gateways,
    Rate rate,
    @Nullable Rate hostRate,
    int rounds,
    Duration waitTime,
    Duration grace,
    @Nullable Backend backend,
    boolean consume,
    int cores,
    long seed,
    Shard shard) {
  /** Copies the list. */
  public SweepPlan {
    gateways = List.copyOf(gateways);
  }

  /** The same by another kernel path. */
  SweepPlan withBackend(@Nullable Backend value) {
    return new SweepPlan(
        link,
        probe,
        sourceMac,
        sourceAddress,
        sourceIpv6,
        claimsSource,
        targets,
        hosts,
        ports,
        self,
        excluded,
        resolves,
        gateways,
        rate,
        hostRate,
        rounds,
        waitTime,
        grace,
        value,
        consume,
        cores,
        seed,
        shard);
  }

  /** The sender's address as text. */
  public String sourceText() {
    return sourceIpv6 == null ? Ipv4.format(sourceAddress) : sourceIpv6.toString();
  }

  /** Targets that get probes, if all of them have a MAC. */
  public long toProbe() {
    return targets - self;
  }

  /**
   * Time for the first round's probes at the given rates; null when there is no limit to them. It
   * does not hold what finding out MACs takes.
   */
  public @Nullable Duration sendingTime() {
    final double limit = Math.min(rate.pps(), hostsRate());
    return Double.isInfinite(limit) ? null : Duration.ofNanos((long) (toProbe() * 1e9 / limit));
  }

  private double hostsRate() {
    return hostRate == null ? Double.POSITIVE_INFINITY : hostRate.pps() * hosts;
  }
}
