// SPDX-License-Identifier: Apache-2.0
#include <linux/if_tun.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "../wire/clock.h"
#include "../wire/demux.h"
#include "../wire/engine.h"
#include "lab.h"

enum { READERS = 3, MS = 1000000 };

static struct fj_rx_config config_of(void) {
  return (struct fj_rx_config){
      .backend = FJ_XDP, .ifindex = lab_index("v0"), .block_size = 1 << 16, .blocks = 16, .snaplen = 1 << 16};
}

static int refill(struct fj_rx *rx) {
  struct tpacket_block_desc *block = (struct tpacket_block_desc *)rx->mapping.body;
  block->hdr.bh1.block_status = TP_STATUS_KERNEL;
  return fj_rx_refill(rx, 0);
}

static const struct tpacket3_hdr *first_frame(const struct fj_rx *rx) {
  const struct tpacket_block_desc *block = (const struct tpacket_block_desc *)rx->mapping.body;
  return (const struct tpacket3_hdr *)(rx->mapping.body + block->hdr.bh1.offset_to_first_pkt);
}

static void gives_every_receiver_all_frames(void **state) {
  (void)state;
  unsigned char frame[LAB_FRAME];
  struct fj_rx_config config = config_of();
  struct fj_rx *readers[READERS];
  for (int i = 0; i < READERS; i++) assert_int_equal(fj_rx_open(&readers[i], &config), 0);
  lab_frame(frame, 0);
  assert_int_equal(lab_inject("v1", frame, sizeof frame, 20), 20);
  for (int i = 0; i < READERS; i++) assert_int_equal(fj_rx_await(readers[i], 1000 * MS), 1);
  usleep(50000);
  for (int i = 0; i < READERS; i++) assert_int_equal(refill(readers[i]), 20);
  fj_rx_close(readers[1]);
  assert_int_equal(lab_inject("v1", frame, sizeof frame, 1), 1);
  assert_int_equal(fj_rx_await(readers[0], 1000 * MS), 1);
  assert_int_equal(fj_rx_await(readers[2], 1000 * MS), 1);
  fj_rx_close(readers[0]);
  fj_rx_close(readers[2]);
}

static void runs_out_of_taps(void **state) {
  (void)state;
  struct fj_rx_config config = config_of();
  struct fj_rx *readers[FJ_TAPS], *more;
  config.blocks = 1;
  for (int i = 0; i < FJ_TAPS; i++) assert_int_equal(fj_rx_open(&readers[i], &config), 0);
  assert_int_equal(fj_rx_open(&more, &config), -EUSERS);
  fj_rx_close(readers[FJ_TAPS - 1]);
  assert_int_equal(fj_rx_open(&readers[FJ_TAPS - 1], &config), 0);
  for (int i = 0; i < FJ_TAPS; i++) fj_rx_close(readers[i]);
}

// Of all lengths, around those that the program treats differently.
static void records_frames_of_any_length(void **state) {
  (void)state;
  static const uint32_t lengths[] = {14, 59, 60, 61, 64, 65, 255, 1514};
  unsigned char frame[1514];
  struct fj_rx *rx;
  struct fj_rx_config config = config_of();
  for (size_t i = 0; i < sizeof frame; i++) frame[i] = (unsigned char)(i * 7);
  lab_frame(frame, 0);
  assert_int_equal(fj_rx_open(&rx, &config), 0);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    assert_int_equal(lab_inject("v1", frame, lengths[i], 1), 1);
    assert_int_equal(fj_rx_await(rx, 1000 * MS), 1);
    assert_int_equal(refill(rx), 1);
    const struct tpacket3_hdr *got = first_frame(rx);
    assert_int_equal(got->tp_len, lengths[i]);
    assert_int_equal(got->tp_snaplen, lengths[i]);
    assert_memory_equal((const unsigned char *)got + got->tp_mac, frame, lengths[i]);
  }
  fj_rx_close(rx);
}

