// SPDX-License-Identifier: Apache-2.0
#include "cpu.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CPUS = 1 << 16 };

static int pin(int index, cpu_set_t *set, size_t size) {
  if (sched_getaffinity(0, size, set)) return -errno;
  int left = index % CPU_COUNT_S(size, set);
  for (int cpu = 0; cpu < MOST_CPUS; cpu++) {
    if (!CPU_ISSET_S((size_t)cpu, size, set) || left-- > 0) continue;
    CPU_ZERO_S(size, set);
    CPU_SET_S((size_t)cpu, size, set);
    return sched_setaffinity(0, size, set) ? -errno : cpu;
  }
  return -ENOENT;
}

int fj_cpu_pin(int index) {
  if (index < 0) return -EINVAL;
  cpu_set_t *set = CPU_ALLOC(MOST_CPUS);
  if (!set) return -ENOMEM;
  int cpu = pin(index, set, CPU_ALLOC_SIZE(MOST_CPUS));
  CPU_FREE(set);
  return cpu;
}

static int set_without(pid_t thread, int cpu, const cpu_set_t *all, cpu_set_t *others, size_t size) {
  memcpy(others, all, size);
  CPU_CLR_S((size_t)cpu, size, others);
  return sched_setaffinity(thread, size, others);  // an empty set is refused
}

void *fj_cpu_keep_off(pid_t thread) {
  int here = sched_getcpu();
  size_t size = CPU_ALLOC_SIZE(MOST_CPUS);
  cpu_set_t *before = CPU_ALLOC(MOST_CPUS), *others = CPU_ALLOC(MOST_CPUS);
  bool kept = before && others && here >= 0 && sched_getaffinity(thread, size, before) == 0 &&
              set_without(thread, here, before, others, size) == 0;
  CPU_FREE(others);
  if (kept) return before;
  CPU_FREE(before);
  return NULL;
}

void fj_cpu_let_back(pid_t thread, void *before) {
  (void)sched_setaffinity(thread, CPU_ALLOC_SIZE(MOST_CPUS), before);  // it is over with the thread
  CPU_FREE(before);
}
