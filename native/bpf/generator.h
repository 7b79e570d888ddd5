// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Makes the frames of a live run, each when it is due, and finds out which of them the link's driver took.
//
// The kernel gathers redirected frames and hands them to the driver 16 at a time, all of them before a run's
// batch ends and softirqs run again on the CPU. The driver takes the leading ones; the rest are lost. A
// tracepoint tells how many of each. Slots follow each other, so the frames underway are known by the first.
#pragma once

// Whose frames are underway on a CPU: the generator's number and 1; 0: nobody's.
struct flight {
  __u32 whose;
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

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct fj_xdp_target);
} targets SEC(".maps");

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

// The number, and 1, of the generator whose run has no name; 0: nobody's.
__u32 nameless;

static __always_inline struct flight *flight_here(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&flights, &zero);
}

static __always_inline __u32 whose(const struct xdp_md *ctx) {
  __u32 length = ctx->data_end - ctx->data;
  return (length < FJ_XDP_NAMELESS ? length - FJ_XDP_SHORTEST : nameless - 1) % GENERATORS;
}

// --- making a frame
// -----------------------------------------------------------------------------------------

// Every byte anew: pages come back as the receiver left them.
static __always_inline int copy(struct xdp_md *ctx, const struct fj_xdp_slot *slot) {
  __u32 length = *(const volatile __u32 *)&slot->length;
  if (length < FJ_XDP_SHORTEST || length > FJ_XDP_MAX_FRAME) return -1;
  int grow = (int)length - (int)(ctx->data_end - ctx->data);
  if (grow && bpf_xdp_adjust_tail(ctx, grow)) return -1;
  return (int)bpf_xdp_store_bytes(ctx, 0, (void *)slot->data, length);
}

static __always_inline int apply(struct xdp_md *ctx, struct fj_xdp_generator *generator, __u32 key) {
  struct question asked = {0};
  if (generator->kind == FJ_XDP_TARGETS) {
    const struct fj_xdp_target *target = bpf_map_lookup_elem(&targets, &key);
    if (!target) return -1;
    read_target(&asked, target);
  } else {
    asked.sequence = generator->sequence++;
  }
  return stamp(ctx, &asked);
}

static __always_inline int make(struct xdp_md *ctx, struct fj_xdp_generator *generator, __u32 key) {
  if (template.length && generator->kind != FJ_XDP_FRAMES) return apply(ctx, generator, key);
  const struct fj_xdp_slot *slot = bpf_map_lookup_elem(&frames, &key);
  return slot ? copy(ctx, slot) : -1;
}

// --- departures
// ---------------------------------------------------------------------------------------------

enum { MOST_LOOKS = 1 << 14 };  // at the clock, while waiting once

struct wait {
  __u64 until, now;
};

static long look_at_clock(__u32 number, void *context) {
  struct wait *wait = context;
  (void)number;
  wait->now = bpf_ktime_get_ns();
  return wait->now >= wait->until;
}

// Whether the next frame is to leave now. Waits for that, but not for long: in between softirqs run, and
// whoever is to end the run by a signal is heeded.
static __always_inline bool is_due(struct fj_xdp_generator *generator) {
  __u64 due = generator->due_ns, soonest = generator->last_ns + generator->spacing_ns;
  if (due < soonest) due = soonest;
  struct wait wait = {.now = bpf_ktime_get_ns()};
  if (wait.now < due) {
    wait.until = wait.now + generator->spin_ns;
    if (wait.until > due) wait.until = due;
    bpf_loop(MOST_LOOKS, look_at_clock, &wait, 0);
    if (wait.now < due) return false;
  }
  __u64 part = (__u64)generator->due_part + (__u32)generator->interval;
  generator->last_ns = wait.now;
  generator->due_ns += (generator->interval >> 32) + (part >> 32);
  generator->due_part = (__u32)part;
  return true;
}

static __always_inline void write_departure(struct xdp_md *ctx, const struct fj_xdp_generator *generator) {
  __u64 now = generator->interval ? generator->last_ns : bpf_ktime_get_ns();
  __be64 stamp = bpf_cpu_to_be64(now + generator->clock_offset);
  bpf_xdp_store_bytes(ctx, generator->stamp_at, &stamp, sizeof stamp);
}

