package io.framejet.probe;

/** What a received frame is to a probe. */
public enum Verdict {
  /** An answer; the {@link Reply} holds it. */
  REPLY,
  /** Well-formed as far as it concerns the probe, but no answer to it. */
  OTHER,
  /** Broken, or an answer that no host may give. Counted, never believed. */
  MALFORMED
}
