package io.framejet.inject;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import io.framejet.engine.EngineFaults;
import io.framejet.engine.XskFaults;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Ipv6Header;
import io.framejet.frame.LinkType;
import io.framejet.frame.SlotLayout;
import io.framejet.jni.Errno;
import io.framejet.jni.InjectNative;
import io.framejet.jni.NativeLibrary;
import io.framejet.jni.NativeMemory;
import io.framejet.link.Link;
import java.lang.ref.Reference;

/** An injector over one of the native backends; they share one operations table in C. */
final class NativeInjector implements Injector {
  private final Link link;
  private final Backend backend;
  private final NativeMemory memory;
  private final FrameBatch batch;

  /** Bytes of each frame, where slots hold targets of a template instead; else 0. */
  private final int frameLength;

  private volatile long discarded;

  private NativeInjector(
      Link link,
      Backend backend,
      LinkType linkType,
      NativeMemory memory,
      int batchSize,
      int frameLength) {
    this.frameLength = frameLength;
    this.link = link;
    this.backend = backend;
    this.memory = memory;
    SlotLayout layout =
        new SlotLayout(
            memory.getInt(InjectNative.CONTROL_SLOTS),
            memory.getInt(InjectNative.CONTROL_PITCH),
            memory.getInt(InjectNative.CONTROL_BLOCK_SIZE),
            memory.getInt(InjectNative.CONTROL_SLOTS_PER_BLOCK),
            memory.getInt(InjectNative.CONTROL_SLOTS_OFFSET),
            memory.getInt(InjectNative.CONTROL_DATA_OFFSET),
            memory.getInt(InjectNative.CONTROL_PITCH)
                - memory.getInt(InjectNative.CONTROL_DATA_OFFSET));
    // A ring that was made smaller for lack of memory may hold less than a batch.
    this.batch =
        new FrameBatch(memory.buffer(), layout, Math.min(batchSize, layout.slots()), linkType);
  }

  static Injector open(Link link, InjectorOptions options) throws FramejetException {
    NativeLibrary.ensureLoaded();
    if (options.backend() != null) {
      return open(link, options.backend(), options);
    }
    try {
      return open(link, Backend.RING, options);
    } catch (FramejetException e) {
      if (e.code() != ErrorCode.NOT_SUPPORTED && e.code() != ErrorCode.OUT_OF_MEMORY) {
        throw e;
      }
      return open(link, Backend.SOCKET, options);
    }
  }

  /** An injector whose batch takes targets for the template of the engine of the options. */
  static NativeInjector openForTargets(Link link, InjectorOptions options, FrameTemplate template)
      throws FramejetException {
    NativeLibrary.ensureLoaded();
    // As packets without an Ethernet header, which nobody pads.
    return open(
        link, Backend.XDP, options, InjectNative.FLAG_TARGETS, LinkType.IP, template.length());
  }

  private static Injector open(Link link, Backend backend, InjectorOptions options)
      throws FramejetException {
    int flags =
        (options.qdiscBypass() ? InjectNative.FLAG_QDISC_BYPASS : 0)
            | (options.pcapCall() == InjectorOptions.PcapCall.SENDPACKET
                ? InjectNative.FLAG_PCAP_SENDPACKET
                : 0)
            | options.queue() << InjectNative.FLAG_QUEUE_SHIFT;
    return open(link, backend, options, flags, linkType(link, backend), 0);
  }

  private static NativeInjector open(
      Link link,
      Backend backend,
      InjectorOptions options,
      int flags,
      LinkType linkType,
      int frameLength)
      throws FramejetException {
    Engine engine = backend == Backend.XDP ? options.engine() : null;
    long handle =
        engine == null
            ? open(link, backend, options, flags, 0)
            : open(link, backend, options, flags, engine);
    if (handle < 0) {
      throw fault((int) -handle, "open for injecting", backend, link, options);
    }
    NativeMemory memory =
        NativeMemory.of(
            "injector",
            handle,
            InjectNative.memory(handle),
            unused -> {},
            InjectNative::close,
            origin(backend),
            link.name());
    return new NativeInjector(link, backend, linkType, memory, options.batch(), frameLength);
  }

