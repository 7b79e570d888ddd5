// SPDX-License-Identifier: Apache-2.0
#include "xsk_queue.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../link/link.h"
#include "clock.h"
#include "wire.h"

#ifndef SOL_XDP
#define SOL_XDP 283
#endif
#ifndef XDP_MAX_TX_SKB_BUDGET
#define XDP_MAX_TX_SKB_BUDGET 9  // Linux 6.17
#endif
#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1u
#endif

enum {
  SMALL_CHUNK = 2048,
  LARGE_CHUNK = 4096,
  FILL = 8192,
  COMPLETION = 4096,
  RX = 8192,
  RESERVE = 8 << 20,  // for handles that come later
  // The kernel frees a queue behind the back of who closed it, on a busy machine some time later: whether it
  // was this process is known.
  RELEASE_NAP = 2000000,
  RELEASE_TRIES = 100,
  OWN_RELEASE_TRIES = 2500,
};

static struct fj_lock queues_lock;
static int64_t last_close;  // CLOCK_MONOTONIC in ns; 0: none yet
static struct fj_xsk_queue *queues;

// --- rings ------------------------------------------------------------------------------------------------

struct ring_kind {
  int option;
  uint64_t offset;
  size_t entry;
};

static const struct ring_kind FILL_RING = {XDP_UMEM_FILL_RING, XDP_UMEM_PGOFF_FILL_RING, sizeof(uint64_t)},
                              COMPLETION_RING = {XDP_UMEM_COMPLETION_RING, XDP_UMEM_PGOFF_COMPLETION_RING,
                                                 sizeof(uint64_t)},
                              RX_RING = {XDP_RX_RING, XDP_PGOFF_RX_RING, sizeof(struct xdp_desc)},
                              TX_RING = {XDP_TX_RING, XDP_PGOFF_TX_RING, sizeof(struct xdp_desc)};

static int set_ring(int fd, const struct ring_kind *kind, uint32_t count) {
  int entries = (int)count;
  return setsockopt(fd, SOL_XDP, kind->option, &entries, sizeof entries) ? -errno : 0;
}

static int map_ring(struct fj_xsk_ring *ring, int fd, const struct ring_kind *kind,
                    const struct xdp_ring_offset *at, uint32_t count) {
  size_t length = at->desc + count * kind->entry;
  void *base = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (off_t)kind->offset);
  if (base == MAP_FAILED) return -errno;
  unsigned char *bytes = base;
  *ring = (struct fj_xsk_ring){.producer = (uint32_t *)(bytes + at->producer),
                               .consumer = (uint32_t *)(bytes + at->consumer),
                               .flags = (uint32_t *)(bytes + at->flags),
                               .descs = (struct xdp_desc *)(bytes + at->desc),
                               .count = count,
                               .base = base,
                               .length = length};
  return 0;
}

void fj_xsk_unmap(struct fj_xsk_ring *ring) {
  if (ring->base) munmap(ring->base, ring->length);
  *ring = (struct fj_xsk_ring){0};
}

static int offsets_of(int fd, struct xdp_mmap_offsets *offsets) {
  socklen_t length = sizeof *offsets;
  if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, offsets, &length)) return -errno;
  return length == sizeof *offsets ? 0 : -EOPNOTSUPP;  // before Linux 5.4: no flags
}

static int open_rings(struct fj_xsk_queue *queue) {
  struct xdp_mmap_offsets at;
  int error = set_ring(queue->fd, &FILL_RING, FILL);
  if (error == 0) error = set_ring(queue->fd, &COMPLETION_RING, COMPLETION);
  if (error == 0) error = set_ring(queue->fd, &RX_RING, RX);
  if (error == 0) error = offsets_of(queue->fd, &at);
  if (error == 0) error = map_ring(&queue->fill, queue->fd, &FILL_RING, &at.fr, FILL);
  if (error == 0) error = map_ring(&queue->completion, queue->fd, &COMPLETION_RING, &at.cr, COMPLETION);
  if (error == 0) error = map_ring(&queue->rx, queue->fd, &RX_RING, &at.rx, RX);
  return error;
}

