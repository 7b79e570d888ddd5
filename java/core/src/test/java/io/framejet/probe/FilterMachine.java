package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;

/** The instructions of classic BPF that filters of probes have, as the kernel runs them. */
final class FilterMachine {
  private FilterMachine() {}

  /** Whether the program takes the frame. */
  static boolean accepts(long[] program, byte[] frame, boolean tagged) {
    final ByteBuffer bytes = ByteBuffer.wrap(frame);
    int a = 0;
    int x = 0;
    for (int pc = 0; pc < program.length; pc++) {
      final int code = (int) program[pc] & 0xffff;
      final int k = (int) (program[pc] >>> 32);
      if (code == 0x30 && k == -4096 + 48) {
        a = tagged ? 1 : 0;
        continue;
      }
      final int at = (code & 0xe0) == 0x40 ? x + k : k;
      if ((code & 7) <= 1 && at + width(code) > frame.length) {
        return false;
      }
      switch (code) {
        case 0x30, 0x50 -> a = bytes.get(at) & 0xff;
        case 0x28, 0x48 -> a = bytes.getShort(at) & 0xffff;
        case 0x20, 0x40 -> a = bytes.getInt(at);
        case 0xb1 -> x = (bytes.get(k) & 0xf) << 2;
        case 0x54 -> a &= k;
        case 0x15 -> pc += jump(program[pc], a == k);
        case 0x45 -> pc += jump(program[pc], (a & k) != 0);
        case 0x35 -> pc += jump(program[pc], Integer.compareUnsigned(a, k) >= 0);
        case 0x25 -> pc += jump(program[pc], Integer.compareUnsigned(a, k) > 0);
        case 0x06 -> {
          assertThat(k).isIn(0, 0x40000);
          return k != 0;
        }
        default -> throw new AssertionError("instruction " + Integer.toHexString(code));
      }
    }
    throw new AssertionError("ran off the end");
  }

  private static int width(int code) {
    return switch (code & 0x18) {
      case 0x00 -> 4;
      case 0x08 -> 2;
      default -> 1;
    };
  }

  private static int jump(long instruction, boolean condition) {
    return (int) (instruction >>> (condition ? 16 : 24)) & 0xff;
  }
}