  private static long open(
      Link link, Backend backend, InjectorOptions options, int flags, Engine engine)
      throws FramejetException {
    if (engine.link().index() != link.index()
        || engine.link().namespace().inode() != link.namespace().inode()) {
      throw new IllegalArgumentException("the engine is of another link: " + engine);
    }
    return engine.with(handle -> open(link, backend, options, flags, handle));
  }

  private static long open(
      Link link, Backend backend, InjectorOptions options, int flags, long engine)
      throws FramejetException {
    // Where the kernel copies, slots are free again after each send: more would only cool the
    // cache.
    final int slots = backend == Backend.RING ? options.slots() : options.batch();
    return link.namespace()
        .withPathAsLong(
            netns ->
                InjectNative.open(
                    backend.id(), netns, link.index(), slots, options.maxFrame(), flags, engine));
  }

  private static FramejetException fault(
      int errno, String operation, Backend backend, Link link, InjectorOptions options) {
    return switch (backend) {
      case XDP -> EngineFaults.of(errno, operation, link);
      case XSK ->
          XskFaults.of(
              errno, operation, link, options.queue(), options.batch(), options.maxFrame());
      default -> Errno.exception(Errno.ofOpen(-errno), operation, origin(backend), link.name());
    };
  }

  @Override
  public FrameBatch newBatch() {
    if (!batch.isEmpty()) {
      countDiscarded(batch.size());
      batch.clear();
    }
    return batch;
  }

  @Override
  public int send(FrameBatch frames) throws FramejetException {
    if (frames != batch) {
      throw new IllegalArgumentException("this batch belongs to another injector");
    }
    final int taken;
    final long handle = memory.acquire();
    try {
      taken = InjectNative.send(handle, frames.firstSlot(), frames.size());
      frames.moved(
          memory.getInt(InjectNative.CONTROL_MOVED),
          frameLength > 0 ? InjectNative.PLACE_OF_TARGET : InjectNative.PLACE_OF_FRAME);
    } finally {
      memory.release();
      Reference.reachabilityFence(this);
    }
    if (taken < 0) {
      throw fault(-taken);
    }
    frames.taken(taken);
    return taken;
  }

  @Override
  public boolean send(Frame frame) throws FramejetException {
    if (!batch.isEmpty()) {
      throw new IllegalStateException("size=" + batch.size() + ": frames wait in the open batch");
    }
    if (frame.length() > batch.maxFrame()) {
      throw tooLarge(0, frame.length());
    }
    if (!frame.addTo(batch)) {
      send(batch); // all slots are still the kernel's: waits a moment for one
      if (!frame.addTo(batch)) {
        return false;
      }
    }
    try {
      return send(batch) == 1;
    } finally {
      newBatch();
    }
  }

  @Override
  public boolean pace(Rate rate) throws FramejetException {
    final boolean kept = Pacer.isForKernel(rate);
    final long interval = kept ? Pacer.interval(rate) : 0;
    return with(handle -> InjectNative.pace(handle, interval)) == 0 && kept;
  }

  @Override
  public boolean stamp(int offset) throws FramejetException {
    if (offset < 0) {
      throw new IllegalArgumentException("offset=" + offset + ": 0 or more");
    }
    return with(handle -> InjectNative.stamp(handle, offset)) == 0;
  }

  /**
   * Sends frames of nothing but the engine's template.
   *
   * @return how many the kernel took
   */
  int stream(long sequence, int count) throws FramejetException {
    final int taken = with(handle -> InjectNative.stream(handle, sequence, count));
    if (taken < 0) {
      throw fault(-taken);
    }
    return taken;
  }

  /** After {@link #stream}, the number of the next frame: those of lost ones are not used again. */
  long nextSequence() {
    return memory.getLong(InjectNative.CONTROL_SEQUENCE);
  }

  /** A native call with the handle. */
  @FunctionalInterface
  private interface Use {
    int apply(long handle);
  }

  private int with(Use use) throws FramejetException {
    final long handle = memory.acquire();
    try {
      return use.apply(handle);
    } finally {
      memory.release();
      Reference.reachabilityFence(this);
    }
  }

  /** What departures of targets are to be moved by. */
  long clockOffset() {
    return memory.getLong(InjectNative.CONTROL_CLOCK_OFFSET);
  }

  @Override
  public long sendStartedNanos() {
    return memory.getLong(InjectNative.CONTROL_STARTED_NS);
  }

  @Override
  public long sendFinishedNanos() {
    return memory.getLong(InjectNative.CONTROL_FINISHED_NS);
  }