static void close_rings(struct fj_xsk_queue *queue) {
  fj_xsk_unmap(&queue->rx);
  fj_xsk_unmap(&queue->completion);
  fj_xsk_unmap(&queue->fill);
}

// --- memory -----------------------------------------------------------------------------------------------

static uint64_t whole_pages(uint64_t bytes) {
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  return (bytes + page - 1) / page * page;
}

static int register_memory(struct fj_xsk_queue *queue) {
  struct xdp_umem_reg request = {
      .addr = (uintptr_t)queue->memory, .len = queue->length, .chunk_size = queue->chunk};
  if (setsockopt(queue->fd, SOL_XDP, XDP_UMEM_REG, &request, sizeof request) == 0) return 0;
  return errno == ENOBUFS ? -ENOLCK : -errno;  // xdp_umem_account_pages: RLIMIT_MEMLOCK
}

static int open_memory(struct fj_xsk_queue *queue, uint64_t length) {
  queue->length = whole_pages(length);
  queue->memory_fd = (int)syscall(SYS_memfd_create, "framejet-xsk", MFD_CLOEXEC);
  if (queue->memory_fd < 0) return -errno;
  int error = ftruncate(queue->memory_fd, (off_t)queue->length) ? -errno : 0;
  if (error) goto close_memory;
  void *memory =
      mmap(NULL, queue->length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, queue->memory_fd, 0);
  error = memory == MAP_FAILED ? -errno : 0;
  if (error) goto close_memory;
  queue->memory = memory;
  error = register_memory(queue);
  if (error == 0) return 0;
  munmap(queue->memory, queue->length);
close_memory:
  close(queue->memory_fd);
  return error;
}

static void close_memory(struct fj_xsk_queue *queue) {
  munmap(queue->memory, queue->length);
  close(queue->memory_fd);
}

int fj_xsk_borrow(struct fj_xsk_queue *queue, uint64_t wanted, uint64_t least, struct fj_xsk_part *part) {
  wanted = whole_pages(wanted);
  least = whole_pages(least);
  fj_lock_take(&queues_lock);
  int error = -ENOSPC;
  uint64_t from = 0;
  // The first gap that is large enough.
  for (uint32_t i = 0; i <= queue->part_count && queue->part_count < FJ_XSK_PARTS; i++) {
    uint64_t to = i < queue->part_count ? queue->parts[i].offset : queue->length;
    if (to - from >= least) {
      *part = (struct fj_xsk_part){from, to - from < wanted ? to - from : wanted};
      memmove(&queue->parts[i + 1], &queue->parts[i], (queue->part_count - i) * sizeof *part);
      queue->parts[i] = *part;
      queue->part_count++;
      error = 0;
      break;
    }
    from = to + (i < queue->part_count ? queue->parts[i].length : 0);
  }
  fj_lock_give(&queues_lock);
  return error;
}

void fj_xsk_give_back(struct fj_xsk_queue *queue, const struct fj_xsk_part *part) {
  fj_lock_take(&queues_lock);
  uint32_t i = 0;
  while (queue->parts[i].offset != part->offset) i++;
  queue->part_count--;
  memmove(&queue->parts[i], &queue->parts[i + 1], (queue->part_count - i) * sizeof *part);
  fj_lock_give(&queues_lock);
}

// --- the queue --------------------------------------------------------------------------------------------

static int bind_once(const struct fj_xsk_queue *queue, uint16_t flags) {
  struct sockaddr_xdp to = {.sxdp_family = AF_XDP,
                            .sxdp_flags = flags,
                            .sxdp_ifindex = (uint32_t)queue->ifindex,
                            .sxdp_queue_id = queue->queue};
  return bind(queue->fd, (struct sockaddr *)&to, sizeof to) ? -errno : 0;
}

