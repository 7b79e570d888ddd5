// SPDX-License-Identifier: Apache-2.0
// Frames that begin with an IP header: backend "rawip", and what the others do on a link without a link
// header.
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lab.h"

static enum fj_backend BACKENDS[] = {FJ_SOCKET, FJ_RING, FJ_PCAP, FJ_RAWIP};

static int reset(void **state) {
  lab_backend = *(enum fj_backend *)*state;
  lab_link = "tun0";
  lab_sends_packets = true;
  return 0;
}

static struct lab_tx open_on_tun(void) {
  struct lab_tx lab;
  lab_tx_open(&lab, lab_backend, 64, 0, 0);
  return lab;
}

static void sends_both_versions_in_order(void **state) {
  (void)state;
  int tun = lab_tun();
  struct lab_tx lab = open_on_tun();
  assert_int_equal(lab.tx->control->max_frame, 1500);
  assert_int_equal(lab_tx_send(&lab, 1), 1);
  for (int i = 0; i < 20; i++) assert_int_equal(lab_tx_send(&lab, 19), 19);  // round the slots
  assert_int_equal(lab_tun_drain(tun, 0), 381);
  assert_int_equal(lab.tx->control->accepted_frames, 381);
  fj_tx_close(lab.tx);
  close(tun);
}

static struct fj_slot *slot_of(struct lab_tx *lab, int index) {
  return fj_tx_slot(lab->tx, ((uint32_t)lab->first + (uint32_t)index) % lab->tx->slots);
}

static void refuses(struct lab_tx *lab, int index, int error) {
  assert_int_equal(fj_tx_send(lab->tx, lab->first, 6), error);
  assert_int_equal(lab->tx->control->error_index, index);
  lab_tx_write(lab, 6);
}

static void refuses_what_is_no_packet(void **state) {
  (void)state;
  int tun = lab_tun();
  struct lab_tx lab = open_on_tun();
  lab_tx_write(&lab, 6);
  slot_of(&lab, 0)->length = 19;
  refuses(&lab, 0, -EINVAL);
  slot_of(&lab, 4)->length = 39;  // IPv6
  refuses(&lab, 4, -EINVAL);
  *fj_slot_data(slot_of(&lab, 2)) = 0x55;
  refuses(&lab, 2, -EINVAL);
  slot_of(&lab, 5)->length = 1501;
  refuses(&lab, 5, -EMSGSIZE);
  slot_of(&lab, 1)->length = 0xffffffff;
  refuses(&lab, 1, -EMSGSIZE);
  assert_int_equal(lab.tx->control->rejected, 5);
  assert_int_equal(lab_tun_drain(tun, 0), 0);
  assert_int_equal(fj_tx_send(lab.tx, lab.first, 6), 6);
  assert_int_equal(lab_tun_drain(tun, 0), 6);
  fj_tx_close(lab.tx);
  close(tun);
}

static void link_down_and_up(void **state) {
  (void)state;
  int tun = lab_tun();
  struct lab_tx lab = open_on_tun();
  assert_int_equal(lab_tx_send(&lab, 10), 10);
  assert_int_equal(lab_tun_drain(tun, 0), 10);
  lab_run("ip link set tun0 down");
  assert_int_equal(lab_tx_send(&lab, 10), -ENETDOWN);
  lab_run("ip link set tun0 up; ip addr add fd00:99::1/64 dev tun0 nodad");
  assert_int_equal(lab_tx_send(&lab, 10), 10);
  assert_int_equal(lab_tun_drain(tun, 10), 10);
  assert_int_equal(lab.tx->control->accepted_frames, 20);
  fj_tx_close(lab.tx);
  close(tun);
}

static void link_deleted_and_made_again(void **state) {
  (void)state;
  int tun = lab_tun();
  struct lab_tx lab = open_on_tun();
  close(tun);  // with the descriptor goes the link
  assert_int_equal(lab_tx_send(&lab, 10), -ENXIO);
  tun = lab_tun();  // the same name, another link
  assert_int_equal(lab_tx_send(&lab, 10), -ENXIO);
  assert_int_equal(lab_tun_drain(tun, 0), 0);
  fj_tx_close(lab.tx);
  close(tun);
}

static void is_another_link_of_that_index(void **state) {
  (void)state;
  int tun = lab_tun(), index = lab_index("tun0");
  struct lab_tx lab = open_on_tun();
  close(tun);
  lab_run("ip link add tun0 index %d type veth peer name tun1 && ip link set tun1 up && ip link set tun0 up",
          index);
  assert_int_equal(lab_tx_send(&lab, 10), -ENXIO);
  assert_int_equal(lab.tx->control->accepted_frames + lab.tx->control->unconfirmed, 0);
  lab_run("ip link del tun0");
  fj_tx_close(lab.tx);
}

