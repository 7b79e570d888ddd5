// SPDX-License-Identifier: Apache-2.0
#include "filter.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <sched.h>
#include <string.h>

#include "../bpf/classic.h"

#ifndef SKF_AD_VLAN_TPID
#define SKF_AD_VLAN_TPID 60
#endif

enum { MACS = 2 * ETH_ALEN, VLAN_TAG = 4 };

// --- checking ---------------------------------------------------------------------------------------------

// Ancillary loads have offsets of their own, from SKF_AD_OFF on, which is below 0.
static bool is_ancillary(uint32_t k) {
  return k >= (uint32_t)SKF_AD_OFF;
}

static int check_ancillary(uint32_t k) {
  switch (k - (uint32_t)SKF_AD_OFF) {
    case SKF_AD_PROTOCOL:
    case SKF_AD_PKTTYPE:
    case SKF_AD_IFINDEX:
    case SKF_AD_MARK:
    case SKF_AD_QUEUE:
    case SKF_AD_HATYPE:
    case SKF_AD_RXHASH:
    case SKF_AD_CPU:
    case SKF_AD_ALU_XOR_X:
    case SKF_AD_VLAN_TAG:
    case SKF_AD_VLAN_TAG_PRESENT:
    case SKF_AD_VLAN_TPID:
      return 0;
    case SKF_AD_NLATTR:
    case SKF_AD_NLATTR_NEST:
    case SKF_AD_PAY_OFFSET:
    case SKF_AD_RANDOM:
      return -EOPNOTSUPP;
    default:
      return -EINVAL;
  }
}

static int check_arithmetic(const struct sock_filter *instruction) {
  switch (instruction->code) {
    case BPF_ALU | BPF_DIV | BPF_K:
    case BPF_ALU | BPF_MOD | BPF_K:
      return instruction->k == 0 ? -EINVAL : 0;
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_K:
      return instruction->k >= 32 ? -EINVAL : 0;
    case BPF_ALU | BPF_NEG:
      return 0;
  }
  if (instruction->code & ~(BPF_ALU | 0xf0 | BPF_X)) return -EINVAL;
  return BPF_OP(instruction->code) <= BPF_XOR && BPF_OP(instruction->code) != BPF_NEG ? 0 : -EINVAL;
}

// Jumps go forward only, and stay within the program, so that every program ends.
static int check_jump(const struct sock_filter *instruction, uint32_t left) {
  switch (instruction->code) {
    case BPF_JMP | BPF_JA:
      return instruction->k < left ? 0 : -EINVAL;
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JEQ | BPF_X:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_X:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_X:
    case BPF_JMP | BPF_JSET | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_X:
      return instruction->jt < left && instruction->jf < left ? 0 : -EINVAL;
    default:
      return -EINVAL;
  }
}

static int check_one(const struct sock_filter *instruction, uint32_t left) {
  switch (instruction->code) {
    case BPF_LD | BPF_W | BPF_ABS:
    case BPF_LD | BPF_H | BPF_ABS:
    case BPF_LD | BPF_B | BPF_ABS:
      return is_ancillary(instruction->k) ? check_ancillary(instruction->k) : 0;
    case BPF_LD | BPF_W | BPF_IND:
    case BPF_LD | BPF_H | BPF_IND:
    case BPF_LD | BPF_B | BPF_IND:
    case BPF_LD | BPF_IMM:
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_IMM:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_B | BPF_MSH:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A:
      return 0;
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
      return instruction->k < BPF_MEMWORDS ? 0 : -EINVAL;
  }
  if (BPF_CLASS(instruction->code) == BPF_ALU) return check_arithmetic(instruction);
  return BPF_CLASS(instruction->code) == BPF_JMP ? check_jump(instruction, left) : -EINVAL;
}

int fj_filter_check(const struct sock_filter *program, uint32_t length) {
  if (length == 0 || length > BPF_MAXINSNS) return -EINVAL;
  for (uint32_t i = 0; i < length; i++) {
    int error = check_one(&program[i], length - i - 1);
    if (error) return error;
  }
  return BPF_CLASS(program[length - 1].code) == BPF_RET ? 0 : -EINVAL;
}

// --- the frame --------------------------------------------------------------------------------------------

