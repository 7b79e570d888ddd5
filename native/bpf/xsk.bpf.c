// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Hands frames to the AF_XDP socket of their queue: those that the filter of some receiver takes. All others
// go on to the host's own stack. In doubt a frame is taken, and the receiver's own look at it decides; it is
// then lost to the stack, so doubt is rare: bytes past the first 256, what only the kernel knows of a frame.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "classic.h"
#include "xsk.h"

enum { MACS = 2 * ETH_ALEN, VLAN_TAG = 4, VLAN_HEADER = ETH_HLEN + VLAN_TAG };

struct {
  __uint(type, BPF_MAP_TYPE_XSKMAP);
  __uint(max_entries, FJ_XSK_QUEUES);
  __type(key, __u32);
  __type(value, __u32);
} sockets SEC(".maps");

// Written while the program runs: a filter's code first, its length last.
struct fj_xsk_filter filters[FJ_XSK_FILTERS];

struct sight {
  __u8 bytes[FJ_XSK_SIGHT];
  __u32 memory[BPF_MEMWORDS];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct sight);
} sights SEC(".maps");

struct run {
  __u32 filter, at, a, x;
  __u32 length, seen, gap;  // of the frame: all of it, what is in sight, its outer VLAN tag
  __u32 verdict;
};

// --- the frame, as a packet socket shows it: without its outer VLAN tag ------------------------------------

static bool in_doubt(struct run *run) {
  run->verdict = 1;
  return false;
}

static bool load(struct run *run, const struct sight *sight, __u32 offset, __u32 width, __u32 *value) {
  if (offset >= (__u32)SKF_LL_OFF) return in_doubt(run);
  __u64 end = (__u64)offset + width;
  if (end > run->length - run->gap) return false;  // as the kernel: not taken
  if (end > run->seen - run->gap) return in_doubt(run);
  __u32 sum = 0;
  for (__u32 i = 0; i < 4; i++) {
    if (i == width) break;
    __u32 at = offset + i;
    if (at >= MACS) at += run->gap;
    sum = sum << 8 | sight->bytes[at & (FJ_XSK_SIGHT - 1)];
  }
  *value = sum;
  return true;
}

static __u32 type_at(const struct sight *sight) {
  return (__u32)sight->bytes[MACS] << 8 | sight->bytes[MACS + 1];
}

static bool ancillary(struct run *run, const struct sight *sight, __u32 k) {
  switch (k - (__u32)SKF_AD_OFF) {
    case SKF_AD_VLAN_TAG_PRESENT:
      run->a = run->gap != 0;
      return true;
    case SKF_AD_VLAN_TAG:
      run->a = run->gap ? (__u32)sight->bytes[ETH_HLEN] << 8 | sight->bytes[ETH_HLEN + 1] : 0;
      return true;
    case SKF_AD_VLAN_TPID:
      run->a = run->gap ? type_at(sight) : 0;
      return true;
    case SKF_AD_ALU_XOR_X:
      run->a ^= run->x;
      return true;
    default:
      return in_doubt(run);
  }
}

// --- classic BPF (Documentation/networking/filter.rst), checked before it comes here
// ------------------------

static bool load_class(struct run *run, struct sight *sight, __u16 code, __u32 k) {
  switch (BPF_MODE(code)) {
    case BPF_ABS:
      return k >= (__u32)SKF_AD_OFF ? ancillary(run, sight, k)
                                    : load(run, sight, k, fj_classic_width(code), &run->a);
    case BPF_IND:
      return load(run, sight, k + run->x, fj_classic_width(code), &run->a);
    case BPF_IMM:
      run->a = k;
      return true;
    case BPF_LEN:
      run->a = run->length - run->gap;
      return true;
    default:
      run->a = sight->memory[k & (BPF_MEMWORDS - 1)];
      return true;
  }
}

static bool loadx_class(struct run *run, struct sight *sight, __u16 code, __u32 k) {
  switch (BPF_MODE(code)) {
    case BPF_MSH:
      if (!load(run, sight, k, 1, &run->x)) return false;
      run->x = (run->x & 0xf) << 2;
      return true;
    case BPF_IMM:
      run->x = k;
      return true;
    case BPF_LEN:
      run->x = run->length - run->gap;
      return true;
    default:
      run->x = sight->memory[k & (BPF_MEMWORDS - 1)];
      return true;
  }
}

