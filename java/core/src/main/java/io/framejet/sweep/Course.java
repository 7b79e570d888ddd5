package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.link.LinkMonitor;
import io.framejet.neighbor.Resolver;
import io.framejet.probe.Probe;
import io.framejet.probe.ReplyState;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A sweep under way, from the first frame to the report: makes sure of the source address, finds
 * out the MACs that probes are to go to, and then asks.
 *
 * <pre>
 *   source address free? ──► who has the routers? ──► who has which address? ──► the probes
 *   (RFC 5227, --source)     (--off-link)             (a pass of ARP or NDP)     (a pass)
 * </pre>
 */
final class Course implements AutoCloseable {
  private static final String RESOLVING = "resolving neighbors";
  private static final String PROBING = "probing";
  private static final int CLAIM_RETRIES = 2;
  private static final Duration CLAIM_WAIT = Duration.ofMillis(200);

  private final Setup setup;
  private final TargetSpace space;
  private final Cancellation cancellation;
  private final @Nullable NextHops hops;
  private final @Nullable HostPacer hostPacer;
  private final TargetTable table;
  private final LinkMonitor monitor;
  private final long packetsBefore;

  /** As it is carried out: with the backend that was chosen, where none was named. */
  private SweepPlan plan;

  private String backendReason = "";
  private @Nullable FrameLog log;
  private @Nullable ArpResponder responder;
  private @Nullable PassTotals resolved;
  private @Nullable PassTotals probed;
  private long resolvedHosts;
  private long requests;
  private long startNanos;
  private boolean started;
  private @Nullable SweepReport report;

  private Course(Setup setup, Cancellation cancellation, LinkMonitor monitor)
      throws FramejetException {
    this.setup = setup;
    this.plan = setup.plan();
    this.space = setup.space();
    this.cancellation = cancellation;
    this.hops = plan.resolves() || !setup.ways().isEmpty() ? new NextHops(space.hosts()) : null;
    this.hostPacer =
        plan.hostRate() == null
            ? null
            : new HostPacer(plan.hostRate(), space.hosts(), System.nanoTime());
    this.table = new TargetTable(space, hops);
    this.monitor = monitor;
    this.packetsBefore = monitor.counters().txPackets();
  }

  /**
   * What a sweep is made of.
   *
   * @param neighborProbe what finds out MACs; null when none are needed, or the kernel does
   * @param own the link's own addresses among the targets
   * @param ways to targets beyond the link
   * @param pcap where all frames are kept; null for nowhere
   */
  record Setup(
      SweepPlan plan,
      Probe probe,
      @Nullable Probe neighborProbe,
      TargetSpace space,
      List<OwnAddress> own,
      Ways ways,
      @Nullable Path pcap,
      SweepListener listener) {}

  /** An address of the link itself: two longs, as {@link Hosts} has them. */
  record OwnAddress(long high, long low) {}

  static Course open(Setup setup, Cancellation cancellation) throws FramejetException {
    LinkMonitor monitor = LinkMonitor.open(setup.plan().link());
    try {
      return new Course(setup, cancellation, monitor);
    } catch (FramejetException | RuntimeException | Error e) {
      monitor.close();
      throw e;
    }
  }

  void run() throws FramejetException {
    if (setup.pcap() != null) {
      log = FrameLog.open(setup.pcap(), plan.link());
    }
    chooseBackend();
    final Probe neighborProbe = setup.neighborProbe();
    final Map<InetAddress, MacAddress> routers;
    try {
      if (plan.claimsSource()) {
        claimSource();
      }
      routers = neighborProbe == null ? Map.of() : routers();
    } catch (FramejetException e) {
      reportNobodyAsked(e);
      throw e;
    }
    if (neighborProbe == null) {
      try (SweepRun probing = open(this::probing)) {
        reportOwn();
        if (hops != null) {
          noteRouted(hops);
        }
        probe(probing, null);
      }
      return;
    }
    final TargetSpace hosts = space.withoutPorts(plan.seed());
    final TargetTable asked = new TargetTable(hosts);
    if (plan.backend() == Backend.XDP) {
      runOneByOne(neighborProbe, hosts, asked, routers);
      return;
    }
    // Both passes are opened before the first: the kernel takes some ten milliseconds for it. For
    // the same reason they are closed after the report.
    try (SweepRun probing = PassOpening.open(probing());
        SweepRun resolving = PassOpening.open(resolving(neighborProbe, hosts, asked))) {
      reportOwn();
      resolve(hosts, asked, routers, resolving);
      if (asksNow()) {
        probe(probing, resolving);
      }
    } finally {
      makeReport();
    }
  }

