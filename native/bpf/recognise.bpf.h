// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Which frames are replies to a probe: the filters and the checks of io.framejet.probe, in the same order, so
// that both sides count the same. Whatever the bytes are, nothing is read that was not found to be there.
#pragma once
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "demux.h"
#include "siphash.h"

const volatile struct fj_recognition demux_recognition;

// Of FJ_NOT_OURS the probe's filter would not let through: nobody counts it.
enum fj_verdict { FJ_NOT_OURS, FJ_OTHER, FJ_REPLY, FJ_REFUSED, FJ_MALFORMED, FJ_UNDECIDED };

enum {
  FJ_ARP_LENGTH = 28,
  FJ_IPV4_SHORTEST = 20,
  FJ_IPV6_LENGTH = 40,
  FJ_ICMP_LENGTH = 8,
  FJ_QUOTED_LENGTH = 8,  // bytes behind the IPv4 header that every ICMP error quotes
  FJ_ADVERTISEMENT_LENGTH = 24,
  FJ_ICMP = 1,
  FJ_TCP = 6,
  FJ_UDP = 17,
  FJ_ICMPV6 = 58,
  FJ_ECHO_REPLY = 0,
  FJ_UNREACHABLE = 3,
  FJ_ECHO_REQUEST = 8,
  FJ_TIME_EXCEEDED = 11,
  FJ_ADVERTISEMENT = 136,
  FJ_SYN_ACK = 0x12,
  FJ_RST = 0x04,
  FJ_FIRST_PORT = 49152,  // that probes are sent from, see SourcePort.java
  FJ_PORT_MASK = 0x3fff,
  FJ_LINEAR = 256,        // more than all headers that are looked at can have
  FJ_LONGEST_SUM = 2048,  // the longest message whose checksum is verified here
  FJ_MOST_OPTIONS = 16,
};

// A frame in memory. Of a frame in several pieces it is the first.
struct fj_view {
  const __u8 *data, *end;
  __u32 length;  // of all of it
};

static __always_inline __u16 fj_get16(const __u8 *at) {
  return bpf_ntohs(*(const __be16 *)at);
}

static __always_inline __u32 fj_get32(const __u8 *at) {
  return bpf_ntohl(*(const __be32 *)at);
}

static __always_inline __u64 fj_get64(const __u8 *at) {
  return (__u64)fj_get32(at) << 32 | fj_get32(at + 4);
}

// --- what a reply says -------------------------------------------------------------------------------------

enum { FJ_PORT_AT = 32, FJ_TTL_AT = 48, FJ_SAYS_AT = 56, FJ_HAS_TTL = 0x80 };

static __always_inline __u64 fj_get48(const __u8 *at) {
  return (__u64)fj_get16(at) << 32 | fj_get32(at + 2);
}

static __always_inline void fj_sum_up_arp(struct fj_reply *reply, const struct fj_view *frame,
                                          const __u8 *arp) {
  reply->what = (__u64)FJ_SAYS_UP << FJ_SAYS_AT | fj_get32(arp + 14);
  reply->mac = fj_get48(arp + 8);
  reply->source_and_turn = fj_get48(frame->data + ETH_ALEN);
}

static __always_inline void fj_sum_up_ipv4(struct fj_reply *reply, const struct fj_view *frame,
                                           const __u8 *ip, __u16 port, enum fj_says what) {
  __u64 says = (__u64)(what | FJ_HAS_TTL) << FJ_SAYS_AT | (__u64)ip[8] << FJ_TTL_AT;
  reply->what = says | (__u64)port << FJ_PORT_AT | fj_get32(ip + 12);
  reply->mac = reply->source_and_turn = fj_get48(frame->data + ETH_ALEN);
}

// --- checksums of messages whose length nobody knows beforehand --------------------------------------------

enum { FJ_SUM_STEP = 32 };

struct fj_message {
  __u8 bytes[FJ_LONGEST_SUM + FJ_SUM_STEP];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct fj_message);
} demux_message SEC(".maps");

