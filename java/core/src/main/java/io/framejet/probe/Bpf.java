package io.framejet.probe;

/** Instructions of classic BPF (linux/bpf_common.h, linux/filter.h). */
final class Bpf {
  /**
   * A = the byte at k. What the kernel tells beside the frame ({@link #VLAN_TAG_PRESENT}) is loaded
   * as a byte too: the kernel takes any width, libpcap's own interpreter, which filters the first
   * frames of a capture, only this one.
   */
  static final int LOAD_BYTE = 0x30;

  /**
   * A = the 16-bit word at k, as a number. The program ends and accepts nothing if there is none.
   */
  static final int LOAD_HALF = 0x28;

  /** A = the 32-bit word at k. The program ends and accepts nothing if there is none. */
  static final int LOAD_WORD = 0x20;

  /** A = the byte at X + k. The program ends and accepts nothing if there is none. */
  static final int LOAD_BYTE_AT_X = 0x50;

  /** A = the 16-bit word at X + k. The program ends and accepts nothing if there is none. */
  static final int LOAD_HALF_AT_X = 0x48;

  /** A = the 32-bit word at X + k. The program ends and accepts nothing if there is none. */
  static final int LOAD_WORD_AT_X = 0x40;

  /** X = 4 times the low 4 bits of the byte at k: the length of an IPv4 header. */
  static final int LOAD_X_HEADER_LENGTH = 0xb1;

  /** A = A & k. */
  static final int AND = 0x54;

  /** Skip jt instructions if A has one of the bits of k, else jf. */
  static final int JUMP_IF_BITS = 0x45;

  /** Skip jt instructions if A is k or more, as unsigned numbers, else jf. */
  static final int JUMP_IF_AT_LEAST = 0x35;

  /** Skip jt instructions if A is more than k, as unsigned numbers, else jf. */
  static final int JUMP_IF_MORE = 0x25;

  /** Skip jt instructions if A equals k, else jf. */
  static final int JUMP_IF_EQUAL = 0x15;

  /** End; accept at most k bytes of the frame, 0 for none of it. */
  static final int RETURN = 0x06;

  /**
   * SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT: 1 when a VLAN tag was taken out of the frame. Without
   * asking, a tagged frame would pass for an untagged one.
   */
  static final int VLAN_TAG_PRESENT = -0x1000 + 48;

  /** More bytes than any frame has, as tcpdump uses it. */
  static final int WHOLE_FRAME = 0x40000;

  private Bpf() {}

  static long statement(int code, int k) {
    return jump(code, k, 0, 0);
  }

  static long jump(int code, int k, int ifTrue, int ifFalse) {
    return code | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) k << 32;
  }
}