  private void chooseBackend() {
    if (plan.backend() == null) {
      final EngineChoice choice = EngineChoice.of(plan, setup.pcap() != null);
      plan = plan.withBackend(choice.backend());
      backendReason = choice.reason();
    }
  }

  /** A pass by the backend that was named, or by the one that was chosen as long as it works. */
  private SweepRun open(Supplier<Pass> pass) throws FramejetException {
    try {
      return PassOpening.open(pass.get());
    } catch (FramejetException e) {
      if (setup.plan().backend() != null || plan.backend() == null || !EngineChoice.isOfEngine(e)) {
        throw e;
      }
      final EngineChoice choice = EngineChoice.fallenBack(e);
      plan = plan.withBackend(choice.backend());
      backendReason = choice.reason();
      return PassOpening.open(pass.get());
    }
  }

  /** There is one XDP program on a link at a time, and each pass has its own. */
  private void runOneByOne(
      Probe neighborProbe,
      TargetSpace hosts,
      TargetTable asked,
      Map<InetAddress, MacAddress> routers)
      throws FramejetException {
    try {
      try (SweepRun resolving = open(() -> resolving(neighborProbe, hosts, asked))) {
        reportOwn();
        resolve(hosts, asked, routers, resolving);
      }
      if (asksNow()) {
        try (SweepRun probing = open(this::probing)) {
          probe(probing, null);
        }
      }
    } finally {
      makeReport();
    }
  }

  /** Without a first pass there is nothing to report but of the second, cancelled or not. */
  private boolean asksNow() {
    return !cancellation.isCancelled() || resolved == null;
  }

  /** What kept the sweep from asking anybody is no reason to leave its targets without account. */
  private void reportNobodyAsked(FramejetException cause) {
    try (SweepRun probing = open(this::probing)) {
      reportOwn();
      begin();
      probed = probing.totals();
      makeReport();
    } catch (FramejetException e) {
      cause.addSuppressed(e);
    }
  }

  /**
   * The pass of probes.
   *
   * @param resolving the pass that found out MACs, if it goes on listening
   */
  private void probe(SweepRun run, @Nullable SweepRun resolving) throws FramejetException {
    begin();
    try {
      if (resolving != null) {
        run.beginGrace(); // of claims, which that pass hears
      }
      run.sweep();
      if (resolving != null) {
        resolving.hearLate();
      }
    } finally {
      probed = run.totals();
      makeReport();
    }
  }

  private void begin() {
    if (!started) {
      started = true;
      startNanos = System.nanoTime();
    }
  }

  private void reportOwn() {
    for (OwnAddress own : setup.own()) {
      for (int port : portsOfHost()) {
        final int cell = space.cell(own.high(), own.low(), port);
        table.self(cell, plan.sourceMac().toLong());
        setup.listener().onHost(table.result(cell));
      }
    }
  }

  private int[] portsOfHost() {
    return space.hasPorts() ? space.ports() : new int[1];
  }

  // --- the source address

  private void claimSource() throws FramejetException {
    final int source = plan.sourceAddress();
    final MacAddress user = userOf(source);
    if (user != null) {
      throw new FramejetException(
          ErrorCode.NOT_SUPPORTED,
          "the source address "
              + Ipv4.format(source)
              + " is in use by "
              + user
              + ": name one that nobody has",
          0,
          "java",
          plan.link().name(),
          null);
    }
    if (!cancellation.isCancelled()) {
      responder = ArpResponder.open(plan.link(), source, log);
    }
  }

  private @Nullable MacAddress userOf(int source) throws FramejetException {
    try (Resolver resolver = Resolver.open(plan.link())) {
      cancellation.ends(resolver::close);
      try {
        return resolver.userOf(source, CLAIM_WAIT, CLAIM_RETRIES);
      } finally {
        requests += resolver.requests();
      }
    } catch (FramejetException e) {
      throwUnlessCancelled(e);
      return null;
    }
  }

  /** A question that the wish to end has cut short is no fault. */
  private void throwUnlessCancelled(FramejetException fault) throws FramejetException {
    if (fault.code() != ErrorCode.CLOSED || !cancellation.isCancelled()) {
      throw fault;
    }
  }