// A copy of length bytes from there on, zeros behind them; NULL when there are too many.
static __always_inline struct fj_message *fj_copy(struct xdp_md *ctx, __u32 offset, __u32 length) {
  __u32 zero = 0;
  struct fj_message *message = bpf_map_lookup_elem(&demux_message, &zero);
  if (!message || length == 0 || length > FJ_LONGEST_SUM) return NULL;
  if (bpf_xdp_load_bytes(ctx, offset, message->bytes, length)) return NULL;
  __builtin_memset(message->bytes + length, 0, FJ_SUM_STEP);
  return message;
}

// The folded sum of a message and of what is given, 0 to 0xffff, by words as they lie in memory (RFC 1071,
// 2(B)); less than 0 when it is too long. The message is left in demux_message.
//
// No static function: the kernel then verifies its loop once, and not anew for every way that leads here.
__noinline int demux_sum(struct xdp_md *ctx, __u32 offset, __u32 length, __u64 sum) {
  struct fj_message *message = fj_copy(ctx, offset, length);
  if (!message) return -1;
  for (__u32 i = 0; i < FJ_LONGEST_SUM / FJ_SUM_STEP; i++) {
    if (i * FJ_SUM_STEP >= length) break;
    const __u32 *words = (const __u32 *)(message->bytes + i * FJ_SUM_STEP);
    for (int word = 0; word < FJ_SUM_STEP / 4; word++) sum += words[word];
  }
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return (int)((sum & 0xffff) + (sum >> 16));
}

enum { FJ_RIGHT = 0xffff };  // the sum of a message with a right checksum

// --- ARP ---------------------------------------------------------------------------------------------------

static __always_inline bool fj_is_unicast(const __u8 *mac) {
  return !(mac[0] & 1) && (*(const __u32 *)mac | *(const __u16 *)(mac + 4));
}

static __always_inline bool fj_is_our_mac(const __u8 *mac) {
  const volatile __u8 *ours = demux_recognition.mac;
  return *(const __u32 *)mac == *(const volatile __u32 *)ours &&
         *(const __u16 *)(mac + 4) == *(const volatile __u16 *)(ours + 4);
}

static __always_inline enum fj_verdict fj_read_arp(const struct fj_view *frame, struct fj_reply *reply) {
  const __u8 *arp = frame->data + ETH_HLEN;
  if (arp > frame->end || fj_get16(arp - 2) != ETH_P_ARP) return FJ_NOT_OURS;
  if (arp + FJ_ARP_LENGTH > frame->end) return FJ_MALFORMED;
  if (fj_get16(arp) != 1 || fj_get16(arp + 2) != ETH_P_IP) return FJ_OTHER;
  if (arp[4] != ETH_ALEN || arp[5] != 4) return FJ_MALFORMED;
  if (fj_get16(arp + 6) != 2 || fj_get32(arp + 24) != (__u32)demux_recognition.low) return FJ_OTHER;
  if (!fj_is_our_mac(arp + 18)) return FJ_OTHER;
  if (!fj_is_unicast(arp + 8)) return FJ_MALFORMED;
  fj_sum_up_arp(reply, frame, arp);
  return FJ_REPLY;
}

// --- IPv4: answers and ICMP errors
// --------------------------------------------------------------------------

static __always_inline __u64 fj_cookie(__u32 address, __u16 port) {
  struct fj_siphash_key key = {.k0 = demux_recognition.key0, .k1 = demux_recognition.key1};
  return fj_siphash_cookie4(key, address, port);
}

static __always_inline __u16 fj_source_port(__u64 cookie) {
  return FJ_FIRST_PORT + (cookie >> 32 & FJ_PORT_MASK);
}

static __always_inline __u32 fj_protocol(void) {
  switch (demux_recognition.kind) {
    case FJ_RECOGNISE_ICMP:
      return FJ_ICMP;
    case FJ_RECOGNISE_TCP:
      return FJ_TCP;
    default:
      return FJ_UDP;
  }
}

static __always_inline bool fj_is_error(__u8 type) {
  return type == FJ_UNREACHABLE || type == FJ_TIME_EXCEEDED;
}

