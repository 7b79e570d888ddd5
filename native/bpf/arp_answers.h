// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Answers ARP requests (RFC 826, 5227): as io.framejet.emulate.ArpAnswers.
#pragma once
#include "answers.h"

// The frame in numbers of up to eight bytes, across the borders of its fields: it takes a third of the reads
// and writes that MACs and addresses do, which are aligned to two bytes.
enum {
  ARP_AT = ETH_HLEN,  // hardware, protocol, their lengths, and operation
  ARP_SENDER_MAC = 22,
  ARP_SENDER = 28,
  ARP_TARGET = 38,
  ARP_END = 42
};

static const __u64 ARP_REQUEST = 0x0001080006040001, ARP_REPLY = 0x0001080006040002;

static __always_inline bool is_unicast_number(__u64 mac) {
  return mac && !(mac >> 40 & 1);
}

// Whether an address can be one host's, and is not this host's own.
static __always_inline bool is_host(__u32 address) {
  __u32 first = address >> 24;
  return first != 0 && first != 127 && first < 224;
}

// Of MACs of 48 bits.
static __always_inline void write_arp_reply(void *frame, __u64 to, __u32 asker, __u64 own, __u32 host) {
  write64(frame, to << 16 | own >> 32);
  write64(frame + 8, own << 32 | ETH_P_ARP << 16 | ARP_REPLY >> 48);
  write64(frame + 16, ARP_REPLY << 16 | own >> 32);
  write64(frame + 24, own << 32 | host);
  write64(frame + 32, to << 16 | asker >> 16);
  write64(frame + 40, (__u64)asker << 48);
  write64(frame + 48, 0);
  *(__be32 *)(frame + 56) = 0;
}

static __always_inline int answer_arp(struct xdp_md *ctx) {
  static const __u64 BROADCAST = 0xffffffffffff;
  const void *frame = begin_of(ctx);
  if (frame + ARP_END > end_of(ctx) || read64(frame + ARP_AT) != ARP_REQUEST) return ignore();
  __u32 asker = read32(frame + ARP_SENDER), host = read32(frame + ARP_TARGET);
  __u64 destination = read64(frame) >> 16, to = read64(frame + ARP_SENDER_MAC) >> 16, own = mac_number4(host);
  if (destination != BROADCAST && destination != own) return ignore();
  if (!is_unicast_number(to) || asker == host || (asker && !is_host(asker)) || !is_among4(host))
    return ignore();
  if (!is_up_among4(host)) return nobody();
  if (!resize(ctx, SHORTEST)) return ignore();
  void *reply = begin_of(ctx);
  if (reply + SHORTEST > end_of(ctx)) return XDP_DROP;
  write_arp_reply(reply, to, asker, own, host);
  return answer(FJ_EMULATOR_ARP);
}