static void takes_a_link_with_a_long_mtu(void **state) {
  (void)state;
  unsigned char frame[9014];
  struct fj_rx *rx;
  struct fj_rx_config config = config_of();
  lab_run("ip link set v0 mtu 9000");
  lab_run("ip link set v1 mtu 9000");
  for (size_t i = 0; i < sizeof frame; i++) frame[i] = (unsigned char)(i * 7);
  lab_frame(frame, 0);
  assert_int_equal(fj_rx_open(&rx, &config), 0);
  assert_int_equal(lab_inject("v1", frame, sizeof frame, 1), 1);
  assert_int_equal(fj_rx_await(rx, 1000 * MS), 1);
  assert_int_equal(refill(rx), 1);
  const struct tpacket3_hdr *got = first_frame(rx);
  assert_int_equal(got->tp_snaplen, sizeof frame);
  assert_memory_equal((const unsigned char *)got + got->tp_mac, frame, sizeof frame);
  fj_rx_close(rx);
}

static void refuses_an_engine_of_another_link(void **state) {
  (void)state;
  struct fj_engine *engine;
  struct fj_rx *rx;
  struct fj_engine_config of_v1 = {.ifindex = lab_index("v1"), .slots = 32};
  struct fj_rx_config config = config_of();
  assert_int_equal(fj_engine_open(&engine, &of_v1), 0);
  config.engine = engine;
  assert_int_equal(fj_rx_open(&rx, &config), -EINVAL);
  fj_engine_release(engine);
}

// --- the reply ring ----------------------------------------------------------------------------------------

enum { ROOM = 16, ARP_REPLY = 42 };

static struct fj_engine *engine_with_ring_on(const char *link) {
  struct fj_engine *engine;
  struct fj_recognition arp = {
      .kind = FJ_RECOGNISE_ARP, .low = 0x0a4d0001, .mac = {2, 0, 0, 0, 0, 1}, .replies = ROOM};
  struct fj_engine_config config = {.ifindex = lab_index(link), .slots = 32, .recognition = &arp};
  assert_int_equal(fj_engine_open(&engine, &config), 0);
  return engine;
}

static struct fj_engine *engine_with_ring(void) {
  return engine_with_ring_on("v0");
}

static struct fj_rx *reader_of_ring(struct fj_engine *engine) {
  struct fj_rx *rx;
  struct fj_rx_config config = config_of();
  config.ifindex = fj_engine_ifindex(engine);
  config.engine = engine;
  config.flags = FJ_RX_REPLIES;
  assert_int_equal(fj_rx_open(&rx, &config), 0);
  return rx;
}

static void reply_frame(unsigned char frame[LAB_FRAME], uint32_t number) {
  static const unsigned char REPLY[LAB_FRAME] =
      "\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\6\0\1\x08\0\6\4\0\2"
      "\x02\0\0\0\0\3\x0a\x4d\0\0\x02\0\0\0\0\1\x0a\x4d\0\1";
  memcpy(frame, REPLY, LAB_FRAME);
  frame[31] = (unsigned char)number;
}

static void send_replies(uint32_t first, uint32_t count) {
  unsigned char frame[LAB_FRAME];
  for (uint32_t i = first; i < first + count; i++) {
    reply_frame(frame, i);
    assert_int_equal(lab_inject("v1", frame, sizeof frame, 1), 1);
  }
}

static struct fj_reply *ring_of(const struct fj_rx *rx) {
  return (struct fj_reply *)(void *)(rx->mapping.base + rx->control->replies_offset);
}

