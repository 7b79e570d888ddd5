// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// The XDP program of a link: a generator when it is run by BPF_PROG_TEST_RUN with live frames
// (Documentation/bpf/bpf_prog_run.rst), a demultiplexer when a frame arrives.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "demux.bpf.h"
#include "engine.h"

struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} out SEC(".maps");

// In pieces (frags): a link with a long MTU takes no other program.
SEC("xdp.frags")
int engine(struct xdp_md *ctx) {
  if (ctx->ingress_ifindex == FJ_XDP_LOOPBACK) return (int)bpf_redirect_map(&out, 0, XDP_ABORTED);
  return fj_demux(ctx);
}

char LICENSE[] SEC("license") = "GPL";
