// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lab.h"

static void lays_slots_out_within_blocks(void **state) {
  (void)state;
  struct lab_tx lab;
  lab_tx_open(&lab, FJ_RING, 1000, 0, 0);
  const struct fj_tx_control *control = lab.tx->control;
  assert_true(control->slots >= 1000 && control->slots % control->slots_per_block == 0);
  assert_true(control->pitch % 64 == 0 && control->pitch >= 32 + 1518);
  assert_true(control->slots_per_block * control->pitch <= control->block_size);
  assert_int_equal(control->data_offset, 32);
  for (uint32_t i = 0; i < control->slots; i++)
    assert_int_equal(lab.tx->offsets[i], i / control->slots_per_block * control->block_size +
                                             i % control->slots_per_block * control->pitch);
  fj_tx_close(lab.tx);
}

static void survives_many_rounds_with_bypass(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1"), sent = 0;
  lab_tx_open(&lab, FJ_RING, 256, 64, FJ_TX_QDISC_BYPASS);
  while (sent < 20000) {
    int taken = lab_tx_send(&lab, 100);
    assert_true(taken >= 0);
    sent += taken;
  }
  assert_int_equal(lab_drain(tap, 0), sent);
  assert_int_equal(lab.tx->control->accepted_frames, sent);
  fj_tx_close(lab.tx);
  close(tap);
}

static void names_the_slot_it_wants(void **state) {
  (void)state;
  struct lab_tx lab;
  lab_tx_open(&lab, FJ_RING, 64, 0, 0);
  assert_int_equal(lab_tx_send(&lab, 5), 5);
  lab.first = 9;
  lab_tx_write(&lab, 1);
  assert_int_equal(fj_tx_send(lab.tx, 9, 1), -ESTALE);
  assert_int_equal(lab.tx->control->error_index, 5);
  lab.first = 5;
  assert_int_equal(lab_tx_send(&lab, 5), 5);
  fj_tx_close(lab.tx);
}

// With the qdisc bypassed, a link whose carrier went away while we were not looking answers ENOBUFS; carrier
// checks come before it here, so a full queue is made with a slow one.
static void backs_off_and_takes_frames_back(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  lab_run("tc qdisc add dev v0 root tbf rate 8kbit burst 120 limit 120");
  lab_tx_open(&lab, FJ_RING, 64, 0, 0);
  int taken = lab_tx_send(&lab, 50);
  assert_in_range(taken, 1, 10);
  assert_true(lab.tx->control->queue_full > 0);
  uint32_t at = (uint32_t)lab.first;
  for (int i = taken; i < 50; i++, at = fj_tx_next(lab.tx, at))
    assert_int_equal(fj_tx_slot(lab.tx, at)->status, TP_STATUS_AVAILABLE);
  lab_run("tc qdisc del dev v0 root");
  lab_drain(tap, 0);
  uint32_t next = lab.number;
  assert_int_equal(lab_tx_send(&lab, 50), 50);
  assert_int_equal(lab_drain(tap, next), 50);
  fj_tx_close(lab.tx);
  close(tap);
}

static void shrinks_for_lack_of_memory(void **state) {
  (void)state;
  struct lab_tx lab;
  struct rlimit former, tight;
  lab_tx_open(&lab, FJ_RING, 64, 0, 0);  // so that the allocator has what it needs
  fj_tx_close(lab.tx);
  getrlimit(RLIMIT_AS, &former);
  tight = former;
  tight.rlim_cur = lab_memory_in_use() + (2 << 20);
  setrlimit(RLIMIT_AS, &tight);
  struct fj_tx *tx;
  struct fj_tx_config config = {.backend = FJ_RING, .ifindex = lab_index("v0"), .slots = 4096};
  int error = fj_tx_open(&tx, &config);
  setrlimit(RLIMIT_AS, &former);
  assert_int_equal(error, 0);
  assert_in_range(tx->slots, 16, 1400);
  fj_tx_close(tx);
}

static void reads_zero_after_close(void **state) {
  (void)state;
  struct lab_tx lab;
  lab_tx_open(&lab, FJ_RING, 64, 0, 0);
  assert_int_equal(lab_tx_send(&lab, 3), 3);
  lab.tx->mapping.shared = 1;  // as if a Java buffer were over it
  unsigned char *base = lab.tx->mapping.base, *body = lab.tx->mapping.body;
  size_t length = lab.tx->mapping.length;
  fj_tx_close(lab.tx);
  for (const unsigned char *at = body; at < base + length; at++) assert_int_equal(*at, 0);
  assert_int_equal(((struct fj_tx_control *)base)->accepted_frames, 3);  // the last word stays
  body[0] = 1;
  assert_int_equal(munmap(base, length), 0);
}

int main(void) {
  lab_enter();
  lab_backend = FJ_RING;
  const struct CMUnitTest tests[] = {
      TX_SUITE,
      LAB_TEST(lays_slots_out_within_blocks),
      LAB_TEST(survives_many_rounds_with_bypass),
      LAB_TEST(names_the_slot_it_wants),
      LAB_TEST(backs_off_and_takes_frames_back),
      LAB_TEST(shrinks_for_lack_of_memory),
      LAB_TEST(reads_zero_after_close),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
