// SPDX-License-Identifier: Apache-2.0
// Backend "xdp": frames that the link's XDP program has recorded in a BPF ring buffer, packed into blocks. It
// takes no system call to read them. The program sees what arrives before the host's own stack does, and lets
// it go on there; what the host itself sends it does not see.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "block.h"
#include "clock.h"
#include "demux.h"
#include "engine.h"
#include "filter.h"
#include "wire.h"

enum { BLOCKS = 4 };  // to copy to: more would only cool the cache

struct receiver {
  struct fj_engine *engine;  // held
  struct fj_tap_handle tap;
  struct fj_clock clock;
  bool reads_replies;  // from the reply ring
  uint64_t begin;      // the number of the first one for us
  uint64_t rejected;   // by the filter; statistics are read by any thread
  struct fj_filter_link link;
  struct sockaddr_ll from;
  uint16_t filter_length;
  struct sock_filter filter[];
};

// --- opening -----------------------------------------------------------------------------------------------

static struct receiver *receiver_new(const struct fj_rx_config *config) {
  size_t bytes = config->filter ? config->filter_length * sizeof *config->filter : 0;
  struct receiver *receiver = calloc(1, sizeof *receiver + bytes);
  if (!receiver) return NULL;
  if (bytes) memcpy(receiver->filter, config->filter, bytes);
  receiver->filter_length = config->filter ? config->filter_length : 0;
  receiver->link = (struct fj_filter_link){.ifindex = (uint32_t)config->ifindex};
  receiver->from = (struct sockaddr_ll){.sll_family = AF_PACKET, .sll_ifindex = config->ifindex};
  return receiver;
}

// Rings have a power of two of bytes.
static uint64_t ring_bytes(const struct fj_rx_config *config) {
  uint64_t asked = (uint64_t)config->block_size * config->blocks, bytes = (uint64_t)sysconf(_SC_PAGESIZE);
  while (bytes * 2 <= asked) bytes *= 2;
  return bytes;
}

static int hold_engine(struct fj_engine **engine, const struct fj_rx_config *config) {
  struct fj_engine_config shared = {.ifindex = config->ifindex};
  if (!config->engine) return fj_engine_share(engine, &shared);
  if (fj_engine_ifindex(config->engine) != config->ifindex) return -EINVAL;
  fj_engine_hold(config->engine);
  *engine = config->engine;
  return 0;
}

static int begin(struct fj_rx *rx, struct receiver *receiver, const struct fj_rx_config *config) {
  int error = hold_engine(&receiver->engine, config);
  if (error) return error;
  fj_clock_compare(&receiver->clock);
  error = fj_tap_open(&receiver->tap, fj_engine_demux(receiver->engine), ring_bytes(config), rx->snaplen);
  if (error) fj_engine_release(receiver->engine);
  return error;
}

static size_t bytes_of_blocks(const struct fj_rx *rx) {
  return (size_t)rx->block_size * rx->blocks;
}

// Bytes of the reply ring, if there is one to be read; else 0.
static size_t bytes_of_replies(const struct fj_rx_config *config) {
  bool asked = config->flags & FJ_RX_REPLIES && config->engine && !config->filter;
  return asked ? fj_replies_bytes(fj_engine_demux(config->engine)) : 0;
}

// Without it all replies come as frames, which is as right.
static int begin_replies(struct fj_rx *rx, struct receiver *receiver) {
  const struct fj_demux *demux = receiver->tap.demux;
  if (fj_replies_take(&receiver->tap, &receiver->begin)) return 0;
  int error = fj_mapping_overlay_from(&rx->mapping, bytes_of_blocks(rx), demux->replies_fd, 0);
  if (error) {
    fj_replies_give_back(&receiver->tap);
    return error;
  }
  receiver->reads_replies = true;
  rx->replies = demux->room;
  return 0;
}

static int xdp_open(struct fj_rx *rx, const struct fj_rx_config *config) {
  if (config->flags & FJ_RX_INCLUDE_OUTGOING) return -EOPNOTSUPP;
  int error = config->filter ? fj_filter_check(config->filter, config->filter_length) : 0;
  if (error) return error;
  rx->fd = fj_rx_watch_link(config);
  if (rx->fd < 0) return rx->fd;
  if (rx->blocks > BLOCKS) rx->blocks = BLOCKS;
  size_t replies = bytes_of_replies(config);
  error = fj_mapping_open(&rx->mapping, bytes_of_blocks(rx) + replies);
  if (error) goto close_fd;
  error = -ENOMEM;
  struct receiver *receiver = receiver_new(config);
  if (!receiver) goto free_mapping;
  error = begin(rx, receiver, config);
  if (error) goto free_receiver;
  if (replies) error = begin_replies(rx, receiver);
  if (error) goto end;
  rx->state = receiver;
  rx->ring_fd = receiver->tap.ring.fd;
  return 0;
end:
  fj_tap_close(&receiver->tap, false);
  fj_engine_release(receiver->engine);
free_receiver:
  free(receiver);
free_mapping:
  fj_mapping_free(&rx->mapping);
close_fd:
  close(rx->fd);
  return error;
}

