package io.framejet.sweep;

/**
 * How far a sweep is.
 *
 * @param phase what is being done: {@code probing}, or what comes before it, {@code resolving
 *     neighbors}
 * @param round the round of probing, 1 being the first
 * @param rounds most rounds there can be
 * @param targets all targets, own addresses included
 * @param probesSent probes that the kernel took so far, all rounds together
 * @param hostsUp targets that answered, and own addresses
 * @param roundDone targets of this round that were probed or had answered already
 * @param drops frames dropped on the way, as far as counters tell
 * @param pps probes per second, over all so far
 * @param elapsedNanos since the first probe
 * @param nanosLeft until this round's last probe at the present rate; -1 when unknown
 */
public record SweepProgress(
    String phase,
    int round,
    int rounds,
    long targets,
    long probesSent,
    long hostsUp,
    long roundDone,
    long drops,
    double pps,
    long elapsedNanos,
    long nanosLeft) {}
