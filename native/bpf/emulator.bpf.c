// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Answers for made-up hosts on the link that it is attached to: byte for byte as io.framejet.emulate does in
// Java. What gets no answer goes on to the host's own stack, but for who asks by ARP for a host that is down.
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "arp_answers.h"
#include "ipv4_answers.h"
#include "ipv6_answers.h"

SEC("xdp")
int emulator(struct xdp_md *ctx) {
  struct ethernet *eth = begin_of(ctx);
  if ((void *)(eth + 1) > end_of(ctx) || !is_unicast(&eth->source)) return ignore();
  if (eth->protocol == bpf_htons(ETH_P_ARP)) return answer_arp(ctx);
  if (eth->protocol == bpf_htons(ETH_P_IP)) return answer_ipv4(ctx);
  if (eth->protocol == bpf_htons(ETH_P_IPV6)) return answer_ipv6(ctx);
  return ignore();
}

// The driver has taken `sent` of the oldest answers, and let go of some more. Another's frames never pass
// while ours are underway: a link's poll hands its own over before it ends.
static __always_inline int let_go(__u64 link, __u32 sent, __u32 dropped) {
  struct fj_emulator_tally *tally = tally_here();
  if (!tally) return 0;
  __u32 all = sent + dropped, flying = underway(tally);
  if (flying == 0) return 0;
  if (all > flying) all = flying;
  if (sent > all) sent = all;
  for (__u32 i = 0; tally->mixed && i < FJ_EMULATOR_UNDERWAY && i < sent; i++)
    count(tally, tally->kinds[(tally->head + i) % FJ_EMULATOR_UNDERWAY]);
  if (!tally->mixed) add(tally, tally->kind, sent);
  add(tally, FJ_EMULATOR_UNSENT, all - sent);
  tally->head += all;
  tally->link = link;
  return 0;
}

// The newest answer did not come as far as the driver. Nothing lies between the two; but frames that go on to
// the host's own stack do so within the same poll, some of them behind later answers, and may meet a generic
// program of another's on a device above, whose failures are told of here as well. Those are another link's;
// until the first answer has left nobody knows ours, and it is guessed by the order.
static __always_inline int fall_back(__u64 link) {
  struct fj_emulator_tally *tally = tally_here();
  if (!tally || underway(tally) == 0) return 0;
  if (tally->link ? tally->link != link : !tally->newest_is_latest) return 0;
  tally->tail--;
  tally->newest_is_latest = 0;
  count(tally, FJ_EMULATOR_UNSENT);
  return 0;
}

// Of these either pair is attached: that of the way that answers leave by.

// from_dev, to_dev, sent, drops, err
SEC("raw_tp/xdp_devmap_xmit")
int taken(struct bpf_raw_tracepoint_args *event) {
  return let_go(event->args[0], (__u32)event->args[2], (__u32)event->args[3]);
}

// dev, xdp, tgt, err, …
SEC("raw_tp/xdp_redirect_err")
int refused(struct bpf_raw_tracepoint_args *event) {
  return fall_back(event->args[0]);
}

// dev, sent, drops, err
SEC("raw_tp/xdp_bulk_tx")
int transmitted(struct bpf_raw_tracepoint_args *event) {
  return let_go(event->args[0], (__u32)event->args[1], (__u32)event->args[2]);
}

// dev, xdp, act
SEC("raw_tp/xdp_exception")
int excepted(struct bpf_raw_tracepoint_args *event) {
  return fall_back(event->args[0]);
}

char LICENSE[] SEC("license") = "GPL";