static void leaves_no_descriptor(void **state) {
  (void)state;
  struct rlimit limit, tight;
  int tun = lab_tun();
  struct lab_tx lab = open_on_tun();  // libpcap keeps descriptors of its own from the first time
  fj_tx_close(lab.tx);
  int before = lab_count_fds(), ifindex = lab_index("tun0");
  getrlimit(RLIMIT_NOFILE, &limit);
  tight = limit;
  for (rlim_t room = 3; lab_backend != FJ_PCAP && room < 40; room++) {
    struct fj_tx *tx;
    struct fj_tx_config config = {
        .backend = lab_backend, .netns = "/proc/self/ns/net", .ifindex = ifindex, .slots = 16};
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
  lab = open_on_tun();
  assert_int_equal(lab_tx_send(&lab, 3), 3);
  fj_tx_close(lab.tx);
  assert_int_equal(lab_count_fds(), before);
  close(tun);
}

// --- rawip alone ------------------------------------------------------------------------------------------

static struct lab_tx open_on_veth(void) {
  struct lab_tx lab;
  lab_link = "v0";
  lab_sends_packets = true;
  lab_run(
      "ip addr add 10.99.0.1/24 dev v0 && "
      "ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent");
  lab_tx_open(&lab, FJ_RAWIP, 64, 0, 0);
  return lab;
}

static void has_the_stack_add_the_link_header(void **state) {
  (void)state;
  unsigned char frame[2048], packet[64];
  struct lab_tx lab = open_on_veth();
  int tap = lab_tap("v1");
  assert_int_equal(lab.tx->control->max_frame, 1500);
  assert_int_equal(lab_tx_send(&lab, 1), 1);
  ssize_t size = recv(tap, frame, sizeof frame, 0);
  assert_int_equal(size, 14 + lab_packet(packet, 0));
  assert_memory_equal(frame, "\2\0\0\0\0\2", 6);
  assert_memory_equal(frame + 12, "\x8\0", 2);
  assert_memory_equal(frame + 14, packet, (size_t)size - 14);
  fj_tx_close(lab.tx);
  close(tap);
}

static void reports_what_the_stack_cannot_send(void **state) {
  (void)state;
  struct lab_tx lab = open_on_veth();
  lab.number = 1;  // IPv6, which is switched off here
  int error = lab_tx_send(&lab, 1);
  assert_true(error == -ENETUNREACH || error == -EADDRNOTAVAIL);
  assert_int_equal(lab.tx->control->accepted_frames, 0);
  lab.number = 3;
  assert_int_equal(lab_tx_send(&lab, 1), 1);
  fj_tx_close(lab.tx);
}

// A queue of two frames that drains slowly.
static void counts_no_frame_that_the_queue_dropped(void **state) {
  (void)state;
  int tap, arrived = 0;
  unsigned char frame[2048];
  struct lab_tx lab = open_on_veth();
  lab_run("tc qdisc add dev v0 root tbf rate 8kbit burst 120 limit 120");
  tap = lab_tap("v1");
  int sent = 0;
  for (uint32_t i = 0; i < 8; i++) {
    lab.number = 3 * i;  // IPv4
    int taken = lab_tx_send(&lab, 1);
    assert_true(taken >= 0);
    sent += taken;
  }
  assert_in_range(sent, 1, 7);
  assert_true(lab.tx->control->queue_full > 0);
  assert_int_equal(lab.tx->control->accepted_frames, sent);
  lab_run("tc qdisc change dev v0 root tbf rate 1gbit burst 120k limit 120k");
  while (recv(tap, frame, sizeof frame, 0) > 0) arrived++;
  assert_int_equal(arrived, sent);
  fj_tx_close(lab.tx);
  close(tap);
}

static void does_not_receive(void **state) {
  (void)state;
  struct fj_rx *rx;
  struct fj_rx_config config = {
      .backend = FJ_RAWIP, .ifindex = lab_index("v0"), .block_size = 1 << 16, .blocks = 2, .snaplen = 100};
  assert_int_equal(fj_rx_open(&rx, &config), -EOPNOTSUPP);
}

#define IP_TEST(function, backend) cmocka_unit_test_prestate_setup_teardown(function, reset, NULL, backend)
#define IP_SUITE(backend)                                                                      \
  IP_TEST(sends_both_versions_in_order, backend), IP_TEST(refuses_what_is_no_packet, backend), \
      IP_TEST(link_down_and_up, backend), IP_TEST(link_deleted_and_made_again, backend),       \
      IP_TEST(is_another_link_of_that_index, backend), IP_TEST(leaves_no_descriptor, backend)

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      IP_SUITE(&BACKENDS[0]),
      IP_SUITE(&BACKENDS[1]),
      IP_SUITE(&BACKENDS[2]),
      IP_SUITE(&BACKENDS[3]),
      LAB_TEST(has_the_stack_add_the_link_header),
      LAB_TEST(reports_what_the_stack_cannot_send),
      LAB_TEST(counts_no_frame_that_the_queue_dropped),
      LAB_TEST(does_not_receive),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
