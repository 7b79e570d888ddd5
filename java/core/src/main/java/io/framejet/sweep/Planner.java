package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.LinkType;
import io.framejet.frame.SipHash;
import io.framejet.link.Link;
import io.framejet.probe.ArpProbe;
import io.framejet.probe.IcmpProbe;
import io.framejet.probe.NdpProbe;
import io.framejet.probe.Probe;
import io.framejet.probe.TcpProbe;
import io.framejet.probe.UdpProbe;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.PortSet;
import io.framejet.target.TargetSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Makes a sweep's plan of what was asked for, and refuses what makes no sense. */
final class Planner {
  private static final long UNSIGNED = 0xffff_ffffL;

  private final Sweep.Builder asked;
  private final Link link;
  private final Kind kind;

  Planner(Sweep.Builder asked) {
    this.asked = asked;
    this.link = asked.link;
    this.kind = asked.kind;
  }

  Course.Setup plan() throws FramejetException {
    if (asked.shard.count() > 1 && asked.seed == null) {
      throw new IllegalArgumentException(
          "shard "
              + asked.shard
              + " without a seed: the parts of a sweep fit together only with the same --seed");
    }
    checkPorts();
    checkLink();
    if (kind == Kind.NDP && asked.ipv6Targets != null) {
      return plan(asked.ipv6Targets);
    }
    if (kind != Kind.NDP && asked.targets != null) {
      return plan(asked.targets);
    }
    throw new IllegalArgumentException(
        asked.targets == null && asked.ipv6Targets == null
            ? "no targets were given"
            : "NDP asks IPv6 addresses, and every other kind of sweep asks IPv4 ones");
  }

  private void checkPorts() {
    if (kind.hasPorts() && asked.ports == null) {
      throw new IllegalArgumentException("which ports? Name them, such as --ports 22,80,8000-8100");
    }
    if (!kind.hasPorts() && asked.ports != null) {
      throw new IllegalArgumentException("a sweep by " + kind.label() + " asks no ports");
    }
  }

  private void checkLink() throws FramejetException {
    if (link.isLoopback()
        || link.linkType() == null
        || (!kind.resolves() && !link.hasEthernetHeader())) {
      throw notSupported(
          "link " + link.name() + " is no Ethernet: nobody can be asked there by MAC");
    }
    if (!kind.resolves() && asked.backend == Backend.RAWIP) {
      throw notSupported(
          "backend rawip sends IP packets alone, and "
              + kind.label()
              + " asks by frames: take ring, socket or pcap");
    }
    if (asked.consume && asked.backend != Backend.XDP) {
      throw new IllegalArgumentException(
          "only backend xdp can keep replies from this host's own stack");
    }
    if (asked.cores > 1 && asked.backend != Backend.XDP) {
      throw new IllegalArgumentException("only backend xdp makes probes by several cores");
    }
    if (asked.cores > 1 && asked.pcap != null) {
      throw new IllegalArgumentException(
          "what several cores send has no one order to be kept in: one core, or no file");
    }
    if (isRoutedByKernel() && asked.pcap != null) {
      throw new IllegalArgumentException(
          "with backend rawip frames leave without the Ethernet header that they come back with:"
              + " one file can not hold both");
    }
  }

  private FramejetException notSupported(String problem) {
    return new FramejetException(ErrorCode.NOT_SUPPORTED, problem, 0, "java", link.name(), null);
  }

  /** Whether the kernel puts the Ethernet header before the probes. */
  private boolean isRoutedByKernel() {
    return asked.backend == Backend.RAWIP && link.hasEthernetHeader();
  }

  /** Whether frames for a host go to a MAC that has to be found out first. */
  private boolean resolves() {
    return kind.resolves() && link.hasEthernetHeader() && asked.backend != Backend.RAWIP;
  }

  private Course.Setup plan(Ipv6TargetSet targets) throws FramejetException {
    requireAny(targets.isEmpty(), targets.excluded());
    final Ipv6Link addresses = Ipv6Link.of(link);
    if (!asked.offLink) {
      addresses.requireOnLink(targets);
    }
    if (asked.source != null) {
      throw new IllegalArgumentException("the source of an NDP sweep is the link's own address");
    }
    final long order = order();
    final TargetSpace space = new TargetSpace(Hosts.of(targets), new int[0], order, asked.shard);
    final List<Course.OwnAddress> own = new ArrayList<>();
    for (Ipv6Address address : addresses.own()) {
      addOwn(address.high(), address.low(), space, own);
    }
    return new Course.Setup(
        plan(0, addresses.source(), false, space, own, targets.excluded(), Ways.NONE, order),
        new NdpProbe(link.mac(), addresses.source()),
        null,
        space,
        own,
        Ways.NONE,
        asked.pcap,
        asked.listener);
  }

  private long order() {
    return asked.seed != null ? asked.seed : ThreadLocalRandom.current().nextLong();
  }

  private int[] ports() {
    final PortSet ports = asked.ports;
    if (ports == null) {
      return new int[0];
    }
    final int[] numbers = new int[ports.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = ports.portAt(i);
    }
    return numbers;
  }

