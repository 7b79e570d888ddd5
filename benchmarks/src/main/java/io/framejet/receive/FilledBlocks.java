package io.framejet.receive;

import io.framejet.FramejetException;
import io.framejet.frame.LinkType;
import io.framejet.jni.NativeLibrary;
import io.framejet.jni.NativeMemory;
import io.framejet.jni.ReceiveNative;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Receive memory filled by hand, byte by byte as the kernel fills it (TPACKET_V3, 16 bytes
 * reserved), to be walked by the walker of the ring again and again. It stands in this package
 * because the walker is nobody else's business.
 */
public final class FilledBlocks {
  /** Bytes of a block, as the receiver asks for them. */
  public static final int BLOCK_SIZE = 1 << 16;

  private static final int BLOCKS_OFFSET = 4096;
  private static final int FIRST_FRAME = 48;
  private static final int MAC_OFFSET = 98;
  private static final int ALIGNMENT = 8;
  private static final int MILLION = 1_000_000_000;

  // Held for good: what NativeMemory lets go of is unmapped, and this was never mapped by it.
  private static final List<ByteBuffer> KEPT = Collections.synchronizedList(new ArrayList<>());

  private final ByteBuffer memory;
  private final int blocks;
  private final int framesPerBlock;
  private final BlockWalker walker;

  /** As many frames as fit into {@code blocks} blocks. */
  public FilledBlocks(int blocks, FrameSource source) throws FramejetException {
    NativeLibrary.ensureLoaded();
    this.blocks = blocks;
    final ByteBuffer shared =
        ByteBuffer.allocateDirect(BLOCKS_OFFSET + blocks * BLOCK_SIZE + 4096).alignedSlice(4096);
    KEPT.add(shared);
    // A view of our own, since the walker sets the byte order that it wants.
    this.memory = shared.duplicate().order(ByteOrder.nativeOrder());
    memory.putInt(ReceiveNative.CONTROL_BLOCK_SIZE, BLOCK_SIZE);
    memory.putInt(ReceiveNative.CONTROL_BLOCKS, blocks);
    memory.putInt(ReceiveNative.CONTROL_BLOCKS_OFFSET, BLOCKS_OFFSET);
    int frames = 0;
    for (int block = 0; block < blocks; block++) {
      frames = fill(BLOCKS_OFFSET + block * BLOCK_SIZE, source, block * frames);
    }
    this.framesPerBlock = frames;
    this.walker =
        new BlockWalker(
            NativeMemory.of("receiver", 1, shared, handle -> {}, handle -> {}, "benchmark", "none"),
            LinkType.ETHERNET);
  }

  /** What stands in the frames. */
  @FunctionalInterface
  public interface FrameSource {
    /** The bytes of frame {@code number}. */
    byte[] frame(int number);
  }

  /** Frames that one walk hands out. */
  public int frames() {
    return blocks * framesPerBlock;
  }

  /** Hands the blocks over as the kernel does, and walks all frames: their number. */
  public int walk(FrameHandler handler) {
    for (int block = 0; block < blocks; block++) {
      memory.putInt(
          BLOCKS_OFFSET + block * BLOCK_SIZE + ReceiveNative.BLOCK_STATUS,
          ReceiveNative.BLOCK_USER);
    }
    return walker.walk(0, handler, Integer.MAX_VALUE);
  }

  private int fill(int block, FrameSource source, int firstNumber) {
    int count = 0;
    int at = FIRST_FRAME;
    int last = at;
    byte[] frame = source.frame(firstNumber);
    while (at + MAC_OFFSET + frame.length <= BLOCK_SIZE) {
      final int size = MAC_OFFSET + frame.length + ALIGNMENT - 1 & -ALIGNMENT;
      final int start = block + at;
      memory.putInt(start + ReceiveNative.FRAME_NEXT, size);
      memory.putInt(start + ReceiveNative.FRAME_SECONDS, MILLION);
      memory.putInt(start + ReceiveNative.FRAME_NANOS, count);
      memory.putInt(start + ReceiveNative.FRAME_SNAPLEN, frame.length);
      memory.putInt(start + ReceiveNative.FRAME_LENGTH, frame.length);
      memory.putShort(start + ReceiveNative.FRAME_MAC, (short) MAC_OFFSET);
      memory.put(start + MAC_OFFSET, frame);
      last = at;
      at += size;
      count++;
      frame = source.frame(firstNumber + count);
    }
    memory.putInt(block + last + ReceiveNative.FRAME_NEXT, 0);
    memory.putInt(block + ReceiveNative.BLOCK_FRAMES, count);
    memory.putInt(block + ReceiveNative.BLOCK_FIRST_FRAME, FIRST_FRAME);
    return count;
  }
}
