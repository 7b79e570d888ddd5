// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Answers IPv4 packets: as io.framejet.emulate.Ipv4Answers, IcmpAnswers, TcpAnswers and UdpAnswers.
#pragma once
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include "answers.h"
#include "arp_answers.h"

enum {
  IP4_HEADERS = sizeof(struct ethernet) + sizeof(struct iphdr),
  FRAGMENT = 0x3fff,
  DONT_FRAGMENT = 0x4000
};

// What is kept of the packet that asks while its bytes become the answer's.
struct question4 {
  struct mac asker_mac, host_mac;
  __be32 asker, host;
  __u32 length;  // behind the IPv4 header
  __u8 tos;
};

static __always_inline void write_header4(struct iphdr *ip, const struct question4 *q, __u8 tos,
                                          __u8 protocol, __u16 length) {
  *ip = (struct iphdr){.version = 4,
                       .ihl = 5,
                       .tos = tos,
                       .tot_len = bpf_htons(sizeof *ip + length),
                       .frag_off = bpf_htons(DONT_FRAGMENT),
                       .ttl = 64,
                       .protocol = protocol,
                       .saddr = q->host,
                       .daddr = q->asker};
  const __u32 *words = (const __u32 *)ip;
  ip->check = finish((__u64)words[0] + words[1] + words[2] + words[3] + words[4]);
}

static __always_inline __u64 pseudo_sum4(const struct question4 *q, __u8 protocol, __u16 length) {
  return (__u64)q->asker + q->host + bpf_htons(protocol) + bpf_htons(length);
}

// Right, or as a sender leaves it for a NIC to finish: the sum of the pseudo-header.
static __always_inline bool is_right(struct xdp_md *ctx, const struct question4 *q, __u8 protocol,
                                     __u32 length, __u16 checksum) {
  __u64 pseudo = pseudo_sum4(q, protocol, length);
  if (checksum == fold(pseudo)) return true;
  __s64 sum = sum_of(ctx, IP4_HEADERS, length);
  return sum >= 0 && fold(pseudo + sum) == 0xffff;
}

// --- ICMP echo
// ----------------------------------------------------------------------------------------------

struct icmp4 {
  __u8 type, code;
  __be16 checksum;
  __be32 rest;
};

enum { ECHO_REPLY = 0, UNREACHABLE = 3, PORT_UNREACHABLE = 3, ECHO_REQUEST = 8 };

struct echo4 {
  struct iphdr ip;
  struct icmp4 icmp;
};

// Cuts off what is behind the packet, or pads it with zeros.
static __always_inline bool fit(struct xdp_md *ctx, __u32 length) {
  int wanted = length < SHORTEST ? SHORTEST : (int)length;
  int grow = wanted - (int)(ctx->data_end - ctx->data);
  if (grow && bpf_xdp_adjust_tail(ctx, grow)) return false;
  if (length >= SHORTEST) return true;
  static const __u8 zeros[SHORTEST];
  __u32 padding = SHORTEST - length;
  if (padding < 1 || padding > SHORTEST) return false;
  return bpf_xdp_store_bytes(ctx, length, (void *)zeros, padding) == 0;
}

static __always_inline int answer_icmp(struct xdp_md *ctx, const struct question4 *q) {
  struct echo4 *echo = payload_of(ctx);
  if ((void *)(echo + 1) > end_of(ctx) || q->length < sizeof echo->icmp) return ignore();
  if (echo->icmp.type != ECHO_REQUEST || echo->icmp.code != 0) return ignore();
  // Without type, code and checksum, so that it is known whether all the rest is zeros.
  __u16 checksum = echo->icmp.checksum;
  __s64 rest = sum_of(ctx, IP4_HEADERS + 4, q->length - 4);
  if (rest < 0 || fold((__u64)rest + bpf_htons(ECHO_REQUEST << 8) + checksum) != 0xffff) return ignore();
  if (!fit(ctx, IP4_HEADERS + q->length)) return ignore();
  echo = payload_of(ctx);
  if ((void *)(echo + 1) > end_of(ctx)) return XDP_DROP;
  begin_answer(echo, &q->asker_mac, &q->host_mac, bpf_htons(ETH_P_IP));
  write_header4(&echo->ip, q, q->tos, IPPROTO_ICMP, q->length);
  echo->icmp.type = ECHO_REPLY;
  echo->icmp.checksum = finish(rest);
  return answer(FJ_EMULATOR_ECHO);
}

