package io.framejet.probe;

/**
 * The port that a probe is sent from: one of the 16,384 dynamic ones (RFC 6335, section 6), chosen
 * by the target's cookie.
 */
final class SourcePort {
  /** The lowest. */
  static final int FIRST = 49_152;

  /** How many there are, less 1: all bits of it are set. */
  static final int MASK = 0x3fff;

  /** The lowest bit of the cookie that takes part; those below are in fields of 32 bits. */
  static final int SHIFT = 32;

  /** The lowest bit of the cookie that takes no part. */
  static final int NEXT_SHIFT = SHIFT + 14;

  private SourcePort() {}

  static int of(long cookie) {
    return FIRST + ((int) (cookie >>> SHIFT) & MASK);
  }

  static boolean isOne(int port) {
    return port >= FIRST && port <= FIRST + MASK;
  }

  /** Refuses what is sent to another port; {@code at} is that of the destination port from X on. */
  static FilterProgram require(FilterProgram program, int at) {
    return program
        .then(Bpf.LOAD_HALF_AT_X, at)
        .jump(Bpf.JUMP_IF_AT_LEAST, FIRST, FilterProgram.NEXT, FilterProgram.REFUSE)
        .jump(Bpf.JUMP_IF_MORE, FIRST + MASK, FilterProgram.REFUSE, FilterProgram.NEXT);
  }
}
