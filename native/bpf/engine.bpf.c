// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// The XDP program of a link: a generator when it is run by BPF_PROG_TEST_RUN with live frames
// (Documentation/bpf/bpf_prog_run.rst), a demultiplexer when a frame arrives. One program for both, since a
// live run of a program that is attached nowhere makes the kernel wait twice for all its CPUs.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "demux.bpf.h"
#include "engine.h"
#include "generator.h"

// In pieces (frags): a link with a long MTU takes no other program.
SEC("xdp.frags")
int engine(struct xdp_md *ctx) {
  if (ctx->ingress_ifindex == FJ_XDP_LOOPBACK) return generate(ctx);
  return fj_demux(ctx);
}

char LICENSE[] SEC("license") = "GPL";