  @Override
  public InjectorStatistics statistics() {
    return new InjectorStatistics(
        memory.getLong(InjectNative.CONTROL_ACCEPTED_FRAMES),
        memory.getLong(InjectNative.CONTROL_ACCEPTED_BYTES),
        memory.getLong(InjectNative.CONTROL_CALLS),
        memory.getLong(InjectNative.CONTROL_QUEUE_FULL),
        memory.getLong(InjectNative.CONTROL_REJECTED),
        memory.getLong(InjectNative.CONTROL_UNCONFIRMED),
        discarded,
        memory.getLong(InjectNative.CONTROL_RETURNED));
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public boolean isZeroCopy() {
    return memory.getInt(InjectNative.CONTROL_MODE) == InjectNative.MODE_ZERO_COPY;
  }

  @Override
  public LinkType linkType() {
    return batch.linkType();
  }

  @Override
  public Link link() {
    return link;
  }

  @Override
  public int maxFrame() {
    return memory.getInt(InjectNative.CONTROL_MAX_FRAME); // follows the link's MTU
  }

  @Override
  public void close() {
    memory.close();
  }

  @Override
  public String toString() {
    return "Injector[link=" + link.name() + " backend=" + backend.label() + "]";
  }

  private FramejetException fault(int errno) {
    final int index = memory.getInt(InjectNative.CONTROL_ERROR_INDEX);
    switch (errno) {
      case Errno.EMSGSIZE -> {
        return tooLarge(index, lengthOf(index));
      }
      case Errno.EINVAL -> {
        if (index < batch.size() && !hasHeader(index)) {
          return malformed(index);
        }
      }
      case Errno.ESTALE -> {
        // The kernel goes on at another slot than ours: what was written in between can not go out
        // in order.
        countDiscarded(batch.size());
        batch.resume(index);
      }
      default -> batch.taken(Math.min(index, batch.size())); // unconfirmed: they may have left
    }
    return errno == Errno.ENOTCONN
        ? EngineFaults.of(errno, "send", link)
        : Errno.exception(errno, "send", origin(backend), link.name());
  }

  private int lengthOf(int index) {
    if (frameLength > 0) {
      return frameLength;
    }
    return index < batch.size() ? batch.length(index) : 0;
  }

  /** As the native side checks it. If not this, then the kernel had a reason of its own. */
  private boolean hasHeader(int index) {
    final int length = batch.length(index);
    if (length < linkType().minHeader() || linkType() == LinkType.ETHERNET) {
      return length >= linkType().minHeader();
    }
    return switch ((batch.buffer().get(batch.offset(index)) & 0xff) >>> 4) {
      case 4 -> true;
      case 6 -> length >= Ipv6Header.LENGTH;
      default -> false;
    };
  }

  private FramejetException malformed(int index) {
    final String problem =
        linkType() == LinkType.ETHERNET
            ? " of the batch has fewer than 14 bytes: that is no Ethernet header"
            : " of the batch, of "
                + batch.length(index)
                + " bytes, does not begin with the header of an IPv4 or IPv6 packet";
    return new FramejetException(
        ErrorCode.MALFORMED_FRAME,
        "frame " + index + problem,
        Errno.EINVAL,
        origin(backend),
        link.name(),
        null);
  }

  private static LinkType linkType(Link link, Backend backend) throws FramejetException {
    LinkType linkType = backend == Backend.RAWIP ? LinkType.IP : link.linkType();
    if (linkType == null) {
      throw new FramejetException(
          ErrorCode.NOT_SUPPORTED,
          "frames of link " + link.name() + " begin with neither an Ethernet nor an IP header",
          0,
          origin(backend),
          link.name(),
          null);
    }
    return linkType;
  }

  private FramejetException tooLarge(int index, int length) {
    return new FramejetException(
        ErrorCode.FRAME_TOO_LARGE,
        "frame "
            + index
            + " of the batch has "
            + length
            + " bytes; link "
            + link.name()
            + " takes at most "
            + maxFrame(),
        Errno.EMSGSIZE,
        origin(backend),
        link.name(),
        null);
  }

  private void countDiscarded(int frames) {
    final long before = discarded; // one thread writes, others only read
    discarded = before + frames;
  }

  private static String origin(Backend backend) {
    return "linux/" + backend.label();
  }
}