// --- reading -----------------------------------------------------------------------------------------------

// How many bytes of it to keep; 0: none of it.
static uint32_t judge(const struct receiver *receiver, const struct fj_record *record) {
  if (receiver->filter_length == 0) return record->captured;
  struct fj_filter_frame frame = fj_filter_frame_of((const unsigned char *)(record + 1), record->captured,
                                                    record->length, &receiver->link);
  uint32_t kept = fj_filter_run(receiver->filter, &frame);
  if (kept == 0) return 0;
  return kept < record->captured - frame.gap ? kept + frame.gap : record->captured;
}

// The next record that the filter takes; NULL when there is none yet.
static const struct fj_record *next(struct receiver *receiver, uint32_t *kept) {
  for (;;) {
    const struct fj_record *record = fj_tap_next(&receiver->tap);
    if (!record) return NULL;
    *kept = judge(receiver, record);
    if (*kept) return record;
    fj_add64(&receiver->rejected, 1);
    fj_tap_skip(&receiver->tap);
  }
}

static bool xdp_has_pending(const struct fj_rx *rx) {
  struct receiver *receiver = rx->state;
  uint32_t kept;
  bool pending = next(receiver, &kept) != NULL;
  fj_tap_release(&receiver->tap);
  return pending || (receiver->reads_replies && fj_replies_pending(receiver->tap.demux));
}

static void xdp_sleep(struct fj_rx *rx, bool sleeping) {
  struct receiver *receiver = rx->state;
  fj_tap_sleep(&receiver->tap, sleeping);
}

static bool pack(struct fj_block *block, const struct receiver *receiver, const struct fj_record *record,
                 uint32_t kept) {
  uint64_t time = record->time_ns + (uint64_t)receiver->clock.offset;
  struct fj_frame frame = {
      .seconds = (uint32_t)(time / 1000000000),
      .nanos = (uint32_t)(time % 1000000000),
      .snaplen = kept,
      .length = record->length,
      .status = TP_STATUS_CSUMNOTREADY,  // nobody knows
      .from = receiver->from,
      .bytes = (const unsigned char *)(record + 1),
  };
  return fj_block_append(block, &frame);
}

static int xdp_refill(struct fj_rx *rx, unsigned char *base) {
  struct receiver *receiver = rx->state;
  const struct fj_record *record;
  struct fj_block block;
  uint32_t kept;
  if (!fj_block_begin(&block, base, rx->block_size)) return -EBUSY;
  record = next(receiver, &kept);
  if (record || receiver->reads_replies) fj_clock_follow(&receiver->clock);
  rx->control->clock_offset = receiver->clock.offset;
  for (; record && pack(&block, receiver, record, kept); record = next(receiver, &kept))
    fj_tap_skip(&receiver->tap);
  fj_tap_release(&receiver->tap);
  return fj_block_finish(&block, rx->sequence++);
}

static int xdp_statistics(struct fj_rx *rx) {
  const struct receiver *receiver = rx->state;
  const struct fj_tap *tap = receiver->tap.shared;
  uint64_t rejected = __atomic_load_n(&receiver->rejected, __ATOMIC_RELAXED);
  uint64_t recorded = __atomic_load_n(&tap->recorded, __ATOMIC_RELAXED);
  uint64_t replies = receiver->reads_replies ? fj_replies_claimed(receiver->tap.demux) - receiver->begin : 0;
  fj_store64(&rx->control->packets, (recorded > rejected ? recorded - rejected : 0) + replies);
  fj_store64(&rx->control->drops, __atomic_load_n(&tap->dropped, __ATOMIC_RELAXED));
  return 0;
}

static void xdp_close(struct fj_rx *rx) {
  struct receiver *receiver = rx->state;
  if (receiver->reads_replies) fj_replies_give_back(&receiver->tap);
  fj_tap_close(&receiver->tap, fj_engine_is_held_once(receiver->engine));
  fj_engine_release(receiver->engine);
  free(receiver);
  close(rx->fd);
}

const struct fj_rx_ops fj_rx_xdp = {
    .open = xdp_open,
    .sleep = xdp_sleep,
    .has_pending = xdp_has_pending,
    .refill = xdp_refill,
    .statistics = xdp_statistics,
    .close = xdp_close,
};
