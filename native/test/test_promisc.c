// SPDX-License-Identifier: Apache-2.0
#include <net/if.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"

static void lasts_as_long_as_its_socket(void **state) {
  (void)state;
  int fd = fj_promisc_open(NULL, lab_index("v0"));
  assert_true(fd >= 0);
  assert_int_equal(lab_promiscuity(), 1);
  close(fd);
  assert_int_equal(lab_promiscuity(), 0);
  assert_int_equal(fj_promisc_open(NULL, 9999), -ENODEV);
}

static void ends_with_a_killed_process(void **state) {
  (void)state;
  int ready[2];
  assert_int_equal(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    char ok = fj_promisc_open("/proc/self/ns/net", lab_index("v0")) >= 0;
    if (write(ready[1], &ok, 1) == 1) pause();
    _exit(1);
  }
  char ok = 0;
  assert_int_equal(read(ready[0], &ok, 1), 1);
  assert_int_equal(ok, 1);
  assert_int_equal(lab_promiscuity(), 1);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  assert_int_equal(lab_promiscuity(), 0);
  close(ready[0]);
  close(ready[1]);
}

static void sets_and_clears_the_flag(void **state) {
  (void)state;
  int ifindex = lab_index("v0"), fd = fj_promisc_open(NULL, lab_index("v1"));
  assert_false(fj_link_flags(fd, ifindex) & IFF_PROMISC);
  assert_int_equal(fj_promisc_change(fd, ifindex, IFF_PROMISC, 0), 0);
  int flags = fj_link_flags(fd, ifindex);
  assert_true(flags & IFF_PROMISC && flags & IFF_UP);
  assert_int_equal(fj_promisc_change(fd, ifindex, 0, IFF_PROMISC), 0);
  assert_false(fj_link_flags(fd, ifindex) & IFF_PROMISC);
  assert_int_equal(fj_promisc_change(fd, 9999, IFF_PROMISC, 0), -ENXIO);
  assert_int_equal(fj_link_flags(fd, 9999), -ENXIO);
  close(fd);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      LAB_TEST(lasts_as_long_as_its_socket),
      LAB_TEST(ends_with_a_killed_process),
      LAB_TEST(sets_and_clears_the_flag),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
