// SPDX-License-Identifier: Apache-2.0
// What the emulator's program counts, when many questions are looked at in one poll. The answers themselves
// are tested from Java, against those that Java makes.
#include "../wire/emulator.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../link/link.h"
#include "../wire/bpf.h"
#include "lab.h"

enum { HOSTS = 0x0a4d0300, ASKER = 0x0a4d0001, ECHO_LENGTH = 60, IP = ETH_HLEN, ICMP = ETH_HLEN + 20 };

static const unsigned char ASKER_MAC[] = {2, 0, 0, 0, 0, 1}, UPPER_MAC[] = {2, 0, 0, 0, 0, 0x99};

static struct fj_emulator *emulator_by(bool transmit) {
  static struct fj_emulator_hosts hosts = {.threshold = UINT64_C(1) << 32, .count4 = 1, .max_segment = 1460};
  struct fj_emulator_range4 range = {HOSTS, HOSTS + 255};
  struct fj_emulator_config config = {.ifindex = lab_index("v1"),
                                      .is_veth = true,
                                      .hosts = &hosts,
                                      .ranges4 = &range,
                                      .by_transmit = transmit};
  struct fj_emulator *emulator;
  assert_int_equal(fj_link_set_gro(NULL, "v0", true), 0);
  assert_int_equal(fj_emulator_open(&emulator, &config), 0);
  return emulator;
}

static struct fj_emulator *emulator_of_hosts(void) {
  return emulator_by(false);
}

static uint64_t count_of(struct fj_emulator *emulator, enum fj_emulator_count what) {
  uint64_t counts[FJ_EMULATOR_COUNTS];
  assert_int_equal(fj_emulator_counts(emulator, counts), 0);
  return counts[what];
}

// --- questions --------------------------------------------------------------------------------------------

static void put32(unsigned char *at, uint32_t value) {
  uint32_t swapped = htonl(value);
  memcpy(at, &swapped, sizeof swapped);
}

static void write_arp(unsigned char *frame, uint32_t host) {
  static const unsigned char head[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1};
  memset(frame, 0, LAB_FRAME);
  memset(frame, 0xff, ETH_ALEN);
  memcpy(frame + ETH_ALEN, ASKER_MAC, ETH_ALEN);
  memcpy(frame + 12, head, sizeof head);
  memcpy(frame + 22, ASKER_MAC, ETH_ALEN);
  put32(frame + 28, ASKER);
  put32(frame + 38, host);
}

static void write_echo(unsigned char *frame, uint32_t host) {
  static const unsigned char head[] = {8, 0, 0x45, 0, 0, ECHO_LENGTH - IP, 0, 0, 0, 0, 64, 1};
  memset(frame, 0, ECHO_LENGTH);
  frame[0] = 2;
  frame[1] = 4;
  put32(frame + 2, host);
  memcpy(frame + ETH_ALEN, ASKER_MAC, ETH_ALEN);
  memcpy(frame + 12, head, sizeof head);
  put32(frame + IP + 12, ASKER);
  put32(frame + IP + 16, host);
  lab_checksum(frame + IP + 10, frame + IP, 20);
  frame[ICMP] = 8;
  lab_checksum(frame + ICMP + 2, frame + ICMP, ECHO_LENGTH - ICMP);
}

// What is nobody's question, for a device on top of the link.
static void write_other(unsigned char *frame, uint32_t host) {
  lab_frame(frame, host);
  memcpy(frame, UPPER_MAC, ETH_ALEN);
}

typedef void writer(unsigned char *frame, uint32_t host);

// 64 frames that the far side looks at in one poll: as many of the one as of the other, by turns.
static void send_by_turns(struct fj_tx *tx, writer *one, writer *other) {
  for (uint32_t i = 0; i < 64; i++) {
    struct fj_slot *slot = fj_tx_slot(tx, i);
    (i % 2 ? other : one)(fj_slot_data(slot), HOSTS + i);
    slot->length = LAB_FRAME;
  }
  assert_int_equal(fj_tx_send(tx, 0, 64), 64);
}

// --- tests ------------------------------------------------------------------------------------------------

static void await_count(struct fj_emulator *emulator, enum fj_emulator_count what, uint64_t count) {
  for (int tries = 0; count_of(emulator, what) < count && tries < 2000; tries++) usleep(1000);
  assert_int_equal(count_of(emulator, what), count);
}

// Frames of the hosts that have arrived.
static int count_answers(int tap) {
  unsigned char frame[2048];
  int count = 0;
  for (int quiet = 0; quiet < 20;) {
    ssize_t size = recv(tap, frame, sizeof frame, MSG_DONTWAIT);
    if (size < 0) {
      quiet++;
      usleep(5000);
    } else if (size >= ETH_HLEN && frame[ETH_ALEN] == 2 && frame[ETH_ALEN + 1] == 4) {
      count++;
    }
  }
  return count;
}

