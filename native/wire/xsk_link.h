// SPDX-License-Identifier: Apache-2.0
// Receiving over AF_XDP: what all receivers of one process on one link share, since a link has one XDP
// program and a queue one RX ring. Whoever reads takes the frames off the rings for all.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../bpf/xsk.h"
#include "block.h"
#include "clock.h"
#include "filter.h"
#include "xsk_queue.h"

struct xsk;

struct fj_xsk_link {
  struct fj_xsk_link *next;
  int64_t netns;
  int ifindex;
  uint32_t users;  // under the lock of all links
  struct xsk *program;
  int attachment;  // keeps the program attached
  struct fj_clock clock;
  struct fj_xsk_queue *queues[FJ_XSK_QUEUES];
  uint32_t queue_count;
  struct fj_lock lock;  // of what follows
  struct fj_xsk_reader *readers;
  unsigned char *gathered;  // a frame that came in several chunks
};

// A receiver's blocks, written in turn as the kernel writes those of TPACKET_V3.
struct fj_xsk_reader {
  struct fj_xsk_link *link;
  struct fj_xsk_reader *next;
  const struct sock_filter *filter;  // NULL: everything
  struct fj_filter_link about;
  int place;  // of its filter in the program, -1: none
  unsigned char *blocks;
  uint32_t block_size, block_count, snaplen;
  uint32_t at;  // the block that is filled next, or now
  bool filling;
  struct fj_block block;
  uint64_t sequence, delivered, overflowed, lost_before;
  struct sockaddr_ll from;
  bool sleeping;
  int bell;  // rung for a sleeper whose frames somebody else took off the rings
};

enum { FJ_XSK_GATHERED = 1 << 17 };

// In the link's namespace. -EBUSY: another XDP program is attached; -EADDRINUSE: a queue is taken by another
// process. Then as fj_xsk_join.
int fj_xsk_link_join(struct fj_xsk_link **link, int ifindex, uint64_t bytes);
void fj_xsk_link_leave(struct fj_xsk_link *link);

// From now on the reader gets frames; filter_length is of its filter.
void fj_xsk_add_reader(struct fj_xsk_reader *reader, uint32_t filter_length);
void fj_xsk_remove_reader(struct fj_xsk_reader *reader);

// Takes frames off the rings until the reader's block is full or nothing is left, and hands it that block.
// The number of frames in the block that it reads next, which is base.
int fj_xsk_read(struct fj_xsk_reader *reader, unsigned char *base);
bool fj_xsk_has_frames(struct fj_xsk_reader *reader);

struct fj_xsk_counts {
  uint64_t delivered;  // in the reader's blocks, or still on the rings
  uint64_t dropped;
};

// A frame on the rings counts as delivered; should another reader take it off while this one has no block for
// it, it is dropped after all.
struct fj_xsk_counts fj_xsk_count(struct fj_xsk_reader *reader);