static __always_inline int generate(struct xdp_md *ctx) {
  __u32 self = whose(ctx);
  struct fj_xdp_generator *generator = &generators[self];
  __u32 left = generator->left, key = generator->next;
  if (left == 0 || (generator->interval && !is_due(generator))) return XDP_DROP;
  generator->left = left - 1;
  if (make(ctx, generator, key) || bpf_redirect_map(&out, 0, XDP_ABORTED) != XDP_REDIRECT) {
    generator->left = 0;
    generator->unmade = left;
    return XDP_DROP;
  }
  if (generator->stamp_at) write_departure(ctx, generator);
  generator->next = key + 1 == generator->end ? generator->begin : key + 1;
  if (generator->underway++ == 0) {
    struct flight *flight = flight_here();
    if (flight) flight->whose = self + 1;
  }
  return XDP_REDIRECT;
}

// --- what became of it
// --------------------------------------------------------------------------------------

static __always_inline __u32 after(const struct fj_xdp_generator *generator, __u32 slot, __u32 count) {
  __u32 to = slot + count;
  return to < generator->end ? to : to - (generator->end - generator->begin);
}

static __always_inline void lose(const struct fj_xdp_generator *generator, __u32 key) {
  // The status of a slot of either kind is what it begins with.
  __u32 *status = NULL;
  if (generator->kind == FJ_XDP_FRAMES) status = bpf_map_lookup_elem(&frames, &key);
  if (generator->kind == FJ_XDP_TARGETS) status = bpf_map_lookup_elem(&targets, &key);
  if (status) *status |= FJ_XDP_LOST;
}

// One look at the clock for all that the driver takes at once, and one place where to write it: whoever ran
// the generator writes it to the others.
static __always_inline void note_departure(const struct fj_xdp_generator *generator, __u32 together) {
  __u32 key = generator->head;
  struct fj_xdp_target *target = bpf_map_lookup_elem(&targets, &key);
  if (!target) return;
  target->departed_ns = bpf_ktime_get_ns();
  target->status = together << FJ_XDP_TOGETHER;
}

// Another's frames never pass while ours are underway: all of a batch is between two softirqs.
static __always_inline struct fj_xdp_generator *flying(const struct flight *flight) {
  return flight && flight->whose ? &generators[(flight->whose - 1) % GENERATORS] : NULL;
}

static __always_inline void land(struct flight *flight, struct fj_xdp_generator *generator, __u32 count) {
  generator->underway -= count < generator->underway ? count : generator->underway;
  if (generator->underway == 0) flight->whose = 0;
}

// from_dev, to_dev, sent, drops, err: the driver has taken `sent` of the oldest frames.
SEC("raw_tp/xdp_devmap_xmit")
int taken(struct bpf_raw_tracepoint_args *event) {
  struct flight *flight = flight_here();
  struct fj_xdp_generator *generator = flying(flight);
  if (!generator) return 0;
  __u32 sent = (__u32)event->args[2], all = sent + (__u32)event->args[3];
  generator->sent += sent;
  if (generator->kind == FJ_XDP_TARGETS) note_departure(generator, all);
  if (sent < all) {
    generator->error = (__s32)event->args[4];
    for (__u32 i = sent; i < all && i < FJ_XDP_BATCH; i++)
      lose(generator, after(generator, generator->head, i));
  }
  generator->head = after(generator, generator->head, all);
  land(flight, generator, all);
  return 0;
}

// dev, xdp, tgt, err, …: the newest frame did not come as far as the driver. None is made after it, so that
// those underway still follow each other.
SEC("raw_tp/xdp_redirect_err")
int refused(struct bpf_raw_tracepoint_args *event) {
  struct flight *flight = flight_here();
  struct fj_xdp_generator *generator = flying(flight);
  if (!generator) return 0;
  generator->error = (__s32)event->args[3];
  generator->unmade = generator->left + 1;
  generator->left = 0;
  land(flight, generator, 1);
  return 0;
}
