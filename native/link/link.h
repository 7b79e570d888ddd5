// SPDX-License-Identifier: Apache-2.0
// Links and network namespaces: what is asked of the kernel about a link, not through it.
// Every function gives 0, a count or a descriptor, or a negative errno.
#pragma once
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// --- network namespaces (netns.c) ---------------------------------------------------------------------

// A stay of the calling thread in another namespace. Begin and end come in pairs, on every path.
struct fj_visit {
  int former;  // the namespace to return to, or -1 when the thread stayed where it was
};

int fj_visit_begin(struct fj_visit *visit, const char *netns);  // netns NULL: stay
int fj_visit_end(struct fj_visit *visit);

int fj_netns_create(void);
int fj_netns_open(const char *path);  // NULL: the calling thread's
int64_t fj_netns_inode(int fd);
int fj_netns_enter(int fd);
int fj_netns_leave(int former);
int fj_netns_write_sysctl(int fd, const char *path, const char *value);

// --- state of a link (carrier.c) ------------------------------------------------------------------------

// A link as an ioctl names it. The index is its identity; the name may change under us.
struct fj_link {
  int ifindex;
  char name[IFNAMSIZ];
};

int fj_link_init(struct fj_link *link, int fd, int ifindex);
int fj_link_mtu(struct fj_link *link, int fd);
// Bytes of header before what its frames carry: ETH_HLEN, 0 where they begin with an IP header, -EOPNOTSUPP.
int fj_link_header(struct fj_link *link, int fd);
int fj_link_index(const char *netns, const char *name);
int fj_link_flags(int fd, int ifindex);

// 0: up with carrier; -ENETDOWN: set down; -ENOLINK: up, no carrier; -ENXIO: the link is gone.
int fj_carrier_before(struct fj_link *link, int fd);
int fj_carrier_after(struct fj_link *link, int fd);

// Whether the other end is there, asked of the driver; the flags above follow a moment later.
bool fj_carrier_is_on(const struct fj_link *link, int fd);

// Whether the link that a packet socket was bound to has been deleted.
int fj_packet_is_orphan(int fd);

// --- XDP (xdp_features.c)
// -------------------------------------------------------------------------------------

// Bits of what a driver does: programs on its link, frames that others redirect to it.
enum { FJ_XDP_FEATURE_BASIC = 1, FJ_XDP_FEATURE_TRANSMIT = 4 };
// Of a link in the calling thread's namespace; -ENOENT where the kernel does not tell (before 6.3).
int fj_link_xdp_features(int ifindex, uint64_t *features);
// The same of any namespace: they are no negative number.
int64_t fj_link_ask_xdp_features(const char *netns, int ifindex);
// Switches generic receive offload: a veth takes frames of an XDP program only when its peer has it.
int fj_link_set_gro(const char *netns, const char *name, bool on);

// --- promiscuous mode (promisc.c) -----------------------------------------------------------------------

int fj_promisc_join(int fd, int ifindex);
int fj_promisc_open(const char *netns, int ifindex);
int fj_promisc_change(int fd, int ifindex, int set, int clear);

// --- what its driver tells (driver.c) -------------------------------------------------------------------

enum fj_offload {
  FJ_OFFLOAD_RX_CHECKSUM = 1 << 0,
  FJ_OFFLOAD_TX_CHECKSUM = 1 << 1,
  FJ_OFFLOAD_SCATTER_GATHER = 1 << 2,
  FJ_OFFLOAD_TSO = 1 << 3,
  FJ_OFFLOAD_GSO = 1 << 4,
  FJ_OFFLOAD_GRO = 1 << 5,
  FJ_OFFLOAD_LRO = 1 << 6,
  FJ_OFFLOAD_RX_VLAN = 1 << 7,
  FJ_OFFLOAD_TX_VLAN = 1 << 8,
};

// Names are empty, and numbers -1, where the driver does not tell.
struct fj_driver {
  char name[32], version[32], bus[32];
  int64_t speed_mbps;
  int64_t rx_queues, tx_queues;  // in use
  int64_t rx_ring, tx_ring;      // frames that the device's rings hold
  unsigned offloads;             // enum fj_offload
};

int fj_driver_ask(const char *netns, int ifindex, struct fj_driver *driver);

// --- rtnetlink (netlink.c) --------------------------------------------------------------------------------

// Bytes of all answers to one exchange, one message after the other.
struct fj_answer {
  unsigned char *bytes;  // freed by the caller
  size_t length, room;
};

int fj_netlink_open(const char *netns);
int fj_netlink_exchange(int fd, const void *request, size_t length, struct fj_answer *answer);
