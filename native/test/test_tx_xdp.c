// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../wire/engine.h"
#include "lab.h"

static int open_status(void) {
  struct fj_tx *tx;
  struct fj_tx_config config = {.backend = FJ_XDP, .ifindex = lab_index(lab_link), .slots = 64};
  int error = fj_tx_open(&tx, &config);
  if (error == 0) fj_tx_close(tx);
  return error;
}

static int count_programs(const char *link) {
  char command[128], text[16] = "";
  snprintf(command, sizeof command, "ip -d link show %s | grep -c prog/xdp", link);
  FILE *pipe = popen(command, "re");
  if (!fgets(text, sizeof text, pipe)) text[0] = 0;
  pclose(pipe);
  return atoi(text);
}

// --- frames -----------------------------------------------------------------------------------------------

static uint32_t varied_length(uint32_t number) {
  static const uint32_t LENGTHS[] = {14, 60, 61, 512, 1514, 3407, 3408, 18};
  return LENGTHS[number % (sizeof LENGTHS / sizeof *LENGTHS)];
}

static void varied_frame(unsigned char *frame, uint32_t number) {
  for (uint32_t i = 0; i < varied_length(number); i++) frame[i] = (unsigned char)(number * 31 + i * 7);
  memcpy(frame, "\xff\xff\xff\xff\xff\xff\x02\0\0\0\0\1\x88\xb5", 14);
}

static void sends_any_length_in_one_batch(void **state) {
  (void)state;
  struct lab_tx lab;
  lab_run("ip link set v0 mtu 3394; ip link set v1 mtu 3394");
  int tap = lab_tap("v1");
  lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
  assert_int_equal(lab.tx->control->max_frame, 3408);
  for (uint32_t i = 0; i < 64; i++) {
    struct fj_slot *slot = fj_tx_slot(lab.tx, i);
    slot->length = varied_length(i);
    varied_frame(fj_slot_data(slot), i);
  }
  assert_int_equal(fj_tx_send(lab.tx, 0, 64), 64);
  unsigned char got[4096], expected[4096];
  for (uint32_t i = 0; i < 64; i++) {
    varied_frame(expected, i);
    assert_int_equal(recv(tap, got, sizeof got, 0), varied_length(i));
    assert_memory_equal(got, expected, varied_length(i));
  }
  fj_tx_close(lab.tx);
  close(tap);
}

static void keeps_what_the_peer_had_no_room_for(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  lab_run("ip link set v1 mtu 1000");
  lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
  lab.first = 40;  // so that the slots wrap
  lab_tx_write(&lab, 50);
  fj_tx_slot(lab.tx, (40 + 20) % 64)->length = 1200;  // the second lot of 16 is cut short by it
  assert_int_equal(fj_tx_send(lab.tx, 40, 50), 50 - 12);
  assert_int_equal(lab.tx->control->accepted_frames, 38);
  assert_true(lab.tx->control->queue_full > 0);
  // Lost were 20 to 31. They are now the last of the slots, in order.
  for (uint32_t i = 0; i < 12; i++) {
    struct fj_slot *slot = fj_tx_slot(lab.tx, (40 + 38 + i) % 64);
    uint32_t number;
    memcpy(&number, fj_slot_data(slot) + 14, sizeof number);
    assert_int_equal(number, 20 + i);
    assert_int_equal(slot->status, TP_STATUS_AVAILABLE);
    assert_int_equal(slot->length, i == 0 ? 1200 : LAB_FRAME);
  }
  fj_tx_slot(lab.tx, (40 + 38) % 64)->length = LAB_FRAME;
  assert_int_equal(fj_tx_send(lab.tx, (40 + 38) % 64, 12), 12);
  unsigned char frame[2048];
  uint32_t seen = 0;
  while (recv(tap, frame, sizeof frame, 0) > 0) seen++;
  assert_int_equal(seen, 50);
  fj_tx_close(lab.tx);
  close(tap);
}

// --- the template alone, and times of departure
// -------------------------------------------------------------

