// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../wire/thread.h"
#include "lab.h"

enum { SLACK = 50123, NOBODY = 65534 };

// Not every container lets root do it.
static void need_real_time(void) {
  struct sched_param param = {.sched_priority = 1}, none = {0};
  cpu_set_t processors;
  assert_int_equal(sched_getaffinity(0, sizeof processors, &processors), 0);
  if (CPU_COUNT(&processors) < 2 || sched_setscheduler(0, SCHED_FIFO, &param)) skip();
  assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &none), 0);
}

static void is_real_time_and_then_as_before(void **state) {
  (void)state;
  struct sched_param none = {0};
  need_real_time();
  for (int i = 0; i < 2; i++) {
    int policy = i == 0 ? SCHED_OTHER : SCHED_BATCH;
    assert_int_equal(sched_setscheduler(0, policy, &none), 0);
    assert_int_equal(prctl(PR_SET_TIMERSLACK, SLACK), 0);
    uint64_t before = fj_thread_hurry();
    assert_true(before & FJ_THREAD_REAL_TIME);
    assert_int_equal(sched_getscheduler(0), SCHED_FIFO);
    fj_thread_relax(before);
    assert_int_equal(sched_getscheduler(0), policy);
    assert_int_equal(prctl(PR_GET_TIMERSLACK), SLACK);
  }
  assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &none), 0);
}

static void leaves_who_resets_its_children_alone(void **state) {
  (void)state;
  struct sched_param none = {0};
  need_real_time();
  assert_int_equal(sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none), 0);
  uint64_t before = fj_thread_hurry();
  assert_false(before & FJ_THREAD_REAL_TIME);
  assert_int_equal(sched_getscheduler(0), SCHED_OTHER | SCHED_RESET_ON_FORK);
  fj_thread_relax(before);
  assert_int_equal(sched_getscheduler(0), SCHED_OTHER | SCHED_RESET_ON_FORK);
  assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &none), 0);
}

static void leaves_a_real_time_thread_alone(void **state) {
  (void)state;
  struct sched_param param = {.sched_priority = 7}, none = {0};
  need_real_time();
  assert_int_equal(sched_setscheduler(0, SCHED_RR, &param), 0);
  uint64_t before = fj_thread_hurry();
  assert_true(before & FJ_THREAD_REAL_TIME);
  assert_int_equal(sched_getscheduler(0), SCHED_RR);
  fj_thread_relax(before);
  assert_int_equal(sched_getparam(0, &param), 0);
  assert_int_equal(param.sched_priority, 7);
  assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &none), 0);
}

// Of somebody who may not: in a process of its own, which gives up its privileges.
static int as_nobody(void) {
  struct rlimit none = {0};
  if (setrlimit(RLIMIT_RTPRIO, &none) || setgid(NOBODY) || setuid(NOBODY)) return 1;
  prctl(PR_SET_TIMERSLACK, SLACK);
  uint64_t before = fj_thread_hurry();
  if (before & FJ_THREAD_REAL_TIME || sched_getscheduler(0) != SCHED_OTHER) return 2;
  if (prctl(PR_GET_TIMERSLACK) != 1) return 3;
  fj_thread_relax(before);
  return prctl(PR_GET_TIMERSLACK) == SLACK ? 0 : 4;
}

static void does_what_it_may_without_privileges(void **state) {
  (void)state;
  int status;
  pid_t child = fork();
  if (child == 0) _exit(as_nobody());
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_real_time_and_then_as_before),
      cmocka_unit_test(leaves_who_resets_its_children_alone),
      cmocka_unit_test(leaves_a_real_time_thread_alone),
      cmocka_unit_test(does_what_it_may_without_privileges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
