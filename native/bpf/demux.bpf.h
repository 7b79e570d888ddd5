// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// The receiving half of a link's program: tells replies from other frames and records them.
//
// A frame is looked at in place. What does not lie in its first, linear part, and would have to be looked at,
// makes it undecided: it is recorded then, and the probe itself judges.
#pragma once
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "demux.h"
#include "recognise.bpf.h"

struct fj_ring {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 17);
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, FJ_TAPS);
  __type(key, __u32);
  __array(values, struct fj_ring);
} demux_rings SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct fj_demux_state);
} demux_state SEC(".maps");

struct fj_long_record {
  struct fj_record record;
  __u8 bytes[FJ_RECORD_LONGEST];
};

// Where records of no fixed length are put together: one a CPU, for the program is not interrupted by itself.
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);  // set to the number of CPUs before it is loaded
  __type(key, __u32);
  __type(value, struct fj_long_record);
} demux_scratch SEC(".maps");

enum { FJ_SHORT_RECORD = 64 };

struct fj_short_record {
  struct fj_record record;
  __u8 bytes[FJ_SHORT_RECORD];
};

// Whoever waits is woken up; who reads anyway finds the record by itself. The reader says first that it
// waits, and looks then; here room is taken first, and then it is asked whether anybody waits: with a full
// barrier in between on both sides, one of both notices the other.
static __always_inline __u64 fj_wake(struct fj_tap *tap) {
  return __sync_fetch_and_or(&tap->sleeping, 0) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

// A short record is written where it stays, padded to a fixed length.
static __always_inline long fj_record_short(struct xdp_md *ctx, void *ring, struct fj_tap *tap, __u32 length,
                                            __u32 captured) {
  struct fj_short_record *to = bpf_ringbuf_reserve(ring, sizeof *to, 0);
  if (!to) return -1;
  to->record.time_ns = bpf_ktime_get_ns();
  to->record.length = length;
  to->record.captured = captured;
  const __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  if (captured == ETH_ZLEN && data + ETH_ZLEN <= end) {
    __builtin_memcpy(to->bytes, data, ETH_ZLEN);
  } else if (captured == 0 || captured > sizeof to->bytes ||
             bpf_xdp_load_bytes(ctx, 0, to->bytes, captured)) {
    bpf_ringbuf_discard(to, BPF_RB_NO_WAKEUP);
    return -1;
  }
  bpf_ringbuf_submit(to, fj_wake(tap));
  return 0;
}

static __always_inline long fj_record_long(struct xdp_md *ctx, void *ring, struct fj_tap *tap, __u32 length,
                                           __u32 captured) {
  __u32 cpu = bpf_get_smp_processor_id();
  struct fj_long_record *from = bpf_map_lookup_elem(&demux_scratch, &cpu);
  if (!from) return -1;
  from->record.time_ns = bpf_ktime_get_ns();
  from->record.length = length;
  from->record.captured = captured;
  if (captured == 0 || captured > sizeof from->bytes || bpf_xdp_load_bytes(ctx, 0, from->bytes, captured))
    return -1;
  return bpf_ringbuf_output(ring, from, sizeof from->record + captured, fj_wake(tap));
}

// --- the reply ring ----------------------------------------------------------------------------------------

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);  // set before it is loaded
  __type(key, __u32);
  __type(value, struct fj_reply);
} demux_replies SEC(".maps");

// Whether other processors see what one stores in the order in which it does (x86): set before it is loaded.
const volatile __u32 demux_stores_in_order;

enum { FJ_CLAIMS = 4 };  // tries, when several CPUs receive at once

// A look at the clock takes a tenth of all that a probe and its reply take. So one is good for a few frames
// in a row, but never for longer than the poll that they arrived in. What a poll finds has waited for it, as
// a rule; a frame that comes in its middle may be said to have come up to so many frames' work earlier than
// it did.
enum { FJ_FRAMES_A_LOOK = 8 };

struct fj_look {
  __u64 time_ns;
  __u32 left;  // frames that it is still good for
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct fj_look);
} demux_looks SEC(".maps");

