package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import io.framejet.engine.EngineOptions;
import io.framejet.frame.FrameTemplate;
import io.framejet.inject.InjectorOptions;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens the link for a pass: the ways out and in, and in between the XDP program where it is. */
final class PassOpening {
  private static final int XDP_FRAMES = 1024;
  private static final int XDP_QUESTIONS = 4096;
  private static final int XDP_RING_BYTES = 4 << 20;
  private static final int FEW_TARGETS = 1 << 20;

  private PassOpening() {}

  /** A run that has everything it needs, and has sent nothing. */
  static SweepRun open(Pass pass) throws FramejetException {
    SweepPlan plan = pass.plan();
    if (plan.backend() != Backend.XDP) {
      return open(pass, null);
    }
    FrameTemplate template = soleTemplate(pass);
    int questions = XDP_QUESTIONS * plan.cores() * lanes(pass, template);
    EngineOptions options =
        EngineOptions.defaults()
            .withSlots(template == null ? XDP_FRAMES * plan.cores() : 1)
            .withTargets(questions)
            .withTemplate(template)
            .withRecognition(pass.probe().recognition())
            .withConsume(plan.consume())
            .withReplies(replies(questions));
    Engine engine = Engine.open(plan.link(), options);
    try {
      return open(pass, engine);
    } catch (FramejetException | RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  private static SweepRun open(Pass pass, @Nullable Engine engine) throws FramejetException {
    SweepPlan plan = pass.plan();
    Receiver receiver = Receiver.open(plan.link(), receiving(pass, engine));
    try {
      ProbeSender sender = sender(pass, engine);
      try {
        DropWatch drops =
            DropWatch.open(plan.link(), receiver, () -> sender.statistics().returned());
        try {
          return new SweepRun(pass, engine, sender, receiver, drops);
        } catch (RuntimeException | Error e) {
          drops.close();
          throw e;
        }
      } catch (FramejetException | RuntimeException | Error e) {
        sender.close();
        throw e;
      }
    } catch (FramejetException | RuntimeException | Error e) {
      receiver.close();
      throw e;
    }
  }

  /** Room for replies that wait to be read: of all that were asked at once, and before. */
  private static int replies(int questions) {
    return 2 * Integer.highestOneBit(2 * questions - 1);
  }

  private static ProbeSender sender(Pass pass, @Nullable Engine engine) throws FramejetException {
    SweepPlan plan = pass.plan();
    List<Outbox> outboxes = new ArrayList<>();
    try {
      for (int i = 0; i < lanes(pass, engine == null ? null : engine.template()); i++) {
        outboxes.add(
            Outbox.open(plan.link(), pass.probe(), sending(pass, engine), engine, plan.cores()));
      }
      return new ProbeSender(
          pass.space(), pass.table(), pass.hops(), pass.hostPacer(), pass.log(), outboxes);
    } catch (FramejetException | RuntimeException | Error e) {
      outboxes.forEach(Outbox::close);
      throw e;
    }
  }

  /**
   * Two where the kernel makes the frames, as fast as it can, and another core has nothing to do:
   * the sweep can send ahead then.
   */
  private static int lanes(Pass pass, @Nullable FrameTemplate template) {
    final SweepPlan plan = pass.plan();
    return template != null
            && plan.rate().isMax()
            && pass.hostPacer() == null
            && plan.cores() == 1
            && pass.space().size() > XDP_QUESTIONS
            && hasCoreToSpare(pass.space().size())
        ? 2
        : 1;
  }

  /**
   * Of two cores a long sweep needs the second one for itself: its results are written meanwhile,
   * and its heap is collected. Sent ahead, a /8 took as long as before or longer, a /16 three
   * quarters of it.
   */
  private static boolean hasCoreToSpare(int targets) {
    final int cores = Runtime.getRuntime().availableProcessors();
    return cores > 2 || (cores == 2 && targets <= FEW_TARGETS);
  }

  /**
   * The template that the program can make all probes of; null when there are several, or when the
   * frames are kept, for Java has to write them then.
   */
  private static @Nullable FrameTemplate soleTemplate(Pass pass) {
    final FrameTemplate template = pass.probe().template();
    for (int port : pass.space().ports()) {
      if (pass.probe().template(port) != template) {
        return null;
      }
    }
    return pass.log() != null || !Engine.obstacle(template).isEmpty() ? null : template;
  }

  private static InjectorOptions sending(Pass pass, @Nullable Engine engine) {
    // Slots as long as a probe, not as the MTU: what is touched by a /16 then stays in the cache.
    InjectorOptions sending =
        InjectorOptions.defaults()
            .withBackend(pass.plan().backend())
            .withMaxFrame(pass.longestFrame());
    if (engine == null) {
      return sending;
    }
    int batch = engine.template() == null ? XDP_FRAMES : XDP_QUESTIONS;
    return sending.withSlots(batch).withBatch(batch).withEngine(engine);
  }

  private static ReceiverOptions receiving(Pass pass, @Nullable Engine engine) {
    Backend backend = pass.plan().backend();
    ReceiverOptions receiving =
        ReceiverOptions.defaults().withBackend(backend == Backend.RAWIP ? null : backend);
    return engine == null
        ? receiving.withFilter(CaptureFilter.of(pass.probe().filter()))
        // The program tells replies itself. What few of them say more than it sums up takes little
        // memory, which the kernel needs time to give and to take. Frames that are kept come as
        // such.
        : receiving
            .withEngine(engine)
            .withReplies(pass.log() == null)
            .withRingBytes(pass.log() == null ? XDP_RING_BYTES : receiving.ringBytes());
  }
}
