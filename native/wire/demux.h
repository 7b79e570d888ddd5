// SPDX-License-Identifier: Apache-2.0
// The receiving half of a loaded program, as receivers reach it: its taps.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/demux.h"

// Of one program; it outlives its taps.
struct fj_demux {
  int rings_fd;              // the map of ring buffers, one a tap
  int replies_fd;            // the map with the reply ring
  uint32_t room, room_bits;  // for replies, and the logarithm of that; 0: there is no ring
  struct fj_reply *replies;  // the map
  struct fj_demux_state *state;
};

// Maps what a program shares, given the descriptors of its maps demux_rings, demux_state and demux_replies,
// of which the first and the last stay the caller's.
struct fj_demux_maps {
  int rings_fd, state_fd, replies_fd;
  uint32_t room, room_bits;  // for replies
};
int fj_demux_open(struct fj_demux *demux, const struct fj_demux_maps *maps);
// Replies that there were while there was a receiver.
uint64_t fj_demux_replies(const struct fj_demux *demux);
void fj_demux_close(struct fj_demux *demux);

// A ring buffer, as the kernel shares it (Documentation/bpf/ringbuf.rst).
struct fj_ring {
  int fd;
  uint64_t *consumed;        // up to where we have read
  const uint64_t *produced;  // up to where there is room taken for records
  const unsigned char *data;
  uint64_t size, position;
};

struct fj_tap_handle {
  struct fj_demux *demux;
  struct fj_tap *shared;
  uint32_t number;
  struct fj_ring ring;
};

// Takes a free tap and begins to record; bytes is a power of two of at least a page. -EUSERS when none is
// free.
int fj_tap_open(struct fj_tap_handle *tap, struct fj_demux *demux, uint64_t bytes, uint32_t snaplen);
// `last`: nobody else holds the program, which goes next. To wait until it writes to the ring no more takes
// some ten milliseconds, and is saved then.
void fj_tap_close(struct fj_tap_handle *tap, bool last);

// The next record; NULL when there is none yet. It is the next one until it is skipped.
const struct fj_record *fj_tap_next(struct fj_tap_handle *tap);
void fj_tap_skip(struct fj_tap_handle *tap);
// Gives the room of what was skipped back.
void fj_tap_release(struct fj_tap_handle *tap);
// Says whether records are waited for, before it is looked for them a last time.
void fj_tap_sleep(struct fj_tap_handle *tap, bool sleeping);

// --- the reply ring: one receiver at a time reads it, who has a tap as well

// Bytes of the map, in whole pages; 0: there is no ring.
size_t fj_replies_bytes(const struct fj_demux *demux);
// Has replies summed up for the receiver of a tap from number `begin` on; -EUSERS when another reads them.
int fj_replies_take(const struct fj_tap_handle *tap, uint64_t *begin);
void fj_replies_give_back(const struct fj_tap_handle *tap);
uint64_t fj_replies_claimed(const struct fj_demux *demux);  // in all
// Whether there are any that were not read yet. Waits for one that is just being written, within reason.
bool fj_replies_pending(const struct fj_demux *demux);
