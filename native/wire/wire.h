// SPDX-License-Identifier: Apache-2.0
// Frames to and from a link: one C file per kernel path, behind one struct of operations per role.
// Every function gives 0 or a count, or a negative errno. Nothing here prints, aborts or starts a thread.
//
// A handle is used by one thread at a time; fj_rx_wake alone may be called by any thread while the handle
// lives.
#pragma once
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../link/link.h"
#include "mapping.h"

#define FJ_ABI 1

enum fj_backend { FJ_SOCKET = 1, FJ_RING = 2, FJ_PCAP = 3, FJ_RAWIP = 4, FJ_XDP = 5, FJ_XSK = 6 };

// Refusals of our own, beside the kernel's: -ENOLINK the link has no carrier, -ENETDOWN it is set down,
// -ENXIO it is gone, -ELIBACC there is no libpcap, -ESTALE a slot was passed that is not the ring's next one,
// -ENOTCONN the link's driver has nowhere to put frames of an XDP program, -EFBIG no slot can be that large,
// -ENOLCK the limit on locked memory is too low.

// --- injecting --------------------------------------------------------------------------------------------

enum { FJ_TX_QDISC_BYPASS = 1, FJ_TX_PCAP_SENDPACKET = 2, FJ_TX_TARGETS = 4 };

// Whether the kernel copies the frames of FJ_XSK, or the driver sends them from where they are.
enum { FJ_TX_COPY = 1, FJ_TX_ZERO_COPY = 2 };

// The frame's place in a slot, of all backends: where tpacket_snd reads it (TPACKET_V2, no vnet header).
enum {
  FJ_SLOT_DATA = (sizeof(struct tpacket2_hdr) + TPACKET_ALIGNMENT - 1) / TPACKET_ALIGNMENT * TPACKET_ALIGNMENT
};
_Static_assert(FJ_SLOT_DATA == 32, "TPACKET2_HDRLEN - sizeof(struct sockaddr_ll)");

// An Ethernet header; where frames have none, the shortest header of their IP version.
enum { FJ_MIN_FRAME = 14, FJ_MIN_IPV4 = 20, FJ_MIN_IPV6 = 40 };

// Shared with Java (InjectNative.CONTROL_*): written here, read there by any thread.
struct fj_tx_control {
  uint64_t accepted_frames, accepted_bytes, calls, queue_full, rejected, unconfirmed, started_ns, finished_ns;
  uint32_t slots, pitch, block_size, slots_per_block, slots_offset, data_offset, max_frame, error_index;
  uint32_t mode;
  uint32_t moved;        // frames of the latest send, from the first on, of which some changed places; or 0
  uint64_t sequence;     // of the next frame of a stream
  uint64_t returned;     // frames that the driver dropped, and that are still the caller's
  int64_t clock_offset;  // CLOCK_REALTIME less CLOCK_MONOTONIC, by which departures are noted
};
_Static_assert(sizeof(struct fj_tx_control) == 128, "shared with Java");
_Static_assert(offsetof(struct fj_tx_control, slots) == 64, "shared with Java");

struct fj_engine;

struct fj_tx_config {
  enum fj_backend backend;
  const char *netns;  // NULL: of the calling thread
  int ifindex;
  uint32_t slots;
  uint32_t capacity;  // bytes of frame that a slot holds; 0: whatever the link takes
  uint32_t queue;     // of the link; of FJ_XSK
  int flags;
  struct fj_engine *engine;  // of FJ_XDP; NULL: the link's shared one
};

struct fj_tx;

struct fj_tx_ops {
  // In the link's namespace: leaves a descriptor, laid-out slots and a bound link behind, or nothing at all.
  int (*open)(struct fj_tx *tx, const struct fj_tx_config *config);
  // Hands frames to the kernel without waiting; those taken, from the first on, or -errno if there are none.
  int (*push)(struct fj_tx *tx, uint32_t first, uint32_t count);
  bool in_order;  // the kernel walks the slots itself: a send has to start where the last one ended
  // Each of these three is NULL where it is not to be had.
  // The kernel keeps this interval from now on, in units of 2^-32 ns; 0: none.
  void (*pace)(struct fj_tx *tx, uint64_t interval);
  // The kernel writes the time of departure there; 0: nowhere.
  void (*stamp)(struct fj_tx *tx, uint32_t offset);
  // What is pushed next are frames of the template alone, from this sequence number on.
  void (*stream)(struct fj_tx *tx, uint64_t sequence);
  // Takes back what push left with the kernel; NULL when it leaves nothing.
  void (*retract)(struct fj_tx *tx, uint32_t first, uint32_t count);
  // Whether the link was deleted; NULL: asked of the packet socket fd.
  bool (*is_gone)(const struct fj_tx *tx);
  void (*close)(struct fj_tx *tx);
};

