package io.framejet.probe;

/** What a received frame is to a probe. */
public enum Verdict {
  /** An answer; the {@link Reply} holds it. */
  REPLY,
  /** Well-formed as far as it concerns the probe, but no answer to it. */
  OTHER,
  /**
   * An answer by its shape, but without the cookie that an answer to one of our probes brings back:
   * it is forged, or somebody else's. Counted, never believed.
   */
  REFUSED,
  /** Broken, or an answer that no host may give. Counted, never believed. */
  MALFORMED
}
