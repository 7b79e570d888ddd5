// SPDX-License-Identifier: Apache-2.0
#include "../wire/pcap_library.h"

#include <string.h>

#include "lab.h"

static void finds_every_symbol(void **state) {
  (void)state;
  struct fj_pcap_library pcap;
  assert_int_equal(fj_pcap_library_open(&pcap), 0);
  void *symbols[sizeof pcap / sizeof(void *)];
  memcpy(symbols, &pcap, sizeof pcap);
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) assert_non_null(symbols[i]);
  fj_pcap_library_close(&pcap);
}

static int compile(const char *expression, struct sock_filter *program, size_t room, char *error,
                   int ifindex) {
  struct fj_filter_request request = {.ifindex = ifindex,
                                      .snaplen = 2000,
                                      .expression = expression,
                                      .program = program,
                                      .program_room = room,
                                      .error = error,
                                      .error_room = 256};
  return fj_filter_compile(&request);
}

static void compiles_on_a_live_handle(void **state) {
  (void)state;
  struct sock_filter program[256];
  char error[256] = "";
  int ifindex = lab_index("v0"), fds = lab_count_fds();
  assert_int_equal(compile("arp", program, 256, error, ifindex), 4);
  assert_int_equal(program[2].k, 2000);
  int tagged = compile("vlan 7 and arp", program, 256, error, ifindex);
  assert_true(tagged > 4);
  bool asks_kernel =
      false;  // SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT: the tag that is not in the frame any more
  for (int i = 0; i < tagged; i++)
    asks_kernel |= program[i].k == (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT);
  assert_true(asks_kernel);
  assert_int_equal(compile("arp arp (", program, 256, error, ifindex), -EINVAL);
  assert_true(strlen(error) > 0);
  assert_int_equal(compile("arp", program, 2, error, ifindex), -ENOSPC);
  assert_int_equal(compile("arp", program, 256, error, 9999), -ENODEV);
  assert_int_equal(lab_count_fds(), fds);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {LAB_TEST(finds_every_symbol), LAB_TEST(compiles_on_a_live_handle)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
