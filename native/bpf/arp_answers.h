// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Answers ARP requests (RFC 826, 5227): as io.framejet.emulate.ArpAnswers.
#pragma once
#include "answers.h"

struct address4 {
  __be16 halves[2];
};

struct arp {
  __be16 hardware, protocol;
  __u8 hardware_length, protocol_length;
  __be16 operation;
  struct mac sender_mac;
  struct address4 sender;
  struct mac target_mac;
  struct address4 target;
};

struct arp_frame {
  struct ethernet eth;
  struct arp arp;
  __be16 padding[9];
};
_Static_assert(sizeof(struct arp_frame) == SHORTEST, "as short as can be");

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

static __always_inline bool is_request(const struct arp *arp) {
  return arp->hardware == bpf_htons(1) && arp->protocol == bpf_htons(ETH_P_IP) && arp->hardware_length == 6 &&
         arp->protocol_length == 4 && arp->operation == bpf_htons(ARP_REQUEST);
}

// Whether an address can be one host's, and is not this host's own.
static __always_inline bool is_host(__u32 address) {
  __u32 first = address >> 24;
  return first != 0 && first != 127 && first < 224;
}

static __always_inline __u32 number_of(const struct address4 *address) {
  return bpf_ntohl(*(const __be32 *)address);
}

static __always_inline int answer_arp(struct xdp_md *ctx) {
  struct ethernet *eth = begin_of(ctx);
  struct arp *arp = (struct arp *)(eth + 1);
  if ((void *)(arp + 1) > end_of(ctx) || !is_request(arp)) return ignore();
  struct address4 sender = arp->sender, target = arp->target;
  __u32 host = number_of(&arp->target), asker = number_of(&arp->sender);
  struct mac own = mac_of4(host), to = arp->sender_mac;
  if (!is_broadcast(&eth->destination) && !is_same(&eth->destination, &own)) return ignore();
  if (!is_unicast(&to) || asker == host || (asker && !is_host(asker)) || !is_among4(host)) return ignore();
  if (!is_up_among4(host)) return nobody();
  if (!resize(ctx, SHORTEST)) return ignore();
  struct arp_frame *frame = begin_of(ctx);
  if ((void *)(frame + 1) > end_of(ctx)) return XDP_DROP;
  begin_answer(&frame->arp, &to, &own, bpf_htons(ETH_P_ARP));
  frame->arp = (struct arp){.hardware = bpf_htons(1),
                            .protocol = bpf_htons(ETH_P_IP),
                            .hardware_length = 6,
                            .protocol_length = 4,
                            .operation = bpf_htons(ARP_REPLY),
                            .sender_mac = own,
                            .sender = target,
                            .target_mac = to,
                            .target = sender};
  __builtin_memset(frame->padding, 0, sizeof frame->padding);
  return answer(FJ_EMULATOR_ARP);
}
