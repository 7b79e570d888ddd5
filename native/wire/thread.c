// SPDX-License-Identifier: Apache-2.0
#include "thread.h"

#include <sched.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SHORTEST_SLACK_NS = 1, SLACK_SHIFT = 32, POLICY = 0xff };

static bool is_real_time(int policy) {
  return policy != SCHED_OTHER && policy != SCHED_BATCH && policy != SCHED_IDLE;
}

// A thread that watches the clock lets no other run: the process has to have another processor for them.
static bool has_another_processor(void) {
  cpu_set_t processors;
  return sched_getaffinity(getpid(), sizeof processors, &processors) == 0 && CPU_COUNT(&processors) > 1;
}

// The slack is left out of account for real-time threads, but not the other way round: it is set for those
// that are not allowed to be one.
uint64_t fj_thread_hurry(void) {
  struct sched_param lowest = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};
  int policy = sched_getscheduler(0), slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  uint64_t before = (uint64_t)(slack < 0 ? 0 : slack) << SLACK_SHIFT;
  if (slack >= 0) prctl(PR_SET_TIMERSLACK, SHORTEST_SLACK_NS, 0, 0, 0);
  if (policy < 0) return before;
  int kind = policy & ~SCHED_RESET_ON_FORK;
  before |= (uint64_t)(kind & POLICY);
  if (is_real_time(kind)) return before | FJ_THREAD_REAL_TIME;
  // Who asked for its children to be reset is left as it is, for that could not be put back.
  if (kind != policy || !has_another_processor() || sched_setscheduler(0, SCHED_FIFO, &lowest)) return before;
  return before | FJ_THREAD_REAL_TIME | FJ_THREAD_CHANGED;
}

void fj_thread_relax(uint64_t before) {
  struct sched_param none = {0};
  if (before & FJ_THREAD_CHANGED) sched_setscheduler(0, (int)(before & POLICY), &none);
  if (before >> SLACK_SHIFT) prctl(PR_SET_TIMERSLACK, before >> SLACK_SHIFT, 0, 0, 0);
}
