package io.framejet.probe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the instructions of a capture filter, which jump to names instead of distances. Every
 * jump leads forward, as the kernel wants it. Not thread-safe.
 */
final class FilterProgram {
  /** Where a frame is taken; every program ends with it and {@link #REFUSE}. */
  static final String ACCEPT = "accept";

  /** Where a frame is left. */
  static final String REFUSE = "refuse";

  /** The instruction behind the jump. */
  static final String NEXT = "next";

  private static final int MAX_DISTANCE = 255;

  private record Instruction(int code, int k, String ifTrue, String ifFalse) {}

  private final List<Instruction> instructions = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();

  /** Appends one of the {@link Bpf} instructions that do not jump. */
  FilterProgram then(int code, int k) {
    return jump(code, k, NEXT, NEXT);
  }

  /** Appends a conditional jump. */
  FilterProgram jump(int code, int k, String ifTrue, String ifFalse) {
    instructions.add(new Instruction(code, k, ifTrue, ifFalse));
    return this;
  }

  /** Refuses the frame unless A equals k. */
  FilterProgram require(int k) {
    return jump(Bpf.JUMP_IF_EQUAL, k, NEXT, REFUSE);
  }

  /** Names the place of the next instruction. */
  FilterProgram at(String name) {
    places.put(name, instructions.size());
    return this;
  }

  /** The program, ends appended: instructions as {@link Probe#filter} has them. */
  long[] build() {
    at(ACCEPT).then(Bpf.RETURN, Bpf.WHOLE_FRAME);
    at(REFUSE).then(Bpf.RETURN, 0);
    final long[] program = new long[instructions.size()];
    for (int i = 0; i < program.length; i++) {
      final Instruction each = instructions.get(i);
      final int ifTrue = distance(i, each.ifTrue());
      program[i] = Bpf.jump(each.code(), each.k(), ifTrue, distance(i, each.ifFalse()));
    }
    return program;
  }

  private int distance(int from, String name) {
    if (name.equals(NEXT)) {
      return 0;
    }
    final Integer place = places.get(name);
    if (place == null || place <= from || place - from - 1 > MAX_DISTANCE) {
      throw new IllegalStateException("from=" + from + " to=" + name + " place=" + place);
    }
    return place - from - 1;
  }
}
