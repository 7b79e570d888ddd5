// SPDX-License-Identifier: Apache-2.0
// Writing frames into a block the way the kernel does for TPACKET_V3 (net/packet/af_packet.c,
// prb_fill_curr_block and prb_close_block), so that Java walks one format, whoever wrote it:
//
//   struct tpacket_block_desc | frame | frame | ...      each 8-aligned, the last with tp_next_offset 0
//   frame = struct tpacket3_hdr (48) | struct sockaddr_ll (20) | 30 free, 16 of them promised | bytes
#pragma once
#include <linux/if_packet.h>
#include <stdbool.h>
#include <stdint.h>

enum {
  FJ_BLOCK_FIRST = 48,  // BLK_PLUS_PRIV(0)
  // As the kernel reckons with PACKET_RESERVE 16: TPACKET_ALIGN(TPACKET3_HDRLEN + 16) + 16 - ETH_HLEN.
  FJ_BLOCK_MAC = 96 + 16 - 14,
};
_Static_assert(FJ_BLOCK_FIRST == sizeof(struct tpacket_block_desc), "as the kernel lays it out");
_Static_assert(sizeof(struct tpacket3_hdr) + sizeof(struct sockaddr_ll) + 16 <= 96,
               "as the kernel lays it out");

struct fj_frame {
  uint32_t seconds, nanos;
  uint32_t snaplen, length;
  uint32_t status;  // TP_STATUS_*
  uint16_t vlan_tci, vlan_tpid;
  struct sockaddr_ll from;
  const unsigned char *bytes;
};

struct fj_block {
  unsigned char *base;
  uint32_t size, used, frames;
  struct tpacket3_hdr *first, *last;
};

// Longest frame that a block of this size has room for.
static inline uint32_t fj_block_room(uint32_t size) {
  return size - FJ_BLOCK_FIRST - FJ_BLOCK_MAC - 8;
}

// False when the block is not the writer's.
bool fj_block_begin(struct fj_block *block, unsigned char *base, uint32_t size);
// False when it is full.
bool fj_block_append(struct fj_block *block, const struct fj_frame *frame);
// Hands it to the reader, unless it is empty; gives the number of frames.
int fj_block_finish(struct fj_block *block, uint64_t sequence);
