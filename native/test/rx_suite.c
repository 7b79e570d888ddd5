// SPDX-License-Identifier: Apache-2.0
// What every backend for receiving has to pass, on a veth pair: frames go in at v1, and come out at v0.
#include <linux/if_ether.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../wire/block.h"
#include "lab.h"

enum { MS = 1000000, BLOCK = 1 << 16 };

struct reader {
  struct fj_rx *rx;
  int block;
};

static struct fj_rx_config config_of(void) {
  return (struct fj_rx_config){.backend = lab_backend,
                               .ifindex = lab_index("v0"),
                               .block_size = BLOCK,
                               .blocks = 16,
                               .retire_ms = 5,
                               .snaplen = 2048};
}

static struct reader open_reader(const struct fj_rx_config *config) {
  struct reader reader = {0};
  assert_int_equal(fj_rx_open(&reader.rx, config), 0);
  assert_int_equal(reader.rx->control->needs_refill, lab_backend != FJ_RING);
  return reader;
}

typedef void visitor(const struct tpacket3_hdr *frame, int index, void *context);

static int walk(struct tpacket_block_desc *block, int index, visitor *visit, void *context) {
  const unsigned char *at = (unsigned char *)block + block->hdr.bh1.offset_to_first_pkt;
  for (uint32_t i = 0; i < block->hdr.bh1.num_pkts; i++) {
    const struct tpacket3_hdr *frame = (const struct tpacket3_hdr *)at;
    assert_true(frame->tp_mac >= sizeof *frame + sizeof(struct sockaddr_ll) + FJ_RX_RESERVE);
    visit(frame, index++, context);
    at += frame->tp_next_offset;
  }
  return index;
}

// As Java does it: look, refill, await; until nothing has come for a while.
static int read_all(struct reader *reader, visitor *visit, void *context) {
  struct fj_rx *rx = reader->rx;
  int count = 0, quiet = 0;
  while (quiet < 3) {
    struct tpacket_block_desc *block =
        (struct tpacket_block_desc *)(rx->mapping.body + (size_t)reader->block * rx->block_size);
    if (!(block->hdr.bh1.block_status & TP_STATUS_USER) && rx->ops->refill)
      assert_true(fj_rx_refill(rx, reader->block) >= 0);
    if (__atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) {
      count = walk(block, count, visit, context);
      __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
      reader->block = (reader->block + 1) % (int)rx->blocks;
      quiet = 0;
    } else if (fj_rx_await(rx, 50 * MS) == 0) {
      quiet++;
    }
  }
  return count;
}

static void expect_number(const struct tpacket3_hdr *frame, int index, void *context) {
  (void)context;
  uint32_t number;
  memcpy(&number, (const unsigned char *)frame + frame->tp_mac + 14, sizeof number);
  assert_int_equal(number, index);
  assert_int_equal(frame->tp_len, LAB_FRAME);
  assert_int_equal(frame->tp_snaplen, LAB_FRAME);
  assert_true(frame->tp_sec > 1600000000 && frame->tp_nsec < 1000000000);
}

static void ignore(const struct tpacket3_hdr *frame, int index, void *context) {
  (void)frame;
  (void)index;
  (void)context;
}

void suite_receives_all_in_order(void **state) {
  (void)state;
  unsigned char frame[LAB_FRAME];
  struct fj_rx_config config = config_of();
  struct reader reader = open_reader(&config);
  lab_frame(frame, 0);
  // Read in between: libpcap's blocks are full by time alone, and who waits for all to be sent, on a machine
  // with other things to do, finds some lost.
  for (int i = 0; i < 6; i++) {
    assert_int_equal(lab_inject("v1", frame, sizeof frame, 250), 250);
    assert_int_equal(read_all(&reader, expect_number, NULL), 250);
  }
  assert_int_equal(fj_rx_statistics(reader.rx), 0);
  assert_int_equal(fj_rx_statistics(reader.rx), 0);  // the kernel starts anew, the sum does not
  assert_int_equal(reader.rx->control->packets, 1500);
  assert_int_equal(reader.rx->control->drops, 0);
  fj_rx_close(reader.rx);
}

void suite_filters(void **state) {
  (void)state;
  unsigned char frame[LAB_FRAME];
  // ldh [12]; jeq 0x88b5; ret 100; ret 0
  struct sock_filter filter[] = {
      {0x28, 0, 0, 12}, {0x15, 0, 1, LAB_TYPE}, {0x06, 0, 0, 100}, {0x06, 0, 0, 0}};
  struct fj_rx_config config = config_of();
  config.filter = filter;
  config.filter_length = 4;
  struct reader reader = open_reader(&config);
  lab_frame(frame, 0);
  lab_inject("v1", frame, sizeof frame, 10);
  frame[12] = 0x08;
  lab_inject("v1", frame, sizeof frame, 10);
  assert_int_equal(read_all(&reader, expect_number, NULL), 10);
  fj_rx_close(reader.rx);
}

static void expect_tag(const struct tpacket3_hdr *frame, int index, void *context) {
  (void)index;
  (void)context;
  const unsigned char *bytes = (const unsigned char *)frame + frame->tp_mac;
  if (frame->tp_status & TP_STATUS_VLAN_VALID) {
    assert_int_equal(frame->hv1.tp_vlan_tci, 0x2007);
    assert_true(frame->tp_status & TP_STATUS_VLAN_TPID_VALID);
    assert_int_equal(frame->hv1.tp_vlan_tpid, ETH_P_8021Q);
    assert_memory_equal(bytes + 12, "\x88\xb5", 2);
  } else {  // libpcap has put it back itself
    assert_memory_equal(bytes + 12, "\x81\0\x20\7\x88\xb5", 6);
  }
}