// Whether a queue may still be on its way out that this process has closed. Under queues_lock.
static bool closed_lately(void) {
  static const int64_t LATELY_NS = INT64_C(10000000000);
  return last_close && fj_clock_read(CLOCK_MONOTONIC) - last_close < LATELY_NS;
}

// Neither XDP_COPY nor XDP_ZEROCOPY: the kernel takes the driver's zero-copy mode where there is one.
static int bind_patiently(struct fj_xsk_queue *queue) {
  uint16_t scatter = queue->chunk > SMALL_CHUNK ? XDP_USE_SG : 0;
  int error = -EBUSY;
  int most = closed_lately() ? OWN_RELEASE_TRIES : RELEASE_TRIES;
  for (int tries = 0; tries < most; tries++) {
    error = bind_once(queue, (uint16_t)(XDP_USE_NEED_WAKEUP | scatter));
    if (error == -EINVAL && scatter) {
      scatter = 0;  // before Linux 6.6
      error = bind_once(queue, XDP_USE_NEED_WAKEUP);
    }
    if (error != -EBUSY) break;
    struct timespec rest = {.tv_nsec = RELEASE_NAP};
    (void)nanosleep(&rest, NULL);
  }
  queue->scattered = scatter != 0;
  return error == -EBUSY ? -EADDRINUSE : error;
}

static void ask_mode(struct fj_xsk_queue *queue) {
  struct xdp_options options = {0};
  socklen_t length = sizeof options;
  if (getsockopt(queue->fd, SOL_XDP, XDP_OPTIONS, &options, &length) == 0)
    queue->zero_copy = (options.flags & XDP_OPTIONS_ZEROCOPY) != 0;
}

static int open_guard(int ifindex) {
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int error = fj_tx_packet_bind(fd, ifindex);
  if (error == 0) return fd;
  close(fd);
  return error;
}

static int open_with(struct fj_xsk_queue *queue, uint64_t bytes) {
  queue->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (queue->fd < 0) return -errno;
  int error = open_memory(queue, bytes);
  if (error) goto close_fd;
  error = open_rings(queue);
  if (error) goto close_rings;
  error = bind_patiently(queue);
  if (error) goto close_rings;
  ask_mode(queue);
  return 0;
close_rings:
  close_rings(queue);
  close_memory(queue);
close_fd:
  close(queue->fd);
  return error;
}

uint32_t fj_xsk_chunk(int mtu) {
  // A frame of the link, its tag and what comes before it: a slot's header, or the kernel's headroom.
  enum { ROUND = 18, HEADROOM = 256 };
  return mtu + ROUND + HEADROOM > SMALL_CHUNK ? LARGE_CHUNK : SMALL_CHUNK;
}

static int open_queue(struct fj_xsk_queue *queue, const struct fj_xsk_request *request) {
  queue->chunk = fj_xsk_chunk(request->mtu);
  queue->guard = open_guard(queue->ifindex);
  if (queue->guard < 0) return queue->guard;
  int error = open_with(queue, request->bytes + RESERVE);
  // Who comes later finds less, but the one who asks now finds enough.
  if (error == -ENOLCK || error == -ENOMEM) error = open_with(queue, request->bytes);
  if (error) close(queue->guard);
  return error;
}

static void close_queue(struct fj_xsk_queue *queue) {
  close_rings(queue);
  close(queue->fd);
  close_memory(queue);
  close(queue->guard);
  last_close = fj_clock_read(CLOCK_MONOTONIC);
}

int64_t fj_xsk_own_namespace(void) {
  int fd = fj_netns_open(NULL);
  if (fd < 0) return fd;
  int64_t inode = fj_netns_inode(fd);
  close(fd);
  return inode;
}

