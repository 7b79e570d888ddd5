// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// What the program of a link and the C code that loads it both know.
#pragma once
#include <linux/types.h>

// Longest frame of a live run: a page, less the kernel's bookkeeping and the headroom (net/bpf/test_run.c).
enum { FJ_XDP_MAX_FRAME = 3408 };

// In a live run frames come from the namespace's loopback, which is always its first link.
enum { FJ_XDP_LOOPBACK = 1 };
