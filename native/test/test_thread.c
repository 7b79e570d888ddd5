// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../wire/cpu.h"
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

// A thread that says where it was whenever it was woken up.
struct sleeper {
  sem_t go, gone;
  pid_t id;
  int cpu;
  bool end;
};

static void *sleep_and_say(void *context) {
  struct sleeper *sleeper = context;
  sleeper->id = gettid();
  do {
    sleeper->cpu = sched_getcpu();
    sem_post(&sleeper->gone);
    sem_wait(&sleeper->go);
  } while (!sleeper->end);
  return NULL;
}

static void move_to(pid_t thread, int cpu, const cpu_set_t *all) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET((size_t)cpu, &only);
  assert_int_equal(sched_setaffinity(thread, sizeof only, &only), 0);
  if (all) assert_int_equal(sched_setaffinity(thread, sizeof *all, all), 0);
}

static void wake_up(struct sleeper *sleeper) {
  sem_post(&sleeper->go);
  sem_wait(&sleeper->gone);
}

static void keeps_who_is_woken_up_off_its_own_cpu(void **state) {
  (void)state;
  pthread_t thread;
  struct sleeper sleeper = {0};
  cpu_set_t all, now;
  assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
  if (CPU_COUNT(&all) < 2) skip();
  sem_init(&sleeper.go, 0, 0);
  sem_init(&sleeper.gone, 0, 0);
  assert_int_equal(pthread_create(&thread, NULL, sleep_and_say, &sleeper), 0);
  sem_wait(&sleeper.gone);
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET((size_t)cpu, &all)) continue;
    move_to(0, cpu, NULL);
    move_to(sleeper.id, cpu, &all);
    wake_up(&sleeper);
    void *before = fj_cpu_keep_off(sleeper.id);
    assert_non_null(before);
    wake_up(&sleeper);
    assert_int_not_equal(sleeper.cpu, cpu);
    fj_cpu_let_back(sleeper.id, before);
    assert_int_equal(sched_getaffinity(sleeper.id, sizeof now, &now), 0);
    assert_true(CPU_EQUAL(&now, &all));
  }
  move_to(sleeper.id, sched_getcpu(), NULL);
  assert_null(fj_cpu_keep_off(sleeper.id));  // it may run nowhere else
  sleeper.end = true;
  sem_post(&sleeper.go);
  pthread_join(thread, NULL);
  assert_null(fj_cpu_keep_off(sleeper.id));  // there is none such
  assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(is_real_time_and_then_as_before),
      cmocka_unit_test(leaves_who_resets_its_children_alone),
      cmocka_unit_test(leaves_a_real_time_thread_alone),
      cmocka_unit_test(does_what_it_may_without_privileges),
      cmocka_unit_test(keeps_who_is_woken_up_off_its_own_cpu),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
