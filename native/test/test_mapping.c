// SPDX-License-Identifier: Apache-2.0
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab.h"

static bool is_mapped(void *address) {
  unsigned char present;
  return mincore(address, 1, &present) == 0;
}

static void retires_at_once_when_nobody_looks(void **state) {
  (void)state;
  struct fj_mapping mapping;
  assert_int_equal(fj_mapping_open(&mapping, 5000), 0);
  assert_int_equal(mapping.body_length % (size_t)sysconf(_SC_PAGESIZE), 0);
  unsigned char *base = mapping.base;
  fj_mapping_retire(&mapping);
  assert_false(is_mapped(base));
}

static void stays_readable_for_who_looks(void **state) {
  (void)state;
  struct fj_mapping mapping;
  assert_int_equal(fj_mapping_open(&mapping, 5000), 0);
  mapping.shared = 1;
  unsigned char *base = mapping.base, *body = mapping.body;
  size_t length = mapping.length;
  base[0] = body[0] = 7;
  fj_mapping_retire(&mapping);
  assert_int_equal(base[0], 7);
  assert_int_equal(body[0], 0);
  munmap(base, length);
}

static void refuses_what_no_buffer_spans(void **state) {
  (void)state;
  struct fj_mapping mapping;
  assert_int_equal(fj_mapping_open(&mapping, INT_MAX), -ENOMEM);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(retires_at_once_when_nobody_looks),
      cmocka_unit_test(stays_readable_for_who_looks),
      cmocka_unit_test(refuses_what_no_buffer_spans),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
