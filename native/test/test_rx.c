// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lab.h"

static struct fj_rx_config config_of(enum fj_backend backend) {
  return (struct fj_rx_config){.backend = backend,
                               .netns = "/proc/self/ns/net",
                               .ifindex = lab_index("v0"),
                               .block_size = 1 << 16,
                               .blocks = 2,
                               .retire_ms = 1,
                               .snaplen = 2000};
}

static void waits_as_long_as_told(void **state) {
  (void)state;
  struct timespec before, after;
  struct fj_rx *rx;
  struct fj_rx_config config = config_of(FJ_RING);
  assert_int_equal(fj_rx_open(&rx, &config), 0);
  clock_gettime(CLOCK_MONOTONIC, &before);
  assert_int_equal(fj_rx_await(rx, 50 * 1000000), 0);
  clock_gettime(CLOCK_MONOTONIC, &after);
  double seconds = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) * 1e-9;
  assert_true(seconds >= 0.05 && seconds < 1);
  assert_int_equal(fj_rx_await(rx, 0), 0);
  assert_int_equal(fj_rx_await(rx, -1), 0);
  fj_rx_close(rx);
}

static void runs_out_of_descriptors_cleanly(void **state) {
  (void)state;
  struct rlimit limit, tight;
  int before = lab_count_fds();
  getrlimit(RLIMIT_NOFILE, &limit);
  tight = limit;
  for (int backend = FJ_SOCKET; backend <= FJ_RING; backend++) {
    struct fj_rx_config config = config_of((enum fj_backend)backend);
    for (rlim_t room = 3; room < 40; room++) {
      struct fj_rx *rx;
      tight.rlim_cur = room;
      setrlimit(RLIMIT_NOFILE, &tight);
      int error = fj_rx_open(&rx, &config);
      setrlimit(RLIMIT_NOFILE, &limit);
      if (error == 0)
        fj_rx_close(rx);
      else
        assert_int_equal(error, -EMFILE);
      assert_int_equal(lab_count_fds(), before);
    }
  }
}

// Frames begin with what the link has, here an IP header.
static void receives_without_a_link_header(void **state) {
  (void)state;
  unsigned char packet[64];
  for (int backend = FJ_SOCKET; backend <= FJ_PCAP; backend++) {
    struct fj_rx *rx;
    int tun = lab_tun(), length = lab_packet(packet, 3);
    struct fj_rx_config config = config_of((enum fj_backend)backend);
    config.ifindex = lab_index("tun0");
    assert_int_equal(fj_rx_open(&rx, &config), 0);
    assert_int_equal(write(tun, packet, (size_t)length), length);
    assert_int_equal(fj_rx_await(rx, 1000000000), 1);
    if (rx->ops->refill) assert_int_equal(fj_rx_refill(rx, 0), 1);
    const struct tpacket_hdr_v1 *block = &((struct tpacket_block_desc *)rx->mapping.body)->hdr.bh1;
    assert_int_equal(block->num_pkts, 1);
    const struct tpacket3_hdr *frame =
        (const struct tpacket3_hdr *)(rx->mapping.body + block->offset_to_first_pkt);
    assert_int_equal(frame->tp_snaplen, length);
    assert_memory_equal((const unsigned char *)frame + frame->tp_mac, packet, (size_t)length);
    fj_rx_close(rx);
    close(tun);
  }
}

static void refuses_an_unknown_backend(void **state) {
  (void)state;
  struct fj_rx *rx;
  struct fj_tx *tx;
  struct fj_rx_config config = config_of((enum fj_backend)99);
  struct fj_tx_config other = {.backend = (enum fj_backend)99, .ifindex = 1, .slots = 16};
  assert_int_equal(fj_rx_open(&rx, &config), -EOPNOTSUPP);
  assert_int_equal(fj_tx_open(&tx, &other), -EOPNOTSUPP);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      LAB_TEST(waits_as_long_as_told),
      LAB_TEST(runs_out_of_descriptors_cleanly),
      LAB_TEST(receives_without_a_link_header),
      LAB_TEST(refuses_an_unknown_backend),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