static struct fj_tx *counting_tx(uint64_t first_number, uint32_t slots) {
  struct fj_xdp_template template_ = {.length = LAB_FRAME, .fields = 1};
  lab_frame(template_.bytes, 0);
  template_.field[0] =
      (struct fj_xdp_field){.offset = 14, .width = 4, .source = FJ_XDP_COUNTER, .value_count = 1};
  template_.field[0].base = first_number;
  struct fj_engine *engine;
  struct fj_engine_config config = {
      .ifindex = lab_index("v0"), .slots = 1, .targets = 1, .template_ = &template_};
  assert_int_equal(fj_engine_open(&engine, &config), 0);
  struct fj_tx *tx;
  struct fj_tx_config sender = {.backend = FJ_XDP,
                                .ifindex = lab_index("v0"),
                                .slots = slots,
                                .flags = FJ_TX_TARGETS,
                                .engine = engine};
  assert_int_equal(fj_tx_open(&tx, &sender), 0);
  fj_engine_release(engine);
  return tx;
}

// Of frames that count in network byte order: how many there are, one after the other.
static uint32_t drain_counted(int tap, uint32_t first) {
  unsigned char frame[2048];
  uint32_t count = 0;
  while (recv(tap, frame, sizeof frame, 0) > 0) {
    if (frame[12] != 0x88 || frame[13] != 0xb5) continue;
    uint32_t number;
    memcpy(&number, frame + 14, sizeof number);
    assert_int_equal(__builtin_bswap32(number), first + count++);
  }
  return count;
}

static void streams_frames_of_the_template_alone(void **state) {
  (void)state;
  int tap = lab_tap("v1");
  struct fj_tx *tx = counting_tx(7, 16);
  assert_int_equal(fj_tx_stream(tx, 3, 5000), 5000);
  assert_int_equal(tx->control->sequence, 5003);
  assert_int_equal(fj_tx_stream(tx, 5003, 1), 1);
  assert_int_equal(fj_tx_stream(tx, 5004, 0), 0);
  assert_int_equal(fj_tx_stream(tx, 5004, -1), -ERANGE);
  assert_int_equal(tx->control->accepted_frames, 5001);
  assert_int_equal(tx->control->accepted_bytes, 5001 * LAB_FRAME);
  assert_int_equal(drain_counted(tap, 10), 5001);
  fj_tx_close(tx);
  close(tap);
}

static void counts_only_what_left_of_a_stream(void **state) {
  (void)state;
  struct fj_tx *tx = counting_tx(0, 16);
  fj_link_set_gro(NULL, "v1", false);
  assert_int_equal(fj_tx_stream(tx, 0, 100), -ENOTCONN);
  assert_int_equal(tx->control->accepted_frames, 0);
  assert_true(tx->control->sequence > 0);
  fj_link_set_gro(NULL, "v1", true);
  lab_run("ip link set v1 down");
  assert_int_equal(fj_tx_stream(tx, 0, 100), -ENOLINK);
  assert_int_equal(tx->control->accepted_frames, 0);
  fj_tx_close(tx);
}

static void streams_by_a_template_only(void **state) {
  (void)state;
  struct lab_tx lab;
  lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
  assert_int_equal(fj_tx_stream(lab.tx, 0, 1), -EOPNOTSUPP);
  fj_tx_close(lab.tx);
  lab_tx_open(&lab, FJ_SOCKET, 64, 0, 0);
  assert_int_equal(fj_tx_stream(lab.tx, 0, 1), -EOPNOTSUPP);
  assert_int_equal(fj_tx_pace(lab.tx, UINT64_C(1) << 40), -EOPNOTSUPP);
  assert_int_equal(fj_tx_stamp(lab.tx, 18), -EOPNOTSUPP);
  fj_tx_close(lab.tx);
}

