// SPDX-License-Identifier: Apache-2.0
#include "lab.h"

int main(void) {
  lab_enter();
  lab_backend = FJ_SOCKET;
  const struct CMUnitTest tests[] = {RX_SUITE};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
