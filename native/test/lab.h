// SPDX-License-Identifier: Apache-2.0
// A laboratory for the privileged tests: the test process moves into a network namespace of its own, with a
// veth pair v0-v1 in it, which ends with the process on every path. Not privileged: skipped (exit 77), or
// failed when CI=true.
#pragma once
// cmocka wants these first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>

#include "../wire/wire.h"

void lab_enter(void);
int lab_reset(void **state);  // cmocka setup: a fresh pair, both up
extern bool lab_gro;          // whether v1 takes frames of an XDP program then
void lab_run(const char *format, ...) __attribute__((format(printf, 1, 2)));
int lab_index(const char *link);
int lab_count_fds(void);
size_t lab_memory_in_use(void);
int lab_promiscuity(void);  // of v0

// A plain packet socket at a link, with a large buffer.
int lab_tap(const char *link);
enum { LAB_FRAME = 60, LAB_TYPE = 0x88b5 };
void lab_frame(unsigned char *frame, uint32_t number);
// Frames of LAB_TYPE that have arrived; fails unless they are numbered first, first + 1, …
int lab_drain(int tap, uint32_t first);
int lab_inject(const char *link, const void *frame, size_t length, int times);

// RFC 1071, of an even number of bytes; where it is to stand there are zeros.
void lab_checksum(unsigned char *at, const unsigned char *from, int length);

// The far end of a link of that kind, IFF_TUN or IFF_TAP, which is up and goes when this is closed.
int lab_tun_of(const char *name, short kind);
// A link without a link header, tun0 (10.99.0.1/24, fd00:99::1/64), made anew: the descriptor whose reader is
// its far end. Frames are IPv4 when their number is a multiple of three, else IPv6.
int lab_tun(void);
int lab_packet(unsigned char *packet, uint32_t number);  // its length
int lab_tun_drain(int tun, uint32_t first);              // as lab_drain

// Slots, as Java does it.
struct lab_tx {
  struct fj_tx *tx;
  int first;
  uint32_t number;
};
extern const char *lab_link;    // v0 unless set
extern bool lab_sends_packets;  // of lab_packet instead of lab_frame
void lab_tx_open(struct lab_tx *lab, enum fj_backend backend, uint32_t slots, uint32_t capacity, int flags);
void lab_tx_write(struct lab_tx *lab, int count);  // numbered frames from first on
int lab_tx_send(struct lab_tx *lab, int count);    // writes and sends; moves first on

// What every backend for injecting has to pass.
extern enum fj_backend lab_backend;
void suite_counts_and_order(void **state);
void suite_wraps_around(void **state);
void suite_refuses_short_and_long(void **state);
void suite_takes_tagged_frame_over_mtu(void **state);
void suite_link_down_and_up(void **state);
void suite_carrier_lost(void **state);
void suite_link_deleted_and_made_again(void **state);
void suite_mtu_lowered_after_open(void **state);
void suite_leaves_no_descriptor(void **state);
void suite_opens_in_namespace(void **state);
#define LAB_TEST(function) cmocka_unit_test_setup(function, lab_reset)
#define TX_SUITE                                                                                          \
  LAB_TEST(suite_counts_and_order), LAB_TEST(suite_wraps_around), LAB_TEST(suite_refuses_short_and_long), \
      LAB_TEST(suite_takes_tagged_frame_over_mtu), LAB_TEST(suite_link_down_and_up),                      \
      LAB_TEST(suite_carrier_lost), LAB_TEST(suite_link_deleted_and_made_again),                          \
      LAB_TEST(suite_mtu_lowered_after_open), LAB_TEST(suite_leaves_no_descriptor),                       \
      LAB_TEST(suite_opens_in_namespace)

// What every backend for receiving has to pass.
void suite_receives_all_in_order(void **state);
void suite_filters(void **state);
void suite_keeps_vlan_tag(void **state);
void suite_ignores_outgoing(void **state);
void suite_cuts_at_snaplen(void **state);
void suite_counts_drops_exactly(void **state);
void suite_wakes(void **state);
void suite_reports_link_down_and_gone(void **state);
void suite_promiscuous_while_open(void **state);
void suite_rx_leaves_no_descriptor(void **state);
#define RX_SUITE                                                                                  \
  LAB_TEST(suite_receives_all_in_order), LAB_TEST(suite_filters), LAB_TEST(suite_keeps_vlan_tag), \
      LAB_TEST(suite_ignores_outgoing), LAB_TEST(suite_cuts_at_snaplen),                          \
      LAB_TEST(suite_counts_drops_exactly), LAB_TEST(suite_wakes),                                \
      LAB_TEST(suite_reports_link_down_and_gone), LAB_TEST(suite_promiscuous_while_open),         \
      LAB_TEST(suite_rx_leaves_no_descriptor)
