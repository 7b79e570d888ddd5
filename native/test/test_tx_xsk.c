// SPDX-License-Identifier: Apache-2.0
#include <linux/if_ether.h>
#include <linux/if_xdp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../wire/xsk_queue.h"
#include "lab.h"

// What a foreign program would do to have queue 0 of v0 for itself.
static int take_queue(void) {
  int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), count = 64;
  void *memory = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct xdp_umem_reg umem = {.addr = (uintptr_t)memory, .len = 1 << 16, .chunk_size = 2048};
  struct sockaddr_xdp to = {.sxdp_family = AF_XDP, .sxdp_ifindex = (uint32_t)lab_index("v0")};
  assert_int_equal(setsockopt(fd, 283, XDP_UMEM_REG, &umem, sizeof umem), 0);
  assert_int_equal(setsockopt(fd, 283, XDP_UMEM_FILL_RING, &count, sizeof count), 0);
  assert_int_equal(setsockopt(fd, 283, XDP_UMEM_COMPLETION_RING, &count, sizeof count), 0);
  assert_int_equal(setsockopt(fd, 283, XDP_TX_RING, &count, sizeof count), 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
  return fd;
}

static int open_status(uint32_t queue, uint32_t slots) {
  struct fj_tx *tx;
  struct fj_tx_config config = {
      .backend = FJ_XSK, .ifindex = lab_index(lab_link), .slots = slots, .queue = queue};
  int error = fj_tx_open(&tx, &config);
  if (error == 0) fj_tx_close(tx);
  return error;
}

static void lays_slots_out_within_chunks(void **state) {
  (void)state;
  static const uint32_t CAPACITIES[] = {60, 64, 100, 992, 993, 1518, 2016};
  for (size_t i = 0; i < sizeof CAPACITIES / sizeof *CAPACITIES; i++) {
    struct lab_tx lab;
    lab_tx_open(&lab, FJ_XSK, 100, CAPACITIES[i], 0);
    const struct fj_tx_control *control = lab.tx->control;
    assert_in_range(control->slots, 100, 132);
    assert_true(control->pitch >= 32 + CAPACITIES[i] && control->pitch <= 2048);
    assert_int_equal(control->mode, FJ_TX_COPY);  // veth has no zero-copy
    for (uint32_t slot = 0; slot < control->slots; slot++) {
      uint32_t at = lab.tx->offsets[slot];
      assert_int_equal(at / 2048, (at + control->pitch - 1) / 2048);
    }
    fj_tx_close(lab.tx);
  }
}

// Frames of several descriptors each, one of which is as long as all that the kernel takes.
static void sends_frames_longer_than_a_chunk(void **state) {
  (void)state;
  static const uint32_t LENGTHS[] = {60, 9014, 4064, 4065, 14, 8160, 8161, 1514};
  enum { COUNT = sizeof LENGTHS / sizeof *LENGTHS };
  struct lab_tx lab;
  unsigned char frame[10000];
  lab_run("ip link set v0 mtu 9000; ip link set v1 mtu 9000");
  int tap = lab_tap("v1");
  lab_tx_open(&lab, FJ_XSK, 16, 0, 0);
  for (int round = 0; round < 50; round++) {
    for (uint32_t i = 0; i < COUNT; i++) {
      struct fj_slot *slot = fj_tx_slot(lab.tx, ((uint32_t)lab.first + i) % lab.tx->slots);
      slot->length = LENGTHS[i];
      memset(fj_slot_data(slot), (int)(i + 1), LENGTHS[i]);
      memcpy(fj_slot_data(slot) + 12, "\x88\xb5", 2);
    }
    assert_int_equal(fj_tx_send(lab.tx, lab.first, COUNT), COUNT);
    lab.first = (lab.first + COUNT) % (int)lab.tx->slots;
    for (uint32_t i = 0; i < COUNT; i++) {
      assert_int_equal(recv(tap, frame, sizeof frame, 0), LENGTHS[i]);
      for (uint32_t at = 14; at < LENGTHS[i]; at++) assert_int_equal(frame[at], i + 1);
    }
  }
  fj_tx_close(lab.tx);
  close(tap);
}

