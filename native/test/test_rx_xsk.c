// SPDX-License-Identifier: Apache-2.0
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../bpf/xsk.h"
#include "lab.h"

enum { READERS = 10, MS = 1000000 };

// ldh [12]; jeq type; ret all; ret 0
#define ONLY(type)                                                 \
  {                                                                \
    {0x28, 0, 0, 12}, {0x15, 0, 1, type}, {0x06, 0, 0, 0x40000}, { \
      0x06, 0, 0, 0                                                \
    }                                                              \
  }

static struct fj_rx_config config_of(void) {
  return (struct fj_rx_config){
      .backend = FJ_XSK, .ifindex = lab_index("v0"), .block_size = 1 << 16, .blocks = 16, .snaplen = 1 << 16};
}

static struct fj_rx *open_rx(const struct fj_rx_config *config) {
  struct fj_rx *rx;
  assert_int_equal(fj_rx_open(&rx, config), 0);
  return rx;
}

static int inject(const char *link, uint16_t type, int count) {
  unsigned char frame[LAB_FRAME];
  lab_frame(frame, 0);
  frame[12] = (unsigned char)(type >> 8);
  frame[13] = (unsigned char)type;
  return lab_inject(link, frame, sizeof frame, count);
}

static struct tpacket_block_desc *block_of(const struct fj_rx *rx, int index) {
  return (struct tpacket_block_desc *)(rx->mapping.body + (size_t)index * rx->block_size);
}

// As many frames as there are, block by block from *block on.
static int read_rest(struct fj_rx *rx, int *block) {
  int count = 0, frames;
  while ((frames = fj_rx_refill(rx, *block)) > 0) {
    count += frames;
    block_of(rx, *block)->hdr.bh1.block_status = TP_STATUS_KERNEL;
    *block = (*block + 1) % (int)rx->blocks;
  }
  assert_int_equal(frames, 0);
  return count;
}

static void gives_every_receiver_all_frames(void **state) {
  (void)state;
  struct fj_rx_config config = config_of();
  struct fj_rx *readers[READERS];  // more than the program has room for filters
  int blocks[READERS] = {0};
  for (int i = 0; i < READERS; i++) readers[i] = open_rx(&config);
  assert_int_equal(inject("v1", LAB_TYPE, 1000), 1000);
  for (int i = 0; i < READERS; i++) assert_int_equal(fj_rx_await(readers[i], 1000 * MS), 1);
  usleep(50000);
  for (int i = 0; i < READERS; i++) assert_int_equal(read_rest(readers[i], &blocks[i]), 1000);
  fj_rx_close(readers[1]);
  assert_int_equal(inject("v1", LAB_TYPE, 1), 1);
  for (int i = 0; i < READERS; i++)
    if (i != 1) assert_int_equal(fj_rx_await(readers[i], 1000 * MS), 1);
  for (int i = 0; i < READERS; i++)
    if (i != 1) assert_int_equal(read_rest(readers[i], &blocks[i]), 1);
  for (int i = 0; i < READERS; i++)
    if (i != 1) fj_rx_close(readers[i]);
}

// What is delivered when all of so many frames is counted, or a second has passed.
static uint64_t await_delivered(struct fj_rx *rx, uint64_t frames) {
  for (int i = 0; i < 1000; i++) {
    assert_int_equal(fj_rx_statistics(rx), 0);
    if (rx->control->packets >= frames) break;
    usleep(1000);
  }
  return rx->control->packets;
}

