package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.PortSet;
import io.framejet.target.Shard;
import io.framejet.target.TargetSet;
import java.nio.file.Path;
import java.time.Duration;
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

  private final Course.Setup setup;
  private final AtomicBoolean started = new AtomicBoolean();
  private final Cancellation cancellation = new Cancellation();
  private volatile @Nullable SweepReport report;

  private Sweep(Course.Setup setup) {
    this.setup = setup;
  }

  /** Begins an ARP sweep (RFC 826) over {@code link}: who has which IPv4 address? */
  public static Builder arp(Link link) {
    return new Builder(link, Kind.ARP);
  }

  /**
   * Begins an NDP sweep (RFC 4861) over {@code link}: who has which IPv6 address? A {@link
   * Discovery} finds out whom to ask.
   */
  public static Builder ndp(Link link) {
    return new Builder(link, Kind.NDP);
  }

  /**
   * Begins a sweep by ICMP echo requests (RFC 792) over {@code link}. The MACs of hosts on the link
   * are found out first, where frames have MACs.
   */
  public static Builder icmp(Link link) {
    return new Builder(link, Kind.ICMP);
  }

  /**
   * Begins a sweep of TCP ports by SYN (RFC 9293) over {@code link}. The MACs of hosts on the link
   * are found out first, where frames have MACs. What an open port answers, the kernel of this
   * host, which knows nothing of the question, answers by a RST, unless the source address is not
   * its own: see {@link Builder#source}.
   */
  public static Builder tcp(Link link) {
    return new Builder(link, Kind.TCP);
  }

  /**
   * Begins a sweep of UDP ports (RFC 768) over {@code link}. The MACs of hosts on the link are
   * found out first, where frames have MACs. Hosts tell of closed ports by ICMP, of which most send
   * few per second: ports that do not answer are called filtered, and may be open.
   */
  public static Builder udp(Link link) {
    return new Builder(link, Kind.UDP);
  }

  /** What is going to be done. */
  public SweepPlan plan() {
    return setup.plan();
  }

  /**
   * Does it, on this thread, and returns when every target is accounted for, or after {@link
   * #cancel()} or an interrupt with what is known by then (the thread's interrupt status is kept).
   *
   * @throws FramejetException PERMISSION_DENIED, LINK_DOWN, LINK_GONE and others of injectors and
   *     receivers; TIMEOUT when the router to targets beyond the link does not answer;
   *     NOT_SUPPORTED when somebody has the address of {@link Builder#source}; {@link #report()}
   *     has what was found before
   * @throws IllegalStateException if it was run before
   */
  public SweepReport run() throws FramejetException {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("a sweep runs once; build another");
    }
    try (Course course = Course.open(setup, cancellation)) {
      try {
        course.run();
      } finally {
        report = course.report();
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
    /** Generators of one XDP program. */
    private static final int MAX_CORES = 46;

    final Link link;
    final Kind kind;
    @Nullable TargetSet targets;
    @Nullable Ipv6TargetSet ipv6Targets;
    @Nullable PortSet ports;
    Rate rate = DEFAULT_RATE;
    @Nullable Rate hostRate;
    int retries = 2;
    Duration waitTime = Duration.ofMillis(500);
    Duration grace = Duration.ofMillis(50);
    @Nullable Backend backend;
    boolean consume;
    int cores = 1;
    @Nullable Long seed;
    Shard shard = Shard.ALL;
    boolean offLink;
    @Nullable Integer source;
    @Nullable Path pcap;
    SweepListener listener = SweepListener.NONE;

    private Builder(Link link, Kind kind) {
      this.link = link;
      this.kind = kind;
    }

    /** Whom to ask; for {@link Sweep#ndp} there are others. */
    public Builder targets(TargetSet value) {
      targets = value;
      return this;
    }

    /**
     * Whom to ask by IPv4, as {@link TargetSet.Builder#add} reads it: prefixes, ranges, single
     * addresses.
     */
    public Builder targets(String... texts) {
      return targets(TargetSet.of(texts));
    }

    /** Whom to ask, for {@link Sweep#ndp}. */
    public Builder targets(Ipv6TargetSet value) {
      ipv6Targets = value;
      return this;
    }

    /**
     * The ports of each host to ask, for {@link Sweep#tcp} and {@link Sweep#udp}; each is a target
     * of its own.
     */
    public Builder ports(PortSet value) {
      ports = value;
      return this;
    }

    /** Probes per second; {@link Sweep#DEFAULT_RATE} unless set. */
    public Builder rate(Rate value) {
      rate = value;
      return this;
    }

    /**
     * Most probes per second for any one host, beside the rate of all; null, as it is unless set,
     * for no such limit. No probe is left out for it: the sweep waits.
     *
     * @throws IllegalArgumentException if it is {@link Rate#MAX}, which is no limit
     */
    public Builder hostRate(@Nullable Rate value) {
      if (value != null && value.isMax()) {
        throw new IllegalArgumentException("hostRate=max is no limit");
      }
      hostRate = value;
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
     * unless set. Where MACs are found out first, claims are heard while the probes go out, and it
     * begins with these; not so with {@link Backend#XDP}, which hears claims in its first pass
     * alone.
     */
    public Builder grace(Duration value) {
      if (value.isNegative() || value.compareTo(Duration.ofMinutes(10)) > 0) {
        throw new IllegalArgumentException("grace=" + value + ": 0 to 10 min");
      }
      grace = value;
      return this;
    }

    /**
     * The kernel path. Unless set it is {@link Backend#XDP} for many probes in a short time, on a
     * link made of software whose frames then arrive, where the program can be had; else the best
     * that any injector takes. See {@link SweepReport#backendReason}.
     *
     * <p>With {@link Backend#XDP} claims of an address are heard only until the probes of an ICMP,
     * TCP or UDP sweep go out.
     *
     * <p>With {@link Backend#RAWIP}, for probes of IP, the kernel routes each probe and finds out
     * the MAC for it, as for any packet: through its firewall, and not for more hosts of an
     * Ethernet link at a time than its neighbor table holds (net.ipv4.neigh.default.gc_thresh3,
     * 1024 unless set); the sweep waits meanwhile. What that takes is part of the round-trip time.
     * A host that has no MAC ends as silent. Answers are received by the best that is available.
     */
    public Builder backend(@Nullable Backend value) {
      backend = value;
      return this;
    }

    /**
     * With {@link Backend#XDP}: keeps replies to the probes from the host's own stack, which saves
     * time. The host's own questions from the same address are not answered meanwhile, and where it
     * is asked by TCP it sends no RST when a port turns out to be open. Not so unless set.
     */
    public Builder consume(boolean value) {
      consume = value;
      return this;
    }

    /**
     * With {@link Backend#XDP}: how many cores make the probes, each its part of them, by a thread
     * of its own that stays on one of the CPUs that this process may use; 1 to 46, 1 unless set.
     */
    public Builder cores(int value) {
      if (value < 1 || value > MAX_CORES) {
        throw new IllegalArgumentException("cores=" + value + ": 1 to " + MAX_CORES);
      }
      cores = value;
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

    /**
     * Leave to ask for addresses that are in no subnet of the link. Probes of IP are sent to the
     * router that the kernel would choose; ARP asks on the link itself, and a link without an
     * Ethernet header takes them all.
     */
    public Builder offLink(boolean value) {
      offLink = value;
      return this;
    }

    /**
     * The sender's IPv4 address in the probes; the link's own address nearest to the targets unless
     * set. 0, for ARP alone, claims no address (RFC 5227).
     *
     * <p>It may be an address of the link's subnet that the kernel does not own: whether anybody
     * uses it is asked first (RFC 5227), and the sweep answers ARP requests for it as long as it
     * goes on. The kernel knows nothing of that address, and so sends no RST when a TCP port turns
     * out to be open, nor an ICMP error to what a UDP port answers. A link without an Ethernet
     * header has no ARP: nobody is asked there, and nobody answered.
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
     * Keeps all frames of the sweep, sent and received, in a pcapng file; null for nowhere. A file
     * that is there is emptied.
     */
    public Builder pcap(@Nullable Path file) {
      pcap = file;
      return this;
    }

    /**
     * Checks the whole.
     *
     * @throws IllegalArgumentException with a sentence for the user when there are no targets, when
     *     targets are not on the link and {@link #offLink} was not set, when ports are missing, or
     *     when a sharded sweep has no seed
     * @throws FramejetException LINK_GONE; NOT_SUPPORTED when ARP or NDP is to ask on a link
     *     without an Ethernet header, or by {@link Backend#RAWIP}; NO_ROUTE when targets beyond the
     *     link cannot be reached
     */
    public Sweep build() throws FramejetException {
      return new Sweep(new Planner(this).plan());
    }
  }
}