static uint64_t nanos(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t stamp_in(const unsigned char *frame) {
  uint64_t stamp;
  memcpy(&stamp, frame + 20, sizeof stamp);
  return __builtin_bswap64(stamp);
}

// The departures of `count` frames at the far side, which must be in order.
static void read_departures(int tap, uint64_t *departures, uint32_t count) {
  unsigned char frame[2048];
  for (uint32_t i = 0; i < count;) {
    assert_true(recv(tap, frame, sizeof frame, 0) > 0);
    if (frame[12] != 0x88 || frame[13] != 0xb5) continue;
    departures[i] = stamp_in(frame);
    assert_true(i == 0 || departures[i] >= departures[i - 1]);
    i++;
  }
}

static void writes_departures_into_frames(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
  assert_int_equal(fj_tx_stamp(lab.tx, 20), 0);
  uint64_t before = nanos(CLOCK_REALTIME), departures[50];
  assert_int_equal(lab_tx_send(&lab, 50), 50);
  uint64_t after = nanos(CLOCK_REALTIME);
  read_departures(tap, departures, 50);
  // Two clocks are compared, to some microseconds.
  assert_in_range(departures[0], before - 50000, after + 50000);
  assert_in_range(departures[49], before - 50000, after + 50000);
  assert_int_equal(fj_tx_stamp(lab.tx, 0), 0);
  assert_int_equal(lab_tx_send(&lab, 1), 1);
  unsigned char frame[2048];
  assert_int_equal(recv(tap, frame, sizeof frame, 0), LAB_FRAME);
  assert_int_equal(stamp_in(frame), 0xa5a5a5a5a5a5a5a5);  // as it was written
  fj_tx_close(lab.tx);
  close(tap);
}

// Of targets they are the program's answer, of all that it was asked, also where the slots begin anew.
static void answers_when_targets_departed(void **state) {
  (void)state;
  enum { SLOTS = 100, ASKED = 75 };
  struct fj_tx *tx = counting_tx(0, SLOTS);
  for (uint32_t first = 0; first < 10 * ASKED; first += ASKED) {
    uint64_t before = nanos(CLOCK_MONOTONIC);
    assert_int_equal(fj_tx_send(tx, (int)(first % SLOTS), ASKED), ASKED);
    uint64_t after = nanos(CLOCK_MONOTONIC);
    for (uint32_t i = 0; i < ASKED; i++) {
      const struct fj_xdp_target *target = (const struct fj_xdp_target *)fj_tx_slot(tx, (first + i) % SLOTS);
      assert_in_range(target->departed_ns, before, after);
      assert_int_equal(target->status, TP_STATUS_AVAILABLE);
      before = target->departed_ns;
    }
  }
  fj_tx_close(tx);
}

// Never sooner than at twice the rate; how late depends on what else runs here.
static void check_schedule(const uint64_t *departures, uint32_t count, uint64_t interval) {
  for (uint32_t i = 1; i < count; i++) assert_true(departures[i] - departures[i - 1] >= interval / 2 - 1);
  assert_true(departures[count - 1] - departures[0] >= (count - 1) * interval / 2);
}

static void keeps_intervals_between_frames(void **state) {
  (void)state;
  static const uint64_t INTERVALS[] = {1000000, 300000, 50000, 7000, 500};
  enum { COUNT = 100 };
  for (size_t i = 0; i < sizeof INTERVALS / sizeof *INTERVALS; i++) {
    struct lab_tx lab;
    int tap = lab_tap("v1");
    lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
    assert_int_equal(fj_tx_stamp(lab.tx, 20), 0);
    assert_int_equal(fj_tx_pace(lab.tx, INTERVALS[i] << 32), 0);
    uint64_t departures[COUNT], begin = nanos(CLOCK_MONOTONIC), most = 5000000 / INTERVALS[i];
    for (int sent = 0; sent < COUNT;) {
      int count = COUNT - sent < 32 ? COUNT - sent : 32;
      int taken = lab_tx_send(&lab, count);
      assert_int_equal(taken, (uint64_t)count < most ? count : (int)most);
      sent += taken;
    }
    assert_true(nanos(CLOCK_MONOTONIC) - begin >= (COUNT - 1) * INTERVALS[i] * 9 / 10);
    read_departures(tap, departures, COUNT);
    check_schedule(departures, COUNT, INTERVALS[i]);
    assert_int_equal(lab.tx->control->accepted_frames, COUNT);
    fj_tx_close(lab.tx);
    close(tap);
  }
}

static void refuses_intervals_that_are_none(void **state) {
  (void)state;
  struct lab_tx lab;
  lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
  assert_int_equal(fj_tx_pace(lab.tx, 1), -ERANGE);
  assert_int_equal(fj_tx_pace(lab.tx, UINT64_C(1000001) << 32), -ERANGE);
  assert_int_equal(fj_tx_pace(lab.tx, UINT64_C(1000000) << 32), 0);
  assert_int_equal(lab_tx_send(&lab, 32), 5);
  assert_int_equal(fj_tx_pace(lab.tx, 0), 0);
  assert_int_equal(lab_tx_send(&lab, 32), 32);
  fj_tx_close(lab.tx);
}

// --- what the link has to offer
// -----------------------------------------------------------------------------

static void refuses_a_peer_with_nowhere_to_put_frames(void **state) {
  (void)state;
  int before = lab_count_fds();
  fj_link_set_gro(NULL, "v1", false);
  assert_int_equal(open_status(), -ENOTCONN);
  assert_int_equal(count_programs("v0"), 0);
  fj_link_set_gro(NULL, "v1", true);
  assert_int_equal(open_status(), 0);
  assert_int_equal(lab_count_fds(), before);
}

static void says_so_when_the_peer_stops_taking_frames(void **state) {
  (void)state;
  struct lab_tx lab;
  lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
  assert_int_equal(lab_tx_send(&lab, 10), 10);
  fj_link_set_gro(NULL, "v1", false);
  assert_int_equal(lab_tx_send(&lab, 10), -ENOTCONN);
  assert_int_equal(lab.tx->control->accepted_frames, 10);
  fj_link_set_gro(NULL, "v1", true);
  assert_int_equal(lab_tx_send(&lab, 10), 10);
  fj_tx_close(lab.tx);
}

static void refuses_links_whose_driver_takes_no_frames(void **state) {
  (void)state;
  lab_run("ip link add sink type ifb && ip link set sink up");
  lab_link = "sink";
  int ifb = open_status();
  lab_link = "lo";
  int loopback = open_status();
  lab_link = "v0";
  lab_run("ip link del sink");
  assert_int_equal(ifb, -ENOTCONN);
  assert_int_equal(loopback, -ENOTCONN);
}

static void refuses_slots_that_are_too_large(void **state) {
  (void)state;
  struct fj_tx *tx;
  struct fj_tx_config config = {
      .backend = FJ_XDP, .ifindex = lab_index("v0"), .slots = 16, .capacity = FJ_XDP_MAX_FRAME + 1};
  assert_int_equal(fj_tx_open(&tx, &config), -EFBIG);
}

// --- one program per link
// -----------------------------------------------------------------------------------

static void leaves_another_program_alone(void **state) {
  (void)state;
  struct fj_engine *other;
  struct fj_engine_config config = {.ifindex = lab_index("v0"), .slots = 32};
  assert_int_equal(fj_engine_open(&other, &config), 0);
  assert_int_equal(count_programs("v0"), 1);
  int before = lab_count_fds();
  assert_int_equal(open_status(), -EBUSY);
  assert_int_equal(lab_count_fds(), before);
  assert_int_equal(count_programs("v0"), 1);
  fj_engine_release(other);
  assert_int_equal(count_programs("v0"), 0);
  assert_int_equal(open_status(), 0);
}

static void shares_the_program_of_a_link(void **state) {
  (void)state;
  struct lab_tx labs[4];
  int tap = lab_tap("v1");
  for (int i = 0; i < 4; i++) lab_tx_open(&labs[i], FJ_XDP, 64, 0, 0);
  uint32_t number = 0;
  for (int round = 0; round < 10; round++)
    for (int i = 0; i < 4; i++) {
      labs[i].number = number;
      assert_int_equal(lab_tx_send(&labs[i], 50), 50);
      number += 50;
    }
  assert_int_equal(lab_drain(tap, 0), number);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(labs[i].tx->control->accepted_frames, 500);
    assert_int_equal(count_programs("v0"), 1);
    fj_tx_close(labs[i].tx);
  }
  assert_int_equal(count_programs("v0"), 0);
  close(tap);
}