// --- TCP
// ----------------------------------------------------------------------------------------------------

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

struct tcp {
  __be16 source, destination;
  __be32 sequence, acknowledgment;
  __u8 offset, flags;
  __be16 window, checksum, urgent;
};

struct segment {
  struct iphdr ip;
  struct tcp tcp;
  __be32 option;  // or padding
};

enum { PADDING = SHORTEST - sizeof(struct ethernet) - sizeof(struct segment) };
_Static_assert(PADDING == 2, "all answers are as short as can be");

static __always_inline bool is_open(__u16 port) {
  return hosts.open_ports[port >> 3] >> (port & 7) & 1;
}

static __always_inline __u32 initial_sequence(const struct question4 *q, const struct tcp *asked) {
  __u64 addresses = (__u64)bpf_ntohl(q->asker) << 32 | bpf_ntohl(q->host);
  __u64 ports = (__u64)bpf_ntohs(asked->source) << 16 | bpf_ntohs(asked->destination);
  return (__u32)fj_siphash_cookie6(key_of_hosts(), addresses, ports, IPPROTO_TCP);
}

static __always_inline int send_tcp(struct xdp_md *ctx, const struct question4 *q, struct tcp *reply,
                                    enum fj_emulator_count kind) {
  if (!resize(ctx, SHORTEST)) return ignore();
  struct segment *segment = payload_of(ctx);
  __be16 *padding = (__be16 *)(segment + 1);
  if ((void *)(padding + 1) > end_of(ctx)) return XDP_DROP;
  bool accepts = kind == FJ_EMULATOR_SYN_ACK;
  __u16 length = sizeof *reply + (accepts ? sizeof segment->option : 0);
  begin_answer(segment, &q->asker_mac, &q->host_mac, bpf_htons(ETH_P_IP));
  write_header4(&segment->ip, q, 0, IPPROTO_TCP, length);
  __be32 option = accepts ? bpf_htonl(2u << 24 | 4 << 16 | hosts.max_segment) : 0;
  segment->option = option;
  *padding = 0;
  reply->offset = (accepts ? 6 : 5) << 4;
  reply->checksum = 0;
  __u32 words[5];
  __builtin_memcpy(words, reply, sizeof words);
  __u64 sum = pseudo_sum4(q, IPPROTO_TCP, length) + option;
  reply->checksum = finish(sum + words[0] + words[1] + words[2] + words[3] + words[4]);
  segment->tcp = *reply;
  return answer(kind);
}

// The states CLOSED and LISTEN (RFC 9293, 3.10.7.1 and 3.10.7.2).
static __always_inline int answer_tcp(struct xdp_md *ctx, const struct question4 *q) {
  struct iphdr *ip = payload_of(ctx);
  struct tcp *tcp = (struct tcp *)(ip + 1);
  if ((void *)(tcp + 1) > end_of(ctx) || q->length < sizeof *tcp) return ignore();
  struct tcp asked = *tcp;
  __u32 header = (__u32)(asked.offset >> 4) << 2;
  if (header < sizeof asked || header > q->length || asked.flags & RST) return ignore();
  if (!is_right(ctx, q, IPPROTO_TCP, q->length, asked.checksum)) return ignore();
  __u32 payload = q->length - header;
  bool open = is_open(bpf_ntohs(asked.destination));
  struct tcp reply = {.source = asked.destination, .destination = asked.source};
  if (asked.flags & ACK) {
    if (open && !(asked.flags & (SYN | FIN)) && payload == 0 &&
        bpf_ntohl(asked.acknowledgment) == initial_sequence(q, &asked) + 1)
      return ignore();  // the connection is made
    reply.sequence = asked.acknowledgment;
    reply.flags = RST;
    return send_tcp(ctx, q, &reply, FJ_EMULATOR_RESET);
  }
  __u32 sequence = bpf_ntohl(asked.sequence);
  if (!open) {
    __u32 after = sequence + payload + (asked.flags & SYN ? 1 : 0) + (asked.flags & FIN ? 1 : 0);
    reply.acknowledgment = bpf_htonl(after);
    reply.flags = RST | ACK;
    return send_tcp(ctx, q, &reply, FJ_EMULATOR_RESET);
  }
  if (!(asked.flags & SYN) || asked.flags & FIN) return ignore();
  reply.sequence = bpf_htonl(initial_sequence(q, &asked));
  reply.acknowledgment = bpf_htonl(sequence + 1);
  reply.flags = SYN | ACK;
  reply.window = 0xffff;
  return send_tcp(ctx, q, &reply, FJ_EMULATOR_SYN_ACK);
}