// The peer's MTU is the smaller one: the driver drops what it would not take. Long frames and short ones, so
// that the drop comes first, last, and in between, and the send after it finds the ring as it was left.
static void keeps_what_the_driver_dropped(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  lab_run("ip link set v0 mtu 9000; ip link set v1 mtu 1000");
  lab_tx_open(&lab, FJ_XSK, 64, 0, 0);
  for (int refused = 0; refused < 8; refused++) {
    lab_tx_write(&lab, 8);
    uint32_t long_one = (uint32_t)(lab.first + refused) % lab.tx->slots;
    fj_tx_slot(lab.tx, long_one)->length = refused % 2 ? 1200 : 9000;
    uint32_t next = lab.number;
    assert_int_equal(fj_tx_send(lab.tx, lab.first, 8), refused);
    assert_int_equal(fj_tx_send(lab.tx, (int)long_one, 8 - refused), 0);
    lab.first = (int)long_one;
    lab.number += (uint32_t)refused;
    assert_int_equal(lab_tx_send(&lab, refused % 3 + 1), refused % 3 + 1);  // fewer than were left behind
    assert_int_equal(lab_tx_send(&lab, 20), 20);
    assert_int_equal(lab_drain(tap, next), refused + refused % 3 + 21);
  }
  assert_true(lab.tx->control->queue_full > 0);
  fj_tx_close(lab.tx);
  close(tap);
}

static void sends_a_large_batch_at_once(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  lab_tx_open(&lab, FJ_XSK, 4096, 64, 0);  // twice what the ring holds
  assert_int_equal(lab_tx_send(&lab, 4096), 4096);
  assert_int_equal(lab_tx_send(&lab, 1000), 1000);
  assert_int_equal(lab_drain(tap, 0), 5096);
  fj_tx_close(lab.tx);
  close(tap);
}

static void survives_many_rounds(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1"), sent = 0;
  lab_tx_open(&lab, FJ_XSK, 256, 64, 0);
  while (sent < 50000) {
    int taken = lab_tx_send(&lab, 100);
    assert_true(taken >= 0);
    sent += taken;
  }
  assert_int_equal(lab_drain(tap, 0), sent);
  assert_int_equal(lab.tx->control->accepted_frames, sent);
  fj_tx_close(lab.tx);
  close(tap);
}

static void shares_the_queue_within_the_process(void **state) {
  (void)state;
  enum { COUNT = 5 };
  struct lab_tx labs[COUNT];
  int tap = lab_tap("v1");
  uint32_t next = 0;
  for (int i = 0; i < COUNT; i++) lab_tx_open(&labs[i], FJ_XSK, 64, (uint32_t)(60 + 300 * i), 0);
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < COUNT; i++) {
      labs[i].number = next;
      assert_int_equal(lab_tx_send(&labs[i], 40), 40);
      next += 40;
    }
    // The one that was opened first goes, and is opened again, last.
    fj_tx_close(labs[round].tx);
    lab_tx_open(&labs[round], FJ_XSK, 64, 700, 0);
  }
  for (int i = 0; i < COUNT; i++) fj_tx_close(labs[i].tx);
  assert_int_equal(lab_drain(tap, 0), next);
  close(tap);
}

static void lends_all_of_its_memory(void **state) {
  (void)state;
  struct lab_tx first;
  struct fj_tx *others[32];
  int count = 0, error;
  struct fj_tx_config config = {.backend = FJ_XSK, .ifindex = lab_index("v0"), .slots = 512};
  lab_tx_open(&first, FJ_XSK, 64, 0, 0);
  while (count < 32 && (error = fj_tx_open(&others[count], &config)) == 0) count++;
  assert_int_equal(error, -ENOSPC);
  assert_int_equal(count, 8);  // of 1 MiB each
  fj_tx_close(others[1]);
  assert_int_equal(fj_tx_open(&others[1], &config), 0);
  for (int i = 0; i < count; i++) fj_tx_close(others[i]);
  fj_tx_close(first.tx);
}

static void tells_when_the_queue_is_taken(void **state) {
  (void)state;
  int before = lab_count_fds(), other = take_queue();
  assert_int_equal(open_status(0, 16), -EADDRINUSE);
  close(other);
  assert_int_equal(open_status(0, 16), 0);  // though the kernel lets go of it a moment later
  assert_int_equal(open_status(0, 16), 0);
  assert_int_equal(open_status(7, 16), -EINVAL);
  assert_int_equal(lab_count_fds(), before);
}

