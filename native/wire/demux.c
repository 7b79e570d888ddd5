// SPDX-License-Identifier: Apache-2.0
#include "demux.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf.h"
#include "clock.h"

static int ring_create(uint64_t bytes) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.map_type = BPF_MAP_TYPE_RINGBUF;
  attr.max_entries = (uint32_t)bytes;
  memcpy(attr.map_name, "framejet", 8);
  return fj_bpf(BPF_MAP_CREATE, &attr);
}

static int ring_set(int rings_fd, uint32_t number, int ring_fd) {
  return fj_bpf_map_put(rings_fd, &number, &ring_fd);
}

// Waits until no program writes to it any more (kernel/bpf/syscall.c, maybe_wait_bpf_programs).
static void ring_unset(int rings_fd, uint32_t number) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.map_fd = (uint32_t)rings_fd;
  attr.key = (uint64_t)(uintptr_t)&number;
  (void)fj_bpf(BPF_MAP_DELETE_ELEM, &attr);
}

static size_t whole_pages(size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (bytes + page - 1) / page * page;
}

static int map_shared(void **at, int fd, size_t bytes) {
  *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return *at == MAP_FAILED ? -errno : 0;
}

int fj_demux_open(struct fj_demux *demux, const struct fj_demux_maps *maps) {
  void *at;
  int error = map_shared(&at, maps->state_fd, whole_pages(sizeof(struct fj_demux_state)));
  if (error) return error;
  *demux = (struct fj_demux){.rings_fd = maps->rings_fd,
                             .replies_fd = maps->replies_fd,
                             .room = maps->room,
                             .room_bits = maps->room_bits,
                             .state = at};
  if (demux->room == 0) return 0;
  error = map_shared(&at, maps->replies_fd, fj_replies_bytes(demux));
  if (error) {
    fj_demux_close(demux);
    return error;
  }
  demux->replies = at;
  return 0;
}

void fj_demux_close(struct fj_demux *demux) {
  if (demux->replies) munmap(demux->replies, fj_replies_bytes(demux));
  if (demux->state) munmap(demux->state, whole_pages(sizeof(struct fj_demux_state)));
  *demux = (struct fj_demux){.rings_fd = -1, .replies_fd = -1};
}

uint64_t fj_demux_replies(const struct fj_demux *demux) {
  return __atomic_load_n(&demux->state->verdicts.replies, __ATOMIC_RELAXED) + fj_replies_claimed(demux);
}

// --- a ring buffer -----------------------------------------------------------------------------------------

// A page of ours, a page of the kernel's, and the data twice in a row, so that no record is in two pieces.
static size_t mapped_behind(const struct fj_ring *ring) {
  return (size_t)sysconf(_SC_PAGESIZE) + 2 * (size_t)ring->size;
}

static int ring_map(struct fj_ring *ring) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  void *ours = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
  if (ours == MAP_FAILED) return -errno;
  void *theirs = mmap(NULL, mapped_behind(ring), PROT_READ, MAP_SHARED, ring->fd, (off_t)page);
  if (theirs == MAP_FAILED) {
    int error = -errno;
    munmap(ours, page);
    return error;
  }
  ring->consumed = ours;
  ring->produced = theirs;
  ring->data = (const unsigned char *)theirs + page;
  return 0;
}

static int ring_open(struct fj_ring *ring, uint64_t bytes) {
  *ring = (struct fj_ring){.fd = ring_create(bytes), .size = bytes};
  if (ring->fd < 0) return ring->fd;
  int error = ring_map(ring);
  if (error) close(ring->fd);
  return error;
}

static void ring_close(struct fj_ring *ring) {
  munmap((void *)(uintptr_t)ring->produced, mapped_behind(ring));
  munmap(ring->consumed, (size_t)sysconf(_SC_PAGESIZE));
  close(ring->fd);
}

// --- taps --------------------------------------------------------------------------------------------------

static int take(struct fj_demux_state *state, uint32_t *number) {
  uint32_t taken = __atomic_load_n(&state->taken, __ATOMIC_RELAXED);
  do {
    if (taken == UINT32_MAX) return -EUSERS;
    *number = (uint32_t)__builtin_ctz(~taken);
  } while (!__atomic_compare_exchange_n(&state->taken, &taken, taken | 1u << *number, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED));
  return 0;
}

static void give_back(struct fj_demux_state *state, uint32_t number) {
  __atomic_fetch_and(&state->taken, ~(1u << number), __ATOMIC_SEQ_CST);
}

int fj_tap_open(struct fj_tap_handle *tap, struct fj_demux *demux, uint64_t bytes, uint32_t snaplen) {
  *tap = (struct fj_tap_handle){.demux = demux};
  int error = take(demux->state, &tap->number);
  if (error) return error;
  tap->shared = &demux->state->taps[tap->number];
  error = ring_open(&tap->ring, bytes);
  if (error) goto give_back;
  error = ring_set(demux->rings_fd, tap->number, tap->ring.fd);
  if (error) goto close_ring;
  // By now no program writes to the ring that whoever had the tap before may have left there.
  *tap->shared = (struct fj_tap){.snaplen = snaplen};
  __atomic_fetch_or(&demux->state->live, 1u << tap->number, __ATOMIC_SEQ_CST);
  return 0;
close_ring:
  ring_close(&tap->ring);
give_back:
  give_back(demux->state, tap->number);
  return error;
}