  // --- where probes go

  private void resolve(
      TargetSpace hosts, TargetTable asked, Map<InetAddress, MacAddress> routers, SweepRun run)
      throws FramejetException {
    final NextHops found = Objects.requireNonNull(hops, "hops");
    final boolean[] own = new boolean[hosts.size()];
    for (OwnAddress address : setup.own()) {
      final int host = hosts.cell(address.high(), address.low(), 0);
      own[host] = true;
      asked.self(host, plan.sourceMac().toLong());
    }
    if (!setup.ways().isEmpty()) {
      route(found, hosts, asked, routers);
    }
    begin();
    try {
      if (asked.toProbe() > 0) {
        try {
          run.sweep();
        } finally {
          resolved = run.totals();
        }
      }
    } finally {
      for (int host = 0; host < own.length; host++) {
        if (!own[host] && asked.isUp(host)) {
          found.direct(host, asked.mac(host), asked.othersOf(host));
        }
      }
      // Who answers later than this is heard, but has got no probe.
      resolvedHosts = asked.hostsUp() - setup.own().size();
      leaveOutAbsent(found, asked);
    }
  }

  private Map<InetAddress, MacAddress> routers() throws FramejetException {
    final Map<InetAddress, MacAddress> routers = new HashMap<>();
    for (InetAddress gateway : setup.ways().gateways()) {
      final MacAddress mac = cancellation.isCancelled() ? null : macOf(gateway);
      if (mac != null) {
        routers.put(gateway, mac);
      }
    }
    return routers;
  }

  private @Nullable MacAddress macOf(InetAddress gateway) throws FramejetException {
    try (Resolver resolver = Resolver.open(plan.link())) {
      cancellation.ends(resolver::close);
      try {
        return resolver.resolve(gateway, plan.waitTime(), plan.rounds() - 1).mac();
      } finally {
        requests += resolver.requests();
      }
    } catch (FramejetException e) {
      if (e.code() == ErrorCode.TIMEOUT) {
        throw silentRouter(gateway, e);
      }
      throwUnlessCancelled(e);
      return null;
    }
  }

  private FramejetException silentRouter(InetAddress gateway, FramejetException cause) {
    return new FramejetException(
        ErrorCode.TIMEOUT,
        "the router "
            + gateway.getHostAddress()
            + " does not answer on link "
            + plan.link().name()
            + ": targets beyond it cannot be asked",
        0,
        "java",
        plan.link().name(),
        cause);
  }

  private void route(
      NextHops found, TargetSpace hosts, TargetTable asked, Map<InetAddress, MacAddress> routers) {
    for (int host = 0; host < hosts.size(); host++) {
      final InetAddress gateway = setup.ways().gatewayTo(hosts.low(host));
      final MacAddress mac = gateway == null ? null : routers.get(gateway);
      if (mac != null && !asked.isOver(host)) {
        found.routed(host, mac.toLong());
        asked.absent(host, true); // not asked for by itself
      }
    }
  }

  /** Routers are the kernel's affair: but whoever is behind one may answer by several. */
  private void noteRouted(NextHops found) {
    for (int host = 0; host < space.hosts(); host++) {
      if (setup.ways().gatewayTo(space.low(host)) != null) {
        found.routed(host, NextHops.NONE);
      }
    }
  }

  /** Whoever has no MAC gets no probe; whether it is there is as sure as its not answering. */
  private void leaveOutAbsent(NextHops found, TargetTable asked) {
    if (asked.hostsUp() == asked.size()) {
      return; // nobody is: one walk less that a JVM just started has to interpret
    }
    for (int cell = 0; cell < space.size(); cell++) {
      final int host = space.host(cell);
      if (found.mac(host) == NextHops.NONE && !asked.isAnswered(host)) {
        table.absent(cell, asked.state(host) == HostState.SILENT);
      }
    }
  }

  /**
   * Of the first pass its progress is told, and late claims are: earlier ones come with the host.
   */
  private SweepListener resolvingListener() {
    return new SweepListener() {
      @Override
      public void onProgress(SweepProgress progress) {
        setup.listener().onProgress(progress);
      }

      @Override
      public void onConflict(HostResult host) {
        if (resolved != null) {
          lateClaim(host);
        }
      }
    };
  }