static void uses_the_queue_that_it_is_given(void **state) {
  (void)state;
  lab_run(
      "ip link del v0; ip link add v0 numrxqueues 2 numtxqueues 2 type veth peer name v1 && "
      "ip link set v0 up && ip link set v1 up; sleep 0.2");
  struct lab_tx first, second;
  int tap = lab_tap("v1"), other = take_queue();
  struct fj_tx_config config = {.backend = FJ_XSK, .ifindex = lab_index("v0"), .slots = 16, .queue = 1};
  first = second = (struct lab_tx){0};
  assert_int_equal(fj_tx_open(&first.tx, &config), 0);
  assert_int_equal(lab_tx_send(&first, 10), 10);
  close(other);
  lab_tx_open(&second, FJ_XSK, 16, 0, 0);
  second.number = 10;
  assert_int_equal(lab_tx_send(&second, 10), 10);
  assert_int_equal(lab_drain(tap, 0), 20);
  fj_tx_close(second.tx);
  fj_tx_close(first.tx);
  close(tap);
}

// Without CAP_IPC_LOCK the pages count against RLIMIT_MEMLOCK.
static void tells_when_too_little_may_be_locked(void **state) {
  (void)state;
  const struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
  pid_t child = fork();
  if (child == 0) {
    enum { CAP_IPC_LOCK_BIT = 14 };
    struct {
      uint32_t version;
      int pid;
    } header = {0x20080522, 0};
    struct {
      uint32_t effective, permitted, inheritable;
    } sets[2];
    if (syscall(SYS_capget, &header, sets)) _exit(10);
    sets[0].effective &= ~(1u << CAP_IPC_LOCK_BIT);
    if (syscall(SYS_capset, &header, sets)) _exit(11);
    if (setrlimit(RLIMIT_MEMLOCK, &limit)) _exit(12);
    if (open_status(0, 16) != 0) _exit(13);  // 32 KiB, and no reserve
    if (open_status(0, 1024) != -ENOLCK) _exit(14);
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

static void reads_zero_after_close(void **state) {
  (void)state;
  struct lab_tx lab, other;
  lab_tx_open(&lab, FJ_XSK, 64, 0, 0);
  lab_tx_open(&other, FJ_XSK, 64, 0, 0);  // keeps the queue's memory
  assert_int_equal(lab_tx_send(&lab, 3), 3);
  lab.tx->mapping.shared = 1;  // as if a Java buffer were over it
  unsigned char *base = lab.tx->mapping.base, *body = lab.tx->mapping.body;
  size_t length = lab.tx->mapping.length;
  fj_tx_close(lab.tx);
  for (const unsigned char *at = body; at < base + length; at++) assert_int_equal(*at, 0);
  assert_int_equal(((struct fj_tx_control *)base)->accepted_frames, 3);
  memset(body, 0xff, 4096);  // reaches nobody's frames
  struct lab_tx again;
  lab_tx_open(&again, FJ_XSK, 64, 0, 0);
  assert_int_equal(fj_tx_slot(again.tx, 0)->status, 0);
  fj_tx_close(again.tx);
  fj_tx_close(other.tx);
  assert_int_equal(munmap(base, length), 0);
}

static void runs_out_of_descriptors_cleanly(void **state) {
  (void)state;
  struct rlimit limit, tight;
  int before = lab_count_fds(), ifindex = lab_index("v0"), opened = 0;
  getrlimit(RLIMIT_NOFILE, &limit);
  tight = limit;
  for (rlim_t room = 3; room < 40; room++) {
    struct fj_tx *tx;
    struct fj_tx_config config = {
        .backend = FJ_XSK, .netns = "/proc/self/ns/net", .ifindex = ifindex, .slots = 16};
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
  }
  assert_true(opened > 0);
}

int main(void) {
  lab_enter();
  lab_backend = FJ_XSK;
  const struct CMUnitTest tests[] = {
      TX_SUITE,
      LAB_TEST(lays_slots_out_within_chunks),
      LAB_TEST(sends_frames_longer_than_a_chunk),
      LAB_TEST(keeps_what_the_driver_dropped),
      LAB_TEST(sends_a_large_batch_at_once),
      LAB_TEST(survives_many_rounds),
      LAB_TEST(shares_the_queue_within_the_process),
      LAB_TEST(lends_all_of_its_memory),
      LAB_TEST(tells_when_the_queue_is_taken),
      LAB_TEST(uses_the_queue_that_it_is_given),
      LAB_TEST(tells_when_too_little_may_be_locked),
      LAB_TEST(reads_zero_after_close),
      LAB_TEST(runs_out_of_descriptors_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
