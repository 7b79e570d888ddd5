package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.inject.Rate;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a sweep did and found. Its numbers add up: {@code targets = hostsUp + hostsSilent +
 * possiblyLost}.
 *
 * <p>Immutable and safe to share.
 */
public final class SweepReport {
  private final Counts counts;
  private final Resolution resolution;
  private final Transmitted transmitted;
  private final Received received;
  private final Timing timing;
  private final Backend backend;
  private final String backendReason;
  private final boolean complete;
  private final TargetTable table;

  SweepReport(
      Counts counts,
      Resolution resolution,
      Transmitted transmitted,
      Received received,
      Timing timing,
      Backend backend,
      String backendReason,
      boolean complete,
      TargetTable table) {
    this.counts = counts;
    this.resolution = resolution;
    this.transmitted = transmitted;
    this.received = received;
    this.timing = timing;
    this.backend = backend;
    this.backendReason = backendReason;
    this.complete = complete;
    this.table = table;
  }

  /**
   * Targets and replies.
   *
   * @param targets all targets, own addresses included
   * @param excluded addresses that were named as targets and left out
   * @param probesSent probes that the kernel took
   * @param replies well-formed replies to this sweep's kind of probe, wanted or not
   * @param hostsUp targets that answered, and own addresses
   * @param hostsSilent targets that did not answer themselves and were not missed: also those of
   *     which somebody on the way said something, and those without a MAC, which get no probe
   * @param possiblyLost targets whose answer may have been missed, and those not probed because the
   *     sweep ended early
   * @param notProbed those of {@code possiblyLost} that were not probed at all
   * @param duplicates further replies of the same MAC for the same target
   * @param conflicts targets that more than one MAC answered for
   * @param unasked replies from addresses that were not, or not yet, asked
   * @param refused frames that looked like replies and did not have the cookie of a probe: forged,
   *     or somebody else's
   * @param malformed frames that claimed to be replies and broke the protocol's rules
   * @param answers what was said of the targets
   * @param rounds rounds of probing that were begun
   */
  public record Counts(
      long targets,
      long excluded,
      long probesSent,
      long replies,
      long hostsUp,
      long hostsSilent,
      long possiblyLost,
      long notProbed,
      long duplicates,
      long conflicts,
      long unasked,
      long refused,
      long malformed,
      Answers answers,
      int rounds) {}

  /**
   * What was said of targets; each is counted once.
   *
   * @param open ports that take connections, or whose service answered
   * @param closed ports that nobody listens on
   * @param filtered ports that may not be asked, as somebody said, and ports that did not answer on
   *     hosts of the link that are there; part of {@code hostsSilent}
   * @param unreachable targets that probes did not get to, as somebody said; part of {@code
   *     hostsSilent}
   */
  public record Answers(long open, long closed, long filtered, long unreachable) {}

  /**
   * Finding out where probes go, before they do.
   *
   * @param probesSent ARP or NDP requests that the kernel took: for hosts, for routers, and whether
   *     a source address is free; not part of the probes
   * @param hosts hosts of the link that have a MAC, own addresses left out
   * @param answersSent answers to ARP requests for a source address that the kernel does not own
   * @param sendNanos time spent in rounds of sending
   */
  public record Resolution(long probesSent, long hosts, long answersSent, long sendNanos) {}

  /**
   * The way out.
   *
   * <p>With backend {@code rawip} the two need not be equal: the kernel asks for MACs by frames of
   * its own, which the link counts too, and packets for a host that has none never get to the link.
   *
   * @param accepted frames that the kernel took: probes, and what the {@link Resolution} sent
   * @param kernelPackets frames that the link counted as sent meanwhile, other programs' included
   * @param kernelDropped frames that the link counted as dropped on the way out meanwhile; with
   *     backend {@code xdp} those that were ours have been sent again
   * @param unconfirmed frames that the kernel took while the link went down; not part of {@code
   *     accepted}
   * @param probesPerCore frames that each core has sent, without those of routers and sources
   */
  public record Transmitted(
      long accepted,
      long kernelPackets,
      long kernelDropped,
      long unconfirmed,
      List<Long> probesPerCore) {
    /** Copies the list. */
    public Transmitted {
      probesPerCore = List.copyOf(probesPerCore);
    }
  }

  /**
   * The way back.
   *
   * @param delivered frames that passed the filter into the receiver's memory
   * @param dropped frames that found no room there, and those that the link dropped on the way in
   */
  public record Received(long delivered, long dropped) {}

  /**
   * The clock.
   *
   * @param elapsedNanos from the first probe to the complete report
   * @param sendNanos time spent in rounds of sending probes
   */
  public record Timing(long elapsedNanos, long sendNanos) {}

  /** Targets and replies. */
  public Counts counts() {
    return counts;
  }

  /** Finding out where probes go. */
  public Resolution resolution() {
    return resolution;
  }

  /** The way out. */
  public Transmitted transmitted() {
    return transmitted;
  }

  /** The way back. */
  public Received received() {
    return received;
  }

  /** The clock. */
  public Timing timing() {
    return timing;
  }

  /** The kernel path that sent. */
  public Backend backend() {
    return backend;
  }

  /**
   * Why that path was taken, in some words for the user; empty when it was named, and when nothing
   * else was thought of.
   */
  public String backendReason() {
    return backendReason;
  }

  /** Probes per second, while sending; 0 when nothing was sent. */
  public double ratePps() {
    return timing.sendNanos == 0 ? 0 : counts.probesSent * 1e9 / timing.sendNanos;
  }

  /** Whether every target was probed and waited for; false after a cancellation or a fault. */
  public boolean complete() {
    return complete;
  }

  /** Hands all targets that are up to {@code action}, in the order of their addresses. */
  public void forEachHost(Consumer<HostResult> action) {
    table.forEach(true, action);
  }

  /** Hands all targets, however they ended, to {@code action}, in the order of their addresses. */
  public void forEachTarget(Consumer<HostResult> action) {
    table.forEach(false, action);
  }

  @Override
  public String toString() {
    return "SweepReport["
        + counts
        + " "
        + resolution
        + " "
        + transmitted
        + " "
        + received
        + " "
        + timing
        + " rate="
        + Rate.of(Math.max(1, Math.rint(ratePps())))
        + " backend="
        + backend.label()
        + " complete="
        + complete
        + "]";
  }
}
