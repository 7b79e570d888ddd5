// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// What an instruction of classic BPF (Documentation/networking/filter.rst) does with its numbers, for the
// program that feeds AF_XDP sockets and for the C code that has the last word. Checked before it comes here.
#pragma once
#include <linux/filter.h>
#include <linux/types.h>
#include <stdbool.h>

static inline __u32 fj_classic_arithmetic(__u16 code, __u32 a, __u32 b) {
  switch (BPF_OP(code)) {
    case BPF_ADD:
      return a + b;
    case BPF_SUB:
      return a - b;
    case BPF_MUL:
      return a * b;
    case BPF_DIV:
      return a / b;
    case BPF_MOD:
      return a % b;
    case BPF_AND:
      return a & b;
    case BPF_OR:
      return a | b;
    case BPF_XOR:
      return a ^ b;
    case BPF_LSH:
      return a << (b & 31);  // the kernel's machine code takes five bits as well
    case BPF_RSH:
      return a >> (b & 31);
    default:
      return 0u - a;
  }
}

// Whether a jump's condition holds.
static inline bool fj_classic_holds(__u16 code, __u32 a, __u32 b) {
  switch (BPF_OP(code)) {
    case BPF_JEQ:
      return a == b;
    case BPF_JGT:
      return a > b;
    case BPF_JGE:
      return a >= b;
    default:
      return (a & b) != 0;
  }
}

// Whether it divides, which must not be by 0.
static inline bool fj_classic_divides(__u16 code) {
  return BPF_OP(code) == BPF_DIV || BPF_OP(code) == BPF_MOD;
}

// Bytes that a load reads.
static inline __u32 fj_classic_width(__u16 code) {
  return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}
