// SPDX-License-Identifier: Apache-2.0
// How soon the calling thread gets its core when it is due.
#pragma once
#include <stdint.h>

enum {
  FJ_THREAD_REAL_TIME = 1 << 16,  // it runs before all threads that are none
  FJ_THREAD_CHANGED = 1 << 17,    // by us
};

// Lets its sleeps end on time, and gives it real-time priority (SCHED_FIFO, the lowest) where that is allowed
// and the process has more than one processor. Gives the flags above, and in all what fj_thread_relax, called
// by the same thread, takes back.
uint64_t fj_thread_hurry(void);
void fj_thread_relax(uint64_t before);
