package io.framejet.testing;

import io.framejet.BackendStatus;
import org.junit.jupiter.api.Assumptions;

/**
 * Tests of a backend that is not to be had here are skipped, with the reason; where all have to
 * run, they fail.
 */
public final class Availability {
  private Availability() {}

  /** Goes on only when the backend is available. */
  public static void require(BackendStatus status) {
    if (status.available()) {
      return;
    }
    String reason =
        status.backend().label() + " is not available: " + status.reason() + "; " + status.remedy();
    if ("true".equals(System.getenv("CI"))) {
      throw new AssertionError(reason);
    }
    Assumptions.abort(reason);
  }
}
