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

// The same for several receivers: whether any has it now. No static function: the kernel then verifies its
// loop once, and not anew for every way that leads here.
__noinline int demux_record_several(struct xdp_md *ctx, __u32 live) {
  __u32 zero = 0;
  struct fj_demux_state *state = bpf_map_lookup_elem(&demux_state, &zero);
  int any = 0;
  if (!state) return 0;
  for (__u32 number = 0; number < FJ_TAPS; number++)
    if (live >> number & 1) any |= fj_record(ctx, state, number);
  return any;
}

static __always_inline bool fj_record_all(struct xdp_md *ctx, struct fj_demux_state *state) {
  __u32 live = *(volatile __u32 *)&state->live;
  return live == 1 ? fj_record(ctx, state, 0) : demux_record_several(ctx, live);
}

static __always_inline int fj_demux(struct xdp_md *ctx) {
  __u32 zero = 0;
  struct fj_demux_state *state = bpf_map_lookup_elem(&demux_state, &zero);
  if (!state || !state->live) return XDP_PASS;
  if (demux_recognition.kind == FJ_RECOGNISE_NOTHING) {
    fj_record_all(ctx, state);
    return XDP_PASS;
  }
  switch (fj_recognise(ctx)) {
    case FJ_REPLY:
      __sync_fetch_and_add(&state->verdicts.replies, 1);
      return fj_record_all(ctx, state) && demux_recognition.consume ? XDP_DROP : XDP_PASS;
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