struct fj_tx {
  const struct fj_tx_ops *ops;
  struct fj_mapping mapping;  // control block, then slots
  struct fj_tx_control *control;
  // Own copies: what Java can write is not trusted with addresses.
  uint32_t *offsets;  // of each slot
  uint32_t slots, capacity, max_frame;
  uint32_t frame_length;   // of each, when slots hold targets of a template rather than frames; else 0
  bool frame_is_tagged;    // likewise
  uint32_t checked_for;    // the longest frame that the frames being sent were checked for
  uint32_t common_length;  // of all of these; 0: they differ
  bool streams;            // what is sent now has no slots
  uint32_t from, wanted;   // slots that are sent now
  uint64_t interval;       // that the kernel keeps, in units of 2^-32 ns; 0: none
  uint32_t link_header;    // ETH_HLEN, or 0: frames begin with an IP header
  uint32_t head;           // the slot that the kernel looks at next
  struct fj_link link;
  int fd;       // an AF_PACKET socket, bound to the link; without is_gone, that is
  void *state;  // of the backend
};

extern const struct fj_tx_ops fj_tx_socket, fj_tx_ring, fj_tx_pcap, fj_tx_rawip, fj_tx_xdp, fj_tx_xsk;

// A slot as Java and the kernel see it: struct tpacket2_hdr, with the fields that count on the way out.
struct fj_slot {
  uint32_t status, length;
};

static inline struct fj_slot *fj_tx_slot(const struct fj_tx *tx, uint32_t slot) {
  return (struct fj_slot *)(tx->mapping.body + tx->offsets[slot]);
}

static inline unsigned char *fj_slot_data(struct fj_slot *slot) {
  return (unsigned char *)slot + FJ_SLOT_DATA;
}

static inline uint32_t fj_tx_next(const struct fj_tx *tx, uint32_t slot) {
  return slot + 1 == tx->slots ? 0 : slot + 1;
}

static inline uint32_t fj_tx_length(const struct fj_tx *tx, uint32_t slot) {
  return tx->frame_length ? tx->frame_length : fj_tx_slot(tx, slot)->length;
}

// ETH_P_IP or ETH_P_IPV6 by the first nibble of a frame without a link header; 0 for neither.
uint16_t fj_slot_protocol(struct fj_slot *slot);
// Where a packet socket sends it, protocol included.
struct sockaddr_ll fj_tx_address(const struct fj_tx *tx, uint32_t slot);
// How many of the frames from first on, at most count, are of the same protocol as the first.
uint32_t fj_tx_same_protocol(const struct fj_tx *tx, uint32_t first, uint32_t count);

// Makes the handle; tx->mapping says where its memory is.
int fj_tx_open(struct fj_tx **handle, const struct fj_tx_config *config);
// With an interval, only what leaves within some ms is sent, at least one frame: a send never lasts long.
int fj_tx_send(struct fj_tx *tx, int first, int count);
// Makes the kernel itself keep an interval between frames, in units of 2^-32 ns, of up to a ms; 0: none.
// -EOPNOTSUPP: it cannot.
int fj_tx_pace(struct fj_tx *tx, uint64_t interval);
// Makes the kernel write CLOCK_REALTIME, in ns, big-endian, into each frame as it leaves; at 0: no more.
int fj_tx_stamp(struct fj_tx *tx, uint32_t offset);
// Sends up to `count` frames of a template that asks for nothing but a sequence number, from this one on.
// That of the next one stands in the control block: the numbers of frames that were lost are not used again.
int fj_tx_stream(struct fj_tx *tx, uint64_t sequence, int count);
void fj_tx_close(struct fj_tx *tx);

// For the backends.
struct fj_layout {
  uint32_t slots, pitch, block_size, slots_per_block;
};
int fj_tx_bind_link(struct fj_tx *tx, const struct fj_tx_config *config);
int fj_tx_lay_out(struct fj_tx *tx, const struct fj_layout *layout);
int fj_tx_lay_out_private(struct fj_tx *tx, uint32_t slots);
int fj_tx_packet_socket(const struct fj_tx_config *config);
int fj_tx_packet_bind(int fd, int ifindex);
int fj_tx_size_buffer(int fd);
uint32_t fj_tx_pitch(uint32_t capacity);
// How many frames from first on, at most count, the link takes with its MTU as it is now; or -errno.
int fj_tx_fitting(struct fj_tx *tx, uint32_t first, uint32_t count);

