package io.framejet.engine;

import io.framejet.FramejetException;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Recognition;
import io.framejet.jni.EngineNative;
import io.framejet.jni.NativeHandle;
import io.framejet.jni.NativeLibrary;
import io.framejet.link.Link;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * The XDP program of a link: it makes the frames of {@code xdp} injectors within the kernel, and
 * sees what the link receives.
 *
 * <p>An injector opened without an engine shares a plain one with all others of its link in this
 * process. An engine of one's own is opened to be loaded with something of one's own; there is one
 * program on a link at a time.
 *
 * <p>The program stays attached until the engine and all that was opened with it are closed, and no
 * longer than the process lives. Another program on the link is never touched. Safe for use by
 * several threads. An engine that is never closed is closed when it becomes unreachable.
 */
public final class Engine implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  /** A native call with an engine's handle. */
  @FunctionalInterface
  public interface Use {
    /** The call's result. */
    long apply(long handle) throws FramejetException;
  }

  private final Link link;
  private final NativeHandle handle;
  private final @Nullable FrameTemplate template;

  private Engine(Link link, long handle, @Nullable FrameTemplate template) {
    this.link = link;
    this.template = template;
    final NativeHandle guarded =
        new NativeHandle("engine", handle, unused -> {}, EngineNative::release);
    this.handle = guarded;
    CLEANER.register(this, guarded::close);
  }

  /** Loads a plain program and attaches it to {@code link}. */
  public static Engine open(Link link) throws FramejetException {
    return open(link, EngineOptions.defaults());
  }

  /**
   * Loads a program and attaches it to {@code link}. Takes CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON.
   *
   * @throws FramejetException PERMISSION_DENIED naming the capability that is missing; XDP_BUSY
   *     naming the program that is attached; NOT_SUPPORTED when the kernel is older than 5.18, or
   *     the link takes no program; LINK_GONE, OUT_OF_MEMORY, RESOURCE_EXHAUSTED
   */
  public static Engine open(Link link, EngineOptions options) throws FramejetException {
    NativeLibrary.ensureLoaded();
    final FrameTemplate template = options.template();
    final byte[] image = template == null ? null : TemplateImage.of(template);
    final long handle =
        link.namespace()
            .withPathAsLong(
                netns ->
                    EngineNative.open(
                        netns,
                        link.index(),
                        options.slots(),
                        options.targets(),
                        image,
                        recognitionOf(options)));
    if (handle < 0) {
      throw EngineFaults.of(handle, "load the XDP program", link);
    }
    return new Engine(link, handle, template);
  }

  /**
   * Asks the kernel whether {@code link} can have an engine, rather than trying: attaching a
   * program makes the driver of many a NIC set it up anew. On links that are made of software
   * alone, where that does no harm, nothing but trying tells all.
   *
   * @param transmit whether it is to make frames too
   * @throws FramejetException as {@link #open} does; NOT_SUPPORTED also when the kernel does not
   *     tell, before 6.3
   */
  public static void check(Link link, boolean transmit) throws FramejetException {
    NativeLibrary.ensureLoaded();
    final long features =
        link.namespace().withPathAsLong(netns -> EngineNative.features(netns, link.index()));
    EngineFaults.check(features, transmit, link);
  }

  /**
   * Asks the kernel whether frames that a program makes for {@code link} arrive somewhere as things
   * are now. Changes nothing and takes no privilege.
   *
   * @throws FramejetException NOT_SUPPORTED when they do not, or when the kernel does not tell,
   *     before 6.3; LINK_GONE
   */
  public static void checkArrival(Link link) throws FramejetException {
    NativeLibrary.ensureLoaded();
    final long features =
        link.namespace().withPathAsLong(netns -> EngineNative.features(netns, link.index()));
    EngineFaults.checkArrival(features, link);
  }

  /** Whether a program is attached to {@code link} without a thought: it is made of software. */
  public static boolean isHarmless(Link link) {
    return !link.kind().isEmpty();
  }

  /**
   * Why the program could not make the frames of a template by itself; empty when it can. It can
   * not when a frame has no Ethernet header or more than 3,408 bytes, when more than 4 checksums
   * depend on what varies, or when the lists of its fields hold more than 64 values together.
   */
  public static String obstacle(FrameTemplate template) {
    return TemplateImage.obstacle(template);
  }

  /** The template whose frames the program makes by itself, or null. */
  public @Nullable FrameTemplate template() {
    return template;
  }

  private static long @Nullable [] recognitionOf(EngineOptions options) {
    final Recognition asked = options.recognition();
    return asked == null
        ? null
        : new long[] {
          asked.kind().id(),
          options.consume() ? 1 : 0,
          asked.key0(),
          asked.key1(),
          asked.high(),
          asked.low(),
          asked.mac(),
          options.replies()
        };
  }

  /**
   * What was made of the frames that arrived while there was a receiver. Any thread.
   *
   * @throws FramejetException CLOSED
   */
  public Recognised recognised() throws FramejetException {
    final long[] counts = new long[EngineNative.VERDICTS];
    with(
        held -> {
          EngineNative.verdicts(held, counts);
          return 0;
        });
    return new Recognised(counts[0], counts[1], counts[2], counts[3], counts[4]);
  }

  /** The link as it was when this was opened. */
  public Link link() {
    return link;
  }

  /**
   * For injectors and receivers: the result of a native call with this engine's handle.
   *
   * @throws FramejetException CLOSED
   */
  public long with(Use use) throws FramejetException {
    final long held = handle.acquire();
    try {
      return use.apply(held);
    } finally {
      handle.release();
      Reference.reachabilityFence(this);
    }
  }

  /** Gives it up; what was opened with it goes on. Idempotent. */
  @Override
  public void close() {
    handle.close();
  }

  @Override
  public String toString() {
    return "Engine[link=" + link.name() + "]";
  }
}