// More than its blocks have room for: the rest waits where the kernel has written it.
static void counts_what_nobody_has_read_yet(void **state) {
  (void)state;
  unsigned char frame[1514];
  lab_frame(frame, 0);
  memset(frame + LAB_FRAME, 0xa5, sizeof frame - LAB_FRAME);
  struct fj_rx_config config = config_of();
  struct fj_rx *rx = open_rx(&config);
  for (unsigned sent = 200; sent <= 1000; sent += 200) {
    assert_int_equal(lab_inject("v1", frame, sizeof frame, 200), 200);
    assert_int_equal(await_delivered(rx, sent), sent);
  }
  assert_int_equal(fj_rx_await(rx, 0), 1);
  int count = 0, frames;
  for (int block = 0; (frames = fj_rx_refill(rx, block)) > 0; block = (block + 1) % (int)rx->blocks) {
    assert_int_equal(fj_rx_statistics(rx), 0);
    assert_int_equal(rx->control->packets, 1000);
    assert_int_equal(rx->control->drops, 0);
    count += frames;
    block_of(rx, block)->hdr.bh1.block_status = TP_STATUS_KERNEL;
  }
  assert_int_equal(frames, 0);
  assert_int_equal(count, 1000);
  fj_rx_close(rx);
}

static void counts_what_a_slow_reader_had_no_block_for(void **state) {
  (void)state;
  struct fj_rx_config config = config_of();
  struct fj_rx *quick = open_rx(&config);
  config.blocks = 2;
  struct fj_rx *slow = open_rx(&config);
  int at_quick = 0, at_slow = 0, read = 0;
  for (int i = 0; i < 20; i++) {
    assert_int_equal(inject("v1", LAB_TYPE, 200), 200);
    usleep(10000);
    read += read_rest(quick, &at_quick);
  }
  assert_int_equal(read, 4000);
  assert_int_equal(fj_rx_await(slow, 0), 1);  // others have filled all its blocks
  int late = read_rest(slow, &at_slow);
  assert_int_equal(fj_rx_statistics(slow), 0);
  assert_int_equal(fj_rx_statistics(quick), 0);
  assert_in_range(late, 100, 3000);
  assert_int_equal(slow->control->packets, late);
  assert_int_equal(slow->control->drops, 4000 - late);
  assert_int_equal(quick->control->packets, 4000);
  assert_int_equal(quick->control->drops, 0);
  fj_rx_close(slow);
  fj_rx_close(quick);
}

// What no filter takes goes on to the host's own stack, which a packet socket at the link sees.
static void leaves_to_the_host_what_nobody_filters_for(void **state) {
  (void)state;
  struct sock_filter first[] = ONLY(0x88b6), second[] = ONLY(0x88b7);
  struct fj_rx_config config = config_of();
  config.filter = first;
  config.filter_length = 4;
  int host = lab_tap("v0"), block = 0, blocks = 0;
  struct fj_rx *one = open_rx(&config);
  config.filter = second;
  struct fj_rx *two = open_rx(&config);
  assert_int_equal(inject("v1", LAB_TYPE, 30), 30);
  assert_int_equal(inject("v1", 0x88b6, 20), 20);
  assert_int_equal(inject("v1", 0x88b7, 10), 10);
  assert_int_equal(lab_drain(host, 0), 30);
  assert_int_equal(read_rest(one, &block), 20);
  assert_int_equal(read_rest(two, &blocks), 10);
  fj_rx_close(one);
  assert_int_equal(inject("v1", 0x88b6, 5), 5);
  unsigned char frame[2048];
  int left = 0;
  while (recv(host, frame, sizeof frame, 0) > 0) left++;
  assert_int_equal(left, 5);
  fj_rx_close(two);
  close(host);
}

