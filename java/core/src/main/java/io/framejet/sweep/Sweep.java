package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.probe.ArpProbe;
import io.framejet.probe.Probe;
import io.framejet.target.Shard;
import io.framejet.target.TargetSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Asks every target of a set, asks again those that did not answer, and accounts for each.
 *
 * <pre>{@code
 * Sweep sweep = Sweep.arp(Link.find("eth0")).targets("10.77.0.0/16").rate(Rate.MAX).build();
 * SweepReport report = sweep.run();
 * report.forEachHost(host -> System.out.println(Ipv4.format(host.address()) + " " + host.mac()));
 * }</pre>
 *
 * <p>Sweep only networks that you run or have leave to sweep. The default rate is 10,000 probes per
 * second.
 */
public final class Sweep {
  /** Probes per second unless asked otherwise. */
  public static final Rate DEFAULT_RATE = Rate.of(10_000);

  private final SweepPlan plan;
  private final Probe probe;
  private final TargetSpace space;
  private final List<Integer> ownAddresses;
  private final SweepListener listener;
  private final AtomicBoolean started = new AtomicBoolean();
  private final Cancellation cancellation = new Cancellation();
  private volatile @Nullable SweepReport report;

  private Sweep(
      SweepPlan plan,
      Probe probe,
      TargetSpace space,
      List<Integer> ownAddresses,
      SweepListener listener) {
    this.plan = plan;
    this.probe = probe;
    this.space = space;
    this.ownAddresses = ownAddresses;
    this.listener = listener;
  }

  /** Begins an ARP sweep (RFC 826) over {@code link}. */
  public static Builder arp(Link link) {
    return new Builder(link);
  }

  /** What is going to be done. */
  public SweepPlan plan() {
    return plan;
  }

