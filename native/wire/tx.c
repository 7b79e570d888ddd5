// SPDX-License-Identifier: Apache-2.0
// What all backends for injecting share: slots, the checks around a send, and the account of it.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pace.h"
#include "wire.h"

// How long a send of frames that the kernel paces may take, and one of a stream, which is not to be
// interrupted more often than needed.
static const uint64_t SEND_NS = 5 * 1000 * 1000, STREAM_NS = 20 * 1000 * 1000;

enum {
  MAX_SLOTS = 1 << 20,
  MOST_STREAMED = 1 << 16,
  MAX_CAPACITY = 1 << 20,
  PATIENCE_NS = 10 * 1000 * 1000,  // in all, for a full queue, in one send
  SPIN_NS = 50 * 1000,             // a device empties its queue in less time than the shortest nap takes
  FIRST_NAP_NS = 20 * 1000,
  LONGEST_NAP_NS = 1000 * 1000,
  SEND_BUFFER = 32 << 20,
};

// --- opening ----------------------------------------------------------------------------------------------

static const struct fj_tx_ops *ops_of(enum fj_backend backend) {
  switch (backend) {
    case FJ_SOCKET:
      return &fj_tx_socket;
    case FJ_RING:
      return &fj_tx_ring;
    case FJ_PCAP:
      return &fj_tx_pcap;
    case FJ_RAWIP:
      return &fj_tx_rawip;
    case FJ_XDP:
      return &fj_tx_xdp;
    case FJ_XSK:
      return &fj_tx_xsk;
  }
  return NULL;
}

int fj_tx_open(struct fj_tx **handle, const struct fj_tx_config *config) {
  const struct fj_tx_ops *ops = ops_of(config->backend);
  if (!ops) return -EOPNOTSUPP;
  if (config->ifindex <= 0) return -ENODEV;
  if (config->slots == 0 || config->slots > MAX_SLOTS || config->capacity > MAX_CAPACITY) return -EINVAL;
  struct fj_tx *tx = calloc(1, sizeof *tx);
  if (!tx) return -ENOMEM;
  tx->ops = ops;
  tx->fd = -1;
  struct fj_visit visit;
  int error = fj_visit_begin(&visit, config->netns);
  if (error) goto free_tx;
  error = ops->open(tx, config);
  int back = fj_visit_end(&visit);
  if (error) goto free_tx;
  if (back) {
    fj_tx_close(tx);
    return back;
  }
  *handle = tx;
  return 0;
free_tx:
  free(tx);
  return error;
}

void fj_tx_close(struct fj_tx *tx) {
  // First the memory, then the socket: a ring ends only when both are gone.
  fj_mapping_retire(&tx->mapping);
  tx->ops->close(tx);
  free(tx->offsets);
  free(tx);
}

// A batch must not be cut short by the socket's own limit: 1024 frames of 1514 bytes count as 2.5 MB. A
// smaller buffer, for want of CAP_NET_ADMIN in the first user namespace, only means smaller bites.
int fj_tx_size_buffer(int fd) {
  int bytes = SEND_BUFFER;
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes))
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  return fd;
}

int fj_tx_packet_socket(const struct fj_tx_config *config) {
  // Protocol 0: a socket that only sends must not receive, or every frame on the link is queued for it.
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int one = 1;
  if (config->flags & FJ_TX_QDISC_BYPASS &&
      setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one)) {
    int error = -errno;
    close(fd);
    return error;
  }
  return fj_tx_size_buffer(fd);
}

int fj_tx_packet_bind(int fd, int ifindex) {
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = ifindex};
  return bind(fd, (struct sockaddr *)&to, sizeof to) ? -errno : 0;
}

static int refresh_limit(struct fj_tx *tx) {
  int mtu = fj_link_mtu(&tx->link, tx->fd);
  if (mtu < 0) return mtu;
  uint32_t longest = (uint32_t)mtu + tx->link_header;
  tx->max_frame = longest < tx->capacity ? longest : tx->capacity;
  if (tx->control) __atomic_store_n(&tx->control->max_frame, tx->max_frame, __ATOMIC_RELAXED);
  return 0;
}

