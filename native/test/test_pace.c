// SPDX-License-Identifier: Apache-2.0
#include "../wire/pace.h"

#include "lab.h"

static uint64_t interval_of(uint64_t frames_per_second) {
  return (uint64_t)(((unsigned __int128)1000000000u << 32) / frames_per_second);
}

static struct fj_xdp_generator generator_of(uint64_t interval) {
  struct fj_pace pace = fj_pace_of(interval);
  return (struct fj_xdp_generator){
      .interval = interval, .spin_ns = pace.spin_ns, .spacing_ns = pace.spacing_ns};
}

// As the program does it (native/bpf/generator.h), with a clock of our own: what it spends waiting, it
// spends, and each frame takes that long besides. Gives the turns that it took, which must suffice.
static uint32_t play(struct fj_xdp_generator *run, uint64_t *clock, uint32_t frames, uint64_t each) {
  run->left = frames;
  uint32_t turns = fj_pace_turns(run, *clock), taken = 0;
  for (; taken < turns && run->left > 0; taken++) {
    uint64_t due = run->due_ns, soonest = run->last_ns + run->spacing_ns;
    if (due < soonest) due = soonest;
    if (*clock < due) {
      bool waits_on = *clock + run->spin_ns < due;
      *clock = waits_on ? *clock + run->spin_ns : due;
      if (waits_on) continue;
    }
    uint64_t part = (uint64_t)run->due_part + (uint32_t)run->interval;
    run->last_ns = *clock;
    run->due_ns += (run->interval >> 32) + (part >> 32);
    run->due_part = (uint32_t)part;
    run->left--;
    *clock += each;
  }
  assert_int_equal(run->left, 0);
  return turns - taken;
}

// However many leave, frame k is due k intervals after the first, to the nanosecond below.
static void adds_up_no_error(void **state) {
  (void)state;
  static const uint64_t RATES[] = {1000, 1001, 3333, 10000, 99999, 300000, 1000000, 7654321, 14880952};
  for (size_t i = 0; i < sizeof RATES / sizeof *RATES; i++) {
    struct fj_xdp_generator run = generator_of(interval_of(RATES[i]));
    uint64_t clock = 1000000000, begin = clock;
    fj_pace_begin(&run, clock);
    for (uint64_t sent = 0; sent < 1000000; sent += 1000) {
      uint64_t exact = begin + (uint64_t)((unsigned __int128)run.interval * sent >> 32);
      assert_int_equal(run.due_ns, exact);
      play(&run, &clock, 1000, 0);
    }
    // A second has as many frames as the rate says: the interval is rounded down by 2^-32 ns at most.
    uint64_t after_a_second = (uint64_t)((unsigned __int128)run.interval * RATES[i] >> 32);
    assert_in_range(after_a_second, 999999999, 1000000000);
  }
}

// Turns that are left over at the end of a run are what the next frame waits for.
static void leaves_few_turns_over(void **state) {
  (void)state;
  for (uint64_t ns = 1; ns <= 1000000; ns += 1 + ns / 50) {
    struct fj_xdp_generator run = generator_of(ns << 32);
    uint64_t clock = 1000000000, each = ns < 1200 ? ns / 2 : 600;
    fj_pace_begin(&run, clock);
    assert_true(play(&run, &clock, 1000, each) <= fj_pace_of(run.interval).turns);
    assert_true(play(&run, &clock, 1000, each) <= 1);
  }
}

static void waits_no_longer_than_softirqs_can(void **state) {
  (void)state;
  for (uint64_t ns = 1; ns <= 1000000; ns += 1 + ns / 50) {
    struct fj_pace pace = fj_pace_of(ns << 32);
    assert_in_range(pace.batch, 1, FJ_XDP_BATCH);
    assert_true(pace.batch == 1 || pace.batch * ns <= 4000);
    assert_true(pace.spin_ns <= 21000);
    assert_true((uint64_t)pace.spin_ns * pace.turns >= ns);
  }
  assert_int_equal(fj_pace_of(FJ_PACE_SHORTEST).batch, FJ_XDP_BATCH);
}

static void catches_up_at_twice_the_rate(void **state) {
  (void)state;
  struct fj_xdp_generator run = generator_of(interval_of(100000));
  uint64_t clock = 1000000000;
  fj_pace_begin(&run, clock);
  play(&run, &clock, 1, 0);
  clock += 1000000;  // late by 99 frames
  uint64_t begin = clock;
  fj_pace_begin(&run, clock);
  play(&run, &clock, 101, 0);
  assert_int_equal(clock - begin, 100 * 5000);
}

static void lets_go_of_old_debts(void **state) {
  (void)state;
  struct fj_xdp_generator run = generator_of(interval_of(1000));
  fj_pace_begin(&run, 1000000000);
  assert_int_equal(run.due_ns, 1000000000);
  fj_pace_begin(&run, 1090000000);
  assert_int_equal(run.due_ns, 1000000000);
  fj_pace_begin(&run, 5000000000);
  assert_int_equal(run.due_ns, 4900000000);
}

static void frames_that_did_not_leave_are_due_again(void **state) {
  (void)state;
  struct fj_xdp_generator run = generator_of(interval_of(3333333));
  uint64_t clock = 1000000000;
  fj_pace_begin(&run, clock);
  play(&run, &clock, 7, 0);
  uint64_t due = run.due_ns, part = run.due_part;
  play(&run, &clock, 1000, 0);
  fj_pace_return(&run, 1000);
  assert_int_equal(run.due_ns, due);
  assert_int_equal(run.due_part, part);
}

static void counts_the_frames_of_a_time(void **state) {
  (void)state;
  assert_int_equal(fj_pace_frames(interval_of(1000), 5000000), 5);
  assert_int_equal(fj_pace_frames(interval_of(1000), 500000), 1);
  assert_int_equal(fj_pace_frames(interval_of(1000000), 5000000), 5000);
  assert_int_equal(fj_pace_frames(1, UINT64_MAX), UINT32_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(adds_up_no_error),
      cmocka_unit_test(leaves_few_turns_over),
      cmocka_unit_test(waits_no_longer_than_softirqs_can),
      cmocka_unit_test(catches_up_at_twice_the_rate),
      cmocka_unit_test(lets_go_of_old_debts),
      cmocka_unit_test(frames_that_did_not_leave_are_due_again),
      cmocka_unit_test(counts_the_frames_of_a_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