// --- receiving --------------------------------------------------------------------------------------------

// With FJ_RX_REPLIES replies that the XDP program has recognised are read from its reply ring, where there is
// one that nobody reads yet, instead of as frames.
enum { FJ_RX_PROMISCUOUS = 1, FJ_RX_INCLUDE_OUTGOING = 2, FJ_RX_REPLIES = 4 };

// Room before the MAC header, so that Java can put a VLAN tag back in place.
enum { FJ_RX_RESERVE = 16 };

// Shared with Java (ReceiveNative.CONTROL_*).
struct fj_rx_control {
  uint64_t packets, drops, freezes;
  uint32_t block_size, blocks, blocks_offset, snaplen, needs_refill;
  uint32_t replies, replies_offset, reserved;  // room in the reply ring, and where its map begins; 0: none
  int64_t clock_offset;  // CLOCK_REALTIME less CLOCK_MONOTONIC, by which replies are stamped
};
_Static_assert(sizeof(struct fj_rx_control) == 64, "shared with Java");

struct fj_rx_config {
  enum fj_backend backend;
  const char *netns;
  int ifindex;
  uint32_t block_size, blocks;
  uint32_t retire_ms;
  uint32_t snaplen;
  int flags;
  const struct sock_filter *filter;  // NULL: everything
  uint16_t filter_length;
  struct fj_engine *engine;  // of FJ_XDP; NULL: the link's shared one
};

struct fj_rx;

struct fj_rx_ops {
  int (*open)(struct fj_rx *rx, const struct fj_rx_config *config);
  // Told before it is looked for frames to wait for, and after the wait; NULL: of no concern.
  void (*sleep)(struct fj_rx *rx, bool sleeping);
  // Whether a frame is held that poll cannot see; NULL: never.
  bool (*has_pending)(const struct fj_rx *rx);
  // Fills a block without waiting; NULL when the kernel does it.
  int (*refill)(struct fj_rx *rx, unsigned char *block);
  int (*statistics)(struct fj_rx *rx);
  void (*close)(struct fj_rx *rx);
};

struct fj_rx {
  const struct fj_rx_ops *ops;
  struct fj_mapping mapping;  // control block, then blocks, then the map of the reply ring
  struct fj_rx_control *control;
  uint32_t block_size, blocks, snaplen;
  uint64_t sequence;  // of the next block that refill fills
  int deferred;       // an error that frames came before: the next refill's
  int ifindex;
  int fd, wake_fd;
  int ring_fd;       // of frames that do not come by fd; has_pending tells whether there are some; or -1
  uint32_t replies;  // room in the reply ring behind the blocks; 0: none
  void *state;
};

extern const struct fj_rx_ops fj_rx_socket, fj_rx_ring, fj_rx_pcap, fj_rx_xdp, fj_rx_xsk;

int fj_rx_open(struct fj_rx **handle, const struct fj_rx_config *config);
int fj_rx_await(struct fj_rx *rx, int64_t timeout_ns);
int fj_rx_wake(struct fj_rx *rx);
int fj_rx_refill(struct fj_rx *rx, int block);
int fj_rx_statistics(struct fj_rx *rx);
void fj_rx_close(struct fj_rx *rx);

// For the backends.
int fj_rx_attach(int fd, const struct fj_rx_config *config);
int fj_rx_bind(int fd, const struct fj_rx_config *config);
void fj_rx_count(struct fj_rx *rx, uint64_t packets, uint64_t drops, uint64_t freezes);
// Takes the error off the socket, so that it is reported once: 0, or -errno.
int fj_rx_socket_error(const struct fj_rx *rx);
// For a receiver that sees frames by an XDP program: a socket that takes none. Bound to the link, it is told
// when that is set down or deleted, and holds it in promiscuous mode where asked. Gives it, or -errno.
int fj_rx_watch_link(const struct fj_rx_config *config);

// Compiles a filter with libpcap on a live handle; the number of instructions, with text in error on -EINVAL.
struct fj_filter_request {
  const char *netns;
  int ifindex;
  int snaplen;
  const char *expression;
  struct sock_filter *program;
  size_t program_room;
  char *error;
  size_t error_room;
};
int fj_filter_compile(const struct fj_filter_request *request);

// Counters that Java reads while they are written.
static inline void fj_store64(uint64_t *to, uint64_t value) {
  __atomic_store_n(to, value, __ATOMIC_RELAXED);
}
static inline void fj_add64(uint64_t *to, uint64_t value) {
  fj_store64(to, __atomic_load_n(to, __ATOMIC_RELAXED) + value);
}
