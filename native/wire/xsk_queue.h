// SPDX-License-Identifier: Apache-2.0
// AF_XDP (Linux Documentation/networking/af_xdp.rst): what all handles of one process on one queue of a link
// share, since the kernel lends a queue to one owner only.
//
//   memory, one file      | lent to an injector | lent to the receivers | free |
//   registered as UMEM    one chunk after the other, of 2 or 4 KiB
//   mapped for Java       an injector's part again, behind its control block: slots are chunks
//
// The socket of the queue owns the memory, the fill and completion rings and the RX ring; each injector has a
// socket of its own beside it (XDP_SHARED_UMEM), with its own TX ring.
#pragma once
#include <linux/if_xdp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lock.h"
#include "mapping.h"

#ifndef XDP_USE_SG
#define XDP_USE_SG (1 << 4)  // Linux 6.6
#endif
#ifndef XDP_PKT_CONTD
#define XDP_PKT_CONTD (1 << 0)
#endif

// A ring shared with the kernel; count is a power of two.
struct fj_xsk_ring {
  uint32_t *producer, *consumer, *flags;
  union {
    struct xdp_desc *descs;  // RX and TX
    uint64_t *addresses;     // fill and completion
  };
  uint32_t count;
  void *base;
  size_t length;
};

struct fj_xsk_part {
  uint64_t offset, length;  // of the memory, whole pages
};

enum { FJ_XSK_PARTS = 64 };

struct fj_xsk_queue {
  struct fj_xsk_queue *next;
  int64_t netns;
  int ifindex;
  uint32_t queue;
  uint32_t users;  // under the lock of all queues
  int fd;          // the socket of the queue
  int guard;       // a packet socket bound to the link, which notices when that is deleted
  int memory_fd;
  unsigned char *memory;
  uint64_t length;
  uint32_t chunk;
  bool zero_copy;
  bool scattered;  // frames may be longer than a chunk
  struct fj_xsk_ring fill, completion, rx;
  struct fj_lock completion_lock;
  struct fj_xsk_part parts[FJ_XSK_PARTS];  // lent, in order; under the lock of all queues
  uint32_t part_count;
  struct fj_xsk_part received;  // lent to the receivers, of length 0 before there were any
};

struct fj_xsk_request {
  int ifindex;
  uint32_t queue;
  uint64_t bytes;  // of memory that the caller is going to borrow
  int mtu;
};

// Bytes of a chunk on a link of this MTU.
uint32_t fj_xsk_chunk(int mtu);

// In the link's namespace. Gives -EADDRINUSE when another process has the queue, -ENOLCK when the limit on
// locked memory is too low, -EINVAL when there is no such queue.
int fj_xsk_join(struct fj_xsk_queue **queue, const struct fj_xsk_request *request);
void fj_xsk_leave(struct fj_xsk_queue *queue);

// Which network namespace the calling thread is in, or -errno.
int64_t fj_xsk_own_namespace(void);

// Whole pages of the memory; -ENOSPC when there are none, or fewer. With least below wanted, what there is.
int fj_xsk_borrow(struct fj_xsk_queue *queue, uint64_t wanted, uint64_t least, struct fj_xsk_part *part);
void fj_xsk_give_back(struct fj_xsk_queue *queue, const struct fj_xsk_part *part);

// A socket with a TX ring on this queue, its descriptor; ring is mapped.
int fj_xsk_open_tx(struct fj_xsk_queue *queue, uint32_t count, struct fj_xsk_ring *ring);
void fj_xsk_unmap(struct fj_xsk_ring *ring);

// Takes what was sent off the completion ring. Any thread, for all handles.
void fj_xsk_complete(struct fj_xsk_queue *queue);

static inline uint32_t fj_xsk_load(const uint32_t *index) {
  return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}
static inline void fj_xsk_store(uint32_t *index, uint32_t value) {
  __atomic_store_n(index, value, __ATOMIC_RELEASE);
}
