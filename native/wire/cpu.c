// SPDX-License-Identifier: Apache-2.0
#include "cpu.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

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
