package io.framejet.engine;

import io.framejet.FramejetException;
import io.framejet.jni.EngineNative;
import io.framejet.jni.NativeHandle;
import io.framejet.jni.NativeLibrary;
import io.framejet.link.Link;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

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

  private Engine(Link link, long handle) {
    this.link = link;
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
    final long handle =
        link.namespace()
            .withPathAsLong(netns -> EngineNative.open(netns, link.index(), options.slots()));
    if (handle < 0) {
      throw EngineFaults.of(handle, "load the XDP program", link);
    }
    return new Engine(link, handle);
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