struct run {
  struct lab_tx lab;
  pthread_barrier_t *start;
  int sent;
};

static void *send_at_once(void *context) {
  struct run *run = context;
  pthread_barrier_wait(run->start);
  run->sent = fj_tx_send(run->lab.tx, 0, (int)run->lab.tx->slots);
  return NULL;
}

// Both are in the kernel at the same time; each has its own frames sent, in their order.
static void tells_generators_apart_that_run_at_once(void **state) {
  (void)state;
  enum { RUNS = 2, FRAMES = 64, ROUNDS = 200, APART = 1 << 16 };
  struct run runs[RUNS];
  uint32_t next[RUNS], number;
  unsigned char frame[2048];
  pthread_barrier_t start;
  pthread_t threads[RUNS];
  int tap = lab_tap("v1");
  pthread_barrier_init(&start, NULL, RUNS);
  for (uint32_t i = 0; i < RUNS; i++) {
    runs[i].start = &start;
    lab_tx_open(&runs[i].lab, FJ_XDP, FRAMES, 0, 0);
    next[i] = i * APART;
  }
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < RUNS; i++) {
      runs[i].lab.number = next[i];
      lab_tx_write(&runs[i].lab, FRAMES);
      assert_int_equal(pthread_create(&threads[i], NULL, send_at_once, &runs[i]), 0);
    }
    for (int i = 0; i < RUNS; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < RUNS; i++) assert_int_equal(runs[i].sent, FRAMES);
    for (int seen = 0; seen < RUNS * FRAMES;) {
      assert_true(recv(tap, frame, sizeof frame, 0) > 0);
      if (frame[12] != 0x88 || frame[13] != 0xb5) continue;
      memcpy(&number, frame + 14, sizeof number);
      assert_int_equal(number, next[number / APART]++);
      seen++;
    }
  }
  for (int i = 0; i < RUNS; i++) {
    assert_int_equal(runs[i].lab.tx->control->accepted_frames, ROUNDS * FRAMES);
    fj_tx_close(runs[i].lab.tx);
  }
  pthread_barrier_destroy(&start);
  close(tap);
}

