// SPDX-License-Identifier: Apache-2.0
// Backend "ring": PACKET_TX_RING (Linux Documentation/networking/packet_mmap.rst). The slots are the kernel's
// own memory: a frame becomes the fragment of an skb, without a copy but for its link header.
//
// The kernel walks the ring in order, from a head of its own (net/packet/af_packet.c, tpacket_snd):
//   AVAILABLE --arm()--> SEND_REQUEST --kernel--> SENDING --skb freed--> AVAILABLE
//                                       `--frame refused--> WRONG_FORMAT, and the head stays there
// A frame that the link had no room for goes back to SEND_REQUEST, and the head stays on it, too. So the
// frames taken are the leading ones whose status moved on; what is left is set back to AVAILABLE before we
// return, or a later kick would send it behind the caller's back.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum {
  FEWEST_SLOTS = 16,
  BLOCK_BYTES = 1 << 17,
};

static uint32_t status_of(const struct fj_slot *slot) {
  return __atomic_load_n(&slot->status, __ATOMIC_ACQUIRE);
}

static void set_status(struct fj_slot *slot, uint32_t status) {
  __atomic_store_n(&slot->status, status, __ATOMIC_RELEASE);
}

// --- opening ----------------------------------------------------------------------------------------------

static struct fj_layout plan(uint32_t slots, uint32_t capacity) {
  uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE), pitch = fj_tx_pitch(capacity);
  uint32_t block = (pitch + page - 1) / page * page;
  if (block < BLOCK_BYTES) block = BLOCK_BYTES;
  // No larger than the slots wanted, for a small ring.
  uint64_t all = ((uint64_t)slots * pitch + page - 1) / page * page;
  if (all < block) block = (uint32_t)all;
  uint32_t per_block = block / pitch;
  uint32_t blocks = (slots + per_block - 1) / per_block;
  return (struct fj_layout){blocks * per_block, pitch, block, per_block};
}

static int set_ring(int fd, const struct fj_layout *layout) {
  struct tpacket_req request = {
      .tp_block_size = layout->block_size,
      .tp_block_nr = layout->slots / layout->slots_per_block,
      .tp_frame_size = layout->pitch,
      .tp_frame_nr = layout->slots,
  };
  return setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &request, sizeof request) ? -errno : 0;
}

static void clear_ring(int fd) {
  struct tpacket_req none = {0};
  (void)setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &none, sizeof none);
}

static int map_ring(struct fj_tx *tx, const struct fj_layout *layout) {
  uint64_t bytes = (uint64_t)layout->slots / layout->slots_per_block * layout->block_size;
  if (bytes > INT32_MAX) return -ENOMEM;
  int error = fj_mapping_open(&tx->mapping, (size_t)bytes);
  if (error) return error;
  error = set_ring(tx->fd, layout);
  if (error) goto free_mapping;
  error = fj_mapping_overlay(&tx->mapping, tx->fd, 0);
  if (error) goto drop_ring;
  error = fj_tx_lay_out(tx, layout);
  if (error) goto free_both;
  return 0;
free_both:
  fj_mapping_free(&tx->mapping);  // a ring that is mapped cannot be dropped
  clear_ring(tx->fd);
  return error;
drop_ring:
  clear_ring(tx->fd);
free_mapping:
  fj_mapping_free(&tx->mapping);
  return error;
}

