package io.framejet.receive;

import io.framejet.frame.LinkType;
import io.framejet.jni.NativeMemory;
import io.framejet.jni.ReceiveNative;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Walks blocks of frames in the layout of TPACKET_V3 (linux/if_packet.h, packet_mmap.rst), in
 * place.
 *
 * <p>A block belongs to the kernel (or, for backends that copy, to their refill) until its status
 * has the user bit; it is given back after its last frame was handled.
 */
final class BlockWalker {
  private static final int VLAN_TAG = 4;
  private static final int MACS = 12;
  private static final int TPID_8021Q = 0x8100;
  private static final int PACKET_OUTGOING = 4;

  private final ByteBuffer buffer;
  private final ByteBuffer headers;
  private final ReceivedFrame frame;
  private final int blocksOffset;
  private final int blockSize;
  private final int blocks;
  private final boolean needsRefill;
  private final boolean hasTags;

  private int block;
  private boolean held;
  private int left;
  private int next;

  /** A negative errno that frames came before: the next walk gives it. */
  private int fault;

  BlockWalker(NativeMemory memory, LinkType linkType) {
    hasTags = linkType == LinkType.ETHERNET;
    buffer = memory.buffer().order(ByteOrder.BIG_ENDIAN);
    headers = buffer.duplicate().order(ByteOrder.nativeOrder());
    frame = new ReceivedFrame(buffer);
    blocksOffset = memory.getInt(ReceiveNative.CONTROL_BLOCKS_OFFSET);
    blockSize = memory.getInt(ReceiveNative.CONTROL_BLOCK_SIZE);
    blocks = memory.getInt(ReceiveNative.CONTROL_BLOCKS);
    needsRefill = memory.getInt(ReceiveNative.CONTROL_NEEDS_REFILL) != 0;
  }

  /** Whether a walk would find frames, or has a fault to tell, without asking the kernel. */
  boolean hasFrames() {
    return fault != 0 || (held ? left > 0 : isReady(start()));
  }

  /** Hands at most {@code limit} frames to {@code handler}: their number, or a negative errno. */
  int walk(long handle, FrameHandler handler, int limit) {
    if (fault < 0) {
      return takeFault();
    }
    int count = 0;
    while (count < limit) {
      if (left == 0) {
        giveBack();
        final int opened = openBlock(handle);
        if (opened <= 0) {
          return ended(count, opened);
        }
      }
      // Moved on before the handler runs: a frame that makes it throw is not delivered twice.
      advance();
      count++;
      handler.onFrame(frame);
    }
    if (left == 0) {
      giveBack();
    }
    return count;
  }

  /** The kernel tells a fault once: it must not get lost for the frames before it. */
  private int ended(int count, int result) {
    if (count == 0) {
      return result;
    }
    fault = result;
    return count;
  }

  private int takeFault() {
    final int result = fault;
    fault = 0;
    return result;
  }

  private int openBlock(long handle) {
    final int start = start();
    if (!isReady(start)) {
      final int filled = needsRefill ? ReceiveNative.refill(handle, block) : 0;
      if (filled <= 0) {
        return filled;
      }
    }
    held = true;
    left = headers.getInt(start + ReceiveNative.BLOCK_FRAMES);
    next = start + headers.getInt(start + ReceiveNative.BLOCK_FIRST_FRAME);
    if (left == 0) {
      giveBack();
      return 0;
    }
    return left;
  }

  private void giveBack() {
    if (held) {
      held = false;
      VarHandle.releaseFence();
      headers.putInt(start() + ReceiveNative.BLOCK_STATUS, ReceiveNative.BLOCK_KERNEL);
      block = block + 1 == blocks ? 0 : block + 1;
    }
  }

  private void advance() {
    final ByteBuffer memory = headers;
    final int at = next;
    final int status = memory.getInt(at + ReceiveNative.FRAME_STATUS);
    final int mac = memory.getShort(at + ReceiveNative.FRAME_MAC) & 0xffff;
    final int captured = memory.getInt(at + ReceiveNative.FRAME_SNAPLEN);
    final int original = memory.getInt(at + ReceiveNative.FRAME_LENGTH);
    final long seconds = memory.getInt(at + ReceiveNative.FRAME_SECONDS) & 0xffff_ffffL;
    final long nanos = memory.getInt(at + ReceiveNative.FRAME_NANOS) & 0xffff_ffffL;
    frame.move(at + mac, captured, original, seconds * 1_000_000_000L + nanos);
    frame.flags(
        (status & ReceiveNative.STATUS_CSUM_NOT_READY) == 0,
        memory.get(at + ReceiveNative.FRAME_PACKET_TYPE) == PACKET_OUTGOING);
    if ((status & ReceiveNative.STATUS_VLAN_VALID) != 0 && captured >= MACS && hasTags) {
      putTagBack(at, status);
    }
    next = at + memory.getInt(at + ReceiveNative.FRAME_NEXT);
    left--;
  }

  /**
   * The kernel takes an 802.1Q tag out of the frame; without it a tagged ARP would pass for an
   * untagged one.
   */
  private void putTagBack(int header, int status) {
    final ByteBuffer memory = buffer;
    final int from = frame.offset();
    final int to = from - VLAN_TAG;
    for (int i = 0; i < MACS; i += 4) {
      memory.putInt(to + i, memory.getInt(from + i));
    }
    final int protocol =
        (status & ReceiveNative.STATUS_VLAN_TPID_VALID) != 0
            ? headers.getShort(header + ReceiveNative.FRAME_VLAN_TPID) & 0xffff
            : TPID_8021Q;
    memory.putShort(to + MACS, (short) protocol);
    memory.putShort(to + MACS + 2, (short) headers.getInt(header + ReceiveNative.FRAME_VLAN_TCI));
    frame.move(
        to, frame.length() + VLAN_TAG, frame.originalLength() + VLAN_TAG, frame.timestampNanos());
  }

  private boolean isReady(int start) {
    final int status = headers.getInt(start + ReceiveNative.BLOCK_STATUS);
    VarHandle.acquireFence();
    return (status & ReceiveNative.BLOCK_USER) != 0;
  }

  private int start() {
    return blocksOffset + block * blockSize;
  }
}
