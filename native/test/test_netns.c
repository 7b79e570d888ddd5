// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"

static int64_t here(void) {
  int fd = fj_netns_open(NULL);
  int64_t inode = fj_netns_inode(fd);
  close(fd);
  return inode;
}

static void creates_without_moving(void **state) {
  (void)state;
  int64_t before = here();
  int fds = lab_count_fds(), created = fj_netns_create();
  assert_true(created >= 0);
  assert_true(fcntl(created, F_GETFD) & FD_CLOEXEC);
  assert_true(fj_netns_inode(created) > 0 && fj_netns_inode(created) != before);
  assert_int_equal(here(), before);
  close(created);
  assert_int_equal(lab_count_fds(), fds);
}

static void enters_and_leaves(void **state) {
  (void)state;
  int64_t before = here();
  int fds = lab_count_fds(), created = fj_netns_create();
  int former = fj_netns_enter(created);
  assert_true(former >= 0);
  assert_int_equal(here(), fj_netns_inode(created));
  assert_int_equal(fj_netns_leave(former), 0);
  assert_int_equal(here(), before);
  close(created);
  assert_int_equal(lab_count_fds(), fds);
}

static void stays_when_it_cannot_enter(void **state) {
  (void)state;
  int64_t before = here();
  int fds = lab_count_fds(), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  struct fj_visit visit;
  assert_int_equal(fj_netns_enter(null), -EINVAL);
  assert_int_equal(fj_visit_begin(&visit, "/dev/null"), -EINVAL);
  assert_int_equal(fj_visit_begin(&visit, "/run/netns/fj-none"), -ENOENT);
  assert_int_equal(fj_netns_inode(-1), -EBADF);
  assert_int_equal(here(), before);
  close(null);
  assert_int_equal(lab_count_fds(), fds);
}

static void writes_sysctl_of_that_namespace(void **state) {
  (void)state;
  char value[8] = "";
  int created = fj_netns_create();
  const char *path = "/proc/sys/net/ipv4/ip_forward";
  assert_int_equal(fj_netns_write_sysctl(created, path, "1"), 0);
  int former = fj_netns_enter(created), fd = open(path, O_RDONLY | O_CLOEXEC);
  assert_int_equal(read(fd, value, sizeof value), 2);
  close(fd);
  fj_netns_leave(former);
  assert_int_equal(value[0], '1');
  fd = open(path, O_RDONLY | O_CLOEXEC);
  assert_int_equal(read(fd, value, sizeof value), 2);
  close(fd);
  assert_int_equal(value[0], '0');  // not here
  assert_int_equal(fj_netns_write_sysctl(created, "/proc/sys/net/none", "1"), -ENOENT);
  close(created);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(creates_without_moving),
      cmocka_unit_test(enters_and_leaves),
      cmocka_unit_test(stays_when_it_cannot_enter),
      cmocka_unit_test(writes_sysctl_of_that_namespace),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
