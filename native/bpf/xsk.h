// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// What the program that feeds AF_XDP sockets and the C code that loads it both know.
#pragma once
#include <linux/filter.h>
#include <linux/types.h>

enum {
  FJ_XSK_QUEUES = 64,
  FJ_XSK_FILTERS = 8,         // of receivers at the same time; any more take everything
  FJ_XSK_INSTRUCTIONS = 128,  // of each; longer ones take everything
  FJ_XSK_SIGHT = 256,         // bytes of a frame that filters see here, a power of two
};

struct fj_xsk_filter {
  __u32 length;  // 0: none; FJ_XSK_ALL: every frame
  struct sock_filter code[FJ_XSK_INSTRUCTIONS];
};
#define FJ_XSK_ALL 0xffffffffu

// Goes before each frame (XDP metadata, Documentation/networking/xdp-rx-metadata.rst).
struct fj_xsk_stamp {
  __u64 mark;     // FJ_XSK_MARK, or what is here is not ours
  __u64 time_ns;  // CLOCK_MONOTONIC
};
#define FJ_XSK_MARK 0x6b6a7866706d6a66ull
