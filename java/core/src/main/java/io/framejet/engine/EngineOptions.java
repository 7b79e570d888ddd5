package io.framejet.engine;

import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Recognition;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Engine} is loaded with. Immutable: each method that sets something returns a
 * changed copy.
 *
 * @param slots of the frame map, 1 to 65,536, for all injectors of the engine together; each takes
 *     as many as its batch, rounded up to a multiple of 32
 * @param targets of the target map, 1 to 1,048,576, for all template injectors of the engine
 *     together; each takes as many as its batch, rounded up to a multiple of 512
 * @param template whose frames the program makes by itself, or null; see {@link
 *     Engine#obstacle(FrameTemplate)}
 * @param recognition what of that which arrives is recorded for receivers: replies to a probe; null
 *     for everything
 * @param consume whether the replies that were recorded are kept from the host's own stack; of no
 *     account without {@code recognition}
 * @param replies room for replies that are summed up rather than recorded as frames, for a receiver
 *     that asks for it: a power of two up to 1,048,576, or 0; of no account without {@code
 *     recognition}
 */
public record EngineOptions(
    int slots,
    int targets,
    @Nullable FrameTemplate template,
    @Nullable Recognition recognition,
    boolean consume,
    int replies) {
  private static final int MAX_SLOTS = 1 << 16;
  private static final int MAX_TARGETS = 1 << 20;
  private static final int MAX_REPLIES = 1 << 20;

  /** Checks the ranges. */
  public EngineOptions {
    if (slots < 1 || slots > MAX_SLOTS) {
      throw new IllegalArgumentException("slots=" + slots + ": 1 to 65,536");
    }
    if (targets < 1 || targets > MAX_TARGETS) {
      throw new IllegalArgumentException("targets=" + targets + ": 1 to 1,048,576");
    }
    if (replies < 0 || replies > MAX_REPLIES || (replies & (replies - 1)) != 0) {
      throw new IllegalArgumentException("replies=" + replies + ": a power of two to 1,048,576");
    }
    if (template != null && !Engine.obstacle(template).isEmpty()) {
      throw new IllegalArgumentException(Engine.obstacle(template));
    }
  }

  /** 4,096 slots, no template, everything is recorded. */
  public static EngineOptions defaults() {
    return new EngineOptions(1 << 12, 1 << 12, null, null, false, 0);
  }

  /** With this many slots. */
  public EngineOptions withSlots(int value) {
    return new EngineOptions(value, targets, template, recognition, consume, replies);
  }

  /** With this many targets. */
  public EngineOptions withTargets(int value) {
    return new EngineOptions(slots, value, template, recognition, consume, replies);
  }

  /**
   * With a template.
   *
   * @throws IllegalArgumentException if the program can not do it, with the reason of {@link
   *     Engine#obstacle(FrameTemplate)}
   */
  public EngineOptions withTemplate(@Nullable FrameTemplate value) {
    return new EngineOptions(slots, targets, value, recognition, consume, replies);
  }

  /** With only these replies recorded; null for everything that arrives. */
  public EngineOptions withRecognition(@Nullable Recognition value) {
    return new EngineOptions(slots, targets, template, value, consume, replies);
  }

  /** With recorded replies kept from the host's own stack, or not. */
  public EngineOptions withConsume(boolean value) {
    return new EngineOptions(slots, targets, template, recognition, value, replies);
  }

  /** With this much room for replies that are summed up. */
  public EngineOptions withReplies(int value) {
    return new EngineOptions(slots, targets, template, recognition, consume, value);
  }
}
