package io.framejet.jni;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receiving, as {@code native/jni/receive_native.c} binds it.
 *
 * <p>The memory of a handle is one direct buffer: the control block, then blocks of frames in the
 * layout of TPACKET_V3 (Linux, {@code Documentation/networking/packet_mmap.rst}), whatever the
 * backend. At least {@link #RESERVE} bytes before a frame's MAC header are free, so that a VLAN tag
 * can be put back in place.
 *
 * <p>Thread rules: a handle is live during a call; one thread at a time calls {@link #await},
 * {@link #refill} and {@link #statistics}; {@link #wake} may be called by any.
 */
public final class ReceiveNative {
  /** Receive what is meant for others too, while the handle is open. */
  public static final int FLAG_PROMISCUOUS = 1;

  /** See frames that this host sends as well. */
  public static final int FLAG_INCLUDE_OUTGOING = 2;

  /**
   * Have replies that the XDP program has recognised summed up in the reply ring, if there is one.
   */
  public static final int FLAG_REPLIES = 4;

  /** Bytes free before each MAC header, at least. */
  public static final int RESERVE = 16;

  /** Block status: the kernel's, or to be refilled. */
  public static final int BLOCK_KERNEL = 0;

  /** Bit of a block status: frames to be read. */
  public static final int BLOCK_USER = 1;

  /** Bit of a frame's status: its VLAN tag was taken out and is in {@link #FRAME_VLAN_TCI}. */
  public static final int STATUS_VLAN_VALID = 1 << 4;

  /** Bit of a frame's status: the tag's protocol is in {@link #FRAME_VLAN_TPID}. */
  public static final int STATUS_VLAN_TPID_VALID = 1 << 6;

  /** Bit of a frame's status: the transport checksum is not finished yet. */
  public static final int STATUS_CSUM_NOT_READY = 1 << 3;

  /** u64: frames delivered. */
  public static final int CONTROL_PACKETS = 0;

  /** u64: frames dropped for lack of room. */
  public static final int CONTROL_DROPS = 8;

  /** u64: times that the ring froze. */
  public static final int CONTROL_FREEZES = 16;

  /** u32: bytes of a block. */
  public static final int CONTROL_BLOCK_SIZE = 24;

  /** u32: number of blocks. */
  public static final int CONTROL_BLOCKS = 28;

  /** u32: where the blocks start in the buffer. */
  public static final int CONTROL_BLOCKS_OFFSET = 32;

  /** u32: longest part of a frame that is kept. */
  public static final int CONTROL_SNAPLEN = 36;

  /** u32: 1 when blocks are filled by {@link #refill}, 0 when by the kernel. */
  public static final int CONTROL_NEEDS_REFILL = 40;

  /** u32: room in the reply ring, a power of two; 0: there is none. */
  public static final int CONTROL_REPLIES = 44;

  /** u32: where the reply ring begins in the buffer. */
  public static final int CONTROL_REPLIES_OFFSET = 48;

  /** s64: CLOCK_REALTIME less CLOCK_MONOTONIC, in nanoseconds, as of the latest refill. */
  public static final int CONTROL_CLOCK_OFFSET = 56;

  /** Bytes of the control block. */
  public static final int CONTROL_SIZE = 64;

  /** u64 of the reply ring: how many replies were read, in all. */
  public static final int REPLIES_READ = 64;

  /** Where its replies begin. */
  public static final int REPLIES_FIRST = 128;

  /** Bytes of a reply. */
  public static final int REPLY_SIZE = 32;

  /** u64 of a reply: its arrival, by CLOCK_MONOTONIC, in nanoseconds. */
  public static final int REPLY_TIME = 0;

  /**
   * u64 of a reply: the IPv4 address that it is about; from bit 32 on the port, from bit 48 on the
   * time to live, from bit 56 on what it says: 1 up, 2 open, 3 closed; bit 63, whether there is a
   * time to live.
   */
  public static final int REPLY_WHAT = 8;

  /** u64 of a reply: the MAC that it gives for its target. */
  public static final int REPLY_MAC = 16;

  /**
   * u64 of a reply: the MAC that it came from; from bit 48 on the turn of its place, which is
   * written last: twice the number of turns before it, and 1.
   */
  public static final int REPLY_SOURCE_AND_TURN = 24;

  /** u32 of a block: its status. */
  public static final int BLOCK_STATUS = 8;

  /** u32 of a block: number of frames. */
  public static final int BLOCK_FRAMES = 12;

  /** u32 of a block: offset of the first frame. */
  public static final int BLOCK_FIRST_FRAME = 16;

  /** u32 of a frame: offset of the next, from this one; 0 in the last of a block. */
  public static final int FRAME_NEXT = 0;

  /** u32 of a frame: seconds of its arrival, by CLOCK_REALTIME. */
  public static final int FRAME_SECONDS = 4;

  /** u32 of a frame: nanoseconds of its arrival. */
  public static final int FRAME_NANOS = 8;

  /** u32 of a frame: bytes kept. */
  public static final int FRAME_SNAPLEN = 12;

  /** u32 of a frame: bytes that it had. */
  public static final int FRAME_LENGTH = 16;

  /** u32 of a frame: status bits. */
  public static final int FRAME_STATUS = 20;

  /** u16 of a frame: offset of its MAC header. */
  public static final int FRAME_MAC = 24;

  /** u32 of a frame: VLAN tag (tag control information). */
  public static final int FRAME_VLAN_TCI = 32;

  /** u16 of a frame: the tag's protocol, 0x8100 or 0x88a8. */
  public static final int FRAME_VLAN_TPID = 36;

  /** u8 of a frame: {@code sll_pkttype}, 4 for an outgoing frame. */
  public static final int FRAME_PACKET_TYPE = 58;

  private ReceiveNative() {}

  /**
   * Opens a backend for receiving. Nothing arrives before the filter is in place.
   *
   * @param netns path of a network namespace, or null for that of the calling thread
   * @param blockSize bytes of a block, a multiple of the page size
   * @param retireMillis after this time a block with frames is handed over though not full (ring)
   * @param snaplen longest part of a frame to keep
   * @param filter classic BPF, one instruction each as {@code code | jt << 16 | jf << 24 | k <<
   *     32}, or null
   * @param engine handle of the link's XDP program, for that backend; 0 for the shared one
   * @return a handle, or a negative errno
   */
  public static native long open(
      int backend,
      @Nullable String netns,
      int ifindex,
      int blockSize,
      int blocks,
      int retireMillis,
      int snaplen,
      int flags,
      long @Nullable [] filter,
      long engine);

  /**
   * The memory of a handle, or null when no buffer could be made (then {@link #close} frees the
   * memory).
   */
  public static native @Nullable ByteBuffer memory(long handle);

  /**
   * Waits for frames.
   *
   * @return 1 frames or a block ready, 0 time over or woken, or a negative errno
   */
  public static native int await(long handle, long timeoutNanos);

  /** Ends an await in progress, or else the next one. */
  public static native void wake(long handle);

  /**
   * Fills a block without waiting. Not for the ring.
   *
   * @return number of frames, 0 for none (the block stays as it was), or a negative errno
   */
  public static native int refill(long handle, int block);

  /** Adds the kernel's counters to the sums in the control block. */
  public static native int statistics(long handle);

  /**
   * Closes: covers the blocks with zeros, which stay mapped until {@link InjectNative#unmap}; the
   * handle is gone.
   */
  public static native void close(long handle);

  /**
   * Compiles a capture filter with libpcap, on a live handle, so that VLAN tags are understood.
   *
   * @param program takes the instructions, coded as {@link #open} takes them
   * @param error takes the text of a syntax error, zero-terminated
   * @return number of instructions, or a negative errno: EINVAL with a text, ELIBACC without
   *     libpcap, ENOSPC when the program is longer than its array
   */
  public static native int compile(
      @Nullable String netns,
      int ifindex,
      int snaplen,
      String expression,
      long[] program,
      byte[] error);
}