// --- UDP
// ----------------------------------------------------------------------------------------------------

struct quoted {
  __u32 words[(sizeof(struct iphdr) + sizeof(struct udphdr)) / 4];
};

struct unreachable {
  struct iphdr ip;
  struct icmp4 icmp;
  struct quoted quoted;
};

// Internetwork control (RFC 1812, 4.3.2.5).
enum { TOS_OF_ERRORS = 0xc0 };

static __always_inline int send_unreachable(struct xdp_md *ctx, const struct question4 *q,
                                            const struct quoted *quoted) {
  if (!resize(ctx, sizeof(struct ethernet) + sizeof(struct unreachable))) return ignore();
  struct unreachable *error = payload_of(ctx);
  if ((void *)(error + 1) > end_of(ctx)) return XDP_DROP;
  begin_answer(error, &q->asker_mac, &q->host_mac, bpf_htons(ETH_P_IP));
  write_header4(&error->ip, q, TOS_OF_ERRORS, IPPROTO_ICMP, sizeof error->icmp + sizeof *quoted);
  __u64 sum = bpf_htons(UNREACHABLE << 8 | PORT_UNREACHABLE);
  for (unsigned i = 0; i < sizeof *quoted / 4; i++) sum += quoted->words[i];
  error->icmp = (struct icmp4){.type = UNREACHABLE, .code = PORT_UNREACHABLE, .checksum = finish(sum)};
  error->quoted = *quoted;
  return answer(FJ_EMULATOR_UNREACHABLE);
}

static __always_inline int answer_udp(struct xdp_md *ctx, const struct question4 *q) {
  if (!hosts.port_unreachable || q->length < sizeof(struct udphdr)) return ignore();
  struct quoted *asked = payload_of(ctx);
  if ((void *)(asked + 1) > end_of(ctx)) return ignore();
  struct quoted quoted = *asked;
  const struct udphdr *udp = (const struct udphdr *)&quoted.words[sizeof(struct iphdr) / 4];
  __u32 length = bpf_ntohs(udp->len);
  if (length < sizeof *udp || length > q->length) return ignore();
  if (udp->check && !is_right(ctx, q, IPPROTO_UDP, length, udp->check)) return ignore();
  return send_unreachable(ctx, q, &quoted);
}

// --- the packet
// ---------------------------------------------------------------------------------------------

// Without options, whole, and right by its checksum.
static __always_inline bool is_plain(const struct iphdr *ip, const void *end) {
  __u32 total = bpf_ntohs(ip->tot_len);
  if (*(const __u8 *)ip != 0x45 || total < sizeof *ip || total > (unsigned long)(end - (const void *)ip))
    return false;
  if (ip->frag_off & bpf_htons(FRAGMENT)) return false;
  const __u32 *words = (const __u32 *)ip;
  return fold((__u64)words[0] + words[1] + words[2] + words[3] + words[4]) == 0xffff;
}

static __always_inline int answer_ipv4(struct xdp_md *ctx) {
  struct ethernet *eth = begin_of(ctx);
  struct iphdr *ip = (struct iphdr *)(eth + 1);
  if ((void *)(ip + 1) > end_of(ctx) || !is_plain(ip, end_of(ctx))) return ignore();
  __u32 host = bpf_ntohl(ip->daddr);
  struct question4 q = {.host_mac = mac_of4(host),
                        .asker = ip->saddr,
                        .host = ip->daddr,
                        .length = bpf_ntohs(ip->tot_len) - (__u32)sizeof *ip,
                        .tos = ip->tos};
  q.asker_mac = eth->source;
  if (!is_same(&eth->destination, &q.host_mac) || q.asker == q.host || !is_host(bpf_ntohl(q.asker)) ||
      !is_up4(host))
    return ignore();
  switch (ip->protocol) {
    case IPPROTO_ICMP:
      return answer_icmp(ctx, &q);
    case IPPROTO_TCP:
      return answer_tcp(ctx, &q);
    case IPPROTO_UDP:
      return answer_udp(ctx, &q);
    default:
      return ignore();
  }
}