static void check_kinds(struct fj_emulator *emulator) {
  struct lab_tx lab;
  int tap = lab_tap("v0");
  lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
  for (int i = 0; i < 10; i++) {
    send_by_turns(lab.tx, write_arp, write_echo);
    send_by_turns(lab.tx, write_echo, write_echo);
  }
  await_count(emulator, FJ_EMULATOR_ARP, 320);
  await_count(emulator, FJ_EMULATOR_ECHO, 960);
  assert_int_equal(count_of(emulator, FJ_EMULATOR_UNSENT), 0);
  assert_int_equal(count_answers(tap), 320 + 960);
  fj_tx_close(lab.tx);
  fj_emulator_close(emulator);
  close(tap);
}

static void counts_kinds_that_leave_together(void **state) {
  (void)state;
  check_kinds(emulator_of_hosts());
}

static void counts_kinds_that_leave_by_transmit(void **state) {
  (void)state;
  check_kinds(emulator_by(true));
}

// What a far side without a place for them does not take did not leave.
static void counts_what_transmit_does_not_take(void **state) {
  (void)state;
  unsigned char frame[LAB_FRAME];
  struct fj_emulator *emulator = emulator_by(true);
  assert_int_equal(fj_link_set_gro(NULL, "v0", false), 0);
  for (uint32_t i = 0; i < 40; i++) {
    write_arp(frame, HOSTS + i);
    assert_int_equal(lab_inject("v0", frame, sizeof frame, 1), 1);
  }
  await_count(emulator, FJ_EMULATOR_UNSENT, 40);
  assert_int_equal(count_of(emulator, FJ_EMULATOR_ARP), 0);
  fj_emulator_close(emulator);
}

// A program that redirects to where there is nothing, or fails otherwise, on a link, by the kernel's generic
// XDP.
static int fail_on(const char *link, struct bpf_insn action) {
  struct bpf_insn program[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = 99999},
                               {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2},
                               action,
                               {.code = BPF_JMP | BPF_EXIT}};
  union bpf_attr load = {.prog_type = BPF_PROG_TYPE_XDP,
                         .insn_cnt = sizeof program / sizeof *program,
                         .insns = (uint64_t)(uintptr_t)program,
                         .license = (uint64_t)(uintptr_t) "GPL"};
  int loaded = fj_bpf(BPF_PROG_LOAD, &load);
  assert_true(loaded >= 0);
  union bpf_attr attach = {.link_create = {.prog_fd = (uint32_t)loaded,
                                           .target_ifindex = (uint32_t)lab_index(link),
                                           .attach_type = BPF_XDP,
                                           .flags = XDP_FLAGS_SKB_MODE}};
  int attached = fj_bpf(BPF_LINK_CREATE, &attach);
  assert_true(attached >= 0);
  close(loaded);
  return attached;
}

// For the device above as many as the stack takes at once, and answers behind them.
static void send_in_turn(struct fj_tx *tx, uint32_t others, uint32_t questions) {
  for (uint32_t i = 0; i < others + questions; i++) {
    struct fj_slot *slot = fj_tx_slot(tx, i);
    (i < others ? write_other : write_arp)(fj_slot_data(slot), HOSTS + i);
    slot->length = LAB_FRAME;
  }
  assert_int_equal(fj_tx_send(tx, 0, (int)(others + questions)), (int)(others + questions));
}

static void check_failures_of_others(bool transmit, struct bpf_insn action) {
  struct lab_tx lab;
  lab_run("ip link add upper link v1 address 02:00:00:00:00:99 type macvlan && ip link set upper up");
  struct fj_emulator *emulator = emulator_by(transmit);
  int failing = fail_on("upper", action);  // not before: the kernel lets none be attached below such a device
  lab_tx_open(&lab, FJ_XDP, 64, 0, 0);
  for (int i = 0; i < 10; i++) send_by_turns(lab.tx, write_arp, write_other);
  for (int i = 0; i < 50; i++) send_in_turn(lab.tx, 10, 4);
  await_count(emulator, FJ_EMULATOR_IGNORED, 320 + 500);
  await_count(emulator, FJ_EMULATOR_ARP, 320 + 200);
  assert_int_equal(count_of(emulator, FJ_EMULATOR_UNSENT), 0);
  fj_tx_close(lab.tx);
  fj_emulator_close(emulator);
  close(failing);
}

static void leaves_failures_of_other_programs_to_them(void **state) {
  (void)state;
  struct bpf_insn redirect = {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect};
  check_failures_of_others(false, redirect);
}

static void leaves_exceptions_of_other_programs_to_them(void **state) {
  (void)state;
  struct bpf_insn aborted = {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_ABORTED};
  check_failures_of_others(true, aborted);
}

int main(void) {
  lab_enter();
  lab_gro = true;
  const struct CMUnitTest tests[] = {
      LAB_TEST(counts_kinds_that_leave_together), LAB_TEST(counts_kinds_that_leave_by_transmit),
      LAB_TEST(counts_what_transmit_does_not_take), LAB_TEST(leaves_failures_of_other_programs_to_them),
      LAB_TEST(leaves_exceptions_of_other_programs_to_them)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
