// SPDX-License-Identifier: Apache-2.0
// Backend "xsk": AF_XDP (Linux Documentation/networking/af_xdp.rst). Slots are chunks of the memory
// registered with the kernel; a send writes descriptors of them into the TX ring and kicks once.
//
// In copy mode the kernel copies each frame into an skb within the kick, and hands it to the driver past the
// queueing discipline (net/xdp/xsk.c, __xsk_generic_xmit), so a slot is free again when the kick is over.
// What it took is told by the ring's consumer index, but for one frame: EBUSY says that the last one was
// taken and then dropped, by a driver or for want of a carrier, and if it was the first the index is not even
// moved. So we keep an index of our own. Descriptors that the kernel left stay in the ring until the next
// send writes over them: only a kick makes it look.
//
// In zero-copy mode the driver reads the ring by itself, and a slot is its own until its address comes back
// by the completion ring.
#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"
#include "xsk_queue.h"

enum {
  LEAST_RING = 64,
  LARGEST_RING = 2048,
  MOST_PIECES = 17,  // a descriptor goes into the head of the skb, then MAX_SKB_FRAGS may follow
  LEAST_MTU = 68,    // ETH_MIN_MTU: no Ethernet takes less
};

static const uint64_t NOWHERE = UINT64_MAX;  // an address that the kernel refuses

struct xsk {
  struct fj_xsk_queue *queue;
  struct fj_xsk_part part;
  struct fj_xsk_ring ring;
  int fd;
  uint32_t consumed, produced;  // by the kernel, as far as is known; by us
  uint32_t begun;               // descriptors of the frame at the front that the kernel holds already
};

// --- opening ----------------------------------------------------------------------------------------------

static struct fj_layout plan(uint32_t slots, uint32_t capacity, uint32_t chunk) {
  uint32_t pitch = fj_tx_pitch(capacity);
  if (pitch > chunk) {
    pitch = (pitch + chunk - 1) / chunk * chunk;
    return (struct fj_layout){slots, pitch, pitch, 1};
  }
  uint32_t per_chunk = chunk / pitch;  // a descriptor must not reach over the end of its chunk
  return (struct fj_layout){(slots + per_chunk - 1) / per_chunk * per_chunk, pitch, chunk, per_chunk};
}

static uint64_t bytes_of(const struct fj_layout *layout) {
  return (uint64_t)layout->slots / layout->slots_per_block * layout->block_size;
}

static uint32_t ring_size(const struct fj_layout *layout, uint32_t chunk) {
  uint64_t wanted = (uint64_t)layout->slots * ((layout->pitch + chunk - 1) / chunk);
  uint32_t size = LEAST_RING;
  while (size < wanted && size < LARGEST_RING) size *= 2;
  return size;
}

static void limit_capacity(struct fj_tx *tx, const struct fj_xsk_queue *queue) {
  uint32_t pieces = queue->scattered ? MOST_PIECES : 1;
  uint32_t most = pieces * queue->chunk - FJ_SLOT_DATA;
  if (tx->capacity <= most) return;
  tx->capacity = most;
  if (tx->max_frame > most) tx->max_frame = most;
}

static int lay_out(struct fj_tx *tx, struct xsk *xsk, const struct fj_layout *layout) {
  uint64_t bytes = bytes_of(layout);
  if (bytes > INT32_MAX) return -ENOMEM;
  int error = fj_xsk_borrow(xsk->queue, bytes, bytes, &xsk->part);
  if (error) return error;
  error = fj_mapping_open(&tx->mapping, (size_t)bytes);
  if (error) goto give_back;
  void *slots = mmap(tx->mapping.body, tx->mapping.body_length, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_FIXED | MAP_POPULATE, xsk->queue->memory_fd, (off_t)xsk->part.offset);
  error = slots == MAP_FAILED ? -errno : fj_tx_lay_out(tx, layout);
  if (error) goto free_mapping;
  // Who had this part before may have left anything here.
  for (uint32_t i = 0; i < tx->slots; i++) *fj_tx_slot(tx, i) = (struct fj_slot){0};
  return 0;
free_mapping:
  fj_mapping_free(&tx->mapping);
give_back:
  fj_xsk_give_back(xsk->queue, &xsk->part);
  return error;
}

// Asks a socket of its own, since the queue's guard comes with the queue, whose memory hangs on the answer.
static int ask_link(struct fj_tx *tx, const struct fj_tx_config *config) {
  tx->fd = fj_tx_packet_socket(config);
  if (tx->fd < 0) return tx->fd;
  int error = fj_tx_bind_link(tx, config);
  if (error == 0 && tx->link_header == 0) error = -EOPNOTSUPP;  // the kernel takes such frames for Ethernet
  if (error == 0) return 0;
  close(tx->fd);
  return error;
}