void fj_tap_close(struct fj_tap_handle *tap, bool last) {
  struct fj_demux *demux = tap->demux;
  __atomic_fetch_and(&demux->state->live, ~(1u << tap->number), __ATOMIC_SEQ_CST);
  // A ring that stays in the map goes with it, or when another takes its place.
  if (!last) ring_unset(demux->rings_fd, tap->number);
  ring_close(&tap->ring);
  give_back(demux->state, tap->number);
}

static uint32_t header_at(const struct fj_ring *ring, uint64_t position) {
  const uint32_t *header = (const uint32_t *)(ring->data + (position & (ring->size - 1)));
  return __atomic_load_n(header, __ATOMIC_ACQUIRE);
}

static uint64_t room_of(uint32_t header) {
  uint32_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
  return ((uint64_t)length + BPF_RINGBUF_HDR_SZ + 7) & ~UINT64_C(7);
}

const struct fj_record *fj_tap_next(struct fj_tap_handle *tap) {
  struct fj_ring *ring = &tap->ring;
  uint64_t end = __atomic_load_n(ring->produced, __ATOMIC_ACQUIRE);
  for (; ring->position < end; fj_tap_skip(tap)) {
    uint32_t header = header_at(ring, ring->position);
    if (header & BPF_RINGBUF_BUSY_BIT) return NULL;
    if (!(header & BPF_RINGBUF_DISCARD_BIT))
      return (const struct fj_record *)(ring->data + (ring->position & (ring->size - 1)) +
                                        BPF_RINGBUF_HDR_SZ);
  }
  return NULL;
}

void fj_tap_skip(struct fj_tap_handle *tap) {
  tap->ring.position += room_of(header_at(&tap->ring, tap->ring.position));
}

void fj_tap_release(struct fj_tap_handle *tap) {
  __atomic_store_n(tap->ring.consumed, tap->ring.position, __ATOMIC_RELEASE);
}

void fj_tap_sleep(struct fj_tap_handle *tap, bool sleeping) {
  // A full barrier, as in the program: see fj_wake there.
  __atomic_store_n(&tap->shared->sleeping, sleeping, __ATOMIC_SEQ_CST);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

// --- the reply ring ----------------------------------------------------------------------------------------

size_t fj_replies_bytes(const struct fj_demux *demux) {
  return demux->room ? whole_pages((FJ_REPLIES_FIRST + (size_t)demux->room) * sizeof(struct fj_reply)) : 0;
}

uint64_t fj_replies_claimed(const struct fj_demux *demux) {
  if (demux->room == 0) return 0;
  return __atomic_load_n((const uint64_t *)&demux->replies[FJ_REPLIES_CLAIMED], __ATOMIC_ACQUIRE);
}

static uint64_t *read_so_far(const struct fj_demux *demux) {
  return (uint64_t *)&demux->replies[FJ_REPLIES_READ];
}

int fj_replies_take(const struct fj_tap_handle *tap, uint64_t *begin) {
  const struct fj_demux *demux = tap->demux;
  uint32_t nobody = 0;
  // What was left by whoever read before, and a reply that is just being written for it, is skipped.
  uint64_t claimed = fj_replies_claimed(demux);
  if (!__atomic_compare_exchange_n(&demux->state->reader, &nobody, tap->number + 1, false, __ATOMIC_SEQ_CST,
                                   __ATOMIC_RELAXED))
    return -EUSERS;
  // Meanwhile that one may have read further. What was read never gets less: the program relies on it.
  uint64_t before = __atomic_load_n(read_so_far(demux), __ATOMIC_ACQUIRE);
  *begin = claimed > before ? claimed : before;
  __atomic_store_n(read_so_far(demux), *begin, __ATOMIC_RELEASE);
  return 0;
}

void fj_replies_give_back(const struct fj_tap_handle *tap) {
  __atomic_store_n(&tap->demux->state->reader, 0, __ATOMIC_SEQ_CST);
}

static bool is_there(const struct fj_demux *demux, uint64_t number) {
  const struct fj_reply *reply = &demux->replies[FJ_REPLIES_FIRST + (number & (demux->room - 1))];
  uint64_t written = __atomic_load_n(&reply->source_and_turn, __ATOMIC_ACQUIRE);
  return written >> 48 == fj_reply_turn(number, demux->room_bits);
}

// Looks at a reply that is just being written, before others get the processor: it takes less than a
// microsecond. But whoever writes may have lost its processor.
enum { FEW_LOOKS = 1000 };
static const int64_t LONGEST_LOOK_NS = 1000000;

// Nobody may sleep between the taking of a number and the writing of its reply: whether somebody is to be
// woken up by that was asked when the number was taken.
bool fj_replies_pending(const struct fj_demux *demux) {
  uint64_t next = __atomic_load_n(read_so_far(demux), __ATOMIC_RELAXED);
  int64_t end = 0;
  for (int looks = 0; fj_replies_claimed(demux) > next; looks++) {
    if (is_there(demux, next)) return true;
    if (looks < FEW_LOOKS) continue;
    int64_t now = fj_clock_read(CLOCK_MONOTONIC);
    if (end == 0) end = now + LONGEST_LOOK_NS;
    if (now > end) return true;
    sched_yield();
  }
  return false;
}