static uint16_t read16(const unsigned char *at) {
  return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t packet_type(const unsigned char *destination, const unsigned char *mac) {
  static const unsigned char BROADCAST[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  if (memcmp(destination, mac, ETH_ALEN) == 0) return PACKET_HOST;
  if (!(destination[0] & 1)) return PACKET_OTHERHOST;
  return memcmp(destination, BROADCAST, ETH_ALEN) == 0 ? PACKET_BROADCAST : PACKET_MULTICAST;
}

struct fj_filter_frame fj_filter_frame_of(const unsigned char *bytes, uint32_t captured, uint32_t length,
                                          const struct fj_filter_link *link) {
  struct fj_filter_frame frame = {
      .bytes = bytes, .captured = captured, .length = length, .ifindex = link->ifindex, .queue = link->queue};
  if (captured < ETH_HLEN) return frame;
  frame.pkttype = packet_type(bytes, link->mac);
  uint16_t type = read16(bytes + MACS);
  if (captured < ETH_HLEN + VLAN_TAG || (type != ETH_P_8021Q && type != ETH_P_8021AD)) return frame;
  frame.gap = VLAN_TAG;
  frame.length -= VLAN_TAG;
  frame.vlan_tpid = type;
  frame.vlan_tci = read16(bytes + MACS + 2);
  return frame;
}

static bool load(const struct fj_filter_frame *frame, uint64_t offset, uint32_t width, uint32_t *value) {
  if (offset + width > frame->captured - frame->gap) return false;
  uint32_t sum = 0;
  for (uint64_t at = offset; at < offset + width; at++)
    sum = sum << 8 | frame->bytes[at < MACS ? at : at + frame->gap];
  *value = sum;
  return true;
}

// Offsets below 0, as the sum of 32 bits has them, are the kernel's other ways to say where: from the network
// header on, and from the link header on (net/core/filter.c, bpf_internal_load_pointer_neg_helper).
static bool load_at(const struct fj_filter_frame *frame, uint32_t at, uint32_t width, uint32_t *value) {
  if (at >= (uint32_t)SKF_NET_OFF)
    return load(frame, (uint64_t)(at - (uint32_t)SKF_NET_OFF) + ETH_HLEN, width, value);
  if (at >= (uint32_t)SKF_LL_OFF) return load(frame, at - (uint32_t)SKF_LL_OFF, width, value);
  return load(frame, at, width, value);
}

static uint32_t protocol_of(const struct fj_filter_frame *frame) {
  uint32_t type = 0;
  if (!load(frame, MACS, 2, &type)) return 0;
  if (type >= ETH_P_802_3_MIN) return type;
  uint32_t service = 0;  // eth_type_trans: raw IPX on 802.3, or else LLC
  return load(frame, ETH_HLEN, 2, &service) && service == 0xffff ? ETH_P_802_3 : ETH_P_802_2;
}

static uint32_t ancillary(const struct fj_filter_frame *frame, uint32_t k, uint32_t a, uint32_t x) {
  switch (k - (uint32_t)SKF_AD_OFF) {
    case SKF_AD_PROTOCOL:
      return protocol_of(frame);
    case SKF_AD_PKTTYPE:
      return frame->pkttype;
    case SKF_AD_IFINDEX:
      return frame->ifindex;
    case SKF_AD_QUEUE:
      return frame->queue;
    case SKF_AD_HATYPE:
      return ARPHRD_ETHER;
    case SKF_AD_CPU:
      return (uint32_t)sched_getcpu();
    case SKF_AD_ALU_XOR_X:
      return a ^ x;
    case SKF_AD_VLAN_TAG:
      return frame->vlan_tci;
    case SKF_AD_VLAN_TAG_PRESENT:
      return frame->gap != 0;
    case SKF_AD_VLAN_TPID:
      return frame->vlan_tpid;
    default:  // nobody has marked or hashed it yet
      return 0;
  }
}

// --- running ----------------------------------------------------------------------------------------------

uint32_t fj_filter_run(const struct sock_filter *program, const struct fj_filter_frame *frame) {
  uint32_t memory[BPF_MEMWORDS] = {0}, a = 0, x = 0;
  for (const struct sock_filter *at = program;; at++) {
    const uint32_t k = at->k;
    switch (at->code) {
      case BPF_LD | BPF_W | BPF_ABS:
      case BPF_LD | BPF_H | BPF_ABS:
      case BPF_LD | BPF_B | BPF_ABS:
        if (is_ancillary(k))
          a = ancillary(frame, k, a, x);
        else if (!load_at(frame, k, fj_classic_width(at->code), &a))
          return 0;
        break;
      case BPF_LD | BPF_W | BPF_IND:
      case BPF_LD | BPF_H | BPF_IND:
      case BPF_LD | BPF_B | BPF_IND:
        if (!load_at(frame, k + x, fj_classic_width(at->code), &a)) return 0;
        break;
      case BPF_LDX | BPF_B | BPF_MSH:
        if (!load_at(frame, k, 1, &x)) return 0;
        x = (x & 0xf) << 2;
        break;
      case BPF_LD | BPF_IMM:
        a = k;
        break;
      case BPF_LDX | BPF_IMM:
        x = k;
        break;
      case BPF_LD | BPF_W | BPF_LEN:
        a = frame->length;
        break;
      case BPF_LDX | BPF_W | BPF_LEN:
        x = frame->length;
        break;
      case BPF_LD | BPF_MEM:
        a = memory[k];
        break;
      case BPF_LDX | BPF_MEM:
        x = memory[k];
        break;
      case BPF_ST:
        memory[k] = a;
        break;
      case BPF_STX:
        memory[k] = x;
        break;
      case BPF_MISC | BPF_TAX:
        x = a;
        break;
      case BPF_MISC | BPF_TXA:
        a = x;
        break;
      case BPF_RET | BPF_K:
        return k;
      case BPF_RET | BPF_A:
        return a;
      case BPF_JMP | BPF_JA:
        at += k;
        break;
      default: {
        const uint32_t operand = BPF_SRC(at->code) == BPF_X ? x : k;
        if (BPF_CLASS(at->code) == BPF_JMP) {
          at += fj_classic_holds(at->code, a, operand) ? at->jt : at->jf;
          break;
        }
        if (fj_classic_divides(at->code) && operand == 0) return 0;
        a = fj_classic_arithmetic(at->code, a, operand);
      }
    }
  }
}