static int join(struct fj_tx *tx, struct xsk *xsk, const struct fj_tx_config *config) {
  struct fj_layout layout = plan(config->slots, tx->capacity, 4096);
  struct fj_xsk_request request = {.ifindex = config->ifindex,
                                   .queue = config->queue,
                                   .bytes = bytes_of(&layout),
                                   .mtu = (int)(tx->max_frame - tx->link_header)};
  int error = fj_xsk_join(&xsk->queue, &request);
  if (error) return error;
  limit_capacity(tx, xsk->queue);
  layout = plan(config->slots, tx->capacity, xsk->queue->chunk);
  error = lay_out(tx, xsk, &layout);
  if (error) goto leave;
  xsk->fd = fj_xsk_open_tx(xsk->queue, ring_size(&layout, xsk->queue->chunk), &xsk->ring);
  if (xsk->fd >= 0) return 0;
  error = xsk->fd;
  free(tx->offsets);
  fj_mapping_free(&tx->mapping);
  fj_xsk_give_back(xsk->queue, &xsk->part);
leave:
  fj_xsk_leave(xsk->queue);
  return error;
}

static int xsk_open(struct fj_tx *tx, const struct fj_tx_config *config) {
  struct xsk *xsk = calloc(1, sizeof *xsk);
  if (!xsk) return -ENOMEM;
  int error = ask_link(tx, config);
  if (error) goto free_xsk;
  error = fj_tx_packet_bind(tx->fd, config->ifindex);
  if (error == 0) error = join(tx, xsk, config);
  if (error) goto close_fd;
  tx->control->mode = xsk->queue->zero_copy ? FJ_TX_ZERO_COPY : FJ_TX_COPY;
  tx->state = xsk;
  return 0;
close_fd:
  close(tx->fd);
free_xsk:
  free(xsk);
  return error;
}

static void xsk_close(struct fj_tx *tx) {
  struct xsk *xsk = tx->state;
  fj_xsk_unmap(&xsk->ring);  // or the socket would live on
  close(xsk->fd);
  fj_xsk_give_back(xsk->queue, &xsk->part);
  fj_xsk_leave(xsk->queue);
  close(tx->fd);
  free(xsk);
}

// --- sending ----------------------------------------------------------------------------------------------

static uint32_t pieces_of(const struct xsk *xsk, uint32_t length) {
  return (FJ_SLOT_DATA + length - 1) / xsk->queue->chunk + 1;
}

// The kernel does not compare a frame with the MTU here: we do, and only where it could matter. The frames
// from first on that may go, or -EMSGSIZE.
static int within_mtu(struct fj_tx *tx, uint32_t first, uint32_t count) {
  uint32_t longest = 0, at = first;
  for (uint32_t i = 0; i < count; i++, at = fj_tx_next(tx, at)) {
    uint32_t length = fj_tx_slot(tx, at)->length;
    if (length > longest) longest = length;
  }
  if (longest <= LEAST_MTU + ETH_HLEN) return (int)count;
  int fitting = fj_tx_fitting(tx, first, count);
  return fitting == 0 ? -EMSGSIZE : fitting;
}

static void put(struct xsk *xsk, uint32_t index, uint64_t address, uint32_t length, uint32_t options) {
  xsk->ring.descs[index & (xsk->ring.count - 1)] =
      (struct xdp_desc){.addr = address, .len = length, .options = options};
}

// Writes a frame's descriptors from index on: one for each chunk that it reaches into.
static void describe(struct fj_tx *tx, uint32_t slot, uint32_t index) {
  struct xsk *xsk = tx->state;
  uint64_t at = xsk->part.offset + tx->offsets[slot] + FJ_SLOT_DATA;
  uint32_t left = fj_tx_slot(tx, slot)->length;
  for (uint32_t room = xsk->queue->chunk - (uint32_t)(at % xsk->queue->chunk); left > room; index++) {
    put(xsk, index, at, room, XDP_PKT_CONTD);
    left -= room;
    at += room;
    room = xsk->queue->chunk;
  }
  put(xsk, index, at, left, 0);
}

