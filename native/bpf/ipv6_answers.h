// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Answers ICMPv6: as io.framejet.emulate.Ipv6Answers, NdpAnswers and Icmp6Answers.
#pragma once

#include "answers.h"

struct ipv6 {
  __be32 class_and_label;  // and version
  __be16 length;
  __u8 next, hops;
  __u8 source[16], destination[16];
};

struct icmp6 {
  __u8 type, code;
  __be16 checksum;
  __be32 rest;
};

enum { ICMPV6 = 58, ECHO6_REQUEST = 128, ECHO6_REPLY = 129, SOLICITATION = 135, ADVERTISEMENT = 136 };
enum { IP6_HEADERS = sizeof(struct ethernet) + sizeof(struct ipv6) };

static __always_inline struct address6 read6(const __u8 *at) {
  return (struct address6){read64(at), read64(at + 8)};
}

static __always_inline void write6(__u8 *at, struct address6 address) {
  write64(at, address.high);
  write64(at + 8, address.low);
}

static __always_inline bool same6(struct address6 a, struct address6 b) {
  return a.high == b.high && a.low == b.low;
}

// Whether an address can be one node's, and is not this node's own: ::1.
static __always_inline bool is_node(struct address6 a) {
  return a.high >> 56 != 0xff && (a.high || (a.low != 0 && a.low != 1));
}

static __always_inline __u64 sum_of_address(struct address6 a) {
  __u64 high = bpf_cpu_to_be64(a.high), low = bpf_cpu_to_be64(a.low);
  return (high >> 32) + (__u32)high + (low >> 32) + (__u32)low;
}

static __always_inline __u64 pseudo_sum6(struct address6 a, struct address6 b, __u32 length) {
  return sum_of_address(a) + sum_of_address(b) + bpf_htons(ICMPV6) + bpf_htons(length);
}

struct question6 {
  struct mac asker_mac;
  struct address6 source, destination;
  __u32 length;  // behind the IPv6 header
  __be32 class_and_label;
  __u8 hops;
};

static __always_inline void write_header6(struct ipv6 *ip, __be32 class, __u32 length, __u8 hops,
                                          struct address6 from, struct address6 to) {
  ip->class_and_label = class;
  ip->length = bpf_htons(length);
  ip->next = ICMPV6;
  ip->hops = hops;
  write6(ip->source, from);
  write6(ip->destination, to);
}

// --- echo
// ---------------------------------------------------------------------------------------------------

struct echo6 {
  struct ipv6 ip;
  struct icmp6 icmp;
};

static __always_inline int answer_echo6(struct xdp_md *ctx, const struct question6 *q) {
  struct echo6 *echo = payload_of(ctx);
  struct ethernet *eth = begin_of(ctx);
  if ((void *)(echo + 1) > end_of(ctx)) return ignore();
  struct mac own = mac_of6(q->destination.low);
  if (!is_same(&eth->destination, &own) || !is_node(q->source) || same6(q->source, q->destination))
    return ignore();
  if (!is_up6(&q->destination)) return ignore();
  __s64 rest = sum_of(ctx, IP6_HEADERS + 4, q->length - 4);
  int shrink = (int)(IP6_HEADERS + q->length) - (int)(ctx->data_end - ctx->data);
  if (rest < 0 || (shrink && bpf_xdp_adjust_tail(ctx, shrink))) return ignore();
  echo = payload_of(ctx);
  if ((void *)(echo + 1) > end_of(ctx)) return XDP_DROP;
  begin_answer(echo, &q->asker_mac, &own, bpf_htons(ETH_P_IPV6));
  // The traffic class of the request, and no flow label.
  write_header6(&echo->ip, q->class_and_label & bpf_htonl(0xfff00000), q->length, 64, q->destination,
                q->source);
  echo->icmp.type = ECHO6_REPLY;
  echo->icmp.checksum =
      finish(pseudo_sum6(q->source, q->destination, q->length) + rest + bpf_htons(ECHO6_REPLY << 8));
  return answer(FJ_EMULATOR_ECHO6);
}
_Static_assert(sizeof(struct ethernet) + sizeof(struct echo6) >= SHORTEST, "no answer has to be padded");

// --- neighbor discovery (RFC 4861) ------------------------------------------------------------------------

struct ndp_option {
  __u8 type, length;  // of 8 bytes
  struct mac mac;
};

struct neighbor {
  struct ipv6 ip;
  struct icmp6 icmp;
  __u8 target[16];
  struct ndp_option option;
};

enum {
  NDP_FIXED = sizeof(struct icmp6) + 16,
  NDP_LENGTH = NDP_FIXED + sizeof(struct ndp_option),
  NDP_HOPS = 255,
  MAX_OPTIONS = 4,
  SOURCE_LINK_ADDRESS = 1,
  TARGET_LINK_ADDRESS = 2,
  SOLICITED = 0x40,
  OVERRIDE = 0x20,
};

