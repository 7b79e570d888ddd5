// SPDX-License-Identifier: Apache-2.0
// Where threads run.
#pragma once
#include <sys/types.h>

// Keeps the calling thread on one of the CPUs that it may use, counted from 0, beginning anew where there are
// fewer: the CPU's number, or -errno.
int fj_cpu_pin(int index);

// A thread that is woken up now runs on a CPU other than the caller's, until fj_cpu_let_back, with what this
// gives, says that it may run where it might before. NULL when it cannot be had, and nothing has changed.
void *fj_cpu_keep_off(pid_t thread);
void fj_cpu_let_back(pid_t thread, void *before);
