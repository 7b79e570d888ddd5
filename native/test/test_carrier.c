// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

static void tells_down_from_no_carrier_from_gone(void **state) {
  (void)state;
  struct fj_link link;
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  assert_int_equal(fj_link_init(&link, fd, lab_index("v0")), 0);
  assert_int_equal(fj_carrier_before(&link, fd), 0);
  lab_run("ip link set v1 down");
  usleep(100000);
  assert_int_equal(fj_carrier_before(&link, fd), -ENOLINK);
  lab_run("ip link set v0 down");
  assert_int_equal(fj_carrier_after(&link, fd), -ENETDOWN);
  assert_int_equal(fj_link_mtu(&link, fd), 1500);
  lab_run("ip link del v0");
  assert_int_equal(fj_carrier_before(&link, fd), -ENXIO);
  assert_int_equal(fj_carrier_after(&link, fd), -ENXIO);
  assert_int_equal(fj_link_mtu(&link, fd), -ENXIO);
  close(fd);
}

static void follows_a_rename(void **state) {
  (void)state;
  struct fj_link link;
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  assert_int_equal(fj_link_init(&link, fd, lab_index("v0")), 0);
  lab_run("ip link set v0 name w0; ip link set w0 up");
  assert_int_equal(fj_carrier_before(&link, fd), 0);
  assert_string_equal(link.name, "w0");
  lab_run("ip link del w0");
  close(fd);
}

static void knows_an_orphan(void **state) {
  (void)state;
  int fd = lab_tap("v0");
  assert_false(fj_packet_is_orphan(fd));
  lab_run("ip link del v0");
  assert_true(fj_packet_is_orphan(fd));
  close(fd);
}

static void finds_index_by_name(void **state) {
  (void)state;
  assert_int_equal(fj_link_index(NULL, "v0"), lab_index("v0"));
  assert_int_equal(fj_link_index("/proc/self/ns/net", "v0"), lab_index("v0"));
  assert_int_equal(fj_link_index(NULL, "none"), -ENODEV);
  assert_int_equal(fj_link_index(NULL, "a-name-that-no-link-can-have"), -ENODEV);
  assert_int_equal(fj_link_index("/run/netns/fj-none", "v0"), -ENOENT);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      LAB_TEST(tells_down_from_no_carrier_from_gone),
      LAB_TEST(follows_a_rename),
      LAB_TEST(knows_an_orphan),
      LAB_TEST(finds_index_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
