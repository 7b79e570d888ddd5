package io.framejet.jni;

/** What the library says of itself, as {@code native/jni/library_native.c} binds it. */
final class LibraryNative {
  /** The binary interface that these classes are made for. */
  static final int ABI = 1;

  /** Sizes and offsets of the structures shared with C, in the order of {@link #layout()}. */
  static int[] expectedLayout() {
    return new int[] {
      InjectNative.CONTROL_SIZE,
      InjectNative.CONTROL_ACCEPTED_FRAMES,
      InjectNative.CONTROL_ACCEPTED_BYTES,
      InjectNative.CONTROL_CALLS,
      InjectNative.CONTROL_QUEUE_FULL,
      InjectNative.CONTROL_REJECTED,
      InjectNative.CONTROL_UNCONFIRMED,
      InjectNative.CONTROL_STARTED_NS,
      InjectNative.CONTROL_FINISHED_NS,
      InjectNative.CONTROL_SLOTS,
      InjectNative.CONTROL_PITCH,
      InjectNative.CONTROL_BLOCK_SIZE,
      InjectNative.CONTROL_SLOTS_PER_BLOCK,
      InjectNative.CONTROL_SLOTS_OFFSET,
      InjectNative.CONTROL_DATA_OFFSET,
      InjectNative.CONTROL_MAX_FRAME,
      InjectNative.CONTROL_ERROR_INDEX,
      InjectNative.CONTROL_MODE,
      InjectNative.SLOT_STATUS,
      InjectNative.SLOT_LENGTH,
      InjectNative.SLOT_DATA,
      ReceiveNative.CONTROL_SIZE,
      ReceiveNative.CONTROL_PACKETS,
      ReceiveNative.CONTROL_DROPS,
      ReceiveNative.CONTROL_FREEZES,
      ReceiveNative.CONTROL_BLOCK_SIZE,
      ReceiveNative.CONTROL_BLOCKS,
      ReceiveNative.CONTROL_BLOCKS_OFFSET,
      ReceiveNative.CONTROL_SNAPLEN,
      ReceiveNative.CONTROL_NEEDS_REFILL,
      ReceiveNative.BLOCK_STATUS,
      ReceiveNative.BLOCK_FRAMES,
      ReceiveNative.BLOCK_FIRST_FRAME,
      ReceiveNative.FRAME_NEXT,
      ReceiveNative.FRAME_SECONDS,
      ReceiveNative.FRAME_NANOS,
      ReceiveNative.FRAME_SNAPLEN,
      ReceiveNative.FRAME_LENGTH,
      ReceiveNative.FRAME_STATUS,
      ReceiveNative.FRAME_MAC,
      ReceiveNative.FRAME_VLAN_TCI,
      ReceiveNative.FRAME_VLAN_TPID,
      ReceiveNative.FRAME_PACKET_TYPE,
    };
  }

  private LibraryNative() {}

  static native int abi();

  static native int[] layout();
}
