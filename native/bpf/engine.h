// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// What the program of a link and the C code that loads it both know.
#pragma once
#include <linux/types.h>

// Longest frame of a live run: a page, less the kernel's bookkeeping and the headroom (net/bpf/test_run.c).
enum { FJ_XDP_MAX_FRAME = 3408 };

// In a live run frames come from the namespace's loopback, which is always its first link.
enum { FJ_XDP_LOOPBACK = 1 };

// Most frames between two flushes of a live run: with more, a peer that is a little slower loses them.
enum { FJ_XDP_BATCH = 64 };

// A live run says whose it is by the length of its first, empty frame: that of generator n has SHORTEST + n
// bytes. Nothing else that a run is given reaches the program unchanged. Generator 0, which is alone most of
// the time, may use any length from NAMELESS on as well, and saves a change of length for each frame.
enum { FJ_XDP_SHORTEST = 14, FJ_XDP_NAMELESS = 60, FJ_XDP_GENERATORS = FJ_XDP_NAMELESS - FJ_XDP_SHORTEST };

// A slot of the frame map, laid out as those of other backends are (wire.h, struct fj_slot).
enum { FJ_XDP_PITCH = 3456, FJ_XDP_DATA = 32 };
struct fj_xdp_slot {
  __u32 status, length;
  __u8 header[FJ_XDP_DATA - 8];
  __u8 data[FJ_XDP_PITCH - FJ_XDP_DATA];
};

// What the program leaves in the status of a slot whose frame did not leave.
enum { FJ_XDP_LOST = 1 };

// What a generator is to do, and what it did: one writer at a time, C before a run and the program within.
struct fj_xdp_generator {
  __u32 next;        // slot
  __u32 begin, end;  // of its slots: after the last comes the first
  __u32 left;        // frames still to be made
  __u64 sent;        // frames that the link's driver took, in all
  __s32 error;       // of the last frame that it did not take; 0: it had no room
  __u32 reserved[9];
};