// The program's own look at filters must take whatever the receiver's takes.
static void takes_all_that_its_filter_takes(void **state) {
  (void)state;
  const uint32_t tag = (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG, type = (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE;
  struct {
    struct sock_filter code[8];
    int tagged, untagged;
  } cases[] = {
      // ld vlan tci; jeq 7
      {{{0x20, 0, 0, tag}, {0x15, 0, 1, 7}, {0x06, 0, 0, 99}, {0x06, 0, 0, 0}}, 1, 0},
      // ld pkttype (broadcast), of which the program knows nothing
      {{{0x20, 0, 0, type}, {0x15, 0, 1, 1}, {0x06, 0, 0, 99}, {0x06, 0, 0, 0}}, 1, 1},
      // ld len; sub 50; tax; ldb [x + 40]; lsh 1; st 3; ld 3; ret a: a byte near the end
      {{{0x80, 0, 0, 0},
        {0x14, 0, 0, 50},
        {0x07, 0, 0, 0},
        {0x50, 0, 0, 40},
        {0x64, 0, 0, 1},
        {0x02, 0, 0, 3},
        {0x60, 0, 0, 3},
        {0x16, 0, 0, 0}},
       1,
       1},
      // ldxb 4 * ([14] & 0xf); txa; div 4; add x; jgt 1000
      {{{0xb1, 0, 0, 14},
        {0x87, 0, 0, 0},
        {0x34, 0, 0, 4},
        {0x0c, 0, 0, 0},
        {0x25, 1, 0, 1000},
        {0x06, 0, 0, 99},
        {0x06, 0, 0, 0},
        {0x06, 0, 0, 0}},
       1,
       1},
      // past the end: not taken
      {{{0x20, 0, 0, 2000}, {0x06, 0, 0, 99}, {0x06, 0, 0, 99}, {0x06, 0, 0, 99}}, 0, 0},
      // ldh [12], across the tag
      {{{0x28, 0, 0, 12}, {0x15, 0, 1, LAB_TYPE}, {0x06, 0, 0, 99}, {0x06, 0, 0, 0}}, 1, 1},
  };
  unsigned char frame[300];
  memset(frame, 0x5a, sizeof frame);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int block = 0;
    struct fj_rx_config config = config_of();
    config.filter = cases[i].code;
    config.filter_length = cases[i].code[7].code ? 8 : 4;
    struct fj_rx *rx = open_rx(&config);
    lab_frame(frame, 0);
    assert_int_equal(lab_inject("v1", frame, sizeof frame, 1), 1);
    usleep(20000);
    assert_int_equal(read_rest(rx, &block), cases[i].untagged);
    memcpy(frame + 12, "\x81\0\0\7\x88\xb5", 6);
    assert_int_equal(lab_inject("v1", frame, sizeof frame, 1), 1);
    usleep(20000);
    assert_int_equal(read_rest(rx, &block), cases[i].tagged);
    fj_rx_close(rx);
  }
}

static void receives_frames_longer_than_a_chunk(void **state) {
  (void)state;
  static unsigned char frame[9014];
  lab_run("ip link set v0 mtu 9000; ip link set v1 mtu 9000");
  struct fj_rx_config config = config_of();
  struct fj_rx *rx = open_rx(&config);
  for (size_t i = 0; i < sizeof frame; i++) frame[i] = (unsigned char)(i * 7 + i / 256);
  memcpy(frame, "\xff\xff\xff\xff\xff\xff\2\0\0\0\0\1\x88\xb5", 14);
  static const uint32_t LENGTHS[] = {9014, 60, 3840, 3841, 7936, 7937, 1514, 9014};
  int tap = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = lab_index("v1")};
  for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++)
    assert_int_equal(sendto(tap, frame, LENGTHS[i], 0, (struct sockaddr *)&to, sizeof to), LENGTHS[i]);
  usleep(50000);
  assert_int_equal(fj_rx_refill(rx, 0), sizeof LENGTHS / sizeof *LENGTHS);
  const unsigned char *at = (unsigned char *)block_of(rx, 0) + block_of(rx, 0)->hdr.bh1.offset_to_first_pkt;
  for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
    const struct tpacket3_hdr *header = (const struct tpacket3_hdr *)at;
    assert_int_equal(header->tp_len, LENGTHS[i]);
    assert_memory_equal(at + header->tp_mac, frame, LENGTHS[i]);
    at += header->tp_next_offset;
  }
  fj_rx_close(rx);
  close(tap);
}

