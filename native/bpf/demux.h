// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// What the receiving half of a link's program and the C code that reads from it both know.
//
// Every open receiver has a tap: a BPF ring buffer (Documentation/bpf/ringbuf.rst) of its own, which the
// program writes records to and the receiver reads without a system call.
#pragma once
#include <linux/types.h>

enum { FJ_TAPS = 32 };  // receivers of one link at a time

// What a program recognises. Baked in: what is not asked for is not even loaded.
enum fj_recognition_kind {
  FJ_RECOGNISE_NOTHING = 0,  // every frame is recorded
  FJ_RECOGNISE_ARP = 1,
  FJ_RECOGNISE_ICMP = 2,
  FJ_RECOGNISE_TCP = 3,
  FJ_RECOGNISE_UDP = 4,
  FJ_RECOGNISE_NDP = 5,
};

// How replies to a probe are told: as the class of that name in io.framejet.probe does it. Numbers are in the
// host's byte order.
struct fj_recognition {
  __u32 kind;
  __u32 consume;       // keeps replies that were recorded from the host's own stack
  __u64 key0, key1;    // of cookies
  __u64 high, low;     // the address that probes are sent from; of IPv4, the low 32 bits of the second
  __u8 mac[8];         // of the link; the last two bytes are 0
  __u32 replies;       // room for in the reply ring, a power of two; 0: there is none
  __u32 replies_bits;  // the logarithm of that to base 2: set when it is loaded
};

// --- the reply ring: what recognised replies say, in a map of their own
//
// Most replies say five things of a target that was asked. They are summed up here, in half a cache line
// each, and nobody has to read the frame a second time. Whatever takes more to tell, such as an ICMP error or
// an IPv6 address, is recorded as a frame; so is a reply that finds no room.

enum fj_says { FJ_SAYS_NOTHING, FJ_SAYS_UP, FJ_SAYS_OPEN, FJ_SAYS_CLOSED };

struct fj_reply {
  __u64 time_ns;  // CLOCK_MONOTONIC
  // IPv4 address; from bit 32 on the port, 48 the time to live, 56 a fj_says, 63 whether there is a time to
  // live.
  __u64 what;
  __u64 mac;              // that it gives for the target: 48 bits
  __u64 source_and_turn;  // MAC that the frame came from; from bit 48 on the turn, written last
};

// The number of a reply is where it is among all that ever were; its turn tells it from those that had its
// place before. No turn is 0.
static inline __attribute__((always_inline)) __u64 fj_reply_turn(__u64 number, __u32 bits) {
  return (number >> bits << 1 | 1) & 0xffff;
}

// The first entries of the map are no replies: two cache lines that say how far either side has come. The
// first is the program's alone to write, and also says how far there was room when it looked last: the second
// changes hands whenever somebody reads, and is not looked at for every reply.
enum { FJ_REPLIES_CLAIMED = 0, FJ_REPLIES_READ = 2, FJ_REPLIES_FIRST = 4 };

struct fj_claims {
  __u64 claimed;  // the number of the next reply
  __u64 room;     // numbers below that have a place
};

// What a record of the ring buffer begins with; the frame's bytes follow.
struct fj_record {
  __u64 time_ns;           // CLOCK_MONOTONIC
  __u32 length, captured;  // bytes of the frame, and how many of them are here
};

// The longest frame that is recorded in whole; longer ones are cut.
enum { FJ_RECORD_LONGEST = 1 << 16 };

// Shared with the program, in mapped memory. Each half in cache lines of its own.
struct fj_tap {
  __u64 recorded, dropped;  // by the program: frames that found room, and those that did not
  __u64 unused[6];
  __u32 snaplen;   // by the receiver
  __u32 sleeping;  // whether it waits and wants to be woken up
  __u64 unused_too[7];
};

// Frames that pass the probe's own filter, by what the probe says of them (io.framejet.probe.Verdict).
// Undecided ones are recorded, for the probe itself to judge: they are too long to be looked at here.
struct fj_verdicts {
  __u64 replies, others, refused, malformed, undecided, unused[3];
};

struct fj_demux_state {
  __u32 live;    // the taps that are written to, a bit each
  __u32 taken;   // the taps that have a receiver, a bit each
  __u32 reader;  // of the reply ring: the number of its tap and 1; 0: nobody
  __u32 unused_half;
  __u64 unused[6];
  struct fj_verdicts verdicts;
  struct fj_tap taps[FJ_TAPS];
};
_Static_assert(sizeof(struct fj_reply) == 32, "shared with Java");
_Static_assert(sizeof(struct fj_tap) == 128, "two cache lines");
_Static_assert(sizeof(struct fj_demux_state) == 128 + 128 * FJ_TAPS, "no holes");