// Needs tx->fd; settles the capacity.
int fj_tx_bind_link(struct fj_tx *tx, const struct fj_tx_config *config) {
  int error = fj_link_init(&tx->link, tx->fd, config->ifindex);
  if (error) return error == -ENXIO ? -ENODEV : error;
  int mtu = fj_link_mtu(&tx->link, tx->fd);
  if (mtu < 0) return mtu;
  int header = config->backend == FJ_RAWIP ? 0 : fj_link_header(&tx->link, tx->fd);
  if (header < 0) return header;
  tx->link_header = (uint32_t)header;
  enum { VLAN_TAG = 4 };
  tx->capacity = config->capacity ? config->capacity : (uint32_t)(mtu + header) + VLAN_TAG;
  if (tx->capacity < FJ_MIN_IPV6) tx->capacity = FJ_MIN_IPV6;
  return refresh_limit(tx);
}

uint32_t fj_tx_pitch(uint32_t capacity) {
  uint32_t lines = (FJ_SLOT_DATA + capacity + 63) / 64;
  return lines * 64;
}

// Needs the mapping; writes the control block and the table of slots.
int fj_tx_lay_out(struct fj_tx *tx, const struct fj_layout *layout) {
  tx->offsets = calloc(layout->slots, sizeof *tx->offsets);
  if (!tx->offsets) return -ENOMEM;
  for (uint32_t i = 0; i < layout->slots; i++)
    tx->offsets[i] =
        i / layout->slots_per_block * layout->block_size + i % layout->slots_per_block * layout->pitch;
  tx->slots = layout->slots;
  tx->control = (struct fj_tx_control *)tx->mapping.base;
  *tx->control = (struct fj_tx_control){
      .slots = layout->slots,
      .pitch = layout->pitch,
      .block_size = layout->block_size,
      .slots_per_block = layout->slots_per_block,
      .slots_offset = (uint32_t)(tx->mapping.body - tx->mapping.base),
      .data_offset = FJ_SLOT_DATA,
      .max_frame = tx->max_frame,
  };
  return 0;
}

// Slots in memory of our own, for backends whose kernel path copies.
int fj_tx_lay_out_private(struct fj_tx *tx, uint32_t slots) {
  uint32_t pitch = fj_tx_pitch(tx->capacity);
  if ((uint64_t)slots * pitch > INT32_MAX) return -ENOMEM;
  int error = fj_mapping_open(&tx->mapping, (size_t)slots * pitch);
  if (error) return error;
  struct fj_layout layout = {slots, pitch, slots * pitch, slots};
  error = fj_tx_lay_out(tx, &layout);
  if (error) fj_mapping_free(&tx->mapping);
  return error;
}

// --- sending ----------------------------------------------------------------------------------------------

static uint64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int fail(struct fj_tx *tx, uint32_t index, int error) {
  __atomic_store_n(&tx->control->error_index, index, __ATOMIC_RELAXED);
  return error;
}

// The kernel lets a frame be longer by its 802.1Q tag (packet_extra_vlan_len_allowed).
static bool is_tagged(struct fj_slot *slot) {
  const unsigned char *type = fj_slot_data(slot) + 2 * ETH_ALEN;
  return type[0] == ETH_P_8021Q >> 8 && type[1] == (ETH_P_8021Q & 0xff);
}

static bool is_too_large(const struct fj_tx *tx, struct fj_slot *slot, uint32_t length) {
  if (length <= tx->max_frame) return false;
  if (tx->link_header == 0 || length > tx->capacity || length > tx->max_frame + 4) return true;
  return !(tx->frame_length ? tx->frame_is_tagged : is_tagged(slot));
}

int fj_tx_fitting(struct fj_tx *tx, uint32_t first, uint32_t count) {
  int error = refresh_limit(tx);
  if (error) return error;
  uint32_t fitting = 0;
  if (tx->max_frame >= tx->checked_for) return (int)count;
  // Frames of one template are all alike.
  if (tx->frame_length) return is_too_large(tx, fj_tx_slot(tx, first), tx->frame_length) ? 0 : (int)count;
  for (uint32_t at = first; fitting < count; fitting++, at = fj_tx_next(tx, at))
    if (is_too_large(tx, fj_tx_slot(tx, at), fj_tx_length(tx, at))) break;
  return (int)fitting;
}

uint16_t fj_slot_protocol(struct fj_slot *slot) {
  switch (*fj_slot_data(slot) >> 4) {
    case 4:
      return ETH_P_IP;
    case 6:
      return ETH_P_IPV6;
    default:
      return 0;
  }
}

struct sockaddr_ll fj_tx_address(const struct fj_tx *tx, uint32_t slot) {
  return (struct sockaddr_ll){.sll_family = AF_PACKET,
                              .sll_protocol = htons(fj_slot_protocol(fj_tx_slot(tx, slot))),
                              .sll_ifindex = tx->link.ifindex};
}

