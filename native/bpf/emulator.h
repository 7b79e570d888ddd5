// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// What the program that answers for made-up hosts and the C code that loads it both know.
#pragma once
#include <linux/types.h>

// In the order of io.framejet.emulate.AnswerKind, and what gets no answer.
enum fj_emulator_count {
  FJ_EMULATOR_ARP,
  FJ_EMULATOR_NDP,
  FJ_EMULATOR_ECHO,
  FJ_EMULATOR_ECHO6,
  FJ_EMULATOR_SYN_ACK,
  FJ_EMULATOR_RESET,
  FJ_EMULATOR_UNREACHABLE,
  FJ_EMULATOR_IGNORED,
  FJ_EMULATOR_UNSENT,
  FJ_EMULATOR_COUNTS
};

// Answers that a CPU has handed over and that the link's driver has not taken yet; the kernel keeps 16 at
// most.
enum { FJ_EMULATOR_UNDERWAY = 64 };

// Of one CPU.
struct fj_emulator_tally {
  __u64 counts[FJ_EMULATOR_COUNTS];
  __u32 head, tail;        // of the answers underway: oldest, and behind the newest
  __u32 kind, mixed;       // of all of them; not 0: there are others among them
  __u32 newest_is_latest;  // no frame went on to the host's stack since
  __u32 reserved;
  __u64 link;                        // where the kernel has it, as its tracepoints say; 0: not known yet
  __u8 kinds[FJ_EMULATOR_UNDERWAY];  // of each
};

// Both ends are included. In the machine's byte order.
struct fj_emulator_range4 {
  __u32 first, last;
};
struct fj_emulator_range6 {
  __u64 first_high, first_low, last_high, last_low;
};

// So many ranges are part of the program; more of them are searched for in a map.
enum { FJ_EMULATOR_FEW = 4 };

enum { FJ_EMULATOR_PORT_BYTES = 65536 / 8 };

// How answers leave.
enum fj_emulator_way {
  FJ_EMULATOR_TRANSMIT,       // by XDP_TX, and nobody tells whether the driver took them
  FJ_EMULATOR_TRANSMIT_TOLD,  // by XDP_TX of a driver that tells: veth
  FJ_EMULATOR_REDIRECT        // by the map `out`: on a veth they arrive where those do not
};

// All of it is constant once the program is loaded, so that what is not asked for is not even there.
struct fj_emulator_hosts {
  __u64 k0, k1;          // of SipHash
  __u64 threshold;       // a host is up when the upper half of its hash is below this; 2^32: all are
  __u32 count4, count6;  // of ranges, which are sorted and disjoint
  struct fj_emulator_range4 few4[FJ_EMULATOR_FEW];
  struct fj_emulator_range6 few6[FJ_EMULATOR_FEW];
  __u16 max_segment;      // what SYN-ACKs say
  __u8 port_unreachable;  // whether UDP is answered
  __u8 way;               // enum fj_emulator_way
  __u32 reserved;
  __u8 open_ports[FJ_EMULATOR_PORT_BYTES];  // bit port & 7 of byte port >> 3
};
