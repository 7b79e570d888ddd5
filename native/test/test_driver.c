// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "lab.h"

static void tells_of_a_veth(void **state) {
  (void)state;
  struct fj_driver driver;
  assert_int_equal(fj_driver_ask(NULL, lab_index("v0"), &driver), 0);
  assert_string_equal(driver.name, "veth");
  assert_int_equal(driver.speed_mbps, 10000);  // what veth.c claims
  assert_int_equal(driver.tx_queues, 1);
  assert_true(driver.offloads & FJ_OFFLOAD_TX_CHECKSUM);
}

static void leaves_out_what_lo_does_not_tell(void **state) {
  (void)state;
  struct fj_driver driver;
  memset(&driver, 0xa5, sizeof driver);
  assert_int_equal(fj_driver_ask("/proc/self/ns/net", 1, &driver), 0);
  assert_string_equal(driver.name, "");
  assert_string_equal(driver.bus, "");
  assert_int_equal(driver.speed_mbps, -1);
  assert_int_equal(driver.tx_ring, -1);
  assert_int_equal(driver.offloads & ~0x1ffu, 0);
}

static void says_that_a_link_is_gone(void **state) {
  (void)state;
  struct fj_driver driver;
  assert_int_equal(fj_driver_ask(NULL, 9999, &driver), -ENXIO);
  assert_int_equal(fj_driver_ask("/nowhere", 1, &driver), -ENOENT);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      LAB_TEST(tells_of_a_veth),
      LAB_TEST(leaves_out_what_lo_does_not_tell),
      LAB_TEST(says_that_a_link_is_gone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