  private Course.Setup plan(TargetSet targets) throws FramejetException {
    final List<Subnet> subnets = Subnet.of(link.addresses());
    final TargetSet allowed = withoutNobody(targets, subnets);
    if (!asked.offLink) {
      Subnet.requireOnLink(allowed, subnets, link.name());
    }
    final TargetSet beyond = Subnet.beyond(allowed, subnets);
    // A link without an Ethernet header takes whatever it is given.
    final boolean routed = kind.resolves() && link.hasEthernetHeader() && !beyond.isEmpty();
    final Ways ways = routed ? Ways.of(beyond, link) : Ways.NONE;
    final int sender = sender(allowed, beyond, subnets, ways);
    final boolean foreign = isForeign(sender, subnets);
    final boolean claims = foreign && link.hasEthernetHeader();
    final long order = order();
    final TargetSpace space = new TargetSpace(Hosts.of(allowed), ports(), order, asked.shard);
    final List<Course.OwnAddress> own = own(space, subnets, foreign ? sender : 0);
    return new Course.Setup(
        plan(sender, null, claims, space, own, allowed.excluded(), ways, order),
        probe(sender),
        resolves() ? new ArpProbe(link.mac(), sender) : null,
        space,
        own,
        ways,
        asked.pcap,
        asked.listener);
  }

  private SweepPlan plan(
      int sender,
      @Nullable Ipv6Address ipv6Sender,
      boolean claims,
      TargetSpace space,
      List<Course.OwnAddress> own,
      long excluded,
      Ways ways,
      long order) {
    return new SweepPlan(
        link,
        kind.label(),
        link.mac(),
        sender,
        ipv6Sender,
        claims,
        space.size(),
        space.hosts(),
        space.ports().length,
        (long) own.size() * (space.size() / space.hosts()),
        excluded,
        resolves(),
        ways.gateways().stream().map(gateway -> gateway.getHostAddress()).toList(),
        asked.rate,
        asked.hostRate,
        1 + asked.retries,
        asked.waitTime,
        asked.grace,
        asked.backend,
        asked.consume,
        asked.cores,
        order,
        asked.shard);
  }

  /** Targets without the addresses of the link's subnets that are no host's. */
  private static TargetSet withoutNobody(TargetSet targets, List<Subnet> subnets) {
    TargetSet allowed = targets;
    for (Subnet subnet : subnets) {
      if (subnet.hasBroadcast()) {
        allowed = allowed.without(subnet.networkAddress()).without(subnet.broadcastAddress());
      }
    }
    if (allowed.isEmpty()) {
      requireAny(targets.isEmpty(), targets.excluded());
      throw new IllegalArgumentException(
          "no targets are left: network and broadcast addresses of the link's subnets are excluded");
    }
    return allowed;
  }

  private static void requireAny(boolean none, long excluded) {
    if (none) {
      throw new IllegalArgumentException(
          excluded == 0
              ? "there are no targets: none was named"
              : "no targets are left: "
                  + (excluded == 1 ? "the only one is" : "all " + excluded + " are")
                  + " excluded");
    }
  }

  private int sender(TargetSet allowed, TargetSet beyond, List<Subnet> subnets, Ways ways) {
    final Integer routed = beyond.size() == allowed.size() ? ways.source() : null;
    final int sender;
    if (asked.source != null) {
      sender = asked.source;
    } else {
      sender = routed != null ? routed : Subnet.sourceFor(allowed, subnets);
    }
    if (sender == 0 && kind != Kind.ARP) {
      throw new IllegalArgumentException(
          "link " + link.name() + " has no IPv4 address to ask from");
    }
    return sender;
  }

  /** Whether the kernel does not own the source address, but may be taken for its owner. */
  private boolean isForeign(int sender, List<Subnet> subnets) {
    if (sender == 0 || subnets.stream().anyMatch(subnet -> subnet.address() == sender)) {
      return false;
    }
    final boolean usable =
        subnets.stream()
            .anyMatch(
                subnet ->
                    subnet.contains(sender)
                        && !(subnet.hasBroadcast()
                            && (sender == subnet.first() || sender == subnet.last())));
    if (!usable) {
      throw new IllegalArgumentException(
          "the source address "
              + Ipv4.format(sender)
              + " is neither the link's own nor a host's in one of its subnets: answers would not"
              + " find their way");
    }
    return true;
  }

  private static List<Course.OwnAddress> own(TargetSpace space, List<Subnet> subnets, int foreign) {
    final List<Course.OwnAddress> own = new ArrayList<>();
    for (Subnet subnet : subnets) {
      addOwn(0, subnet.address() & UNSIGNED, space, own);
    }
    if (foreign != 0) {
      addOwn(0, foreign & UNSIGNED, space, own);
    }
    return own;
  }

  private static void addOwn(long high, long low, TargetSpace space, List<Course.OwnAddress> own) {
    final Course.OwnAddress each = new Course.OwnAddress(high, low);
    if (space.hasHost(each.high(), each.low()) && !own.contains(each)) {
      own.add(each);
    }
  }

  private Probe probe(int sender) {
    if (kind == Kind.ARP) {
      return new ArpProbe(link.mac(), sender);
    }
    final SipHash key = SipHash.random();
    final Probe probe =
        probe(link.hasEthernetHeader() ? LinkType.ETHERNET : LinkType.IP, sender, key);
    return isRoutedByKernel() ? new PacketProbe(probe(LinkType.IP, sender, key), probe) : probe;
  }

  private Probe probe(LinkType linkType, int sender, SipHash key) {
    return switch (kind) {
      case ICMP -> new IcmpProbe(linkType, link.mac(), sender, key);
      case TCP -> new TcpProbe(linkType, link.mac(), sender, key);
      case UDP -> new UdpProbe(linkType, link.mac(), sender, key);
      case ARP, NDP -> throw new IllegalStateException("kind=" + kind);
    };
  }
}
