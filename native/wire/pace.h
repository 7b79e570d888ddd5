// SPDX-License-Identifier: Apache-2.0
// When the frames of a generator leave. Frame k is due k intervals after the first: times are added up in
// units of 2^-32 ns, so no error adds up with them.
//
// The program waits for a frame in short turns. It can not end a run early, so a run is told beforehand how
// many turns it has; too many would be idle ones, which the frame after the run waits for.
#pragma once
#include <stdint.h>

#include "../bpf/engine.h"

// Longest and shortest interval: 1,000 and 2^32 - 1 frames a second. Slower ones have no need of this.
#define FJ_PACE_LONGEST (UINT64_C(1000000) << 32)
#define FJ_PACE_SHORTEST (UINT64_C(1) << 30)

struct fj_pace {
  uint32_t turns;       // for each frame
  uint32_t spin_ns;     // how long one waits
  uint32_t spacing_ns;  // least time between two frames
  uint32_t batch;       // frames that the kernel may hand to the driver together
};

// How to keep an interval of FJ_PACE_SHORTEST to FJ_PACE_LONGEST.
struct fj_pace fj_pace_of(uint64_t interval);

// Most frames of a time, at least 1.
uint32_t fj_pace_frames(uint64_t interval, uint64_t ns);

// Begins the schedule, or lets go of what it is behind by more than 100 ms.
void fj_pace_begin(struct fj_xdp_generator *run, uint64_t now);

// Takes back the last frames: they have not left, and are due again.
void fj_pace_return(struct fj_xdp_generator *run, uint32_t frames);

// How many turns it takes until the frames that are left have left.
uint32_t fj_pace_turns(const struct fj_xdp_generator *run, uint64_t now);
