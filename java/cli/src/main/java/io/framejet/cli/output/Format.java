package io.framejet.cli.output;

/** How results are written. */
public enum Format {
  /** Aligned columns for people. */
  TABLE,
  /**
   * Comma-separated values with a header line (RFC 4180, but for line feeds alone at line ends).
   */
  CSV,
  /** One JSON object a line. */
  JSONL;

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
