// SPDX-License-Identifier: Apache-2.0
// What every backend for injecting has to pass, on a veth pair.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"

enum fj_backend lab_backend;

static void open_default(struct lab_tx *lab) {
  lab_tx_open(lab, lab_backend, 64, 0, 0);
}

void suite_counts_and_order(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  open_default(&lab);
  assert_int_equal(lab_tx_send(&lab, 1), 1);
  assert_int_equal(lab_tx_send(&lab, 40), 40);
  assert_int_equal(lab_drain(tap, 0), 41);
  const struct fj_tx_control *control = lab.tx->control;
  assert_int_equal(control->accepted_frames, 41);
  assert_int_equal(control->accepted_bytes, 41 * LAB_FRAME);
  assert_int_equal(control->calls, 2);
  assert_int_equal(control->unconfirmed + control->rejected, 0);
  assert_true(control->started_ns > 1600000000000000000u && control->started_ns <= control->finished_ns);
  fj_tx_close(lab.tx);
  close(tap);
}

void suite_wraps_around(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1"), sent = 0;
  open_default(&lab);
  int slots = (int)lab.tx->slots;
  for (int i = 0; i < 20; i++) {
    int wanted = slots - 7, before = sent;
    while (sent - before < wanted) {
      int taken = lab_tx_send(&lab, wanted - (sent - before));
      assert_true(taken > 0);
      sent += taken;
    }
  }
  assert_int_equal(lab_tx_send(&lab, slots), slots);
  assert_int_equal(fj_tx_send(lab.tx, lab.first, slots + 1), -ERANGE);  // larger than the ring
  assert_int_equal(fj_tx_send(lab.tx, slots, 1), -ERANGE);
  assert_int_equal(fj_tx_send(lab.tx, lab.first, 0), 0);
  assert_int_equal(lab_drain(tap, 0), sent + slots);
  assert_int_equal(lab.tx->control->accepted_frames, sent + slots);
  fj_tx_close(lab.tx);
  close(tap);
}

static uint32_t *length_of(struct lab_tx *lab, int index) {
  return &fj_tx_slot(lab->tx, ((uint32_t)lab->first + (uint32_t)index) % lab->tx->slots)->length;
}

void suite_refuses_short_and_long(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  open_default(&lab);
  lab_tx_write(&lab, 5);
  *length_of(&lab, 3) = 13;
  assert_int_equal(fj_tx_send(lab.tx, 0, 5), -EINVAL);
  assert_int_equal(lab.tx->control->error_index, 3);
  *length_of(&lab, 3) = LAB_FRAME;
  *length_of(&lab, 4) = lab.tx->control->max_frame + 1;
  assert_int_equal(lab.tx->control->max_frame, 1514);
  assert_int_equal(fj_tx_send(lab.tx, 0, 5), -EMSGSIZE);
  assert_int_equal(lab.tx->control->error_index, 4);
  *length_of(&lab, 4) = 0xffffffff;
  assert_int_equal(fj_tx_send(lab.tx, 0, 5), -EMSGSIZE);
  assert_int_equal(lab.tx->control->rejected, 3);
  assert_int_equal(lab_drain(tap, 0), 0);  // nothing of the batch was lost, nor sent
  *length_of(&lab, 4) = lab.tx->control->max_frame;
  assert_int_equal(fj_tx_send(lab.tx, 0, 5), 5);
  assert_int_equal(lab_drain(tap, 0), 5);
  fj_tx_close(lab.tx);
  close(tap);
}

void suite_takes_tagged_frame_over_mtu(void **state) {
  (void)state;
  struct lab_tx lab;
  open_default(&lab);
  lab_tx_write(&lab, 1);
  memcpy(fj_slot_data(fj_tx_slot(lab.tx, 0)) + 12, "\x81\0\0\7\x88\xb5", 6);
  *length_of(&lab, 0) = 1519;
  assert_int_equal(fj_tx_send(lab.tx, 0, 1), -EMSGSIZE);
  *length_of(&lab, 0) = 1518;
  assert_int_equal(fj_tx_send(lab.tx, 0, 1), 1);
  fj_tx_close(lab.tx);
}

void suite_link_down_and_up(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  open_default(&lab);
  assert_int_equal(lab_tx_send(&lab, 10), 10);
  assert_int_equal(lab_drain(tap, 0), 10);
  lab_run("ip link set v0 down");
  assert_int_equal(lab_tx_send(&lab, 10), -ENETDOWN);
  assert_int_equal(lab.number, 10);
  lab_run("ip link set v0 up");
  usleep(300000);
  assert_int_equal(lab_drain(tap, 10), 0);  // nothing stale goes out by itself
  int taken;
  for (int i = 0; i < 300 && (taken = lab_tx_send(&lab, 10)) == -ENOLINK; i++) usleep(10000);
  assert_int_equal(taken, 10);
  assert_int_equal(lab_drain(tap, 10), 10);  // nor in front of what comes next
  assert_int_equal(lab.tx->control->accepted_frames, 20);
  fj_tx_close(lab.tx);
  close(tap);
}

