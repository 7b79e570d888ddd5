package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.target.Shard;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a sweep is going to do. Making one sends nothing.
 *
 * @param link where the probes go out
 * @param probe the kind of question, for example {@code arp}
 * @param sourceMac sender of the probes
 * @param sourceAddress sender of the probes, IPv4, most significant byte first
 * @param targets all targets of this shard, own addresses included
 * @param self how many of them are the link's own addresses, which are not probed
 * @param excluded addresses that were named as targets and are left out, in all shards
 * @param rate probes per second
 * @param rounds most rounds: one, and one per retry
 * @param waitTime how long a target may take to answer
 * @param grace how long to listen on after the last answer
 * @param backend the kernel path asked for, or null for the best that is available
 * @param seed of the order in which targets are probed
 * @param shard the part of the targets that is this sweep's
 */
public record SweepPlan(
    Link link,
    String probe,
    MacAddress sourceMac,
    int sourceAddress,
    long targets,
    long self,
    long excluded,
    Rate rate,
    int rounds,
    Duration waitTime,
    Duration grace,
    @Nullable Backend backend,
    long seed,
    Shard shard) {
  /** Targets that get probes. */
  public long toProbe() {
    return targets - self;
  }

  /**
   * Time for the first round's probes at the given rate; null when there is no limit to the rate.
   */
  public @Nullable Duration sendingTime() {
    return rate.isMax() ? null : Duration.ofNanos((long) (toProbe() * 1e9 / rate.pps()));
  }
}