  /**
   * Does it, on this thread, and returns when every target is accounted for, or after {@link
   * #cancel()} or an interrupt with what is known by then (the thread's interrupt status is kept).
   *
   * @throws FramejetException PERMISSION_DENIED, LINK_DOWN, LINK_GONE and others of injectors and
   *     receivers; {@link #report()} has what was found before
   * @throws IllegalStateException if it was run before
   */
  public SweepReport run() throws FramejetException {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("a sweep runs once; build another");
    }
    try (SweepRun run = SweepRun.open(plan, probe, space, ownAddresses, listener, cancellation)) {
      try {
        run.sweep();
      } finally {
        report = run.report();
      }
    }
    SweepReport made = report;
    if (made == null) {
      throw new FramejetException(ErrorCode.CLOSED, "the sweep made no report");
    }
    return made;
  }

  /**
   * The report, once {@link #run()} has returned or thrown; null before, and when nothing could be
   * opened.
   */
  public @Nullable SweepReport report() {
    return report;
  }

  /** Makes {@link #run()} return soon with a partial report. Any thread; before the run too. */
  public void cancel() {
    cancellation.cancel();
  }

  /** Sets up a sweep. Not thread-safe. */
  public static final class Builder {
    private final Link link;
    private @Nullable TargetSet targets;
    private Rate rate = DEFAULT_RATE;
    private int retries = 2;
    private Duration waitTime = Duration.ofMillis(500);
    private Duration grace = Duration.ofMillis(50);
    private @Nullable Backend backend;
    private @Nullable Long seed;
    private Shard shard = Shard.ALL;
    private boolean offLink;
    private @Nullable Integer source;
    private SweepListener listener = SweepListener.NONE;

    private Builder(Link link) {
      this.link = link;
    }

    /** Whom to ask. */
    public Builder targets(TargetSet value) {
      targets = value;
      return this;
    }

    /**
     * Whom to ask, as {@link TargetSet.Builder#add} reads it: prefixes, ranges, single addresses.
     */
    public Builder targets(String... texts) {
      return targets(TargetSet.of(texts));
    }

    /** Probes per second; {@link Sweep#DEFAULT_RATE} unless set. */
    public Builder rate(Rate value) {
      rate = value;
      return this;
    }

    /** How many times to ask again those that did not answer: 0 to 100; 2 unless set. */
    public Builder retries(int value) {
      if (value < 0 || value > 100) {
        throw new IllegalArgumentException("retries=" + value + ": 0 to 100");
      }
      retries = value;
      return this;
    }

    /** How long a target may take to answer: 1 ms to 10 min; 500 ms unless set. */
    public Builder waitTime(Duration value) {
      if (value.compareTo(Duration.ofMillis(1)) < 0
          || value.compareTo(Duration.ofMinutes(10)) > 0) {
        throw new IllegalArgumentException("waitTime=" + value + ": 1 ms to 10 min");
      }
      waitTime = value;
      return this;
    }

    /**
     * How long to listen on when all have answered, for late claims of the same address; 50 ms
     * unless set.
     */
    public Builder grace(Duration value) {
      if (value.isNegative() || value.compareTo(Duration.ofMinutes(10)) > 0) {
        throw new IllegalArgumentException("grace=" + value + ": 0 to 10 min");
      }
      grace = value;
      return this;
    }

    /** The kernel path; the best that is available unless set. */
    public Builder backend(@Nullable Backend value) {
      backend = value;
      return this;
    }

    /** The order in which targets are probed; random unless set. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * The part of the targets to ask. Parts are disjoint and complete for one seed: set {@link
     * #seed} too.
     */
    public Builder shard(Shard value) {
      shard = value;
      return this;
    }

    /** Leave to ask for addresses that are in no subnet of the link. */
    public Builder offLink(boolean value) {
      offLink = value;
      return this;
    }

    /**
     * The sender's IPv4 address in the probes; the link's own address nearest to the targets unless
     * set.
     */
    public Builder source(int address) {
      source = address;
      return this;
    }

    /** Who hears of results as they arrive. */
    public Builder listener(SweepListener value) {
      listener = value;
      return this;
    }

    /**
     * Checks the whole.
     *
     * @throws IllegalArgumentException with a sentence for the user when there are no targets, when
     *     targets are not on the link and {@link #offLink} was not set, or when a sharded sweep has
     *     no seed
     * @throws FramejetException LINK_GONE, NOT_SUPPORTED when the link has no Ethernet header
     */
    public Sweep build() throws FramejetException {
      if (targets == null) {
        throw new IllegalArgumentException("no targets were given");
      }
      if (shard.count() > 1 && seed == null) {
        throw new IllegalArgumentException(
            "shard "
                + shard
                + " without a seed: the parts of a sweep fit together only with the same --seed");
      }
      if (!link.hasEthernetHeader() || link.isLoopback()) {
        throw new FramejetException(
            ErrorCode.NOT_SUPPORTED,
            "link " + link.name() + " is no Ethernet: ARP does not work there",
            0,
            "java",
            link.name(),
            null);
      }
      List<Subnet> subnets = Subnet.of(link.addresses());
      TargetSet allowed = targets;
      for (Subnet subnet : subnets) {
        if (subnet.hasBroadcast()) {
          allowed = allowed.without(subnet.networkAddress()).without(subnet.broadcastAddress());
        }
      }
      if (allowed.isEmpty()) {
        throw new IllegalArgumentException(
            "no targets are left: all " + allowed.excluded() + " are excluded");
      }
      if (!offLink) {
        Subnet.requireOnLink(allowed, subnets, link.name());
      }
      int sender = source != null ? source : Subnet.sourceFor(allowed, subnets);
      long order = seed != null ? seed : ThreadLocalRandom.current().nextLong();
      List<Integer> own = new ArrayList<>();
      for (Subnet subnet : subnets) {
        if (allowed.contains(subnet.address()) && !own.contains(subnet.address())) {
          own.add(subnet.address());
        }
      }
      TargetSpace space = new TargetSpace(allowed, order, shard);
      own.removeIf(address -> space.cell(address) < 0);
      SweepPlan plan =
          new SweepPlan(
              link,
              "arp",
              link.mac(),
              sender,
              space.size(),
              own.size(),
              allowed.excluded(),
              rate,
              1 + retries,
              waitTime,
              grace,
              backend,
              order,
              shard);
      return new Sweep(plan, new ArpProbe(link.mac(), sender), space, own, listener);
    }
  }
}