static void sums_replies_up(void **state) {
  (void)state;
  struct fj_engine *engine = engine_with_ring();
  struct fj_rx *rx = reader_of_ring(engine), *frames = reader_of_ring(engine);
  assert_int_equal(rx->control->replies, ROOM);
  assert_int_equal(frames->control->replies, 0);
  for (uint32_t turn = 0, number = 0; turn < 3; turn++) {
    send_replies(number, ROOM);
    assert_int_equal(fj_rx_await(rx, 1000 * MS), 1);
    assert_int_equal(fj_rx_await(frames, 1000 * MS), 1);
    usleep(20000);
    assert_int_equal(refill(rx), 0);
    assert_int_equal(refill(frames), ROOM);
    for (uint32_t i = 0; i < ROOM; i++, number++) {
      const struct fj_reply *reply = &ring_of(rx)[FJ_REPLIES_FIRST + i];
      assert_int_equal(reply->what, UINT64_C(1) << 56 | 0x0a4d0000 | number);
      assert_int_equal(reply->mac, 0x020000000003);
      assert_int_equal(reply->source_and_turn, UINT64_C(0x020000000002) | (uint64_t)(2 * turn + 1) << 48);
    }
    *(uint64_t *)&ring_of(rx)[FJ_REPLIES_READ] = number;
    assert_int_equal(fj_rx_await(rx, 0), 0);
  }
  fj_rx_statistics(rx);
  assert_int_equal(rx->control->packets, 3 * ROOM);
  assert_int_equal(fj_demux_replies(fj_engine_demux(engine)), 3 * ROOM);
  fj_rx_close(frames);
  fj_rx_close(rx);
  fj_engine_release(engine);
}

// Sends a reply when the one before it was read; the reader goes to sleep a little sooner or later than that.
struct sender {
  int socket;
  const uint64_t *read;
  uint64_t count;
};

static void *send_one_by_one(void *context) {
  const struct sender *sender = context;
  unsigned char frame[LAB_FRAME];
  for (uint32_t i = 0; i < sender->count; i++) {
    reply_frame(frame, i);
    while (__atomic_load_n(sender->read, __ATOMIC_ACQUIRE) < i) sched_yield();
    if (write(sender->socket, frame, sizeof frame) != sizeof frame) break;
  }
  return NULL;
}

static int socket_on(const char *link) {
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = lab_index(link)};
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
  return fd;
}

static void wakes_up_for_every_reply(void **state) {
  (void)state;
  pthread_t thread;
  struct fj_engine *engine = engine_with_ring();
  struct fj_rx *rx = reader_of_ring(engine);
  uint64_t *read = (uint64_t *)&ring_of(rx)[FJ_REPLIES_READ];
  struct sender sender = {.socket = socket_on("v1"), .read = read, .count = 20000};
  assert_int_equal(pthread_create(&thread, NULL, send_one_by_one, &sender), 0);
  for (uint32_t i = 0; i < sender.count; i++) {
    assert_int_equal(fj_rx_await(rx, 2000 * MS), 1);
    const struct fj_reply *reply = &ring_of(rx)[FJ_REPLIES_FIRST + i % ROOM];
    uint64_t written = __atomic_load_n(&reply->source_and_turn, __ATOMIC_ACQUIRE);
    assert_int_equal(written >> 48, (i / ROOM * 2 + 1) & 0xffff);
    __atomic_store_n(read, i + 1, __ATOMIC_RELEASE);
    for (volatile uint32_t pause = i % 512 * 10; pause > 0;) pause = pause - 1;
  }
  pthread_join(thread, NULL);
  close(sender.socket);
  fj_rx_close(rx);
  fj_engine_release(engine);
}

// --- times of replies

static uint64_t now_ns(void) {
  return (uint64_t)fj_clock_read(CLOCK_MONOTONIC);
}

// Sends replies with pauses, in each of which a look at the clock gets far too old.
static void gives_each_its_own_time(const char *link, int fd) {
  enum { REPLIES = 12, PAUSE_US = 2000 };
  unsigned char frame[LAB_FRAME];
  struct fj_engine *engine = engine_with_ring_on(link);
  struct fj_rx *rx = reader_of_ring(engine);
  for (uint32_t i = 0; i < REPLIES; i++) {
    reply_frame(frame, i);
    usleep(PAUSE_US);
    uint64_t before = now_ns();
    assert_int_equal(write(fd, frame, sizeof frame), sizeof frame);
    assert_int_equal(fj_rx_await(rx, 1000 * MS), 1);
    assert_in_range(ring_of(rx)[FJ_REPLIES_FIRST + i].time_ns, before, now_ns());
    *(uint64_t *)&ring_of(rx)[FJ_REPLIES_READ] = i + 1;
  }
  fj_rx_close(rx);
  fj_engine_release(engine);
}

