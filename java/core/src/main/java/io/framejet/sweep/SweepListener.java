package io.framejet.sweep;

/**
 * Hears of results while a sweep runs. Called on the sweeping thread, between system calls: be
 * quick, or hand over. An exception thrown from here ends the sweep.
 */
public interface SweepListener {
  /** Hears of nothing. */
  SweepListener NONE = new SweepListener() {};

  /** A target answered for the first time. */
  default void onHost(HostResult host) {}

  /**
   * Another MAC claimed the address of a host already reported; {@code host.others()} holds all
   * that did.
   */
  default void onConflict(HostResult host) {}

  /** How far the sweep is: about ten times a second. */
  default void onProgress(SweepProgress progress) {}
}
