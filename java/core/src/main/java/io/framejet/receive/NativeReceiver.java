package io.framejet.receive;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import io.framejet.engine.EngineFaults;
import io.framejet.engine.XskFaults;
import io.framejet.frame.LinkType;
import io.framejet.jni.Errno;
import io.framejet.jni.NativeLibrary;
import io.framejet.jni.NativeMemory;
import io.framejet.jni.ReceiveNative;
import io.framejet.link.Link;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * A receiver over one of the native backends: they all lay frames out as the kernel's TPACKET_V3
 * does.
 */
final class NativeReceiver implements Receiver {
  // Many small blocks: at a low rate a block is handed over every millisecond however little it
  // holds, so
  // their number, not their size, says how long a pause (of the garbage collector, say) can be
  // ridden out.
  private static final int BLOCK_SIZE = 1 << 16;
  private static final int RETIRE_MILLIS = 1;

  /** What a frame takes of the memory of an AF_XDP socket. */
  private static final int CHUNK = 2048;

  private final Link link;
  private final Backend backend;
  private final LinkType linkType;
  private final NativeMemory memory;
  private final BlockWalker walker;
  private final @Nullable ReplyRing replies;
  private final Object statisticsLock = new Object();
  private volatile ReceiverStatistics lastStatistics = new ReceiverStatistics(0, 0, 0);

  private NativeReceiver(Link link, Backend backend, LinkType linkType, NativeMemory memory) {
    this.link = link;
    this.backend = backend;
    this.linkType = linkType;
    this.memory = memory;
    this.walker = new BlockWalker(memory, linkType);
    this.replies = memory.getInt(ReceiveNative.CONTROL_REPLIES) == 0 ? null : new ReplyRing(memory);
  }

  static Receiver open(Link link, ReceiverOptions options) throws FramejetException {
    NativeLibrary.ensureLoaded();
    Backend backend = options.backend() == null ? Backend.RING : options.backend();
    String origin = "linux/" + backend.label();
    LinkType linkType = linkType(link, backend, origin);
    if ((backend == Backend.XDP || backend == Backend.XSK) && options.includeOutgoing()) {
      throw notSupported(
          "an XDP program does not see what this host sends: receive with ring or socket",
          link,
          origin);
    }
    // A block has to hold at least one whole frame and what describes it.
    int blockSize = link.mtu() + 512 > BLOCK_SIZE ? 2 * BLOCK_SIZE : BLOCK_SIZE;
    int flags =
        (options.promiscuous() ? ReceiveNative.FLAG_PROMISCUOUS : 0)
            | (options.includeOutgoing() ? ReceiveNative.FLAG_INCLUDE_OUTGOING : 0)
            | (options.replies() ? ReceiveNative.FLAG_REPLIES : 0);
    long @Nullable [] filter = options.filter().compile(link, options.snaplen());
    Engine engine = backend == Backend.XDP ? options.engine() : null;
    Engine.Use open =
        held ->
            link.namespace()
                .withPathAsLong(
                    netns ->
                        ReceiveNative.open(
                            backend.id(),
                            netns,
                            link.index(),
                            blockSize,
                            Math.max(2, options.ringBytes() / blockSize),
                            RETIRE_MILLIS,
                            options.snaplen(),
                            flags,
                            filter,
                            held));
    long handle = engine == null ? open.apply(0) : engine.with(open);
    if (handle < 0) {
      throw refusal(handle, backend, link, options);
    }
    return new NativeReceiver(
        link,
        backend,
        linkType,
        NativeMemory.of(
            "receiver",
            handle,
            ReceiveNative.memory(handle),
            ReceiveNative::wake,
            ReceiveNative::close,
            origin,
            link.name()));
  }

  private static FramejetException refusal(
      long error, Backend backend, Link link, ReceiverOptions options) {
    final String operation = "open for receiving";
    final int errno = Errno.ofOpen(error);
    return switch (backend) {
      case XDP -> EngineFaults.of(errno, operation, link);
      case XSK ->
          errno == Errno.EINVAL // not the queue, which the native side finds out: the filter
              ? Errno.exception(errno, operation, "linux/xsk", link.name())
              : XskFaults.of(errno, operation, link, 0, options.ringBytes() / CHUNK, CHUNK / 2);
      default -> Errno.exception(errno, operation, "linux/" + backend.label(), link.name());
    };
  }

  private static LinkType linkType(Link link, Backend backend, String origin)
      throws FramejetException {
    LinkType linkType = link.linkType();
    if (backend != Backend.RAWIP && linkType != null) {
      return linkType;
    }
    String problem =
        linkType == null
            ? "frames of link " + link.name() + " begin with neither an Ethernet nor an IP header"
            : "rawip injects only: receive with ring or socket";
    throw notSupported(problem, link, origin);
  }

  private static FramejetException notSupported(String problem, Link link, String origin) {
    return new FramejetException(ErrorCode.NOT_SUPPORTED, problem, 0, origin, link.name(), null);
  }

  @Override
  public int poll(FrameHandler handler, int limit) throws FramejetException {
    final long handle = memory.acquire();
    try {
      final int count = walker.walk(handle, handler, limit);
      if (count < 0) {
        throw fault(-count, "receive");
      }
      return count;
    } finally {
      memory.release();
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public int poll(FrameHandler frames, RecognisedReplyHandler handler, int limit)
      throws FramejetException {
    final int count = poll(frames, limit);
    if (replies == null) {
      return count;
    }
    memory.acquire();
    try {
      return count + replies.walk(handler, limit - count);
    } finally {
      memory.release();
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public boolean await(long timeoutNanos) throws FramejetException {
    final long handle = memory.acquire();
    final int ready;
    try {
      ready = hasSomething() ? 1 : ReceiveNative.await(handle, timeoutNanos);
    } finally {
      memory.release();
      Reference.reachabilityFence(this);
    }
    memory.checkOpen(); // closing is what may have ended the wait
    if (ready < 0) {
      throw fault(-ready, "wait for frames");
    }
    return ready > 0;
  }

  private boolean hasSomething() {
    return walker.hasFrames() || (replies != null && replies.hasReplies());
  }

  @Override
  public void wakeup() {
    try {
      final long handle = memory.acquire();
      try {
        ReceiveNative.wake(handle);
      } finally {
        memory.release();
      }
    } catch (FramejetException closed) {
      // Who waits on a closed receiver was woken by the closing.
    }
  }

  @Override
  public ReceiverStatistics statistics() throws FramejetException {
    // The kernel's counters are reset by reading them: one reader at a time.
    synchronized (statisticsLock) {
      final long handle = memory.acquire();
      try {
        final int result = ReceiveNative.statistics(handle);
        if (result < 0) {
          throw fault(-result, "read statistics");
        }
      } finally {
        memory.release();
      }
      lastStatistics =
          new ReceiverStatistics(
              memory.getLong(ReceiveNative.CONTROL_PACKETS),
              memory.getLong(ReceiveNative.CONTROL_DROPS),
              memory.getLong(ReceiveNative.CONTROL_FREEZES));
      return lastStatistics;
    }
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public LinkType linkType() {
    return linkType;
  }

  @Override
  public Link link() {
    return link;
  }

  @Override
  public void close() {
    memory.close();
  }

  @Override
  public String toString() {
    return "Receiver[link=" + link.name() + " backend=" + backend.label() + "]";
  }

  private FramejetException fault(int errno, String operation) {
    return Errno.exception(errno, operation, "linux/" + backend.label(), link.name());
  }
}
