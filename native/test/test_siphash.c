// SPDX-License-Identifier: Apache-2.0
#include "../bpf/siphash.h"

#include "lab.h"

// The key and the messages of the authors' vectors: 00 01 02 …
static const struct fj_siphash_key KEY = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

static void gives_the_hashes_of_its_authors(void **state) {
  (void)state;
  struct fj_siphash hash = fj_siphash_begin(KEY);
  assert_int_equal(fj_siphash_end(&hash, 0), 0x726fdb47dd0e0e31);
  hash = fj_siphash_begin(KEY);
  fj_siphash_add(&hash, 0x0706050403020100);
  assert_int_equal(fj_siphash_end(&hash, 15ULL << 56 | 0x0e0d0c0b0a0908), 0xa129ca6149be45e5);
}

static void makes_cookies_of_address_and_port(void **state) {
  (void)state;
  assert_int_equal(fj_siphash_cookie4(KEY, 0x03020100, 0x0504), 0xcbc9466e58fee3ce);
  assert_int_equal(fj_siphash_cookie6(KEY, 0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1110),
                   0x4bc1b3f0968dd39c);
  assert_int_equal(fj_siphash_cookie6(KEY, 0, 0x03020100, 0x0504), 0xcbc9466e58fee3ce);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_the_hashes_of_its_authors),
      cmocka_unit_test(makes_cookies_of_address_and_port),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
