package io.framejet.engine;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.EmulatorNative;
import io.framejet.jni.Errno;
import io.framejet.jni.NativeLibrary;
import io.framejet.link.Link;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * The XDP program that answers for made-up hosts on a link ({@code native/bpf/emulator.bpf.c}). It
 * is attached from {@link #open} to {@link #stop}, and no longer than the process lives, {@code
 * kill -9} included; another program on the link is never touched.
 *
 * <p>What is to be answered is baked into the program before it is loaded. Safe for use by several
 * threads. One that is never closed is closed when it becomes unreachable.
 */
public final class HostProgram implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  /**
   * Whom to answer for, and how.
   *
   * @param key0 the first 8 bytes of the key of SipHash-2-4, as a little-endian number
   * @param key1 its last 8 bytes
   * @param threshold a host is up when the upper 32 bits of its hash are below this; 2^32 for all
   * @param ranges4 first and last address of each range, ascending, neither touching nor
   *     overlapping
   * @param ranges6 first high and low, last high and low half of each range, in the same way
   * @param openPorts which TCP ports are open, 65,536 bits: bit {@code port & 7} of byte {@code
   *     port >> 3}
   * @param maxSegment the longest TCP segment that SYN-ACKs tell of, in bytes
   * @param portUnreachable whether UDP datagrams are answered
   * @param byTransmit whether answers leave by XDP_TX also on a veth, where they arrive only while
   *     the far end has a program on each of its queues
   */
  @SuppressWarnings("ArrayRecordComponent") // a bundle of arguments, neither kept nor compared
  public record Hosts(
      long key0,
      long key1,
      long threshold,
      int[] ranges4,
      long[] ranges6,
      byte[] openPorts,
      int maxSegment,
      boolean portUnreachable,
      boolean byTransmit) {}

  /** Owned by the program and by its cleaner: closes natively once. */
  private static final class Handle implements Runnable {
    private final long handle;
    private boolean closed;

    Handle(long handle) {
      this.handle = handle;
    }

    synchronized boolean counts(long[] into) throws FramejetException {
      if (closed) {
        throw new FramejetException(ErrorCode.CLOSED, "the program of made-up hosts is closed");
      }
      return EmulatorNative.counts(handle, into) == 0;
    }

    synchronized boolean isGone() {
      return !closed && EmulatorNative.isGone(handle);
    }

    synchronized void stop() {
      if (!closed) {
        EmulatorNative.stop(handle);
      }
    }

    @Override
    public synchronized void run() {
      if (!closed) {
        closed = true;
        EmulatorNative.close(handle);
      }
    }
  }

  private final Link link;
  private final Handle handle;
  private final Cleaner.Cleanable cleanable;

  private HostProgram(Link link, Handle handle) {
    this.link = link;
    this.handle = handle;
    this.cleanable = CLEANER.register(this, handle);
  }

  /**
   * Loads the program and attaches it to a link. Takes CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON.
   *
   * @throws FramejetException PERMISSION_DENIED naming the capability that is missing; XDP_BUSY
   *     naming the program that is attached; NOT_SUPPORTED when the link takes no program, or no
   *     answer would arrive, with what would help; LINK_GONE, OUT_OF_MEMORY
   */
  public static HostProgram open(Link link, Hosts hosts) throws FramejetException {
    NativeLibrary.ensureLoaded();
    final long[] numbers = {
      hosts.key0(),
      hosts.key1(),
      hosts.threshold(),
      hosts.maxSegment(),
      hosts.portUnreachable() ? 1 : 0,
      "veth".equals(link.kind()) ? 1 : 0,
      hosts.byTransmit() ? 1 : 0
    };
    final long handle = link.namespace().withPathAsLong(netns -> open(netns, link, numbers, hosts));
    if (handle < 0) {
      throw EngineFaults.of(handle, "emulate hosts", link);
    }
    return new HostProgram(link, new Handle(handle));
  }

  private static long open(@Nullable String netns, Link link, long[] numbers, Hosts hosts) {
    return EmulatorNative.open(
        netns, link.index(), numbers, hosts.openPorts(), hosts.ranges4(), hosts.ranges6());
  }

  /**
   * What was counted so far, also after {@link #stop}.
   *
   * @return answers that the link's driver took: ARP, NDP, ICMP echo, ICMPv6 echo, SYN-ACK, RST,
   *     port unreachable; then frames that got no answer, and answers that did not leave
   * @throws FramejetException CLOSED
   */
  public long[] counts() throws FramejetException {
    final long[] counts = new long[EmulatorNative.COUNTS];
    if (!handle.counts(counts)) {
      throw Errno.exception(Errno.EIO, "read counters", "linux/xdp", link.name());
    }
    return counts;
  }

  /** Whether the link was deleted, and the program with it. */
  public boolean isGone() {
    return handle.isGone();
  }

  /** Detaches the program: no answer leaves afterwards. Idempotent. */
  public void stop() {
    handle.stop();
  }

  /** Detaches the program, and forgets what it has counted. Idempotent. */
  @Override
  public void close() {
    cleanable.clean();
  }
}
