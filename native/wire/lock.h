// SPDX-License-Identifier: Apache-2.0
// A lock for what several handles of one process share. It comes from the kernel (man 2 futex) rather than
// from libpthread, whose symbols of this name are tied to newer versions of glibc.
#pragma once
#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

struct fj_lock {
  uint32_t state;
};

enum { FJ_LOCK_FREE = 0, FJ_LOCK_HELD = 1, FJ_LOCK_AWAITED = 2 };

static inline bool fj_lock_try(struct fj_lock *lock) {
  uint32_t expected = FJ_LOCK_FREE;
  return __atomic_compare_exchange_n(&lock->state, &expected, FJ_LOCK_HELD, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED);
}

static inline void fj_lock_take(struct fj_lock *lock) {
  if (fj_lock_try(lock)) return;
  while (__atomic_exchange_n(&lock->state, FJ_LOCK_AWAITED, __ATOMIC_ACQUIRE) != FJ_LOCK_FREE)
    syscall(SYS_futex, &lock->state, FUTEX_WAIT_PRIVATE, FJ_LOCK_AWAITED, NULL, NULL, 0);
}

static inline void fj_lock_give(struct fj_lock *lock) {
  if (__atomic_exchange_n(&lock->state, FJ_LOCK_FREE, __ATOMIC_RELEASE) == FJ_LOCK_AWAITED)
    syscall(SYS_futex, &lock->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
