package io.framejet.frame;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Frames to be sent by one call, written straight into memory that the backend shares with the
 * kernel.
 *
 * <p>{@link #add(int)} claims the next slot and tells where its frame begins in {@link #buffer()};
 * the caller writes every byte of it there. A batch that is full answers with -1, it does not
 * throw. After a send the frames that the kernel took are gone from the batch; those not taken stay
 * at its front, in order, and can be sent again.
 *
 * <p>Not thread-safe: one thread fills and sends. Writing after the injector was closed is harmless
 * and lost.
 */
public final class FrameBatch {
  /**
   * Shortest frame that goes out on an Ethernet, without the FCS; shorter ones are padded with
   * zeros.
   */
  public static final int MIN_FRAME = 60;

  /** Bytes of an Ethernet header: what is shorter is no frame and is refused when it is sent. */
  public static final int MIN_HEADER = 14;

  private static final int LENGTH = 4;

  private final ByteBuffer buffer;
  private final ByteBuffer headers;
  private final int dataOffset;
  private final int maxFrame;
  private final int capacity;
  private final LinkType linkType;
  private final int minFrame;

  /** Where the frame of each slot begins; its header is {@link #dataOffset} bytes before that. */
  private final int[] frames;

  /**
   * Which template wrote the frame that still lies in a slot. The kernel only reads there, so a
   * template that finds its own bytes writes only those that vary.
   */
  private final @Nullable FrameTemplate[] written;

  private int first;
  private int size;

  /** The first slot of the latest send. */
  private int sent;

  /**
   * The slot of the next frame to be added, {@code size} after the first. It is kept rather than
   * computed from these two: with that, and as many slots as a batch holds, C2 (Java 17) compiled
   * the loop that fills a batch again and again, some twelve times a second.
   */
  private int next;

  /** After a send, where each frame was before it; as many as {@link #moved} says. */
  private int[] places = new int[0];

  private int moved;

  /** Somebody else may write by now, and nobody can know what lies in a slot. */
  private boolean exposed;

  /**
   * A batch over {@code memory}. Injectors make these: see {@code Injector.newBatch()}.
   *
   * @param memory what the layout speaks of
   * @param capacity most frames at a time, at most {@code layout.slots()}
   */
  public FrameBatch(ByteBuffer memory, SlotLayout layout, int capacity) {
    this(memory, layout, capacity, LinkType.ETHERNET);
  }

  /**
   * A batch over {@code memory}, for a link of any type.
   *
   * @param memory what the layout speaks of
   * @param capacity most frames at a time, at most {@code layout.slots()}
   * @param linkType what its frames begin with; only those with an Ethernet header are lengthened
   */
  public FrameBatch(ByteBuffer memory, SlotLayout layout, int capacity, LinkType linkType) {
    if (capacity < 1 || capacity > layout.slots()) {
      throw new IllegalArgumentException("capacity=" + capacity + " slots=" + layout.slots());
    }
    if (layout.slotOffset(layout.slots() - 1) + layout.dataOffset() + layout.maxFrame()
        > memory.capacity()) {
      throw new IllegalArgumentException(
          "capacity=" + memory.capacity() + ": too little for " + layout);
    }
    this.buffer = memory.duplicate().order(ByteOrder.BIG_ENDIAN);
    this.headers = memory.duplicate().order(ByteOrder.nativeOrder());
    this.dataOffset = layout.dataOffset();
    this.frames = new int[layout.slots()];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = layout.slotOffset(i) + dataOffset;
    }
    this.written = new FrameTemplate[frames.length];
    this.maxFrame = layout.maxFrame();
    this.capacity = capacity;
    this.linkType = linkType;
    this.minFrame = linkType.minFrame();
  }

  /**
   * Claims the next slot for a frame of {@code length} bytes. A frame of at least an Ethernet
   * header but less than {@link #MIN_FRAME} bytes is lengthened to that with zeros; on a link
   * without such headers it stays as it is.
   *
   * @param length bytes from the destination MAC up to, and without, the FCS
   * @return where the frame's first byte belongs in {@link #buffer()}, or -1 when the batch is full
   * @throws IllegalArgumentException if no slot can hold a frame of that length
   */
  public int add(int length) {
    requireRoom(length);
    final int at = nextFree();
    if (at < 0) {
      return -1;
    }
    written[next] = null;
    final boolean shorter = length < minFrame && length >= MIN_HEADER;
    headers.putInt(at - dataOffset + LENGTH, shorter ? pad(at, length) : length);
    advance();
    return at;
  }

  /**
   * Claims the next slot for the frame of a template. All of it is there already but what varies,
   * or is written now.
   *
   * @return where the frame begins in {@link #memory()}, or -1 when the batch is full
   * @throws IllegalArgumentException if no slot can hold the frame, or if the frames of this batch
   *     begin with another header
   */
  int add(FrameTemplate template) {
    final int at = nextFree();
    if (at < 0) {
      return -1;
    }
    if (written[next] != template) {
      write(template, at);
    }
    advance();
    return at;
  }

  /**
   * For injectors whose slots hold no frames: claims the next slot and leaves it as it is, length
   * included.
   *
   * @return where its bytes begin in {@link #buffer()}, or -1 when the batch is full
   */
  public int claim() {
    final int at = nextFree();
    if (at >= 0) {
      advance();
    }
    return at;
  }

  private void write(FrameTemplate template, int at) {
    final int length = template.length();
    requireSameLink(template.frame().linkType());
    requireRoom(length);
    headers.putInt(at - dataOffset + LENGTH, length);
    template.writeConstants(buffer, at);
    written[next] = exposed ? null : template;
  }

  /** Bytes that begin with another header would be taken for something that they are not. */
  void requireSameLink(LinkType other) {
    if (other != linkType) {
      throw new IllegalArgumentException(
          "linkType=" + other + ": frames of this batch begin with " + linkType.description());
    }
  }

  private void requireRoom(int length) {
    if (length < 0 || length > maxFrame) {
      throw new IllegalArgumentException("length=" + length + " maxFrame=" + maxFrame);
    }
  }

  /** Where the next frame begins, or -1 when there is no slot for it. */
  private int nextFree() {
    if (size == capacity) {
      return -1;
    }
    final int at = frames[next];
    // The kernel gives a slot back by storing 0, after its last read of the frame. Writes to the
    // frame depend on what is read here, which orders them; the fence is for the compiler, which
    // otherwise could take this read out of a loop that waits.
    if (headers.getInt(at - dataOffset) != 0) {
      VarHandle.acquireFence();
      return -1;
    }
    return at;
  }

  private void advance() {
    final int following = next + 1;
    next = following == frames.length ? 0 : following;
    size++;
  }

  /** {@link #buffer()}, for those who write nothing but claimed slots and note it. */
  ByteBuffer memory() {
    return buffer;
  }

  /**
   * Adds a copy of {@code length} bytes of {@code source} from {@code offset} on; false when full.
   */
  public boolean add(ByteBuffer source, int offset, int length) {
    final int at = add(length);
    if (at < 0) {
      return false;
    }
    buffer.put(at, source, offset, length);
    return true;
  }

  /** Adds a copy of {@code frame}; false when the batch is full. */
  public boolean add(byte[] frame) {
    final int at = add(frame.length);
    if (at < 0) {
      return false;
    }
    buffer.put(at, frame);
    return true;
  }

  /**
   * The memory that all frames of this batch lie in; big-endian. Only claimed frames may be
   * written.
   */
  public ByteBuffer buffer() {
    if (!exposed) {
      exposed = true;
      Arrays.fill(written, null);
    }
    return buffer;
  }

  /** Frames in this batch. */
  public int size() {
    return size;
  }

  /** Most frames that this batch holds at a time. */
  public int capacity() {
    return capacity;
  }

  /** Longest frame that a slot holds, in bytes without FCS. */
  public int maxFrame() {
    return maxFrame;
  }

  /** What its frames begin with. */
  public LinkType linkType() {
    return linkType;
  }

  /** Whether there are no frames in it. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** Where the frame {@code index} begins in {@link #buffer()}; 0 is the one to be sent next. */
  public int offset(int index) {
    return frames[slot(checked(index))];
  }

  /** Bytes of the frame {@code index}, padding included. */
  public int length(int index) {
    return headers.getInt(frames[slot(checked(index))] - dataOffset + LENGTH);
  }

  /** Drops all frames that were not sent; their slots are free again. */
  public void clear() {
    next = first;
    size = 0;
  }

  /**
   * For injectors: where the frame {@code index} of those that were taken last lies. It does until
   * its slot is claimed again.
   */
  public int sentOffset(int index) {
    final int at = sent + index;
    return frames[at < frames.length ? at : at - frames.length];
  }

  /** For injectors: the slot of the frame to be sent next. */
  public int firstSlot() {
    return first;
  }

  /** For injectors: the kernel took the first {@code count} frames; they leave the batch. */
  public void taken(int count) {
    if (count < 0 || count > size) {
      throw new IllegalArgumentException("count=" + count + " size=" + size);
    }
    if (count < size) {
      // Those that are left may have been moved up to the others' places.
      Arrays.fill(written, null);
    }
    sent = first;
    first = slot(count);
    size -= count;
  }

  /**
   * For injectors: the first {@code count} frames changed places when they were sent, and each says
   * in the header of its slot which it was; 0 when none did.
   *
   * @param placeOffset of that number, from the slot's begin, in the machine's byte order
   */
  public void moved(int count, int placeOffset) {
    moved = Math.min(count, size);
    if (moved == 0) {
      return;
    }
    Arrays.fill(written, null);
    if (places.length < moved) {
      places = new int[frames.length];
    }
    for (int i = 0; i < moved; i++) {
      places[i] = headers.getInt(frames[slot(i)] - dataOffset + placeOffset);
    }
  }

  /**
   * After a send: puts numbers that belong to the frames, in the order in which these were before
   * it, into that in which they are now: those taken, then those left. With {@code xdp} these need
   * not be the first and the last ones; with other backends nothing changes.
   *
   * @param numbers one for each frame that there was, and perhaps more, which stay
   */
  public void arrange(int[] numbers) {
    if (moved == 0) {
      return;
    }
    final int[] before = Arrays.copyOf(numbers, moved);
    for (int i = 0; i < moved; i++) {
      numbers[i] = before[places[i]];
    }
  }

  /** For injectors: drops all frames, and goes on at slot {@code slot}. */
  public void resume(int slot) {
    first = Objects.checkIndex(slot, frames.length);
    next = first;
    size = 0;
  }

  private int slot(int index) {
    final int slot = first + index;
    return slot < frames.length ? slot : slot - frames.length;
  }

  private int checked(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("index=" + index + " size=" + size);
    }
    return index;
  }

  private int pad(int at, int length) {
    for (int i = length; i < MIN_FRAME; i++) {
      buffer.put(at + i, (byte) 0);
    }
    return MIN_FRAME;
  }
}