static void runs_out_of_slots_and_gets_them_back(void **state) {
  (void)state;
  struct fj_engine *engine;
  struct fj_engine_config config = {.ifindex = lab_index("v0"), .slots = 128};
  assert_int_equal(fj_engine_open(&engine, &config), 0);
  struct fj_generator all[FJ_XDP_GENERATORS];
  assert_int_equal(fj_generator_open(&all[0], engine, FJ_FRAMES, 33), 0);
  assert_int_equal(fj_generator_open(&all[1], engine, FJ_FRAMES, 64), 0);
  assert_int_equal(all[1].first, 64);
  assert_int_equal(fj_generator_open(&all[2], engine, FJ_FRAMES, 1), -ENOBUFS);
  fj_generator_close(&all[0]);
  assert_int_equal(fj_generator_open(&all[0], engine, FJ_FRAMES, 65), -ENOBUFS);
  assert_int_equal(fj_generator_open(&all[0], engine, FJ_FRAMES, 32), 0);
  assert_int_equal(fj_generator_open(&all[2], engine, FJ_FRAMES, 32), 0);
  fj_generator_close(&all[2]);
  fj_generator_close(&all[1]);
  fj_engine_release(engine);  // the last generator keeps it
  assert_int_equal(count_programs("v0"), 1);
  fj_generator_close(&all[0]);
  assert_int_equal(count_programs("v0"), 0);
}

// --- what the process may, and what the kernel can
// ------------------------------------------------------------

// The status of opening in a child of which something was taken before.
static int in_child(void (*take)(void)) {
  pid_t child = fork();
  if (child == 0) {
    take();
    _exit(-open_status());
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return -WEXITSTATUS(status);
}

static int lacking;
static void drop_capability(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  syscall(SYS_capget, &header, data);
  data[0].effective &= ~(1u << CAP_SYS_ADMIN);
  data[lacking / 32].effective &= ~(1u << lacking % 32);
  syscall(SYS_capset, &header, data);
}

static void needs_three_capabilities(void **state) {
  (void)state;
  lacking = CAP_SYS_ADMIN;
  assert_int_equal(in_child(drop_capability), 0);
  static const int NEEDED[] = {CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN};
  for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++) {
    lacking = NEEDED[i];
    assert_int_equal(in_child(drop_capability), -EPERM);
  }
}