// Step 1: descriptors for as many frames as the ring has room for. Those that an earlier send left are
// written over, unless a driver may be reading them. Gives the index behind the last.
static uint32_t fill(struct fj_tx *tx, uint32_t first, uint32_t *count) {
  struct xsk *xsk = tx->state;
  const bool zero_copy = xsk->queue->zero_copy;
  uint32_t index = xsk->consumed - xsk->begun, at = first, i = 0;
  for (; i < *count; i++, at = fj_tx_next(tx, at)) {
    struct fj_slot *slot = fj_tx_slot(tx, at);
    uint32_t pieces = pieces_of(xsk, slot->length);
    if (index + pieces - xsk->consumed > xsk->ring.count) break;
    if (!zero_copy || (int32_t)(index - xsk->produced) >= 0) describe(tx, at, index);
    if (zero_copy) __atomic_store_n(&slot->status, TP_STATUS_SENDING, __ATOMIC_RELAXED);
    index += pieces;
  }
  *count = i;
  for (uint32_t stale = index; (int32_t)(xsk->produced - stale) > 0; stale++) put(xsk, stale, NOWHERE, 0, 0);
  if ((int32_t)(index - xsk->produced) > 0) xsk->produced = index;
  fj_xsk_store(xsk->ring.producer, xsk->produced);
  return index;
}

static int kick(const struct xsk *xsk) {
  if (!(fj_xsk_load(xsk->ring.flags) & XDP_RING_NEED_WAKEUP)) return 0;
  ssize_t result;
  do result = sendto(xsk->fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

// Step 2: until the kernel has come to the end, or comes no further.
static int kick_until(struct xsk *xsk, uint32_t end) {
  for (;;) {
    int error = kick(xsk);
    uint32_t seen = fj_xsk_load(xsk->ring.consumer);
    bool moved = (int32_t)(seen - xsk->consumed) > 0;
    if (moved) xsk->consumed = seen;
    if (error == -EBUSY && !moved) xsk->consumed++;  // dropped, and not shown
    if ((int32_t)(end - xsk->consumed) <= 0 || !moved) return error;
    if (error && error != -EAGAIN) return error;
  }
}

// Step 3: the frames that lie before our index. A frame of which the kernel has a part only counts as not
// taken; the rest of it comes first next time.
static uint32_t count_taken(struct fj_tx *tx, uint32_t first, uint32_t count, uint32_t index) {
  struct xsk *xsk = tx->state;
  uint32_t at = first, taken = 0;
  for (; taken < count; taken++, at = fj_tx_next(tx, at)) {
    uint32_t end = index + pieces_of(xsk, fj_tx_slot(tx, at)->length);
    if ((int32_t)(xsk->consumed - end) < 0) break;
    index = end;
  }
  xsk->begun = taken < count ? xsk->consumed - index : 0;
  return taken;
}

static int xsk_push(struct fj_tx *tx, uint32_t first, uint32_t count) {
  struct xsk *xsk = tx->state;
  int allowed = within_mtu(tx, first, count);
  if (allowed < 0) return allowed;
  count = (uint32_t)allowed;
  fj_xsk_complete(xsk->queue);
  uint32_t start = xsk->consumed - xsk->begun;
  uint32_t end = fill(tx, first, &count);
  int error = kick_until(xsk, end);
  if (error == -EBUSY) {
    // The frame that was dropped is the last one that the kernel took: it and those behind it stay ours.
    uint32_t whole = count_taken(tx, first, count, start);
    if (xsk->begun) {  // more than one descriptor, and the drop came before its index moved
      xsk->consumed += pieces_of(xsk, fj_tx_slot(tx, (first + whole) % tx->slots)->length) - xsk->begun;
      whole++;
    }
    xsk->begun = 0;
    return whole > 1 ? (int)whole - 1 : -ENOBUFS;
  }
  uint32_t taken = count_taken(tx, first, count, start);
  if (taken > 0) return (int)taken;
  return error == -EAGAIN ? -ENOBUFS : error;  // EAGAIN would have the caller poll a socket that never waits
}

// What the kernel left in the ring must not go out with another send's frames.
static void xsk_retract(struct fj_tx *tx, uint32_t first, uint32_t count) {
  struct xsk *xsk = tx->state;
  if (xsk->queue->zero_copy) {
    uint32_t at = first;
    for (uint32_t i = 0; i < count; i++, at = fj_tx_next(tx, at))
      fj_tx_slot(tx, at)->status = TP_STATUS_AVAILABLE;
  }
  for (uint32_t i = xsk->consumed; i != xsk->produced; i++) put(xsk, i, NOWHERE, 0, 0);
  if (xsk->begun == 0) return;
  // A frame without its end: an invalid descriptor makes the kernel drop it (net/xdp/xsk.c).
  if (xsk->consumed == xsk->produced) put(xsk, xsk->produced++, NOWHERE, 0, 0);
  fj_xsk_store(xsk->ring.producer, xsk->produced);
  (void)kick(xsk);
  xsk->consumed++;
  xsk->begun = 0;
}

const struct fj_tx_ops fj_tx_xsk = {
    .open = xsk_open, .push = xsk_push, .retract = xsk_retract, .close = xsk_close};
