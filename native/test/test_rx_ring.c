// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <unistd.h>

#include "lab.h"

static void shrinks_for_lack_of_memory(void **state) {
  (void)state;
  struct rlimit former, tight;
  struct fj_rx *rx;
  struct fj_rx_config config = {.backend = FJ_RING,
                                .ifindex = lab_index("v0"),
                                .block_size = 1 << 17,
                                .blocks = 64,
                                .retire_ms = 5,
                                .snaplen = 2048};
  getrlimit(RLIMIT_AS, &former);
  tight = former;
  tight.rlim_cur = lab_memory_in_use() + (3 << 20);
  setrlimit(RLIMIT_AS, &tight);
  int error = fj_rx_open(&rx, &config);
  setrlimit(RLIMIT_AS, &former);
  assert_int_equal(error, 0);
  assert_in_range(rx->control->blocks, 2, 16);
  assert_int_equal(rx->control->blocks, rx->blocks);
  fj_rx_close(rx);
}

static void is_not_refilled(void **state) {
  (void)state;
  struct fj_rx *rx;
  struct fj_rx_config config = {
      .backend = FJ_RING, .ifindex = lab_index("v0"), .block_size = 1 << 16, .blocks = 2, .snaplen = 100};
  assert_int_equal(fj_rx_open(&rx, &config), 0);
  assert_int_equal(fj_rx_refill(rx, 0), -EOPNOTSUPP);
  fj_rx_close(rx);
}

int main(void) {
  lab_enter();
  lab_backend = FJ_RING;
  const struct CMUnitTest tests[] = {RX_SUITE, LAB_TEST(shrinks_for_lack_of_memory),
                                     LAB_TEST(is_not_refilled)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