static int ring_open(struct fj_tx *tx, const struct fj_tx_config *config) {
  // TPACKET_V2: on the way out V3 measured no better. Frames per CPU-microsecond on ifb, mean of the best
  // three of ten runs, batch 256, busy machine: V2 2.9, V3 3.1 (the ruler, slots of 256 bytes); here 3.1 with
  // a pitch of 1600, an odd number of cache lines, and 2.9 with 2048. All of that is within the noise.
  int version = TPACKET_V2, error;
  tx->fd = fj_tx_packet_socket(config);
  if (tx->fd < 0) return tx->fd;
  error = fj_tx_bind_link(tx, config);
  if (error) goto close_fd;
  error = -EOPNOTSUPP;
  if (setsockopt(tx->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version)) goto close_fd;
  for (uint32_t slots = config->slots;; slots /= 2) {
    struct fj_layout layout = plan(slots, tx->capacity);
    error = map_ring(tx, &layout);
    if (error != -ENOMEM || slots / 2 < FEWEST_SLOTS) break;
  }
  if (error) goto close_fd;
  error = fj_tx_packet_bind(tx->fd, config->ifindex);
  if (error == 0) return 0;
  free(tx->offsets);
  fj_mapping_free(&tx->mapping);
close_fd:
  close(tx->fd);
  return error;
}

// --- sending ----------------------------------------------------------------------------------------------

// The frames that are the caller's to send: up to a slot whose skb is still on its way.
static uint32_t arm(struct fj_tx *tx, uint32_t first, uint32_t count) {
  uint32_t at = first;
  for (uint32_t i = 0; i < count; i++, at = fj_tx_next(tx, at)) {
    struct fj_slot *slot = fj_tx_slot(tx, at);
    if (slot->status == TP_STATUS_SENDING) return i;
    set_status(slot, TP_STATUS_SEND_REQUEST);
  }
  return count;
}

// With to where frames have no link header: their protocol, which skb->protocol is to be, is in it.
static int kick(int fd, const struct sockaddr_ll *to) {
  ssize_t result;
  do result = sendto(fd, NULL, 0, MSG_DONTWAIT, (const struct sockaddr *)to, to ? sizeof *to : 0);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

static bool was_taken(const struct fj_slot *slot) {
  uint32_t status = status_of(slot);
  return status != TP_STATUS_SEND_REQUEST && status != TP_STATUS_WRONG_FORMAT;
}

static uint32_t count_taken(const struct fj_tx *tx, uint32_t first, uint32_t count) {
  uint32_t last = (uint32_t)(((uint64_t)first + count - 1) % tx->slots);
  if (was_taken(fj_tx_slot(tx, last))) return count;  // the kernel goes in order
  uint32_t taken = 0;
  for (uint32_t at = first; taken < count && was_taken(fj_tx_slot(tx, at)); at = fj_tx_next(tx, at)) taken++;
  return taken;
}

static int ring_push(struct fj_tx *tx, uint32_t first, uint32_t count) {
  struct sockaddr_ll to;
  if (tx->link_header == 0) {
    if (fj_packet_is_orphan(tx->fd)) return -ENXIO;  // the address would find another link of that index
    to = fj_tx_address(tx, first);
    count = fj_tx_same_protocol(tx, first, count);
  }
  // step 1: hand over
  uint32_t armed = arm(tx, first, count);
  if (armed == 0) return -ENOBUFS;
  // step 2: send
  int error = kick(tx->fd, tx->link_header ? NULL : &to);
  // step 3: see how far the kernel came
  uint32_t taken = count_taken(tx, first, armed);
  return taken > 0 ? (int)taken : error;
}

static void ring_retract(struct fj_tx *tx, uint32_t first, uint32_t count) {
  uint32_t at = first;
  for (uint32_t i = 0; i < count; i++, at = fj_tx_next(tx, at)) {
    struct fj_slot *slot = fj_tx_slot(tx, at);
    // WRONG_FORMAT too: the slot is written anew, and the kernel, which waits there, goes on with it.
    if (!was_taken(slot)) set_status(slot, TP_STATUS_AVAILABLE);
  }
}

static void ring_close(struct fj_tx *tx) {
  close(tx->fd);  // frames on their way keep their pages (tpacket_fill_skb takes a reference)
}

const struct fj_tx_ops fj_tx_ring = {
    .open = ring_open, .push = ring_push, .in_order = true, .retract = ring_retract, .close = ring_close};
