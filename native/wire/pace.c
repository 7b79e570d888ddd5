// SPDX-License-Identifier: Apache-2.0
#include "pace.h"

static const uint64_t LONGEST_SPIN_NS = 10000;  // for so long no softirq runs on the CPU
static const uint64_t TOGETHER_NS = 4000;       // by so much a frame may leave late, for others to join it
static const uint64_t MOST_DEBT_NS = 100 * 1000 * 1000;
static const uint64_t MOST_TURNS = 1 << 20;

static uint64_t nanos(uint64_t interval) {
  return interval >> 32;
}

struct fj_pace fj_pace_of(uint64_t interval) {
  uint64_t ns = nanos(interval), together = ns ? TOGETHER_NS / ns : FJ_XDP_BATCH;
  struct fj_pace pace = {.turns = (uint32_t)((ns + LONGEST_SPIN_NS - 1) / LONGEST_SPIN_NS),
                         .spacing_ns = (uint32_t)(ns / 2),
                         .batch = together > FJ_XDP_BATCH ? FJ_XDP_BATCH : (uint32_t)together};
  if (pace.turns == 0) pace.turns = 1;
  if (pace.batch == 0) pace.batch = 1;
  // Half a turn less than there are: a frame that leaves late then still leaves in its last turn.
  pace.spin_ns = pace.turns == 1 ? (uint32_t)(2 * ns + 1000) : (uint32_t)(2 * ns / (2 * pace.turns - 1));
  return pace;
}

uint32_t fj_pace_frames(uint64_t interval, uint64_t ns) {
  uint64_t frames = (uint64_t)(((unsigned __int128)ns << 32) / interval);
  if (frames > UINT32_MAX) return UINT32_MAX;
  return frames ? (uint32_t)frames : 1;
}

void fj_pace_begin(struct fj_xdp_generator *run, uint64_t now) {
  if (run->due_ns == 0) {
    run->due_ns = now;
  } else if (now > MOST_DEBT_NS && run->due_ns < now - MOST_DEBT_NS) {
    run->due_ns = now - MOST_DEBT_NS;
  }
}

void fj_pace_return(struct fj_xdp_generator *run, uint32_t frames) {
  unsigned __int128 due = (unsigned __int128)run->due_ns << 32 | run->due_part;
  due -= (unsigned __int128)run->interval * frames;
  run->due_ns = (uint64_t)(due >> 32);
  run->due_part = (uint32_t)due;
}

uint32_t fj_pace_turns(const struct fj_xdp_generator *run, uint64_t now) {
  uint64_t turns = (uint64_t)run->left * fj_pace_of(run->interval).turns;
  // Each frame has turns for an interval; the first may be due later than that.
  uint64_t covered = now + nanos(run->interval);
  if (run->due_ns > covered) turns += (run->due_ns - covered) / run->spin_ns + 1;
  return (uint32_t)(turns < MOST_TURNS ? turns : MOST_TURNS);
}