// Whether frames arrive in polls alone, whose ends we are told of (poll_ended): set before it is loaded.
const volatile __u32 demux_polled;

static __always_inline struct fj_look *fj_look_here(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&demux_looks, &zero);
}

// When a frame arrived, for whoever asks; every frame of the link passes here.
static __always_inline struct fj_look *fj_pass_look(void) {
  if (!demux_polled) return NULL;
  struct fj_look *look = fj_look_here();
  if (look && look->left) look->left--;
  return look;
}

static __always_inline __u64 fj_arrival(struct fj_look *look) {
  if (!look) return bpf_ktime_get_ns();
  if (look->left == 0) {
    look->time_ns = bpf_ktime_get_ns();
    look->left = FJ_FRAMES_A_LOOK;
  }
  return look->time_ns;
}

// napi, work, budget: somebody's poll on this CPU is over.
SEC("raw_tp/napi_poll")
int poll_ended(struct bpf_raw_tracepoint_args *event) {
  (void)event;
  struct fj_look *look = fj_look_here();
  if (look) look->left = 0;
  return 0;
}

// Looks how far the reader has come. Of two CPUs that do, one may write what is no longer true: there is no
// less room than it says.
static __always_inline bool fj_has_room(struct fj_claims *claims, __u64 next) {
  __u32 at_read = FJ_REPLIES_READ;
  const volatile __u64 *read = bpf_map_lookup_elem(&demux_replies, &at_read);
  if (!read) return false;
  __u64 room = *read + demux_recognition.replies;
  *(volatile __u64 *)&claims->room = room;
  return next < room;
}

// Takes the number of the next reply; false when there is no room, or no getting through.
static __always_inline bool fj_claim(__u64 *number) {
  __u32 at_claims = FJ_REPLIES_CLAIMED;
  struct fj_claims *claims = bpf_map_lookup_elem(&demux_replies, &at_claims);
  if (!claims) return false;
  __u64 next = *(const volatile __u64 *)&claims->claimed;
  for (int i = 0; i < FJ_CLAIMS; i++) {
    if (next >= *(const volatile __u64 *)&claims->room && !fj_has_room(claims, next)) return false;
    __u64 seen = __sync_val_compare_and_swap(&claims->claimed, next, next + 1);
    if (seen == next) {
      *number = next;
      return true;
    }
    next = seen;
  }
  return false;
}

// Wakes by a record that is nothing.
static __always_inline void fj_wake_reader(__u32 number) {
  void *ring = bpf_map_lookup_elem(&demux_rings, &number);
  void *nothing = ring ? bpf_ringbuf_reserve(ring, sizeof(__u64), 0) : NULL;
  if (nothing) bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
}

// Written last, when all that the turn stands for is there to be seen. An exchange sees to that everywhere;
// where stores are seen in their order anyway it only takes time.
static __always_inline void fj_take_turn(struct fj_reply *reply, __u64 source_and_turn) {
  if (demux_stores_in_order) {
    asm volatile("" ::: "memory");
    *(volatile __u64 *)&reply->source_and_turn = source_and_turn;
  } else {
    __sync_lock_test_and_set(&reply->source_and_turn, source_and_turn);
  }
}

// Whether the reply is in the ring, for the receiver of tap `reader` to read.
static __always_inline bool fj_sum_up(struct fj_demux_state *state, __u32 reader, struct fj_look *look,
                                      const struct fj_reply *says) {
  __u64 number;
  if (reader >= FJ_TAPS || !fj_claim(&number)) return false;
  __u32 at = FJ_REPLIES_FIRST + (__u32)(number & (demux_recognition.replies - 1));
  struct fj_reply *reply = bpf_map_lookup_elem(&demux_replies, &at);
  if (!reply) return false;
  // The reader looks in the other order: it says that it sleeps, and then whether a number was taken. The
  // compare-and-swap by which it was is a full barrier, so one of both notices the other.
  bool sleeping = *(volatile __u32 *)&state->taps[reader].sleeping;
  reply->time_ns = fj_arrival(look);
  reply->what = says->what;
  reply->mac = says->mac;
  fj_take_turn(reply, says->source_and_turn | fj_reply_turn(number, demux_recognition.replies_bits) << 48);
  if (sleeping) fj_wake_reader(reader);
  return true;
}