static void gives_each_poll_its_own_time(void **state) {
  (void)state;
  int fd = socket_on("v1");
  gives_each_its_own_time("v0", fd);
  close(fd);
}

// Where there are no polls.
static void gives_each_frame_of_a_tap_its_own_time(void **state) {
  (void)state;
  int fd = lab_tun_of("tap0", IFF_TAP);
  gives_each_its_own_time("tap0", fd);
  close(fd);
}

// ROOM replies at once, that one poll finds.
static void send_together(void) {
  struct lab_tx lab = {0};
  lab_link = "v1";
  lab_tx_open(&lab, FJ_XDP, ROOM, 0, 0);
  lab_link = "v0";
  for (uint32_t i = 0; i < ROOM; i++) {
    struct fj_slot *slot = fj_tx_slot(lab.tx, i);
    slot->length = LAB_FRAME;
    reply_frame(fj_slot_data(slot), i);
  }
  assert_int_equal(fj_tx_send(lab.tx, 0, ROOM), ROOM);
  fj_tx_close(lab.tx);
}

static void looks_at_the_clock_for_several_frames_of_a_poll(void **state) {
  (void)state;
  struct fj_engine *engine = engine_with_ring();
  struct fj_rx *rx = reader_of_ring(engine);
  uint64_t last = now_ns();
  send_together();
  assert_int_equal(fj_rx_await(rx, 1000 * MS), 1);
  // On a busy machine the poll may go on behind the first of them.
  for (int tries = 0; fj_demux_replies(fj_engine_demux(engine)) < ROOM && tries < 1000; tries++) usleep(1000);
  assert_int_equal(fj_demux_replies(fj_engine_demux(engine)), ROOM);
  uint32_t looks = 0;
  for (uint32_t i = 0; i < ROOM; i++) {
    uint64_t time = ring_of(rx)[FJ_REPLIES_FIRST + i].time_ns;
    assert_in_range(time, last, now_ns());
    looks += time > last;
    last = time;
  }
  assert_in_range(looks, 2, ROOM / 2);
  fj_rx_close(rx);
  fj_engine_release(engine);
}

// Whatever a reader writes where it says how far it has read, nothing is written outside of the ring.
static void survives_a_reader_that_lies(void **state) {
  (void)state;
  static const uint64_t LIES[] = {UINT64_MAX, 1, UINT64_MAX / 2, ROOM + 1, 1u << 31};
  struct fj_engine *engine = engine_with_ring();
  for (size_t i = 0; i < sizeof LIES / sizeof *LIES; i++) {
    struct fj_rx *rx = reader_of_ring(engine);
    *(uint64_t *)&ring_of(rx)[FJ_REPLIES_READ] = LIES[i];
    send_replies(0, 2 * ROOM);
    (void)fj_rx_await(rx, 0);
    assert_in_range(refill(rx), 0, 2 * ROOM);
    fj_rx_close(rx);
  }
  fj_engine_release(engine);
}

int main(void) {
  lab_enter();
  lab_backend = FJ_XDP;
  const struct CMUnitTest tests[] = {RX_SUITE,
                                     LAB_TEST(gives_every_receiver_all_frames),
                                     LAB_TEST(runs_out_of_taps),
                                     LAB_TEST(records_frames_of_any_length),
                                     LAB_TEST(takes_a_link_with_a_long_mtu),
                                     LAB_TEST(refuses_an_engine_of_another_link),
                                     LAB_TEST(sums_replies_up),
                                     LAB_TEST(wakes_up_for_every_reply),
                                     LAB_TEST(gives_each_poll_its_own_time),
                                     LAB_TEST(gives_each_frame_of_a_tap_its_own_time),
                                     LAB_TEST(looks_at_the_clock_for_several_frames_of_a_poll),
                                     LAB_TEST(survives_a_reader_that_lies)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
