// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include <string.h>

bool fj_block_begin(struct fj_block *block, unsigned char *base, uint32_t size) {
  struct tpacket_block_desc *header = (struct tpacket_block_desc *)base;
  *block = (struct fj_block){.base = base, .size = size, .used = FJ_BLOCK_FIRST};
  return __atomic_load_n(&header->hdr.bh1.block_status, __ATOMIC_ACQUIRE) == TP_STATUS_KERNEL;
}

bool fj_block_append(struct fj_block *block, const struct fj_frame *frame) {
  uint32_t length = (FJ_BLOCK_MAC + frame->snaplen + 7) & ~7u;
  if (length > block->size - block->used) return false;
  struct tpacket3_hdr *header = (struct tpacket3_hdr *)(block->base + block->used);
  *header = (struct tpacket3_hdr){
      .tp_next_offset = length,
      .tp_sec = frame->seconds,
      .tp_nsec = frame->nanos,
      .tp_snaplen = frame->snaplen,
      .tp_len = frame->length,
      .tp_status = frame->status,
      .tp_mac = FJ_BLOCK_MAC,
      .tp_net = FJ_BLOCK_MAC + 14,
      .hv1 = {.tp_vlan_tci = frame->vlan_tci, .tp_vlan_tpid = frame->vlan_tpid},
  };
  memcpy((unsigned char *)header + sizeof *header, &frame->from, sizeof frame->from);
  memcpy((unsigned char *)header + FJ_BLOCK_MAC, frame->bytes, frame->snaplen);
  if (!block->first) block->first = header;
  block->last = header;
  block->used += length;
  block->frames++;
  return true;
}

int fj_block_finish(struct fj_block *block, uint64_t sequence) {
  if (block->frames == 0) return 0;
  block->last->tp_next_offset = 0;
  struct tpacket_block_desc *header = (struct tpacket_block_desc *)block->base;
  struct tpacket_hdr_v1 *about = &header->hdr.bh1;
  header->version = TPACKET_V3;
  header->offset_to_priv = FJ_BLOCK_FIRST;
  about->num_pkts = block->frames;
  about->offset_to_first_pkt = FJ_BLOCK_FIRST;
  about->blk_len = block->used;
  about->seq_num = sequence;
  about->ts_first_pkt = (struct tpacket_bd_ts){.ts_sec = block->first->tp_sec, {block->first->tp_nsec}};
  about->ts_last_pkt = (struct tpacket_bd_ts){.ts_sec = block->last->tp_sec, {block->last->tp_nsec}};
  __atomic_store_n(&about->block_status, TP_STATUS_USER, __ATOMIC_RELEASE);
  return (int)block->frames;
}
