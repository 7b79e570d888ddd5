package io.framejet.receive;

import io.framejet.jni.NativeMemory;
import io.framejet.jni.ReceiveNative;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Walks blocks of frames in the layout of TPACKET_V3 (linux/if_packet.h, packet_mmap.rst), in place.
 *
 * <p>A block belongs to the kernel (or, for backends that copy, to their refill) until its status has the user bit; it
 * is given back after its last frame was handled.
 */
final class BlockWalker {
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle SHORT =
      MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.nativeOrder());

  private static final int VLAN_TAG = 4;
  private static final int MACS = 12;
  private static final int TPID_8021Q = 0x8100;
  private static final int PACKET_OUTGOING = 4;

  private final ByteBuffer buffer;
  private final ReceivedFrame frame;
  private final int blocksOffset;
  private final int blockSize;
  private final int blocks;
  private final boolean needsRefill;

  private int block;
  private boolean held;
  private int left;
  private int next;

  BlockWalker(NativeMemory memory) {
    buffer = memory.buffer().order(ByteOrder.BIG_ENDIAN);
    frame = new ReceivedFrame(buffer);
    blocksOffset = memory.getInt(ReceiveNative.CONTROL_BLOCKS_OFFSET);
    blockSize = memory.getInt(ReceiveNative.CONTROL_BLOCK_SIZE);
    blocks = memory.getInt(ReceiveNative.CONTROL_BLOCKS);
    needsRefill = memory.getInt(ReceiveNative.CONTROL_NEEDS_REFILL) != 0;
  }

  /** Whether a walk would find frames without asking the kernel. */
  boolean hasFrames() {
    return held && left > 0
        || ((int) INT.getAcquire(buffer, start() + ReceiveNative.BLOCK_STATUS) & ReceiveNative.BLOCK_USER) != 0;
  }

  /** Hands at most {@code limit} frames to {@code handler}: their number, or a negative errno. */
  int walk(long handle, FrameHandler handler, int limit) {
    int count = 0;
    while (count < limit) {
      if (left == 0) {
        giveBack();
        final int opened = openBlock(handle);
        if (opened <= 0) {
          return count > 0 ? count : opened;
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

  private int openBlock(long handle) {
    final int start = start();
    if (((int) INT.getAcquire(buffer, start + ReceiveNative.BLOCK_STATUS) & ReceiveNative.BLOCK_USER) == 0) {
      final int filled = needsRefill ? ReceiveNative.refill(handle, block) : 0;
      if (filled <= 0) {
        return filled;
      }
    }
    held = true;
    left = (int) INT.get(buffer, start + ReceiveNative.BLOCK_FRAMES);
    next = start + (int) INT.get(buffer, start + ReceiveNative.BLOCK_FIRST_FRAME);
    if (left == 0) {
      giveBack();
      return 0;
    }
    return left;
  }

  private void giveBack() {
    if (held) {
      held = false;
      INT.setRelease(buffer, start() + ReceiveNative.BLOCK_STATUS, ReceiveNative.BLOCK_KERNEL);
      block = block + 1 == blocks ? 0 : block + 1;
    }
  }

  private void advance() {
    final ByteBuffer memory = buffer;
    final int at = next;
    final int status = (int) INT.get(memory, at + ReceiveNative.FRAME_STATUS);
    final int mac = (short) SHORT.get(memory, at + ReceiveNative.FRAME_MAC) & 0xffff;
    final int captured = (int) INT.get(memory, at + ReceiveNative.FRAME_SNAPLEN);
    final int original = (int) INT.get(memory, at + ReceiveNative.FRAME_LENGTH);
    final long seconds = (int) INT.get(memory, at + ReceiveNative.FRAME_SECONDS) & 0xffff_ffffL;
    final long nanos = (int) INT.get(memory, at + ReceiveNative.FRAME_NANOS) & 0xffff_ffffL;
    frame.move(at + mac, captured, original, seconds * 1_000_000_000L + nanos);
    frame.flags(
        (status & ReceiveNative.STATUS_CSUM_NOT_READY) == 0,
        memory.get(at + ReceiveNative.FRAME_PACKET_TYPE) == PACKET_OUTGOING);
    if ((status & ReceiveNative.STATUS_VLAN_VALID) != 0 && captured >= MACS) {
      putTagBack(at, status);
    }
    next = at + (int) INT.get(memory, at + ReceiveNative.FRAME_NEXT);
    left--;
  }

  /** The kernel takes an 802.1Q tag out of the frame; without it a tagged ARP would pass for an untagged one. */
  private void putTagBack(int header, int status) {
    final ByteBuffer memory = buffer;
    final int from = frame.offset();
    final int to = from - VLAN_TAG;
    for (int i = 0; i < MACS; i += 4) {
      memory.putInt(to + i, memory.getInt(from + i));
    }
    final int protocol =
        (status & ReceiveNative.STATUS_VLAN_TPID_VALID) != 0
            ? (short) SHORT.get(memory, header + ReceiveNative.FRAME_VLAN_TPID) & 0xffff
            : TPID_8021Q;
    memory.putShort(to + MACS, (short) protocol);
    memory.putShort(to + MACS + 2, (short) (int) INT.get(memory, header + ReceiveNative.FRAME_VLAN_TCI));
    frame.move(to, frame.length() + VLAN_TAG, frame.originalLength() + VLAN_TAG, frame.timestampNanos());
  }

  private int start() {
    return blocksOffset + block * blockSize;
  }
}