// --- records -----------------------------------------------------------------------------------------------

static __always_inline bool fj_record(struct xdp_md *ctx, struct fj_demux_state *state, __u32 number) {
  __u32 length = (__u32)bpf_xdp_get_buff_len(ctx);
  void *ring = bpf_map_lookup_elem(&demux_rings, &number);
  if (!ring || number >= FJ_TAPS) return false;
  struct fj_tap *tap = &state->taps[number];
  __u32 captured = length < FJ_RECORD_LONGEST ? length : FJ_RECORD_LONGEST;
  if (captured > tap->snaplen) captured = tap->snaplen;
  long failed = captured <= FJ_SHORT_RECORD ? fj_record_short(ctx, ring, tap, length, captured)
                                            : fj_record_long(ctx, ring, tap, length, captured);
  __sync_fetch_and_add(failed ? &tap->dropped : &tap->recorded, 1);
  return !failed;
}

struct fj_round {
  struct xdp_md *ctx;
  struct fj_demux_state *state;
  __u32 live;
  bool any;
};

// A function that the kernel calls in turn: so it verifies it once, and not for each of the taps.
static long fj_record_one(__u32 number, void *context) {
  struct fj_round *round = context;
  if (number < FJ_TAPS && round->live >> number & 1)
    round->any |= fj_record(round->ctx, round->state, number);
  return 0;
}

// Whether any of those receivers has it now.
static __always_inline bool fj_record_for(struct xdp_md *ctx, struct fj_demux_state *state, __u32 taps) {
  struct fj_round round = {.ctx = ctx, .state = state, .live = taps};
  if (taps == 1) return fj_record(ctx, state, 0);
  if (taps) bpf_loop(FJ_TAPS, fj_record_one, &round, 0);
  return round.any;
}

static __always_inline bool fj_record_all(struct xdp_md *ctx, struct fj_demux_state *state) {
  return fj_record_for(ctx, state, *(volatile __u32 *)&state->live);
}

// Whether any receiver has the reply now: one reads what it says, the others read the frame.
static __always_inline bool fj_deliver(struct xdp_md *ctx, struct fj_demux_state *state, struct fj_look *look,
                                       const struct fj_reply *says) {
  __u32 live = *(volatile __u32 *)&state->live;
  __u32 reader = demux_recognition.replies ? *(volatile __u32 *)&state->reader : 0;
  if (!reader || !says->what || !fj_sum_up(state, reader - 1, look, says)) {
    __sync_fetch_and_add(&state->verdicts.replies, 1);
    return fj_record_for(ctx, state, live);
  }
  fj_record_for(ctx, state, live & ~(1u << ((reader - 1) & (FJ_TAPS - 1))));
  return true;
}

static __always_inline int fj_demux(struct xdp_md *ctx) {
  __u32 zero = 0;
  struct fj_demux_state *state = bpf_map_lookup_elem(&demux_state, &zero);
  if (!state || !state->live) return XDP_PASS;
  if (demux_recognition.kind == FJ_RECOGNISE_NOTHING) {
    fj_record_all(ctx, state);
    return XDP_PASS;
  }
  struct fj_look *look = fj_pass_look();
  struct fj_reply reply = {0};
  switch (fj_recognise(ctx, &reply)) {
    case FJ_REPLY:
      return fj_deliver(ctx, state, look, &reply) && demux_recognition.consume ? XDP_DROP : XDP_PASS;
    case FJ_UNDECIDED:
      __sync_fetch_and_add(&state->verdicts.undecided, 1);
      fj_record_all(ctx, state);
      return XDP_PASS;
    case FJ_REFUSED:
      __sync_fetch_and_add(&state->verdicts.refused, 1);
      return XDP_PASS;
    case FJ_MALFORMED:
      __sync_fetch_and_add(&state->verdicts.malformed, 1);
      return XDP_PASS;
    case FJ_OTHER:
      __sync_fetch_and_add(&state->verdicts.others, 1);
      return XDP_PASS;
    default:
      return XDP_PASS;
  }
}
