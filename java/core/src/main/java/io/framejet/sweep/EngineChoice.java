package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a sweep for which no backend was named is made by the XDP program of its link.
 *
 * @param backend {@link Backend#XDP}, or null for what a few frames take as well
 * @param reason why, for the user; empty when nobody would ask
 */
record EngineChoice(@Nullable Backend backend, String reason) {
  /**
   * To load a program and take it away again takes some 80 ms: so long are some 30,000 probes under
   * way that are made one by one.
   */
  private static final long MANY_PROBES = 1 << 15;

  /** A slower sweep waits most of its time, and the kernel, which is exact, spins meanwhile. */
  private static final double FAST_PPS = 100_000;

  private static final EngineChoice NOT_WORTH_IT = new EngineChoice(null, "");

  /** Decides, without touching the link. Another program that is on it stays there. */
  static EngineChoice of(SweepPlan plan, boolean keepsFrames) {
    if (!isFast(plan) || keepsFrames || !plan.link().hasEthernetHeader()) {
      return NOT_WORTH_IT;
    }
    if (!Engine.isHarmless(plan.link())) {
      return new EngineChoice(
          null, "not xdp unless named: a program may make the driver set the NIC up anew");
    }
    try {
      Engine.checkArrival(plan.link());
      return new EngineChoice(
          Backend.XDP, "many probes: the kernel makes them and reads the replies");
    } catch (FramejetException e) {
      return fallenBack(e);
    }
  }

  private static boolean isFast(SweepPlan plan) {
    final Duration sending = plan.sendingTime();
    final long probes = plan.toProbe();
    return probes >= MANY_PROBES
        && (sending == null || sending.toNanos() * FAST_PPS / 1e9 < probes);
  }

  /** The choice once it has turned out that the program can not be had. */
  static EngineChoice fallenBack(FramejetException cause) {
    // Without what was tried, where and by whom, which everybody knows here.
    final String message = String.valueOf(cause.getMessage());
    final String origin = "origin=" + cause.origin() + ": ";
    final int at = message.indexOf(origin);
    return new EngineChoice(
        null, "not xdp: " + (at < 0 ? message : message.substring(at + origin.length())));
  }

  /** Whether a fault is one of the program, in spite of which other backends may work. */
  static boolean isOfEngine(FramejetException fault) {
    return switch (fault.code()) {
      case PERMISSION_DENIED, XDP_BUSY, NOT_SUPPORTED, OUT_OF_MEMORY, RESOURCE_EXHAUSTED -> true;
      default -> false;
    };
  }
}