static bool step(struct run *run, struct sight *sight, const struct sock_filter *at) {
  const __u32 k = at->k, operand = BPF_SRC(at->code) == BPF_X ? run->x : k;
  switch (BPF_CLASS(at->code)) {
    case BPF_LD:
      return load_class(run, sight, at->code, k);
    case BPF_LDX:
      return loadx_class(run, sight, at->code, k);
    case BPF_ST:
      sight->memory[k & (BPF_MEMWORDS - 1)] = run->a;
      return true;
    case BPF_STX:
      sight->memory[k & (BPF_MEMWORDS - 1)] = run->x;
      return true;
    case BPF_ALU:
      if (fj_classic_divides(at->code) && operand == 0) return false;
      run->a = fj_classic_arithmetic(at->code, run->a, operand);
      return true;
    case BPF_JMP:
      run->at += BPF_OP(at->code) == BPF_JA                    ? k
                 : fj_classic_holds(at->code, run->a, operand) ? at->jt
                                                               : at->jf;
      return true;
    case BPF_RET:
      run->verdict = BPF_RVAL(at->code) == BPF_A ? run->a : k;
      return false;
    default:
      if (BPF_MISCOP(at->code) == BPF_TAX)
        run->x = run->a;
      else
        run->a = run->x;
      return true;
  }
}

static long one_step(__u32 index, struct run *run) {
  (void)index;
  __u32 only = 0;
  struct sight *sight = bpf_map_lookup_elem(&sights, &only);
  if (!sight || run->at >= FJ_XSK_INSTRUCTIONS) return 1;
  const struct sock_filter *at =
      &filters[run->filter & (FJ_XSK_FILTERS - 1)].code[run->at & (FJ_XSK_INSTRUCTIONS - 1)];
  run->at++;
  return step(run, sight, at) ? 0 : 1;
}

static long one_filter(__u32 index, struct run *run) {
  __u32 length = filters[index & (FJ_XSK_FILTERS - 1)].length;
  if (length == FJ_XSK_ALL) run->verdict = 1;
  if (length == 0 || run->verdict) return run->verdict != 0;
  run->filter = index;
  run->at = run->a = run->x = 0;
  bpf_loop(FJ_XSK_INSTRUCTIONS, one_step, run, 0);
  return run->verdict != 0;
}

// --- the program -------------------------------------------------------------------------------------------

static bool is_wanted(struct xdp_md *ctx) {
  __u32 only = 0, seen = (__u32)bpf_xdp_get_buff_len(ctx);
  struct sight *sight = bpf_map_lookup_elem(&sights, &only);
  struct run run = {.length = seen};
  if (!sight || seen < ETH_HLEN) return false;
  if (seen > FJ_XSK_SIGHT) seen = FJ_XSK_SIGHT;
  run.seen = seen;
  if (bpf_xdp_load_bytes(ctx, 0, sight->bytes, seen)) return false;
  __u32 type = type_at(sight);
  if (seen >= VLAN_HEADER && (type == ETH_P_8021Q || type == ETH_P_8021AD)) run.gap = VLAN_TAG;
  bpf_loop(FJ_XSK_FILTERS, one_filter, &run, 0);
  return run.verdict != 0;
}

// Some drivers have no room for it: then the reader's clock counts.
static void stamp(struct xdp_md *ctx) {
  if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(struct fj_xsk_stamp))) return;
  struct fj_xsk_stamp *stamp = (void *)(long)ctx->data_meta;
  if ((void *)(stamp + 1) > (void *)(long)ctx->data) return;
  *stamp = (struct fj_xsk_stamp){.mark = FJ_XSK_MARK, .time_ns = bpf_ktime_get_ns()};
}

SEC("xdp.frags")
int xsk(struct xdp_md *ctx) {
  __u32 queue = ctx->rx_queue_index;
  if (!bpf_map_lookup_elem(&sockets, &queue) || !is_wanted(ctx)) return XDP_PASS;
  stamp(ctx);
  return (int)bpf_redirect_map(&sockets, queue, XDP_PASS);
}

char LICENSE[] SEC("license") = "GPL";
