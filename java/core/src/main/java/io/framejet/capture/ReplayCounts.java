package io.framejet.capture;

import io.framejet.inject.Injector;
import org.jspecify.annotations.Nullable;

/** What one thread of a replay has read, and what it has sent of that. */
final class ReplayCounts {
  /** More than that after it was due, a frame is late. */
  static final long LATE_NANOS = 100_000;

  private final Injector injector;
  private final long bytesBefore;
  private final long unconfirmedBefore;
  private long frames;
  private long tooLarge;
  private long malformed;
  private long truncated;
  private long loops;
  private long sent;
  private long firstNanos;
  private long lastNanos;
  private long lateNanos;
  private long lateFrames;

  /** From now on. */
  ReplayCounts(Injector injector) {
    this.injector = injector;
    this.bytesBefore = injector.statistics().bytes();
    this.unconfirmedBefore = injector.statistics().unconfirmed();
  }

  void read() {
    frames++;
  }

  /** The latest frame is one too many. */
  void unread() {
    frames--;
  }

  void tooLarge() {
    tooLarge++;
  }

  void malformed() {
    malformed++;
  }

  void truncated() {
    truncated++;
  }

  void loop() {
    loops++;
  }

  long frames() {
    return frames;
  }

  long loops() {
    return loops;
  }

  /** That many were sent, from {@code first} to {@code last}. */
  void sent(int count, long first, long last) {
    if (sent == 0) {
      firstNanos = first;
    }
    lastNanos = last;
    sent += count;
  }

  /** One of them so long after it was due. */
  void late(long nanos) {
    lateNanos = Math.max(lateNanos, nanos);
    lateFrames += nanos > LATE_NANOS ? 1 : 0;
  }

  /** Both threads have read the same frames, and one may not have come as far. */
  ReplayReport with(@Nullable ReplayCounts standby) {
    final ReplayCounts far = standby != null && standby.frames > frames ? standby : this;
    final ReplayCounts other = standby == null ? new ReplayCounts(injector) : standby;
    final long sentByAll = sent + other.sent;
    final long unconfirmed = unconfirmed() + other.unconfirmed();
    return new ReplayReport(
        far.frames,
        sentByAll,
        bytes() + other.bytes(),
        unconfirmed,
        far.frames - sentByAll - unconfirmed - far.tooLarge - far.malformed - far.truncated,
        far.tooLarge,
        far.malformed,
        far.truncated,
        far.loops,
        elapsedNanos(other),
        Math.max(lateNanos, other.lateNanos),
        lateFrames + other.lateFrames);
  }

  private long bytes() {
    return injector.statistics().bytes() - bytesBefore;
  }

  private long unconfirmed() {
    return injector.statistics().unconfirmed() - unconfirmedBefore;
  }

  private long elapsedNanos(ReplayCounts other) {
    if (other.sent == 0) {
      return lastNanos - firstNanos;
    }
    if (sent == 0) {
      return other.lastNanos - other.firstNanos;
    }
    // Of System.nanoTime(): compared by their difference.
    final long first = firstNanos - other.firstNanos < 0 ? firstNanos : other.firstNanos;
    final long last = lastNanos - other.lastNanos > 0 ? lastNanos : other.lastNanos;
    return last - first;
  }
}
