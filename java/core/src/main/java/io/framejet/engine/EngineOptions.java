package io.framejet.engine;

/**
 * What an {@link Engine} is loaded with. Immutable: each method that sets something returns a
 * changed copy.
 *
 * @param slots of the frame map, 1 to 65,536, for all injectors of the engine together; each takes
 *     as many as its batch, rounded up to a multiple of 32
 */
public record EngineOptions(int slots) {
  private static final int MAX_SLOTS = 1 << 16;

  /** Checks the ranges. */
  public EngineOptions {
    if (slots < 1 || slots > MAX_SLOTS) {
      throw new IllegalArgumentException("slots=" + slots + ": 1 to 65,536");
    }
  }

  /** 4,096 slots. */
  public static EngineOptions defaults() {
    return new EngineOptions(1 << 12);
  }

  /** With this many slots. */
  public EngineOptions withSlots(int value) {
    return new EngineOptions(value);
  }
}
