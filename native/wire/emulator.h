// SPDX-License-Identifier: Apache-2.0
// The program that answers for made-up hosts on a link (native/bpf/emulator.bpf.c). It is attached from open
// to close, and goes away with the process.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../bpf/emulator.h"

struct fj_emulator_config {
  const char *netns;  // NULL: of the calling thread
  int ifindex;
  bool is_veth;      // whose XDP_TX reaches a peer with a program only
  bool by_transmit;  // by XDP_TX there as well
  // Of `hosts` all but few4, few6 and way.
  const struct fj_emulator_hosts *hosts;
  const struct fj_emulator_range4 *ranges4;  // hosts->count4 of them
  const struct fj_emulator_range6 *ranges6;
};

struct fj_emulator;

// -EPERM for want of CAP_BPF, CAP_NET_ADMIN or CAP_PERFMON; -EBUSY when another program is attached;
// -ENOTCONN when answers could not leave, for the peer has neither GRO nor a program.
int fj_emulator_open(struct fj_emulator **handle, const struct fj_emulator_config *config);
// What all CPUs have counted so far; the last counts after fj_emulator_stop.
int fj_emulator_counts(struct fj_emulator *emulator, uint64_t counts[FJ_EMULATOR_COUNTS]);
bool fj_emulator_is_gone(const struct fj_emulator *emulator);  // its link is
void fj_emulator_stop(struct fj_emulator *emulator);           // no answer leaves afterwards
void fj_emulator_close(struct fj_emulator *emulator);
