package io.framejet.sweep;

/** How a target ended. */
public enum HostState {
  /** It answered, or it is one of the link's own addresses. */
  UP("up"),
  /** It was probed, nothing was dropped meanwhile, and no answer came. */
  SILENT("silent"),
  /**
   * It did not answer, but its answer may have been missed: a drop was counted while it was
   * outstanding, or the sweep ended before its time was over.
   */
  POSSIBLY_LOST("possibly lost");

  private final String label;

  HostState(String label) {
    this.label = label;
  }

  /** The words for a reader: {@code up}, {@code silent}, {@code possibly lost}. */
  public String label() {
    return label;
  }
}
