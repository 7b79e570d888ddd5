// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.LibraryNative
#include "../wire/block.h"
#include "../wire/wire.h"
#include "jni_binding.h"

#define TX(field) (jint) offsetof(struct fj_tx_control, field)
#define RX(field) (jint) offsetof(struct fj_rx_control, field)
#define BLOCK(field) (jint) offsetof(struct tpacket_block_desc, hdr.bh1.field)
#define FRAME(field) (jint) offsetof(struct tpacket3_hdr, field)

// In the order of LibraryNative.expectedLayout().
static const jint LAYOUT[] = {
    sizeof(struct fj_tx_control),
    TX(accepted_frames),
    TX(accepted_bytes),
    TX(calls),
    TX(queue_full),
    TX(rejected),
    TX(unconfirmed),
    TX(started_ns),
    TX(finished_ns),
    TX(slots),
    TX(pitch),
    TX(block_size),
    TX(slots_per_block),
    TX(slots_offset),
    TX(data_offset),
    TX(max_frame),
    TX(error_index),
    TX(mode),
    offsetof(struct tpacket2_hdr, tp_status),
    offsetof(struct tpacket2_hdr, tp_len),
    FJ_SLOT_DATA,
    sizeof(struct fj_rx_control),
    RX(packets),
    RX(drops),
    RX(freezes),
    RX(block_size),
    RX(blocks),
    RX(blocks_offset),
    RX(snaplen),
    RX(needs_refill),
    BLOCK(block_status),
    BLOCK(num_pkts),
    BLOCK(offset_to_first_pkt),
    FRAME(tp_next_offset),
    FRAME(tp_sec),
    FRAME(tp_nsec),
    FRAME(tp_snaplen),
    FRAME(tp_len),
    FRAME(tp_status),
    FRAME(tp_mac),
    FRAME(hv1.tp_vlan_tci),
    FRAME(hv1.tp_vlan_tpid),
    sizeof(struct tpacket3_hdr) + offsetof(struct sockaddr_ll, sll_pkttype),
};

static jint library_abi(JNIEnv *env, jclass class) {
  (void)env;
  (void)class;
  return FJ_ABI;
}

static jintArray library_layout(JNIEnv *env, jclass class) {
  (void)class;
  jintArray array = (*env)->NewIntArray(env, FJ_COUNT(LAYOUT));
  if (array) (*env)->SetIntArrayRegion(env, array, 0, FJ_COUNT(LAYOUT), LAYOUT);
  return array;
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("abi", "()I", library_abi),
    FJ_NATIVE("layout", "()[I", library_layout),
};
const struct fj_binding fj_library_binding = {FJ_CLASS "LibraryNative", METHODS, FJ_COUNT(METHODS)};