  /** Notes who claimed an address while its probe was out. */
  private void lateClaim(HostResult host) {
    final NextHops found = Objects.requireNonNull(hops, "hops");
    final long high = host.addressHigh();
    final long low = host.addressLow();
    for (int port : portsOfHost()) {
      final int cell = space.cell(high, low, port);
      final int at = space.host(cell);
      found.direct(at, found.mac(at), host.others());
      if (table.isUp(cell)) {
        setup.listener().onConflict(table.result(cell));
      }
    }
  }

  // --- passes

  private Pass resolving(Probe probe, TargetSpace hosts, TargetTable asked) {
    return new Pass(
        plan,
        RESOLVING,
        probe,
        hosts,
        asked,
        null,
        hostPacer,
        log,
        resolvingListener(),
        cancellation,
        Duration.ZERO);
  }

  private Pass probing() {
    return new Pass(
        plan,
        PROBING,
        setup.probe(),
        space,
        table,
        hops,
        hostPacer,
        log,
        setup.listener(),
        cancellation,
        plan.grace());
  }

  // --- the report

  /** What became of it; null when nothing could be opened. */
  @Nullable SweepReport report() {
    return report;
  }

  private void makeReport() {
    if (report == null) {
      report = newReport();
    }
  }

  private @Nullable SweepReport newReport() {
    final PassTotals first = resolved;
    final PassTotals last = probed;
    final PassTotals any = last != null ? last : first;
    if (any == null) {
      return null;
    }
    final ArpResponder answering = responder;
    if (answering != null) {
      answering.close(); // its last answer is counted then
    }
    final long answers = answering == null ? 0 : answering.answers();
    final PassTotals sum = first == null || last == null ? any : first.plus(last);
    final long asked = (first == null ? 0 : first.probesSent()) + requests;
    if (log != null) {
      log.statistics(sum.delivered(), sum.receivedDropped());
    }
    return new SweepReport(
        counts(any, first, last),
        new SweepReport.Resolution(
            asked, resolvedHosts, answers, first == null ? 0 : first.sendNanos()),
        new SweepReport.Transmitted(
            sum.accepted() + requests + answers,
            kernelPackets(sum.kernelPackets()),
            sum.transmitDropped(),
            sum.unconfirmed(),
            sum.perCore()),
        new SweepReport.Received(sum.delivered(), sum.receivedDropped()),
        new SweepReport.Timing(System.nanoTime() - startNanos, last == null ? 0 : last.sendNanos()),
        any.backend(),
        backendReason,
        last != null && last.complete() && (first == null || first.complete()),
        table);
  }

  private SweepReport.Counts counts(
      PassTotals any, @Nullable PassTotals first, @Nullable PassTotals last) {
    long silent = 0;
    long lost = 0;
    long notProbed = 0;
    long filtered = 0;
    final int toLookAt = table.hostsUp() == space.size() ? 0 : space.size();
    for (int cell = 0; cell < toLookAt; cell++) {
      switch (table.state(cell)) {
        case UP -> {}
        case SILENT -> silent++;
        case POSSIBLY_LOST -> {
          lost++;
          notProbed += table.isAsked(cell) ? 0 : 1;
        }
      }
      filtered += table.isFiltered(cell) ? 1 : 0;
    }
    final PassTotals probes = last != null ? last : PassTotals.none(any.backend());
    return new SweepReport.Counts(
        space.size(),
        plan.excluded(),
        probes.probesSent(),
        probes.replies(),
        table.hostsUp(),
        silent,
        lost,
        notProbed,
        probes.duplicates(),
        table.conflicts(),
        probes.unasked(),
        probes.refused(),
        probes.malformed() + (first == null ? 0 : first.malformed()),
        new SweepReport.Answers(
            table.count(ReplyState.OPEN),
            table.count(ReplyState.CLOSED),
            filtered,
            table.count(ReplyState.UNREACHABLE)),
        probes.rounds());
  }

  /**
   * What the link counted since the course began, frames between passes included; what the passes
   * saw where the link is gone by now.
   */
  private long kernelPackets(long seen) {
    try {
      return monitor.counters().txPackets() - packetsBefore;
    } catch (FramejetException e) {
      return seen;
    }
  }

  @Override
  public void close() throws FramejetException {
    monitor.close();
    if (responder != null) {
      responder.close();
    }
    if (log != null) {
      log.close();
    }
  }
}
