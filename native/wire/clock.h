// SPDX-License-Identifier: Apache-2.0
// From the clock that XDP programs read, CLOCK_MONOTONIC, to that of received frames, CLOCK_REALTIME.
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

struct fj_clock {
  int64_t offset;  // CLOCK_REALTIME less CLOCK_MONOTONIC, in ns
};

static inline int64_t fj_clock_read(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

// The difference, from the reading that was interrupted least.
static inline void fj_clock_compare(struct fj_clock *clock) {
  enum { TRIES = 8 };
  int64_t best = INT64_MAX;
  for (int i = 0; i < TRIES; i++) {
    int64_t before = fj_clock_read(CLOCK_MONOTONIC), real = fj_clock_read(CLOCK_REALTIME);
    int64_t took = fj_clock_read(CLOCK_MONOTONIC) - before;
    if (took >= best) continue;
    best = took;
    clock->offset = real - before - took / 2;
  }
}

// CLOCK_REALTIME may be set. Otherwise both go on alike, and the difference stays, so that the times of
// frames keep their order: what is less than a tenth of a millisecond is the error of comparing.
static inline void fj_clock_follow(struct fj_clock *clock) {
  static const int64_t STEP_NS = 100000;
  int64_t offset = fj_clock_read(CLOCK_REALTIME) - fj_clock_read(CLOCK_MONOTONIC);
  if (llabs(offset - clock->offset) < STEP_NS) return;
  struct fj_clock anew = *clock;
  fj_clock_compare(&anew);
  if (llabs(anew.offset - clock->offset) >= STEP_NS) *clock = anew;
}