// Looks through the options: false when one is malformed. At most one MAC is taken.
static __always_inline bool read_options(struct xdp_md *ctx, __u32 length, struct mac *mac, bool *has_mac) {
  __u32 at = NDP_FIXED;
  for (int i = 0; i < MAX_OPTIONS && at < length; i++) {
    struct ndp_option option;
    if (length - at < sizeof option || bpf_xdp_load_bytes(ctx, IP6_HEADERS + at, &option, sizeof option))
      return false;
    __u32 bytes = (__u32)option.length << 3;
    if (bytes == 0 || bytes > length - at) return false;
    if (!*has_mac && option.type == SOURCE_LINK_ADDRESS) {
      *mac = option.mac;
      *has_mac = true;
    }
    at += bytes;
  }
  return at == length;
}

// Whether it came to the group that the target listens to, or to the target itself.
static __always_inline bool is_asked(const struct ethernet *eth, const struct question6 *q,
                                     struct address6 target, const struct mac *own) {
  __u32 last = target.low & 0xffffff;
  struct mac group = {{bpf_htons(0x3333), bpf_htons(0xff00 | last >> 16), bpf_htons(last & 0xffff)}};
  bool to_host = is_same(&eth->destination, own);
  if (q->destination.high == 0xff02000000000000 && q->destination.low == (0x1ff000000 | last))
    return to_host || is_same(&eth->destination, &group);
  return to_host && same6(q->destination, target) && (q->source.high || q->source.low);
}

static __always_inline int send_advertisement(struct xdp_md *ctx, const struct mac *to,
                                              struct address6 address, struct address6 target, __u32 flags) {
  struct mac own = mac_of6(target.low);
  if (!resize(ctx, sizeof(struct ethernet) + sizeof(struct neighbor))) return ignore();
  struct neighbor *reply = payload_of(ctx);
  if ((void *)(reply + 1) > end_of(ctx)) return XDP_DROP;
  begin_answer(reply, to, &own, bpf_htons(ETH_P_IPV6));
  write_header6(&reply->ip, bpf_htonl(6u << 28), NDP_LENGTH, NDP_HOPS, target, address);
  reply->icmp = (struct icmp6){.type = ADVERTISEMENT, .rest = bpf_htonl(flags << 24)};
  write6(reply->target, target);
  reply->option = (struct ndp_option){.type = TARGET_LINK_ADDRESS, .length = 1, .mac = own};
  __u32 option[2];
  __builtin_memcpy(option, &reply->option, sizeof option);
  reply->icmp.checksum = finish(pseudo_sum6(target, address, NDP_LENGTH) + bpf_htons(ADVERTISEMENT << 8) +
                                bpf_htonl(flags << 24) + sum_of_address(target) + option[0] + option[1]);
  return answer(FJ_EMULATOR_NDP);
}

static __always_inline int answer_solicitation(struct xdp_md *ctx, const struct question6 *q) {
  struct ethernet *eth = begin_of(ctx);
  struct neighbor *neighbor = payload_of(ctx);
  if ((void *)&neighbor->option > end_of(ctx) || q->length < NDP_FIXED || q->hops != NDP_HOPS)
    return ignore();
  struct address6 target = read6(neighbor->target);
  struct mac own = mac_of6(target.low), option = {};
  bool has_mac = false, detection = !q->source.high && !q->source.low;
  if (!is_asked(eth, q, target, &own)) return ignore();
  if (!read_options(ctx, q->length, &option, &has_mac) || !is_up6(&target)) return ignore();
  if (detection) {
    struct mac all = {{bpf_htons(0x3333), 0, bpf_htons(1)}};
    struct address6 all_nodes = {0xff02000000000000, 1};
    return has_mac ? ignore() : send_advertisement(ctx, &all, all_nodes, target, OVERRIDE);
  }
  if (!is_node(q->source) || same6(q->source, target)) return ignore();
  if (has_mac && !is_unicast(&option)) return ignore();
  return send_advertisement(ctx, has_mac ? &option : &q->asker_mac, q->source, target, SOLICITED | OVERRIDE);
}

// --- the packet
// ---------------------------------------------------------------------------------------------

static __always_inline int answer_ipv6(struct xdp_md *ctx) {
  struct ethernet *eth = begin_of(ctx);
  struct echo6 *asked = payload_of(ctx);
  if ((void *)(asked + 1) > end_of(ctx)) return ignore();
  struct question6 q = {.source = read6(asked->ip.source),
                        .destination = read6(asked->ip.destination),
                        .length = bpf_ntohs(asked->ip.length),
                        .class_and_label = asked->ip.class_and_label,
                        .hops = asked->ip.hops};
  q.asker_mac = eth->source;
  __u8 type = asked->icmp.type;
  if (bpf_ntohl(q.class_and_label) >> 28 != 6 || asked->ip.next != ICMPV6 || asked->icmp.code != 0)
    return ignore();
  if (q.length < sizeof asked->icmp || q.length > (unsigned long)(end_of(ctx) - (void *)&asked->icmp))
    return ignore();
  if (type != ECHO6_REQUEST && type != SOLICITATION) return ignore();
  __s64 sum = sum_of(ctx, IP6_HEADERS, q.length);
  if (sum < 0 || fold(pseudo_sum6(q.source, q.destination, q.length) + sum) != 0xffff) return ignore();
  return type == SOLICITATION ? answer_solicitation(ctx, &q) : answer_echo6(ctx, &q);
}
