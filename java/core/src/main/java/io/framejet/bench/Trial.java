package io.framejet.bench;

import java.util.List;

/**
 * One timed run of a load, with what everybody counted. {@link #UNKNOWN} where nobody did.
 *
 * @param accepted frames that the injectors counted as sent
 * @param unconfirmed frames that may not have left, for the link went down meanwhile
 * @param rejected frames that were refused
 * @param queueFull times that a queue was full and an injector backed off
 * @param calls native send calls
 * @param linkFrames frames that the link counted as injected
 * @param linkDropped frames that the link or its queueing discipline counted as dropped on their
 *     way out
 * @param linkErrors frames that the link counted as not sent for an error
 * @param peerFrames frames that the receiving link counted as received
 * @param arrived frames of this trial that came to the receiver, those included that it had no room
 *     for
 * @param overflowed of these, the frames that it had no room for: they are not lost on the way, but
 *     there is no latency of them
 * @param reordered frames that arrived after a later one
 * @param nanos from the first send to the end of the last
 * @param cpu CPU time spent
 * @param perCore of the frames that the injectors counted as sent, those of each core
 * @param complete whether it ran as long as it was asked to
 */
public record Trial(
    long accepted,
    long unconfirmed,
    long rejected,
    long queueFull,
    long calls,
    long linkFrames,
    long linkDropped,
    long linkErrors,
    long peerFrames,
    long arrived,
    long overflowed,
    long reordered,
    long nanos,
    CpuTime cpu,
    List<Long> perCore,
    boolean complete) {
  /** Copies the list. */
  public Trial {
    perCore = List.copyOf(perCore);
  }

  /** Nobody counted. */
  public static final long UNKNOWN = -1;

  /**
   * Frames that have left: those that both the injectors and the link counted. One that may not
   * have left is not among them, and neither is one that somebody else sent.
   */
  public long frames() {
    return Math.min(accepted, linkFrames);
  }

  /**
   * Frames that were delivered: at the receiver, else at the receiving link, else to the link
   * itself.
   */
  public long delivered() {
    if (arrived != UNKNOWN) {
      return Math.min(accepted, arrived);
    }
    return peerFrames != UNKNOWN ? Math.min(accepted, peerFrames) : frames();
  }

  /** Frames that the injectors counted as sent and that were not delivered. */
  public long lost() {
    return accepted - delivered();
  }

  /** Frames that were not sent, for whatever reason the injectors or the link gave. */
  public long errors() {
    return unconfirmed + rejected + linkDropped + linkErrors;
  }

  /** Frames that left per second. */
  public double pps() {
    return nanos == 0 ? 0 : frames() * 1e9 / nanos;
  }

  /** Where counts disagree, in sentences; empty when they all agree. */
  public List<String> disagreements() {
    return Reconciliation.of(this);
  }
}