// Whether the probe's filter takes a packet to us, given where its payload begins if its header is right.
static __always_inline bool fj_passes(const struct fj_view *frame, const __u8 *payload, __u8 protocol) {
  if (protocol == FJ_ICMP) {
    if (payload + 1 > frame->end) return false;
    if (payload[0] == FJ_ECHO_REPLY && fj_protocol() == FJ_ICMP) return true;
    const __u8 *quoted = payload + FJ_ICMP_LENGTH;
    if (!fj_is_error(payload[0]) || quoted + 16 > frame->end) return false;
    return quoted[9] == fj_protocol() && fj_get32(quoted + 12) == (__u32)demux_recognition.low;
  }
  if (protocol != fj_protocol()) return false;
  if (payload + 4 > frame->end || fj_get16(payload + 2) < FJ_FIRST_PORT) return false;
  if (protocol == FJ_UDP) return true;
  if (payload + 14 > frame->end) return false;
  return payload[13] & FJ_RST || (payload[13] & FJ_SYN_ACK) == FJ_SYN_ACK;
}

// What follows gets a packet to us that is whole: of its payload there are length bytes.

static __always_inline enum fj_verdict fj_read_echo(const struct fj_view *frame, const __u8 *ip,
                                                    const __u8 *icmp, __u32 length, struct fj_reply *reply) {
  if (icmp + 16 > frame->end) return FJ_REFUSED;  // then it has less than 8 bytes of data
  __u64 cookie = fj_cookie(fj_get32(ip + 12), 0);
  if (fj_get32(icmp + 4) != (__u32)cookie || length != 16 || fj_get64(icmp + 8) != cookie) return FJ_REFUSED;
  __u64 sum = 0;
  for (int i = 0; i < 8; i++) sum += ((const __u16 *)icmp)[i];
  sum = (sum & 0xffff) + (sum >> 16);
  if (icmp[1] || sum != FJ_RIGHT) return FJ_MALFORMED;
  fj_sum_up_ipv4(reply, frame, ip, 0, FJ_SAYS_UP);
  return FJ_REPLY;
}

static __always_inline enum fj_verdict fj_read_tcp(const struct fj_view *frame, const __u8 *tcp, __u32 length,
                                                   __u32 from) {
  if (length < 20 || tcp + 20 > frame->end) return FJ_MALFORMED;
  __u32 header = tcp[12] >> 4 << 2;
  if (header < 20 || header > length) return FJ_MALFORMED;
  __u64 cookie = fj_cookie(from, fj_get16(tcp));
  bool ours = fj_get16(tcp + 2) == fj_source_port(cookie) && fj_get32(tcp + 8) == (__u32)cookie + 1;
  return ours ? FJ_REPLY : FJ_REFUSED;
}

static __always_inline enum fj_verdict fj_read_udp(const struct fj_view *frame, const __u8 *udp, __u32 length,
                                                   __u32 from) {
  if (length < 8 || udp + 8 > frame->end) return FJ_MALFORMED;
  __u32 datagram = fj_get16(udp + 4);
  if (datagram < 8 || datagram > length) return FJ_MALFORMED;
  return fj_get16(udp + 2) == fj_source_port(fj_cookie(from, fj_get16(udp))) ? FJ_REPLY : FJ_REFUSED;
}

static __always_inline enum fj_verdict fj_read_port(const struct fj_view *frame, const __u8 *ip,
                                                    const __u8 *payload, __u32 length,
                                                    struct fj_reply *reply) {
  bool tcp = ip[9] == FJ_TCP;
  __u32 from = fj_get32(ip + 12);
  enum fj_verdict verdict =
      tcp ? fj_read_tcp(frame, payload, length, from) : fj_read_udp(frame, payload, length, from);
  // A datagram may be shorter than that: it is recorded then.
  if (verdict != FJ_REPLY || payload + 14 > frame->end) return verdict;
  bool closed = tcp && payload[13] & FJ_RST;
  fj_sum_up_ipv4(reply, frame, ip, fj_get16(payload), closed ? FJ_SAYS_CLOSED : FJ_SAYS_OPEN);
  return FJ_REPLY;
}

