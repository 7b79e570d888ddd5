// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <unistd.h>

#include "lab.h"

// The socket's own limit must not cut a batch short.
static void sends_a_large_batch_at_once(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  lab_tx_open(&lab, FJ_SOCKET, 2048, 0, 0);
  assert_int_equal(lab_tx_send(&lab, 2048), 2048);
  assert_int_equal(lab_tx_send(&lab, 1000), 1000);
  assert_int_equal(lab_drain(tap, 0), 3048);
  fj_tx_close(lab.tx);
  close(tap);
}

// A queue of two frames that drains slowly.
static void backs_off_and_reports_what_was_taken(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  lab_run("tc qdisc add dev v0 root tbf rate 8kbit burst 120 limit 120");
  lab_tx_open(&lab, FJ_SOCKET, 64, 0, 0);
  int taken = lab_tx_send(&lab, 50);
  assert_in_range(taken, 1, 10);
  assert_true(lab.tx->control->queue_full > 0);
  assert_int_equal(lab.tx->control->accepted_frames, taken);
  int more = lab_tx_send(&lab, 50);
  assert_in_range(more, 0, 10);
  lab_run("tc qdisc change dev v0 root tbf rate 1gbit burst 120k limit 120k");
  assert_int_equal(lab_drain(tap, 0), taken + more);  // every counted frame arrives
  fj_tx_close(lab.tx);
  close(tap);
}

static void runs_out_of_descriptors_cleanly(void **state) {
  (void)state;
  struct rlimit limit, tight;
  int before = lab_count_fds(), ifindex = lab_index("v0");
  getrlimit(RLIMIT_NOFILE, &limit);
  tight = limit;
  for (rlim_t room = 3; room < 40; room++) {
    struct fj_tx *tx;
    struct fj_tx_config config = {
        .backend = FJ_SOCKET, .netns = "/proc/self/ns/net", .ifindex = ifindex, .slots = 16};
    tight.rlim_cur = room;
    setrlimit(RLIMIT_NOFILE, &tight);
    int error = fj_tx_open(&tx, &config);
    setrlimit(RLIMIT_NOFILE, &limit);
    if (error == 0)
      fj_tx_close(tx);
    else
      assert_int_equal(error, -EMFILE);
    assert_int_equal(lab_count_fds(), before);
  }
}

int main(void) {
  lab_enter();
  lab_backend = FJ_SOCKET;
  const struct CMUnitTest tests[] = {
      TX_SUITE,
      LAB_TEST(sends_a_large_batch_at_once),
      LAB_TEST(backs_off_and_reports_what_was_taken),
      LAB_TEST(runs_out_of_descriptors_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