uint32_t fj_tx_same_protocol(const struct fj_tx *tx, uint32_t first, uint32_t count) {
  uint16_t protocol = fj_slot_protocol(fj_tx_slot(tx, first));
  uint32_t same = 1;
  for (uint32_t at = fj_tx_next(tx, first); same < count; same++, at = fj_tx_next(tx, at))
    if (fj_slot_protocol(fj_tx_slot(tx, at)) != protocol) break;
  return same;
}

// Without a link header the frame itself has to say what it is.
static bool is_too_short(const struct fj_tx *tx, struct fj_slot *slot, uint32_t length) {
  if (tx->link_header) return length < FJ_MIN_FRAME;
  if (length < FJ_MIN_IPV4) return true;
  uint16_t protocol = fj_slot_protocol(slot);
  return protocol == 0 || (protocol == ETH_P_IPV6 && length < FJ_MIN_IPV6);
}

// Step 1: every frame, before any is sent. Gives the bytes of all.
static int check(struct fj_tx *tx, uint32_t first, uint32_t count, uint64_t *bytes) {
  uint64_t sum = 0;
  bool fresh = false;
  uint32_t at = first, different = tx->frame_length ? 1 : count, common = fj_tx_length(tx, first);
  for (uint32_t i = 0; i < different; i++, at = fj_tx_next(tx, at)) {
    struct fj_slot *slot = fj_tx_slot(tx, at);
    uint32_t length = fj_tx_length(tx, at);
    if (is_too_short(tx, slot, length)) return fail(tx, i, -EINVAL);
    if (is_too_large(tx, slot, length)) {
      // The MTU may have been raised since.
      int error = fresh ? 0 : refresh_limit(tx);
      if (error) return fail(tx, 0, error);
      fresh = true;
      if (is_too_large(tx, slot, length)) return fail(tx, i, -EMSGSIZE);
    }
    if (length != common) common = 0;
    sum += length;
  }
  tx->checked_for = tx->max_frame;
  tx->common_length = common;
  *bytes = tx->frame_length ? (uint64_t)tx->frame_length * count : sum;
  return 0;
}

static void nap(uint64_t ns) {
  struct timespec rest = {.tv_nsec = (long)ns};
  while (nanosleep(&rest, &rest) && errno == EINTR) continue;
}

struct patience {
  uint64_t until_ns, spin_until_ns, nap_ns;  // until_ns 0: the first wait sets it
};

// Waits for a full queue to drain a little; false when it has had its time.
static bool wait_for_room(struct fj_tx *tx, struct patience *patience, int reason) {
  uint64_t now = clock_ns(CLOCK_MONOTONIC);
  if (patience->until_ns == 0) *patience = (struct patience){now + PATIENCE_NS, now + SPIN_NS, FIRST_NAP_NS};
  if (now >= patience->until_ns) return false;
  if (now < patience->spin_until_ns) return true;
  uint64_t left = patience->until_ns - now;
  if (reason == -EAGAIN) {
    // The socket's own buffer is full: poll knows when it has room.
    struct pollfd writable = {.fd = tx->fd, .events = POLLOUT};
    struct timespec most = {.tv_nsec = (long)left};
    if (ppoll(&writable, 1, &most, NULL) > 0 && writable.revents == POLLOUT) return true;
  }
  // The queue of the link is full, or its driver's: nobody tells us when it has room.
  nap(patience->nap_ns < left ? patience->nap_ns : left);
  if (patience->nap_ns < LONGEST_NAP_NS) patience->nap_ns *= 2;
  return true;
}

// Step 3: until all are taken, the queue stays full, or something else is wrong. The frames taken; *error
// says why there are no more.
static uint32_t push_all(struct fj_tx *tx, uint32_t first, uint32_t count, int *error) {
  struct patience patience = {0};
  uint32_t taken = 0, at = first;
  *error = 0;
  while (taken < count) {
    int result = tx->ops->push(tx, at, count - taken);
    if (result > 0) {
      taken += (uint32_t)result;
      at = (uint32_t)(((uint64_t)at + (uint64_t)result) % tx->slots);
      continue;
    }
    bool full = result == -ENOBUFS || result == -EAGAIN || result == 0;
    if (!full) *error = result;
    if (!full) break;
    fj_add64(&tx->control->queue_full, 1);
    if (!wait_for_room(tx, &patience, result)) break;
  }
  if (taken < count && tx->ops->retract) tx->ops->retract(tx, at, count - taken);
  tx->head = at;
  return taken;
}

