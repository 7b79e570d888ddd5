// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// What all answers of made-up hosts have in common: they are made in place of the frame that asks, counted,
// and sent back on the link it came from.
#pragma once
#include <linux/if_ether.h>

#include "hosts.h"

// Shortest frame on an Ethernet, without FCS.
enum { SHORTEST = 60 };

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct fj_emulator_tally);
} tallies SEC(".maps");

// The link itself.
struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} out SEC(".maps");

static __always_inline struct fj_emulator_tally *tally_here(void) {
  __u32 only = 0;
  return bpf_map_lookup_elem(&tallies, &only);
}

static __always_inline void add(struct fj_emulator_tally *tally, __u32 what, __u32 count) {
  if (what < FJ_EMULATOR_COUNTS) tally->counts[what] += count;
}

static __always_inline void count(struct fj_emulator_tally *tally, __u32 what) {
  add(tally, what, 1);
}

static __always_inline __u32 underway(const struct fj_emulator_tally *tally) {
  return tally->tail - tally->head;
}

// Most of the time all that are underway are of one kind, and will be counted at once.
static __always_inline void set_out(struct fj_emulator_tally *tally, __u32 kind) {
  if (underway(tally) == 0) {
    tally->kind = kind;
    tally->mixed = 0;
  }
  tally->mixed |= tally->kind ^ kind;
  tally->kinds[tally->tail++ % FJ_EMULATOR_UNDERWAY] = (__u8)kind;
  tally->newest_is_latest = 1;
}

// Not for us, or not worth an answer: the host's own stack may want it.
static __always_inline int ignore(void) {
  struct fj_emulator_tally *tally = tally_here();
  if (!tally) return XDP_PASS;
  count(tally, FJ_EMULATOR_IGNORED);
  tally->newest_is_latest = 0;
  return XDP_PASS;
}

// For a made-up host that is down. Nobody else on this link has its address, and making the host's own stack
// throw the frame away takes many times as long as all else here.
static __always_inline int nobody(void) {
  struct fj_emulator_tally *tally = tally_here();
  if (tally) count(tally, FJ_EMULATOR_IGNORED);
  return XDP_DROP;
}

// Sends the answer that the frame has become.
static __always_inline int answer(enum fj_emulator_count kind) {
  struct fj_emulator_tally *tally = tally_here();
  if (!tally) return XDP_DROP;
  if (hosts.way == FJ_EMULATOR_TRANSMIT) {
    count(tally, kind);
    return XDP_TX;
  }
  int action = hosts.way == FJ_EMULATOR_REDIRECT ? (int)bpf_redirect_map(&out, 0, XDP_DROP) : XDP_TX;
  if (action == XDP_DROP)
    count(tally, FJ_EMULATOR_UNSENT);
  else
    set_out(tally, kind);
  return action;
}

// --- the frame --------------------------------------------------------------------------------------------

static __always_inline void *begin_of(struct xdp_md *ctx) {
  return (void *)(long)ctx->data;
}

static __always_inline void *end_of(struct xdp_md *ctx) {
  return (void *)(long)ctx->data_end;
}

// Numbers of a frame, wherever they lie in it: our machines read and write across any border.
static __always_inline __u64 read64(const void *at) {
  return bpf_be64_to_cpu(*(const __be64 *)at);
}

static __always_inline __u32 read32(const void *at) {
  return bpf_ntohl(*(const __be32 *)at);
}

static __always_inline void write64(void *at, __u64 value) {
  *(__be64 *)at = bpf_cpu_to_be64(value);
}

struct ethernet {
  struct mac destination, source;
  __be16 protocol;
};
_Static_assert(sizeof(struct ethernet) == ETH_HLEN, "struct ethhdr, with MACs in parts");

// What follows the Ethernet header. A pointer to a whole struct of ours is aligned to no more than 2 bytes,
// which the machines that we run on read as fast.
static __always_inline void *payload_of(struct xdp_md *ctx) {
  return begin_of(ctx) + sizeof(struct ethernet);
}

// Makes room for an answer of which every byte is still to be written. It grows at its front: at its end
// there may be no room, in front of it there always is.
static __always_inline bool resize(struct xdp_md *ctx, int length) {
  int grow = length - (int)(ctx->data_end - ctx->data);
  if (grow > 0) return bpf_xdp_adjust_head(ctx, -grow) == 0;
  return grow == 0 || bpf_xdp_adjust_tail(ctx, grow) == 0;
}

// Of a frame whose length was checked up to something behind the header.
static __always_inline void begin_answer(void *payload, const struct mac *to, const struct mac *from,
                                         __be16 protocol) {
  struct ethernet *eth = (struct ethernet *)payload - 1;
  eth->destination = *to;
  eth->source = *from;
  eth->protocol = protocol;
}

static __always_inline bool is_same(const struct mac *a, const struct mac *b) {
  return a->parts[0] == b->parts[0] && a->parts[1] == b->parts[1] && a->parts[2] == b->parts[2];
}

static __always_inline bool is_unicast(const struct mac *mac) {
  return !(mac->parts[0] & bpf_htons(0x0100)) && (mac->parts[0] | mac->parts[1] | mac->parts[2]);
}

// --- the internet checksum (RFC 1071), on numbers as they lie in memory
// ---------------------------------------

static __always_inline __u16 fold(__u64 sum) {
  sum = (sum >> 32) + (__u32)sum;
  sum = (sum >> 32) + (__u32)sum;
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  return (__u16)((sum >> 16) + (sum & 0xffff));
}

static __always_inline __u16 finish(__u64 sum) {
  return ~fold(sum);
}

enum { PIECE = 512, PIECES = 8 };

struct piece {
  __be32 words[PIECE / 4 + 1];  // one more than are used, which is easier to prove than that it is not
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct piece);
} pieces SEC(".maps");

// The sum of `length` bytes from `offset` on, which is 0 only if they all are; -1 when they are too many.
static __noinline __s64 sum_of(struct xdp_md *ctx, __u32 offset, __u32 length) {
  __u32 only = 0;
  struct piece *piece = bpf_map_lookup_elem(&pieces, &only);
  if (!piece) return -1;
  __s64 sum = 0;
  for (int i = 0; i < PIECES && length > 0; i++) {
    __u32 bytes = length < PIECE ? length : PIECE;
    __u32 words = (bytes + 3) / 4;
    if (words < 1 || words > PIECE / 4) return -1;
    piece->words[words - 1] = 0;  // behind an odd end
    if (bytes < 1 || bytes > PIECE) return -1;
    if (bpf_xdp_load_bytes(ctx, offset, piece->words, bytes)) return -1;
    sum = bpf_csum_diff(0, 0, piece->words, words * 4, (__wsum)sum);
    if (sum < 0) return -1;
    offset += bytes;
    length -= bytes;
  }
  return length ? -1 : sum;
}