// Whether the first bytes of a quoted packet's payload are a probe's of ours.
static __always_inline bool fj_is_probe(const __u8 *quoted, const __u8 *payload) {
  __u32 target = fj_get32(quoted + 16);
  if (demux_recognition.kind == FJ_RECOGNISE_ICMP)
    return payload[0] == FJ_ECHO_REQUEST && fj_get32(payload + 4) == (__u32)fj_cookie(target, 0);
  __u64 cookie = fj_cookie(target, fj_get16(payload + 2));
  if (fj_get16(payload) != fj_source_port(cookie)) return false;
  if (demux_recognition.kind == FJ_RECOGNISE_TCP) return fj_get32(payload + 4) == (__u32)cookie;
  return fj_get16(quoted + 4) == 0x8000 + (cookie >> 46 & 0x7fff);
}

static __always_inline enum fj_verdict fj_read_error(struct xdp_md *ctx, const struct fj_view *frame,
                                                     const __u8 *icmp, __u32 offset, __u32 length) {
  const __u8 *quoted = icmp + FJ_ICMP_LENGTH;
  __u32 left = length - FJ_ICMP_LENGTH;
  if (left < FJ_IPV4_SHORTEST || quoted + FJ_IPV4_SHORTEST > frame->end) return FJ_MALFORMED;
  __u32 header = (quoted[0] & 0xf) << 2;
  if (quoted[0] >> 4 != 4 || header < FJ_IPV4_SHORTEST || header + FJ_QUOTED_LENGTH > left)
    return FJ_MALFORMED;
  if (fj_get32(quoted + 12) != (__u32)demux_recognition.low || quoted[9] != fj_protocol() ||
      fj_get16(quoted + 6) & 0x1fff)
    return FJ_OTHER;
  const __u8 *payload = quoted + header;
  if (payload + FJ_QUOTED_LENGTH > frame->end) return FJ_MALFORMED;
  if (!fj_is_probe(quoted, payload)) return FJ_REFUSED;
  int sum = demux_sum(ctx, offset, length, 0);
  if (sum < 0) return FJ_UNDECIDED;
  return sum == FJ_RIGHT ? FJ_REPLY : FJ_MALFORMED;
}

static __always_inline enum fj_verdict fj_read_ipv4(struct xdp_md *ctx, const struct fj_view *frame,
                                                    struct fj_reply *reply) {
  const __u8 *ip = frame->data + ETH_HLEN;
  if (ip + FJ_IPV4_SHORTEST > frame->end || fj_get16(ip - 2) != ETH_P_IP) return FJ_NOT_OURS;
  if (fj_get32(ip + 16) != (__u32)demux_recognition.low || fj_get16(ip + 6) & 0x3fff) return FJ_NOT_OURS;
  __u32 header = (ip[0] & 0xf) << 2, total = fj_get16(ip + 2);
  const __u8 *payload = ip + header;
  if (!fj_passes(frame, payload, ip[9])) return FJ_NOT_OURS;
  if (ip[0] >> 4 != 4 || header < FJ_IPV4_SHORTEST || total < header || total > frame->length - ETH_HLEN)
    return FJ_MALFORMED;
  __u32 length = total - header;
  if (ip[9] != FJ_ICMP) return fj_read_port(frame, ip, payload, length, reply);
  if (length < FJ_ICMP_LENGTH || payload + FJ_ICMP_LENGTH > frame->end) return FJ_MALFORMED;
  if (fj_is_error(payload[0])) return fj_read_error(ctx, frame, payload, ETH_HLEN + header, length);
  return fj_read_echo(frame, ip, payload, length, reply);
}

// --- IPv6: neighbor advertisements
// --------------------------------------------------------------------------

static __always_inline __u64 fj_pseudo_sum(const __u8 *ip, __u32 length) {
  __u64 sum = (__u64)bpf_htonl(length) + bpf_htonl(FJ_ICMPV6);
  for (int i = 2; i < 10; i++) sum += ((const __u32 *)ip)[i];
  return sum;
}

