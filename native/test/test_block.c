// SPDX-License-Identifier: Apache-2.0
#include "../wire/block.h"

#include <stdlib.h>
#include <string.h>

#include "lab.h"

enum { SIZE = 4096 };

static void lays_frames_out_as_the_kernel_does(void **state) {
  (void)state;
  unsigned char *base = malloc(SIZE), bytes[] = {1, 2, 3, 4, 5};
  memset(base, 0xa5, SIZE);
  memset(base, 0, sizeof(struct tpacket_block_desc));
  struct fj_block block;
  struct fj_frame frame = {.seconds = 7,
                           .nanos = 8,
                           .snaplen = 5,
                           .length = 60,
                           .status = TP_STATUS_VLAN_VALID,
                           .vlan_tci = 9,
                           .vlan_tpid = 0x8100,
                           .from = {.sll_pkttype = 4},
                           .bytes = bytes};
  assert_true(fj_block_begin(&block, base, SIZE));
  assert_true(fj_block_append(&block, &frame));
  assert_true(fj_block_append(&block, &frame));
  assert_int_equal(fj_block_finish(&block, 42), 2);

  const struct tpacket_block_desc *header = (struct tpacket_block_desc *)base;
  assert_int_equal(header->version, TPACKET_V3);
  assert_int_equal(header->hdr.bh1.block_status, TP_STATUS_USER);
  assert_int_equal(header->hdr.bh1.num_pkts, 2);
  assert_int_equal(header->hdr.bh1.offset_to_first_pkt, 48);
  assert_int_equal(header->hdr.bh1.seq_num, 42);
  assert_int_equal(header->hdr.bh1.ts_last_pkt.ts_nsec, 8);
  const struct tpacket3_hdr *first = (struct tpacket3_hdr *)(base + 48);
  assert_int_equal(first->tp_next_offset, 104);  // 98 + 5, 8-aligned
  assert_int_equal(first->tp_mac, 98);
  assert_int_equal(first->tp_net, 112);
  assert_int_equal(first->hv1.tp_vlan_tci, 9);
  assert_int_equal(((const unsigned char *)first)[58], 4);
  assert_memory_equal((const unsigned char *)first + 98, bytes, 5);
  const struct tpacket3_hdr *second = (struct tpacket3_hdr *)(base + 48 + 104);
  assert_int_equal(second->tp_next_offset, 0);
  assert_int_equal(header->hdr.bh1.blk_len, 48 + 2 * 104);
  for (int i = 48 + 2 * 104; i < SIZE; i++) assert_int_equal(base[i], 0xa5);  // nothing beyond
  assert_false(fj_block_begin(&block, base, SIZE));                           // the reader's now
  free(base);
}

static void stops_when_full(void **state) {
  (void)state;
  unsigned char *base = calloc(1, SIZE), *bytes = calloc(1, SIZE);
  struct fj_block block;
  struct fj_frame frame = {.snaplen = fj_block_room(SIZE), .bytes = bytes};
  assert_true(fj_block_begin(&block, base, SIZE));
  assert_true(fj_block_append(&block, &frame));  // the longest there may be
  frame.snaplen = 0;
  assert_false(fj_block_append(&block, &frame));
  assert_int_equal(fj_block_finish(&block, 0), 1);
  free(bytes);
  free(base);
}

static void leaves_empty_block_alone(void **state) {
  (void)state;
  unsigned char *base = calloc(1, SIZE);
  struct fj_block block;
  assert_true(fj_block_begin(&block, base, SIZE));
  assert_int_equal(fj_block_finish(&block, 0), 0);
  for (int i = 0; i < SIZE; i++) assert_int_equal(base[i], 0);
  free(base);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lays_frames_out_as_the_kernel_does),
      cmocka_unit_test(stops_when_full),
      cmocka_unit_test(leaves_empty_block_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
