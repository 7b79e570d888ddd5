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
// bytes. Nothing else that a run is given reaches the program unchanged. One run at a time, which most of the
// time is the only one, may have any length from NAMELESS on, and saves a change of length for each frame: a
// variable says whose that is.
enum { FJ_XDP_SHORTEST = 14, FJ_XDP_NAMELESS = 60, FJ_XDP_GENERATORS = FJ_XDP_NAMELESS - FJ_XDP_SHORTEST };

// A slot of the frame map, laid out as those of other backends are (wire.h, struct fj_slot).
enum { FJ_XDP_PITCH = 3456, FJ_XDP_DATA = 32 };
struct fj_xdp_slot {
  __u32 status, length;
  __u32 place;  // among the frames of the send, before any moved
  __u8 header[FJ_XDP_DATA - 12];
  __u8 data[FJ_XDP_PITCH - FJ_XDP_DATA];
};

// What the program leaves in the status of a slot: whether its frame did not leave; and from bit TOGETHER on,
// of the first of those that the driver was handed at once, how many they were.
enum { FJ_XDP_LOST = 1, FJ_XDP_TOGETHER = 8 };

// A question for the template, laid out as a slot whose data are four big-endian numbers, as Java writes
// them, and an answer.
enum { FJ_XDP_TARGET_DATA = 8 };
struct fj_xdp_target {
  __u32 status, place;  // as above
  __be64 high, low;     // address; IPv4 in the low 32 bits of low
  __be64 mac_and_port;  // 48 and 16 bits
  __be64 sequence;      // of the frame among all of the template
  __u64 departed_ns;    // when the driver took the frame, by CLOCK_MONOTONIC: the program's answer, in the
                        // first of those taken at once
};

// --- the template: constants of the program, fixed before it is loaded
// --------------------------------------

enum { FJ_XDP_FIELDS = 8, FJ_XDP_SUMS = 4, FJ_XDP_VALUES = 64 };

// In the order of FrameTemplate.Source.
enum fj_xdp_source {
  FJ_XDP_TARGET,
  FJ_XDP_COUNTER,
  FJ_XDP_RANDOM,
  FJ_XDP_LIST,
  FJ_XDP_TARGET_HIGH,
  FJ_XDP_MAC,
  FJ_XDP_PORT,
  FJ_XDP_COOKIE
};

struct fj_xdp_field {
  __u64 base, mask;
  __u16 offset;
  __u8 width, source, shift;
  __u8 first_value, value_count;  // of a list, within values
  __u8 sums, swapped;  // a bit for each checksum that covers it, and where it begins at an odd byte
  __u8 reserved[7];
};

struct fj_xdp_sum {
  __u32 base;
  __u16 offset;
  __u8 udp, reserved;
};

// Parts of a question.
enum { FJ_XDP_ASKS_HIGH = 1, FJ_XDP_ASKS_LOW = 2, FJ_XDP_ASKS_MAC_OR_PORT = 4, FJ_XDP_ASKS_SEQUENCE = 8 };

struct fj_xdp_template {
  __u32 length;  // 0: there is no template
  __u8 fields, sums, cookie;
  __u8 asks;  // which parts of a question it needs: set when it is loaded
  __u64 key[2];
  struct fj_xdp_field field[FJ_XDP_FIELDS];
  struct fj_xdp_sum sum[FJ_XDP_SUMS];
  __u64 values[FJ_XDP_VALUES];
  __u8 bytes[FJ_XDP_MAX_FRAME];
};

// What a generator makes frames of.
enum fj_xdp_kind {
  FJ_XDP_FRAMES,   // slots of the frame map
  FJ_XDP_TARGETS,  // slots of the target map, by the template
  FJ_XDP_STREAM    // nothing but the template: a frame for each sequence number
};

// What a generator is to do, and what it did: one writer at a time, C before a run and the program within.
// What every frame needs lies in the first cache line.
struct fj_xdp_generator {
  __u32 kind;
  __u32 begin, end;  // of its slots: after the last comes the first
  __u32 next;        // slot of the frame to be made next
  __u32 left;        // frames still to be made
  __u32 underway;    // frames made that the driver has not looked at yet, from slot `head` on
  __u32 head;
  __s32 error;       // of the last frame that the driver did not take; 0: it had no room
  __u64 sent;        // frames that the driver took, in all
  __u64 sequence;    // of the next frame of a stream
  __u64 interval;    // from one departure to the next, in units of 2^-32 ns; 0: at once
  __u32 unmade;      // frames given up, for one could not be made or handed to the driver
  __u32 stamp_at;    // where in the frame the time of its departure is to stand; 0: nowhere
  __u64 due_ns;      // when the next frame is to leave, by CLOCK_MONOTONIC
  __u64 last_ns;     // when the last one left
  __u32 due_part;    // of a nanosecond, in units of 2^-32
  __u32 spacing_ns;  // least time between two departures: who is late catches up at twice the rate
  __u32 spin_ns;     // how long one run of the program waits for a frame to be due
  __u32 reserved[3];
  __s64 clock_offset;  // CLOCK_REALTIME less CLOCK_MONOTONIC
  __u64 reserved_too[2];
};
