package io.framejet.frame;

/**
 * Where the slots of a {@link FrameBatch} lie in its memory. All figures are bytes, but for the two
 * counts.
 *
 * <p>Slot {@code i} begins at {@code slotsOffset + (i / slotsPerBlock) * blockSize + (i %
 * slotsPerBlock) * pitch} with two native-order ints, status and length, as the kernel's {@code
 * struct tpacket2_hdr} does; the frame's first byte is {@code dataOffset} bytes further on.
 *
 * @param slots number of slots
 * @param pitch distance from one slot to the next within a block
 * @param blockSize distance from one block to the next
 * @param slotsPerBlock slots in a block; slots do not cross from one block into the next
 * @param slotsOffset where the first slot begins
 * @param dataOffset from the begin of a slot to the frame's first byte
 * @param maxFrame longest frame that a slot holds
 */
public record SlotLayout(
    int slots,
    int pitch,
    int blockSize,
    int slotsPerBlock,
    int slotsOffset,
    int dataOffset,
    int maxFrame) {
  /** Offset of the status word of slot {@code index}. */
  public int slotOffset(int index) {
    return slotsOffset + index / slotsPerBlock * blockSize + index % slotsPerBlock * pitch;
  }

  /**
   * A layout of {@code slots} equal slots one after another, for memory that no kernel prescribes.
   */
  public static SlotLayout packed(int slots, int maxFrame) {
    int dataOffset = 32;
    int pitch = dataOffset + maxFrame + 63 & -64;
    return new SlotLayout(slots, pitch, slots * pitch, slots, 0, dataOffset, maxFrame);
  }
}
