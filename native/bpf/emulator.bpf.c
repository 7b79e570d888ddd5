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

// Another's frames never pass while ours are underway: a link's poll hands its own over before it ends, and
// nothing else runs on the CPU meanwhile.
static __always_inline __u32 underway(const struct fj_emulator_tally *tally) {
  return tally->tail - tally->head;
}

// from_dev, to_dev, sent, drops, err: the driver has taken `sent` of the oldest answers.
SEC("raw_tp/xdp_devmap_xmit")
int taken(struct bpf_raw_tracepoint_args *event) {
  struct fj_emulator_tally *tally = tally_here();
  if (!tally) return 0;
  __u32 sent = (__u32)event->args[2], all = sent + (__u32)event->args[3];
  for (__u32 i = 0; i < FJ_EMULATOR_UNDERWAY && i < all && underway(tally) > 0; i++) {
    __u32 kind = tally->kinds[tally->head++ % FJ_EMULATOR_UNDERWAY];
    count(tally, i < sent ? kind : FJ_EMULATOR_UNSENT);
  }
  return 0;
}

// dev, xdp, tgt, err, …: the newest answer did not come as far as the driver.
SEC("raw_tp/xdp_redirect_err")
int refused(struct bpf_raw_tracepoint_args *event) {
  (void)event;
  struct fj_emulator_tally *tally = tally_here();
  if (!tally || underway(tally) == 0) return 0;
  tally->tail--;
  count(tally, FJ_EMULATOR_UNSENT);
  return 0;
}

char LICENSE[] SEC("license") = "GPL";
