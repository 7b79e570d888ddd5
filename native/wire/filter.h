// SPDX-License-Identifier: Apache-2.0
// Classic BPF (Linux Documentation/networking/filter.rst) for backends whose kernel path takes no filter: the
// programs that go to SO_ATTACH_FILTER elsewhere, with the same verdict about the same frame.
//
// So that the verdict is the same, a program sees the frame as a packet socket shows it: without its outer
// VLAN tag, which the ancillary loads give instead (net/core/skbuff.c, skb_vlan_untag). The bytes themselves
// stay as they are.
#pragma once
#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

struct fj_filter_frame {
  const unsigned char *bytes;  // as on the wire
  uint32_t captured;           // bytes that are there
  uint32_t length;             // of the whole frame, without its outer tag
  uint32_t gap;                // bytes of the outer tag, which programs do not see: 4 or 0
  uint16_t vlan_tci, vlan_tpid;
  uint32_t pkttype;  // PACKET_HOST and the like (linux/if_packet.h)
  uint32_t ifindex, queue;
};

// Where frames come from; mac tells a host's own frames from others'.
struct fj_filter_link {
  uint32_t ifindex, queue;
  unsigned char mac[6];
};

// 0 when the program can do no harm: it ends, and loads and stores within bounds. -EINVAL when the kernel
// would refuse it as well, -EOPNOTSUPP when it asks for what only the kernel knows (rxhash aside: 0).
int fj_filter_check(const struct sock_filter *program, uint32_t length);

struct fj_filter_frame fj_filter_frame_of(const unsigned char *bytes, uint32_t captured, uint32_t length,
                                          const struct fj_filter_link *link);

// How many bytes of the frame, its outer tag not counted, to keep: 0 for none of it. The program has been
// checked.
uint32_t fj_filter_run(const struct sock_filter *program, const struct fj_filter_frame *frame);