static struct fj_xsk_queue *find(int64_t netns, const struct fj_xsk_request *request) {
  for (struct fj_xsk_queue *at = queues; at; at = at->next)
    if (at->netns == netns && at->ifindex == request->ifindex && at->queue == request->queue &&
        !fj_packet_is_orphan(at->guard))
      return at;
  return NULL;
}

static int add(struct fj_xsk_queue **made, int64_t netns, const struct fj_xsk_request *request) {
  struct fj_xsk_queue *queue = calloc(1, sizeof *queue);
  if (!queue) return -ENOMEM;
  queue->netns = netns;
  queue->ifindex = request->ifindex;
  queue->queue = request->queue;
  int error = open_queue(queue, request);
  if (error) {
    free(queue);
    return error;
  }
  queue->next = queues;
  queues = queue;
  *made = queue;
  return 0;
}

int fj_xsk_join(struct fj_xsk_queue **queue, const struct fj_xsk_request *request) {
  int64_t netns = fj_xsk_own_namespace();
  if (netns < 0) return (int)netns;
  int error = 0;
  fj_lock_take(&queues_lock);
  *queue = find(netns, request);
  if (!*queue) error = add(queue, netns, request);
  if (error == 0) (*queue)->users++;
  fj_lock_give(&queues_lock);
  return error;
}

void fj_xsk_leave(struct fj_xsk_queue *queue) {
  fj_lock_take(&queues_lock);
  if (--queue->users == 0) {
    struct fj_xsk_queue **at = &queues;
    while (*at != queue) at = &(*at)->next;
    *at = queue->next;
    close_queue(queue);
    free(queue);
  }
  fj_lock_give(&queues_lock);
}

// --- sending ----------------------------------------------------------------------------------------------

int fj_xsk_open_tx(struct fj_xsk_queue *queue, uint32_t count, struct fj_xsk_ring *ring) {
  struct xdp_mmap_offsets at;
  struct sockaddr_xdp to = {.sxdp_family = AF_XDP,
                            .sxdp_flags = XDP_SHARED_UMEM,
                            .sxdp_ifindex = (uint32_t)queue->ifindex,
                            .sxdp_queue_id = queue->queue,
                            .sxdp_shared_umem_fd = (uint32_t)queue->fd};
  int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int error = set_ring(fd, &TX_RING, count);
  if (error == 0) error = offsets_of(fd, &at);
  if (error == 0) error = map_ring(ring, fd, &TX_RING, &at.tx, count);
  if (error) goto close_fd;
  error = bind(fd, (struct sockaddr *)&to, sizeof to) ? -errno : 0;
  if (error) goto unmap;
  // Otherwise 32 a call: the ring is then emptied by more of them.
  (void)setsockopt(fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &count, sizeof count);
  return fj_tx_size_buffer(fd);
unmap:
  fj_xsk_unmap(ring);
close_fd:
  close(fd);
  return error;
}

// With zero-copy a slot is the driver's until its address comes back.
static void free_slots(struct fj_xsk_queue *queue, uint32_t from, uint32_t to) {
  const struct fj_xsk_ring *ring = &queue->completion;
  for (uint32_t i = from; i != to; i++) {
    uint64_t address = ring->addresses[i & (ring->count - 1)];
    if (address % 64 != FJ_SLOT_DATA || address >= queue->length) continue;  // a later part of a long frame
    struct fj_slot *slot = (struct fj_slot *)(queue->memory + address - FJ_SLOT_DATA);
    __atomic_store_n(&slot->status, TP_STATUS_AVAILABLE, __ATOMIC_RELEASE);
  }
}

void fj_xsk_complete(struct fj_xsk_queue *queue) {
  const struct fj_xsk_ring *ring = &queue->completion;
  if (!fj_lock_try(&queue->completion_lock)) return;  // somebody is at it
  uint32_t from = *ring->consumer, to = fj_xsk_load(ring->producer);
  if (queue->zero_copy) free_slots(queue, from, to);
  fj_xsk_store(ring->consumer, to);
  fj_lock_give(&queue->completion_lock);
}
