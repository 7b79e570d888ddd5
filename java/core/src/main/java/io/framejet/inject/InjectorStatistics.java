package io.framejet.inject;

/**
 * What an injector did since it was opened.
 *
 * @param frames frames that the kernel took, with the link up and running before and after
 * @param bytes their bytes, without FCS
 * @param calls native send calls
 * @param queueFull times that a queue was full and the injector backed off
 * @param rejected frames refused as too large or malformed
 * @param unconfirmed frames that the kernel took while the link went down: they may not have left,
 *     and are not counted as sent
 * @param discarded frames that were put into a batch and never sent
 * @param returned times that the link's driver dropped a frame, and the injector knew of it and
 *     kept it to be sent again: backend {@code xdp}. The link counts them as dropped
 */
public record InjectorStatistics(
    long frames,
    long bytes,
    long calls,
    long queueFull,
    long rejected,
    long unconfirmed,
    long discarded,
    long returned) {
  /** Both together. */
  public InjectorStatistics plus(InjectorStatistics other) {
    return new InjectorStatistics(
        frames + other.frames,
        bytes + other.bytes,
        calls + other.calls,
        queueFull + other.queueFull,
        rejected + other.rejected,
        unconfirmed + other.unconfirmed,
        discarded + other.discarded,
        returned + other.returned);
  }
}