void suite_carrier_lost(void **state) {
  (void)state;
  struct lab_tx lab;
  open_default(&lab);
  assert_int_equal(lab_tx_send(&lab, 10), 10);
  lab_run("ip link set v1 down");
  usleep(100000);
  assert_int_equal(lab_tx_send(&lab, 10), -ENOLINK);
  assert_int_equal(lab.tx->control->accepted_frames, 10);  // never a counted send
  lab_run("ip link set v1 up");
  int taken;
  for (int i = 0; i < 300 && (taken = lab_tx_send(&lab, 10)) == -ENOLINK; i++) usleep(10000);
  assert_int_equal(taken, 10);
  fj_tx_close(lab.tx);
}

void suite_link_deleted_and_made_again(void **state) {
  (void)state;
  struct lab_tx lab;
  open_default(&lab);
  int former = lab_index("v0");
  lab_run("ip link del v0");
  assert_int_equal(lab_tx_send(&lab, 3), -ENXIO);
  // The same name, even the same number, is not the same link.
  lab_run("ip link add v0 index %d type veth peer name v1", former);
  assert_int_equal(lab_tx_send(&lab, 3), -ENXIO);
  lab_run("ip link set v0 up; ip link set v1 up");
  usleep(100000);
  assert_int_equal(lab_tx_send(&lab, 3), -ENXIO);
  assert_int_equal(lab.tx->control->accepted_frames + lab.tx->control->unconfirmed, 0);
  fj_tx_close(lab.tx);
}

void suite_mtu_lowered_after_open(void **state) {
  (void)state;
  struct lab_tx lab;
  int tap = lab_tap("v1");
  open_default(&lab);
  lab_run("ip link set v0 mtu 1000");
  lab_tx_write(&lab, 3);
  *length_of(&lab, 1) = 1400;
  assert_int_equal(fj_tx_send(lab.tx, lab.first, 3), 1);  // up to the frame that the kernel refuses
  lab.first++;
  lab.number++;
  assert_int_equal(fj_tx_send(lab.tx, lab.first, 2), -EMSGSIZE);
  assert_int_equal(lab.tx->control->error_index, 0);
  assert_int_equal(lab.tx->control->max_frame, 1014);
  assert_int_equal(lab_tx_send(&lab, 10), 10);  // written anew, it goes on
  assert_int_equal(lab_drain(tap, 0), 11);
  lab_tx_write(&lab, 3);
  *length_of(&lab, 2) = 1400;
  assert_int_equal(fj_tx_send(lab.tx, lab.first, 3), -EMSGSIZE);  // known by now: before anything is sent
  assert_int_equal(lab.tx->control->error_index, 2);
  lab_run("ip link set v0 mtu 1500");
  assert_int_equal(fj_tx_send(lab.tx, lab.first, 3), 3);  // and noticed when it is raised
  fj_tx_close(lab.tx);
  close(tap);
}

void suite_leaves_no_descriptor(void **state) {
  (void)state;
  struct lab_tx lab;
  open_default(&lab);  // libpcap keeps descriptors of its own from the first time
  fj_tx_close(lab.tx);
  int before = lab_count_fds();
  open_default(&lab);
  assert_int_equal(lab_tx_send(&lab, 1), 1);
  fj_tx_close(lab.tx);
  struct fj_tx *tx;
  struct fj_tx_config gone = {.backend = lab_backend, .ifindex = 9999, .slots = 16};
  assert_int_equal(fj_tx_open(&tx, &gone), -ENODEV);
  struct fj_tx_config nowhere = {
      .backend = lab_backend, .ifindex = 1, .slots = 16, .netns = "/run/netns/fj-none"};
  assert_int_equal(fj_tx_open(&tx, &nowhere), -ENOENT);
  struct fj_tx_config none = {.backend = lab_backend, .ifindex = 1, .slots = 0};
  assert_int_equal(fj_tx_open(&tx, &none), -EINVAL);
  assert_int_equal(lab_count_fds(), before);
}

void suite_opens_in_namespace(void **state) {
  (void)state;
  char path[64];
  int tap = lab_tap("v1"), here = fj_netns_open(NULL), elsewhere = fj_netns_create();
  int64_t inode = fj_netns_inode(here);
  snprintf(path, sizeof path, "/proc/self/fd/%d", here);
  struct fj_tx_config config = {
      .backend = lab_backend, .netns = path, .ifindex = lab_index("v0"), .slots = 16};
  struct lab_tx lab = {0};
  int former = fj_netns_enter(elsewhere);
  assert_true(former >= 0);
  assert_int_equal(fj_tx_open(&lab.tx, &config), 0);
  int now = fj_netns_open(NULL);
  assert_true(fj_netns_inode(now) != inode);  // the thread stayed where it was
  assert_int_equal(lab_tx_send(&lab, 3), 3);  // and sends elsewhere
  assert_int_equal(fj_netns_leave(former), 0);
  assert_int_equal(lab_drain(tap, 0), 3);
  fj_tx_close(lab.tx);
  close(now);
  close(elsewhere);
  close(here);
  close(tap);
}
