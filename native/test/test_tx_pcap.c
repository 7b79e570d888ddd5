// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "lab.h"

static void sends_by_sendpacket(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  lab_tx_open(&lab, FJ_PCAP, 64, 0, FJ_TX_PCAP_SENDPACKET);
  assert_int_equal(lab_tx_send(&lab, 30), 30);
  assert_int_equal(lab_drain(tap, 0), 30);
  fj_tx_close(lab.tx);
  close(tap);
}

int main(void) {
  lab_enter();
  lab_backend = FJ_PCAP;
  const struct CMUnitTest tests[] = {TX_SUITE, LAB_TEST(sends_by_sendpacket)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