static uint64_t bytes_of(const struct fj_tx *tx, uint32_t first, uint32_t count) {
  uint64_t sum = 0;
  if (tx->frame_length) return (uint64_t)tx->frame_length * count;
  for (uint32_t at = first; count > 0; count--, at = fj_tx_next(tx, at)) sum += fj_tx_length(tx, at);
  return sum;
}

// The bounded wait of a caller who found the next slot still with the kernel.
static int wait_for_slot(struct fj_tx *tx, uint32_t first) {
  struct fj_slot *slot = fj_tx_slot(tx, first);
  struct patience patience = {0};
  while (__atomic_load_n(&slot->status, __ATOMIC_ACQUIRE) != TP_STATUS_AVAILABLE)
    if (!wait_for_room(tx, &patience, -ENOBUFS)) break;
  return 0;
}

static int look_at_link(struct fj_tx *tx) {
  int error = fj_carrier_before(&tx->link, tx->fd);
  return error && tx->ops->is_gone && tx->ops->is_gone(tx) ? -ENXIO : error;
}

static int refuse(struct fj_tx *tx, int error) {
  if (error == -EINVAL || error == -EMSGSIZE) fj_add64(&tx->control->rejected, 1);
  return error;
}

static uint32_t most_within(const struct fj_tx *tx, uint32_t count, uint64_t ns) {
  uint32_t most = tx->interval ? fj_pace_frames(tx->interval, ns) : UINT32_MAX;
  return count < most ? count : most;
}

static int send_frames(struct fj_tx *tx, uint32_t from, uint32_t wanted) {
  struct fj_tx_control *control = tx->control;
  uint64_t bytes;
  int error = check(tx, from, wanted, &bytes);
  if (error) return refuse(tx, error);
  error = look_at_link(tx);
  if (error) return fail(tx, 0, error);

  tx->from = from;
  tx->wanted = wanted;
  uint64_t started = clock_ns(CLOCK_REALTIME);
  uint32_t taken = push_all(tx, from, wanted, &error);
  if (taken == 0) {
    if (error == -EMSGSIZE) (void)refresh_limit(tx);
    return fail(tx, 0, refuse(tx, error));
  }
  fj_store64(&control->started_ns, started);
  fj_store64(&control->finished_ns, clock_ns(CLOCK_REALTIME));
  error = fj_carrier_after(&tx->link, tx->fd);
  if (error) {
    // They may have ended in the noop qdisc, or in a driver that lost its link: nobody can tell.
    fj_add64(&control->unconfirmed, taken);
    return fail(tx, taken, error);
  }
  fj_add64(&control->accepted_bytes, taken == wanted ? bytes : bytes_of(tx, from, taken));
  fj_add64(&control->accepted_frames, taken);
  return (int)taken;
}

int fj_tx_send(struct fj_tx *tx, int first, int count) {
  if (first < 0 || count < 0 || (uint32_t)first >= tx->slots || (uint32_t)count > tx->slots)
    return fail(tx, 0, -ERANGE);
  uint32_t from = (uint32_t)first;
  tx->control->moved = 0;
  if (count == 0) return wait_for_slot(tx, from);
  fj_add64(&tx->control->calls, 1);
  if (tx->ops->in_order && from != tx->head) return fail(tx, tx->head, -ESTALE);
  return send_frames(tx, from, most_within(tx, (uint32_t)count, SEND_NS));
}

int fj_tx_pace(struct fj_tx *tx, uint64_t interval) {
  if (!tx->ops->pace) return -EOPNOTSUPP;
  if (interval && (interval < FJ_PACE_SHORTEST || interval > FJ_PACE_LONGEST)) return -ERANGE;
  tx->interval = interval;
  tx->ops->pace(tx, interval);
  return 0;
}

int fj_tx_stamp(struct fj_tx *tx, uint32_t offset) {
  if (!tx->ops->stamp) return -EOPNOTSUPP;
  tx->ops->stamp(tx, offset);
  return 0;
}

int fj_tx_stream(struct fj_tx *tx, uint64_t sequence, int count) {
  if (!tx->ops->stream || tx->frame_length == 0) return -EOPNOTSUPP;
  if (count < 0) return -ERANGE;
  tx->control->sequence = sequence;
  if (count == 0) return 0;
  fj_add64(&tx->control->calls, 1);
  tx->ops->stream(tx, sequence);
  tx->streams = true;
  uint32_t most = count < MOST_STREAMED ? (uint32_t)count : MOST_STREAMED;
  int sent = send_frames(tx, 0, most_within(tx, most, STREAM_NS));
  tx->streams = false;
  return sent;
}