void suite_keeps_vlan_tag(void **state) {
  (void)state;
  unsigned char frame[LAB_FRAME];
  struct fj_rx_config config = config_of();
  struct reader reader = open_reader(&config);
  lab_frame(frame, 0);
  memcpy(frame + 12, "\x81\0\x20\7\x88\xb5", 6);
  assert_int_equal(lab_inject("v1", frame, sizeof frame, 1), 1);
  assert_int_equal(read_all(&reader, expect_tag, NULL), 1);
  fj_rx_close(reader.rx);
}

void suite_ignores_outgoing(void **state) {
  (void)state;
  unsigned char frame[LAB_FRAME];
  struct fj_rx_config config = config_of();
  struct reader reader = open_reader(&config);
  config.flags = FJ_RX_INCLUDE_OUTGOING;
  struct reader both = {0};
  bool sees_them = lab_backend != FJ_XDP && lab_backend != FJ_XSK;
  if (sees_them)
    both = open_reader(&config);
  else
    assert_int_equal(fj_rx_open(&both.rx, &config), -EOPNOTSUPP);
  lab_frame(frame, 0);
  lab_inject("v0", frame, sizeof frame, 10);
  assert_int_equal(read_all(&reader, ignore, NULL), 0);
  if (sees_them) {
    assert_int_equal(read_all(&both, expect_number, NULL), 10);
    fj_rx_close(both.rx);
  }
  fj_rx_close(reader.rx);
}

static void expect_cut(const struct tpacket3_hdr *frame, int index, void *context) {
  (void)index;
  (void)context;
  assert_int_equal(frame->tp_snaplen, 20);
  assert_int_equal(frame->tp_len, 1500);
}

void suite_cuts_at_snaplen(void **state) {
  (void)state;
  unsigned char frame[1500] = {0};
  struct fj_rx_config config = config_of();
  config.snaplen = 20;
  struct reader reader = open_reader(&config);
  lab_frame(frame, 0);
  lab_inject("v1", frame, sizeof frame, 5);
  assert_int_equal(read_all(&reader, expect_cut, NULL), 5);
  fj_rx_close(reader.rx);
}

void suite_counts_drops_exactly(void **state) {
  (void)state;
  enum { SENT = 30000 };
  unsigned char frame[LAB_FRAME];
  struct fj_rx_config config = config_of();
  config.blocks = 2;
  struct reader reader = open_reader(&config);
  lab_frame(frame, 0);
  assert_int_equal(lab_inject("v1", frame, sizeof frame, SENT), SENT);
  usleep(100000);
  int delivered = read_all(&reader, ignore, NULL);
  assert_int_equal(fj_rx_statistics(reader.rx), 0);
  const struct fj_rx_control *control = reader.rx->control;
  assert_true(control->drops > 0);
  assert_int_equal(control->packets, delivered);
  assert_int_equal(control->packets + control->drops, SENT);
  fj_rx_close(reader.rx);
}

void suite_wakes(void **state) {
  (void)state;
  struct fj_rx_config config = config_of();
  struct reader reader = open_reader(&config);
  assert_int_equal(fj_rx_wake(reader.rx), 0);
  assert_int_equal(fj_rx_await(reader.rx, INT64_C(3600) * 1000 * MS), 0);  // the next one returns at once
  assert_int_equal(fj_rx_await(reader.rx, MS), 0);
  fj_rx_close(reader.rx);
}

void suite_reports_link_down_and_gone(void **state) {
  (void)state;
  unsigned char frame[LAB_FRAME];
  struct fj_rx_config config = config_of();
  struct reader reader = open_reader(&config);
  lab_run("ip link set v0 down");
  assert_int_equal(fj_rx_await(reader.rx, 1000 * MS), -ENETDOWN);
  assert_int_equal(fj_rx_await(reader.rx, 10 * MS), 0);
  lab_run("ip link set v0 up");
  usleep(100000);
  lab_frame(frame, 0);
  assert_int_equal(lab_inject("v1", frame, sizeof frame, 4), 4);
  assert_int_equal(read_all(&reader, expect_number, NULL), 4);  // without opening anew
  lab_run("ip link set v0 down");
  assert_int_equal(fj_rx_await(reader.rx, 1000 * MS), -ENETDOWN);
  lab_run("ip link del v0");
  assert_int_equal(fj_rx_await(reader.rx, 10 * MS), -ENXIO);
  fj_rx_close(reader.rx);
}

void suite_promiscuous_while_open(void **state) {
  (void)state;
  struct fj_rx_config config = config_of();
  config.flags = FJ_RX_PROMISCUOUS;
  struct reader reader = open_reader(&config);
  assert_int_equal(lab_promiscuity(), 1);
  reader.rx->mapping.shared = 1;
  unsigned char *base = reader.rx->mapping.base;
  size_t length = reader.rx->mapping.length;
  fj_rx_close(reader.rx);
  assert_int_equal(lab_promiscuity(), 0);  // though Java still has the memory
  munmap(base, length);
}

void suite_rx_leaves_no_descriptor(void **state) {
  (void)state;
  struct fj_rx_config config = config_of();
  struct reader reader = open_reader(&config);
  fj_rx_close(reader.rx);
  int before = lab_count_fds();
  reader = open_reader(&config);
  fj_rx_close(reader.rx);
  config.ifindex = 9999;
  assert_int_equal(fj_rx_open(&reader.rx, &config), -ENODEV);
  config = config_of();
  config.block_size = 1000;
  assert_int_equal(fj_rx_open(&reader.rx, &config), -EINVAL);
  config = config_of();
  config.netns = "/run/netns/fj-none";
  assert_int_equal(fj_rx_open(&reader.rx, &config), -ENOENT);
  assert_int_equal(lab_count_fds(), before);
}