static void shares_the_queue_with_an_injector(void **state) {
  (void)state;
  for (int order = 0; order < 2; order++) {
    struct lab_tx lab;
    struct fj_rx_config config = config_of();
    int tap = lab_tap("v1"), block = 0;
    struct fj_rx *rx = NULL;
    if (order == 0) rx = open_rx(&config);
    lab_tx_open(&lab, FJ_XSK, 64, 0, 0);
    if (order == 1) rx = open_rx(&config);
    for (int i = 0; i < 50; i++) {
      assert_int_equal(lab_tx_send(&lab, 40), 40);
      assert_int_equal(inject("v1", 0x88b6, 20), 20);
      usleep(3000);
      assert_int_equal(read_rest(rx, &block), 20);
    }
    // The receiver goes, and a later one finds nothing of what came in between.
    fj_rx_close(rx);
    assert_int_equal(inject("v1", 0x88b6, 20), 20);
    rx = open_rx(&config);
    block = 0;
    assert_int_equal(read_rest(rx, &block), 0);
    assert_int_equal(inject("v1", 0x88b6, 7), 7);
    usleep(3000);
    assert_int_equal(read_rest(rx, &block), 7);
    assert_int_equal(lab_drain(tap, 0), 2000);
    fj_rx_close(rx);
    fj_tx_close(lab.tx);
    close(tap);
  }
}

static void receives_on_all_queues(void **state) {
  (void)state;
  lab_run(
      "ip link del v0; ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name v1 numrxqueues 4 "
      "numtxqueues 4 && ip link set v0 up && ip link set v1 up; sleep 0.2");
  struct fj_rx_config config = config_of();
  struct fj_rx *rx = open_rx(&config);
  int block = 0, sent = 0;
  for (uint32_t queue = 0; queue < 4; queue++) {
    struct lab_tx lab = {0};
    struct fj_tx_config to = {.backend = FJ_XSK, .ifindex = lab_index("v1"), .slots = 64, .queue = queue};
    assert_int_equal(fj_tx_open(&lab.tx, &to), 0);
    sent += lab_tx_send(&lab, 50);  // veth delivers to the queue of the same number
    fj_tx_close(lab.tx);
  }
  usleep(20000);
  assert_int_equal(sent, 200);
  assert_int_equal(read_rest(rx, &block), 200);
  fj_rx_close(rx);
}

static void leaves_another_program_alone(void **state) {
  (void)state;
  struct fj_rx_config config = config_of();
  struct fj_rx_config other = config;
  other.backend = FJ_XDP;
  struct fj_rx *rx, *xdp = open_rx(&other);
  int before = lab_count_fds();
  assert_int_equal(fj_rx_open(&rx, &config), -EBUSY);
  assert_int_equal(lab_count_fds(), before);
  fj_rx_close(xdp);
  fj_rx_close(open_rx(&config));
  lab_run("! ip -d link show v0 | grep prog/xdp");  // nothing is left behind
}

static void runs_out_of_descriptors_cleanly(void **state) {
  (void)state;
  struct rlimit limit, tight;
  int before = lab_count_fds(), opened = 0;
  struct fj_rx_config config = config_of();
  getrlimit(RLIMIT_NOFILE, &limit);
  tight = limit;
  for (rlim_t room = 3; room < 50; room++) {
    struct fj_rx *rx;
    tight.rlim_cur = room;
    setrlimit(RLIMIT_NOFILE, &tight);
    int error = fj_rx_open(&rx, &config);
    setrlimit(RLIMIT_NOFILE, &limit);
    if (error == 0) {
      fj_rx_close(rx);
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
      RX_SUITE,
      LAB_TEST(gives_every_receiver_all_frames),
      LAB_TEST(counts_what_nobody_has_read_yet),
      LAB_TEST(counts_what_a_slow_reader_had_no_block_for),
      LAB_TEST(leaves_to_the_host_what_nobody_filters_for),
      LAB_TEST(takes_all_that_its_filter_takes),
      LAB_TEST(receives_frames_longer_than_a_chunk),
      LAB_TEST(shares_the_queue_with_an_injector),
      LAB_TEST(receives_on_all_queues),
      LAB_TEST(leaves_another_program_alone),
      LAB_TEST(runs_out_of_descriptors_cleanly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
