// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Makes the frames of a live run, and finds out which of them the link's driver took.
//
// The kernel gathers redirected frames and hands them to the driver 16 at a time, all of them before a run's
// batch ends and softirqs run again on the CPU. The driver takes the leading ones; the rest are lost. A
// tracepoint tells how many of each, so the slots of frames that are underway are kept in order, per CPU.
#pragma once

enum { UNDERWAY = FJ_XDP_BATCH };

struct flight {
  __u32 generator;
  __u32 head, tail;  // counted on and on
  __u32 slots[UNDERWAY];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct flight);
} flights SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct fj_xdp_slot);
} frames SEC(".maps");

// The link. Its driver is found when it is put in here, in its own namespace; an index would be looked up in
// that of whoever runs the program.
struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} out SEC(".maps");

enum { GENERATORS = 64 };  // of which FJ_XDP_GENERATORS are used
struct fj_xdp_generator generators[GENERATORS];

static __always_inline struct flight *flight_here(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&flights, &zero);
}

static __always_inline __u32 whose(const struct xdp_md *ctx) {
  __u32 length = ctx->data_end - ctx->data;
  return length < FJ_XDP_NAMELESS ? length - FJ_XDP_SHORTEST : 0;
}

static __always_inline void lose(__u32 slot) {
  struct fj_xdp_slot *lost = bpf_map_lookup_elem(&frames, &slot);
  if (lost) lost->status = FJ_XDP_LOST;
}

// Every byte anew: pages come back as the receiver left them.
static __always_inline int copy(struct xdp_md *ctx, const struct fj_xdp_slot *slot) {
  __u32 length = *(const volatile __u32 *)&slot->length;
  if (length < FJ_XDP_SHORTEST || length > FJ_XDP_MAX_FRAME) return -1;
  int grow = (int)length - (int)(ctx->data_end - ctx->data);
  if (grow && bpf_xdp_adjust_tail(ctx, grow)) return -1;
  return (int)bpf_xdp_store_bytes(ctx, 0, (void *)slot->data, length);
}

static __always_inline int generate(struct xdp_md *ctx) {
  __u32 self = whose(ctx) % GENERATORS, key;
  struct fj_xdp_generator *generator = &generators[self];
  if (generator->left == 0) return XDP_DROP;
  key = generator->next;
  struct fj_xdp_slot *slot = bpf_map_lookup_elem(&frames, &key);
  struct flight *flight = flight_here();
  if (!slot || !flight) return XDP_DROP;
  generator->left--;
  generator->next = key + 1 == generator->end ? generator->begin : key + 1;
  int action = copy(ctx, slot) ? XDP_ABORTED : (int)bpf_redirect_map(&out, 0, XDP_ABORTED);
  if (action != XDP_REDIRECT) {
    slot->status = FJ_XDP_LOST;
    return XDP_DROP;
  }
  flight->generator = self;
  flight->slots[flight->tail++ % UNDERWAY] = key;
  return action;
}

// Another's frames never pass while ours are underway: all of a batch is between two softirqs.
static __always_inline __u32 underway(const struct flight *flight) {
  return flight->tail - flight->head;
}

// from_dev, to_dev, sent, drops, err: the driver has taken `sent` of the oldest frames.
SEC("raw_tp/xdp_devmap_xmit")
int taken(struct bpf_raw_tracepoint_args *event) {
  struct flight *flight = flight_here();
  if (!flight || underway(flight) == 0) return 0;
  __u32 sent = (__u32)event->args[2], all = sent + (__u32)event->args[3];
  struct fj_xdp_generator *generator = &generators[flight->generator % GENERATORS];
  generator->sent += sent;
  if (sent < all) {
    generator->error = (__s32)event->args[4];
    for (__u32 i = sent; i < all && i < UNDERWAY; i++) lose(flight->slots[(flight->head + i) % UNDERWAY]);
  }
  flight->head += all;
  return 0;
}

// dev, xdp, tgt, err, …: the newest frame did not come as far as the driver.
SEC("raw_tp/xdp_redirect_err")
int refused(struct bpf_raw_tracepoint_args *event) {
  struct flight *flight = flight_here();
  if (!flight || underway(flight) == 0) return 0;
  generators[flight->generator % GENERATORS].error = (__s32)event->args[3];
  lose(flight->slots[--flight->tail % UNDERWAY]);
  return 0;
}