// The options of an advertisement (RFC 4861, section 4.6): sets the MAC that its target is said to have.
static __always_inline enum fj_verdict fj_read_options(const struct fj_message *message, __u32 length,
                                                       __u8 mac[ETH_ALEN]) {
  __u32 at = FJ_ADVERTISEMENT_LENGTH;
  for (int i = 0; i < FJ_MOST_OPTIONS; i++) {
    if (at >= length) return FJ_REPLY;
    if (length - at < 2 || at > FJ_LONGEST_SUM - 8) return FJ_MALFORMED;
    const __u8 *option = message->bytes + at;
    __u32 bytes = (__u32)option[1] << 3;
    if (bytes == 0 || bytes > length - at) return FJ_MALFORMED;
    if (option[0] == 2) __builtin_memcpy(mac, option + 2, ETH_ALEN);
    at += bytes;
  }
  return FJ_UNDECIDED;
}

// The message is in demux_message. See demux_sum for why it is not static.
__noinline int demux_advertisement(struct xdp_md *ctx, __u32 length, __u32 hop_limit) {
  __u32 zero = 0;
  __u8 mac[ETH_ALEN] __attribute__((aligned(4)));  // for fj_is_unicast
  const __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  const struct fj_message *message = bpf_map_lookup_elem(&demux_message, &zero);
  if (!message || data + ETH_HLEN > end) return FJ_UNDECIDED;
  if (hop_limit != 255 || message->bytes[1] || length < FJ_ADVERTISEMENT_LENGTH) return FJ_MALFORMED;
  __builtin_memcpy(mac, data + ETH_ALEN, ETH_ALEN);
  enum fj_verdict verdict = fj_read_options(message, length, mac);
  if (verdict != FJ_REPLY) return verdict;
  if (message->bytes[8] == 0xff || !fj_is_unicast(mac)) return FJ_MALFORMED;
  return message->bytes[4] & 0x40 ? FJ_REPLY : FJ_OTHER;
}

static __always_inline enum fj_verdict fj_read_ndp(struct xdp_md *ctx, const struct fj_view *frame) {
  const __u8 *ip = frame->data + ETH_HLEN;
  if (ip + FJ_IPV6_LENGTH + 1 > frame->end || fj_get16(ip - 2) != ETH_P_IPV6) return FJ_NOT_OURS;
  if (ip[6] != FJ_ICMPV6 || ip[FJ_IPV6_LENGTH] != FJ_ADVERTISEMENT) return FJ_NOT_OURS;
  if (fj_get64(ip + 24) != demux_recognition.high || fj_get64(ip + 32) != demux_recognition.low)
    return FJ_NOT_OURS;
  __u32 length = fj_get16(ip + 4);
  if (ip[0] >> 4 != 6 || length > frame->length - ETH_HLEN - FJ_IPV6_LENGTH) return FJ_MALFORMED;
  if (length < FJ_ICMP_LENGTH) return FJ_MALFORMED;
  __u32 hop_limit = ip[7];
  bool from_group = ip[8] == 0xff;
  int sum = demux_sum(ctx, ETH_HLEN + FJ_IPV6_LENGTH, length, fj_pseudo_sum(ip, length));
  if (sum < 0) return FJ_UNDECIDED;
  if (sum != FJ_RIGHT || from_group) return FJ_MALFORMED;
  return demux_advertisement(ctx, length, hop_limit);
}

// What a reply says is noted where a fj_reply has room for it.
static __always_inline enum fj_verdict fj_recognise(struct xdp_md *ctx, struct fj_reply *reply) {
  struct fj_view frame = {.data = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end};
  __u32 linear = (__u32)(ctx->data_end - ctx->data);
  // Whose linear part is long enough is not asked for its length: that takes a call.
  if (demux_recognition.kind == FJ_RECOGNISE_ARP && linear >= ETH_HLEN + FJ_ARP_LENGTH)
    return fj_read_arp(&frame, reply);
  frame.length = (__u32)bpf_xdp_get_buff_len(ctx);
  if (frame.length > linear && linear < FJ_LINEAR) return FJ_UNDECIDED;
  switch (demux_recognition.kind) {
    case FJ_RECOGNISE_ARP:
      return fj_read_arp(&frame, reply);
    case FJ_RECOGNISE_ICMP:
    case FJ_RECOGNISE_TCP:
    case FJ_RECOGNISE_UDP:
      return fj_read_ipv4(ctx, &frame, reply);
    case FJ_RECOGNISE_NDP:
      return fj_read_ndp(ctx, &frame);
    default:
      return FJ_NOT_OURS;
  }
}
