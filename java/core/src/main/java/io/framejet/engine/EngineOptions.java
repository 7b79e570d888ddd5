package io.framejet.engine;

import io.framejet.frame.Recognition;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Engine} is loaded with. Immutable: each method that sets something returns a
 * changed copy.
 *
 * @param slots of the frame map, 1 to 65,536, for all injectors of the engine together; each takes
 *     as many as its batch, rounded up to a multiple of 32
 * @param recognition what of that which arrives is recorded for receivers: replies to a probe;
 *     null for everything
 * @param consume whether the replies that were recorded are kept from the host's own stack; of no
 *     account without {@code recognition}
 */
public record EngineOptions(int slots, @Nullable Recognition recognition, boolean consume) {
  private static final int MAX_SLOTS = 1 << 16;

  /** Checks the ranges. */
  public EngineOptions {
    if (slots < 1 || slots > MAX_SLOTS) {
      throw new IllegalArgumentException("slots=" + slots + ": 1 to 65,536");
    }
  }

  /** 4,096 slots, everything is recorded. */
  public static EngineOptions defaults() {
    return new EngineOptions(1 << 12, null, false);
  }

  /** With this many slots. */
  public EngineOptions withSlots(int value) {
    return new EngineOptions(value, recognition, consume);
  }

  /** With only these replies recorded; null for everything that arrives. */
  public EngineOptions withRecognition(@Nullable Recognition value) {
    return new EngineOptions(slots, value, consume);
  }

  /** With recorded replies kept from the host's own stack, or not. */
  public EngineOptions withConsume(boolean value) {
    return new EngineOptions(slots, recognition, value);
  }
}
