package io.framejet.jni;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Injecting, as {@code native/jni/inject_native.c} binds it.
 *
 * <p>The memory of a handle is one direct buffer: the control block, then slots. Slot {@code i}
 * starts at {@code slots_offset + (i / slots_per_block) * block_size + (i % slots_per_block) *
 * pitch}; it begins with {@code u32 status, u32 len}, and the frame's bytes are at {@code
 * data_offset}. A slot whose status is {@link #SLOT_AVAILABLE} is the caller's to write. All
 * integers are in the machine's byte order.
 *
 * <p>Thread rules: a handle is live during a call, and one thread at a time calls {@link #send} of
 * it.
 */
public final class InjectNative {
  /** Skip the link's queueing discipline ({@code PACKET_QDISC_BYPASS}). */
  public static final int FLAG_QDISC_BYPASS = 1;

  /** With libpcap, call {@code pcap_sendpacket} rather than {@code pcap_inject}. */
  public static final int FLAG_PCAP_SENDPACKET = 2;

  /**
   * With the backend {@code xdp}, slots hold targets of the engine's template rather than frames:
   * 32 bytes from the data offset on, see {@code struct fj_xdp_target} of {@code
   * native/bpf/engine.h}.
   */
  public static final int FLAG_TARGETS = 4;

  /** Where the number of the link's queue is in the flags, 16 bits of it, for the backend xsk. */
  public static final int FLAG_QUEUE_SHIFT = 16;

  /** Slot status: the caller may write it ({@code TP_STATUS_AVAILABLE}). */
  public static final int SLOT_AVAILABLE = 0;

  /** Offset of a slot's status. */
  public static final int SLOT_STATUS = 0;

  /** Offset of a slot's frame length. */
  public static final int SLOT_LENGTH = 4;

  /** Offset of a slot's frame bytes. */
  public static final int SLOT_DATA = 32;

  /** u64: frames that the kernel took, with the link up before and after. */
  public static final int CONTROL_ACCEPTED_FRAMES = 0;

  /** u64: their bytes. */
  public static final int CONTROL_ACCEPTED_BYTES = 8;

  /** u64: calls of {@link #send}. */
  public static final int CONTROL_CALLS = 16;

  /** u64: times that a queue was full (ENOBUFS, EAGAIN). */
  public static final int CONTROL_QUEUE_FULL = 24;

  /** u64: frames refused as too large or malformed. */
  public static final int CONTROL_REJECTED = 32;

  /** u64: frames that the kernel took while the link went down: they may not have left. */
  public static final int CONTROL_UNCONFIRMED = 40;

  /**
   * u64: CLOCK_REALTIME in ns just before the first system call of the latest send that took
   * frames.
   */
  public static final int CONTROL_STARTED_NS = 48;

  /** u64: CLOCK_REALTIME in ns just after the last system call of that send. */
  public static final int CONTROL_FINISHED_NS = 56;

  /** u32: number of slots. */
  public static final int CONTROL_SLOTS = 64;

  /** u32: bytes from one slot to the next within a block. */
  public static final int CONTROL_PITCH = 68;

  /** u32: bytes of a block of slots. */
  public static final int CONTROL_BLOCK_SIZE = 72;

  /** u32: slots in a block. */
  public static final int CONTROL_SLOTS_PER_BLOCK = 76;

  /** u32: where the slots start in the buffer. */
  public static final int CONTROL_SLOTS_OFFSET = 80;

  /** u32: where the frame starts in a slot. */
  public static final int CONTROL_DATA_OFFSET = 84;

  /** u32: longest frame taken, an 802.1Q tag not counted. */
  public static final int CONTROL_MAX_FRAME = 88;

  /**
   * u32, after a negative result of {@link #send}: with EMSGSIZE and EINVAL the refused frame,
   * relative to first (nothing was taken); otherwise how many frames the kernel took that are
   * unconfirmed, so that the next free slot is {@code first + error_index}. With ESTALE the slot
   * where the kernel goes on.
   */
  public static final int CONTROL_ERROR_INDEX = 92;

  /**
   * u32: with the backend xsk, {@link #MODE_COPY} or {@link #MODE_ZERO_COPY}; 0 with the others.
   */
  public static final int CONTROL_MODE = 96;

  /** The kernel copies frames. */
  public static final int MODE_COPY = 1;

  /** The driver sends frames from where they are. */
  public static final int MODE_ZERO_COPY = 2;

  /**
   * u32: how many frames of the latest {@link #send}, from the first on, do not all lie where they
   * were; 0 when they do. Those taken lie in front then, and each says in its slot which it was,
   * from 0 on.
   */
  public static final int CONTROL_MOVED = 100;

  /** u32 of a slot that holds a frame: see {@link #CONTROL_MOVED}. */
  public static final int PLACE_OF_FRAME = 8;

  /** u32 of a slot that holds a target: see {@link #CONTROL_MOVED}. */
  public static final int PLACE_OF_TARGET = 4;

  /** u64: after {@link #stream}, the sequence number of the next frame. */
  public static final int CONTROL_SEQUENCE = 104;

  /** u64: frames that the link's driver dropped, and that are still the caller's. */
  public static final int CONTROL_RETURNED = 112;

  /** s64: CLOCK_REALTIME less CLOCK_MONOTONIC, in nanoseconds, as of the latest send of targets. */
  public static final int CONTROL_CLOCK_OFFSET = 120;

  /** Bytes of the control block. */
  public static final int CONTROL_SIZE = 128;

  private InjectNative() {}

  /**
   * Opens a backend for injecting.
   *
   * @param backend {@link io.framejet.Backend#id()}
   * @param netns path of a network namespace, or null for that of the calling thread
   * @param slots wanted number of slots; a ring rounds up to whole blocks, or halves for lack of
   *     memory
   * @param capacity bytes of frame that a slot must hold; 0 for the link's MTU + 18
   * @param engine of {@link EngineNative#open} for the backend {@code xdp}; 0 for the one that the
   *     link's injectors and receivers share
   * @return a handle, or a negative errno
   */
  public static native long open(
      int backend,
      @Nullable String netns,
      int ifindex,
      int slots,
      int capacity,
      int flags,
      long engine);

  /**
   * The memory of a handle, or null when no buffer could be made (then {@link #close} frees the
   * memory).
   */
  public static native @Nullable ByteBuffer memory(long handle);

  /**
   * Sends the frames in slots first … first + count - 1, wrapping at the number of slots. With
   * count 0, waits up to 10 ms until slot first is available.
   *
   * @return number of frames that the kernel took, or a negative errno
   */
  public static native int send(long handle, int first, int count);

  /**
   * Makes the kernel keep an interval between frames, as only the backend xdp can.
   *
   * @param interval from one departure to the next, in units of 2<sup>-32</sup> ns, 2<sup>30</sup>
   *     to 1 ms; 0 for none
   * @return 0, or EOPNOTSUPP or ERANGE, negative
   */
  public static native int pace(long handle, long interval);

  /**
   * Makes the kernel write the time of its departure into each frame: CLOCK_REALTIME in ns,
   * big-endian.
   *
   * @param offset where in the frame; 0 for nowhere
   * @return 0, or a negative errno
   */
  public static native int stamp(long handle, int offset);

  /**
   * Sends frames of nothing but the engine's template, of the sequence numbers from one on. {@link
   * #CONTROL_SEQUENCE} tells which is the next.
   *
   * @return number of frames that the kernel took, or a negative errno
   */
  public static native int stream(long handle, long sequence, int count);

  /**
   * Keeps the calling thread on one of the CPUs that it may use.
   *
   * @param index which of them, from 0 on, and from the first again
   * @return the number of the CPU, or a negative errno
   */
  public static native int pin(int index);

  /**
   * Closes: covers the slots with zeros, which stay mapped until {@link #unmap}; the handle is
   * gone.
   */
  public static native void close(long handle);

  /** Unmaps the memory of a closed handle, of either role, once no buffer can reach it. */
  public static native void unmap(long address, long length);

  /** The address of a direct buffer. */
  public static native long address(ByteBuffer buffer);
}