// A kernel before 5.18 answers EINVAL to a live run. Loading runs a program too, with a shorter argument.
static void forget_live_runs(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_PROG_TEST_RUN, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, sizeof(union bpf_attr), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void says_that_the_kernel_is_too_old(void **state) {
  (void)state;
  assert_int_equal(in_child(forget_live_runs), -ENOSYS);
  assert_int_equal(count_programs("v0"), 0);
}

static void is_gone_with_its_process(void **state) {
  (void)state;
  int ready[2];
  assert_int_equal(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    struct lab_tx lab;
    lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
    (void)!write(ready[1], "", 1);
    for (;;) lab_tx_send(&lab, 64);
  }
  char byte;
  assert_int_equal(read(ready[0], &byte, 1), 1);
  usleep(20000);
  assert_int_equal(count_programs("v0"), 1);
  kill(child, SIGKILL);
  assert_int_equal(waitpid(child, NULL, 0), child);
  for (int i = 0; i < 100 && count_programs("v0"); i++) usleep(10000);
  assert_int_equal(count_programs("v0"), 0);
  close(ready[0]);
  close(ready[1]);
}

static void runs_out_of_descriptors_cleanly(void **state) {
  (void)state;
  struct fj_tx_config config = {.backend = FJ_XDP, .ifindex = lab_index(lab_link), .slots = 64};
  struct rlimit limit, tight;
  int before = lab_count_fds(), opened = 0;
  getrlimit(RLIMIT_NOFILE, &limit);
  tight = limit;
  for (rlim_t room = 3; room < 40; room++) {
    struct fj_tx *tx;
    tight.rlim_cur = room;
    setrlimit(RLIMIT_NOFILE, &tight);
    int error = fj_tx_open(&tx, &config);
    setrlimit(RLIMIT_NOFILE, &limit);
    if (error == 0) {
      fj_tx_close(tx);
      opened++;
    } else {
      assert_int_equal(error, -EMFILE);
    }
    assert_int_equal(lab_count_fds(), before);
    assert_int_equal(count_programs("v0"), 0);
  }
  assert_in_range(opened, 1, 36);
}

static void on_alarm(int signal) {
  (void)signal;
}

// The kernel gives a program up that it verifies when a signal comes in.
static void loads_whatever_signals_come(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART}, before;
  struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
  assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
  assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
  int status = open_status();
  assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
  assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
  assert_int_equal(status, 0);
}

int main(void) {
  lab_enter();
  lab_backend = FJ_XDP;
  lab_gro = true;
  const struct CMUnitTest tests[] = {
      TX_SUITE,
      LAB_TEST(sends_any_length_in_one_batch),
      LAB_TEST(keeps_what_the_peer_had_no_room_for),
      LAB_TEST(streams_frames_of_the_template_alone),
      LAB_TEST(counts_only_what_left_of_a_stream),
      LAB_TEST(streams_by_a_template_only),
      LAB_TEST(writes_departures_into_frames),
      LAB_TEST(answers_when_targets_departed),
      LAB_TEST(keeps_intervals_between_frames),
      LAB_TEST(refuses_intervals_that_are_none),
      LAB_TEST(refuses_a_peer_with_nowhere_to_put_frames),
      LAB_TEST(says_so_when_the_peer_stops_taking_frames),
      LAB_TEST(refuses_links_whose_driver_takes_no_frames),
      LAB_TEST(refuses_slots_that_are_too_large),
      LAB_TEST(leaves_another_program_alone),
      LAB_TEST(shares_the_program_of_a_link),
      LAB_TEST(tells_generators_apart_that_run_at_once),
      LAB_TEST(runs_out_of_slots_and_gets_them_back),
      LAB_TEST(needs_three_capabilities),
      LAB_TEST(says_that_the_kernel_is_too_old),
      LAB_TEST(is_gone_with_its_process),
      LAB_TEST(runs_out_of_descriptors_cleanly),
      LAB_TEST(loads_whatever_signals_come),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
