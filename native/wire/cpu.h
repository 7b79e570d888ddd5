// SPDX-License-Identifier: Apache-2.0
// Where the calling thread runs.
#pragma once

// Keeps the thread on one of the CPUs that it may use, counted from 0, beginning anew where there are fewer:
// the CPU's number, or -errno.
int fj_cpu_pin(int index);
