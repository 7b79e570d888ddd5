// SPDX-License-Identifier: Apache-2.0
// The XDP program of a link: generator of frames and demultiplexer of what comes back (native/bpf). It is
// attached as long as anybody holds the engine, and goes away with the process.
#pragma once
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "../bpf/engine.h"
#include "clock.h"

struct fj_engine;

struct fj_demux;
struct fj_recognition;

struct fj_engine_config {
  const char *netns;  // NULL: of the calling thread
  int ifindex;
  uint32_t slots;                            // of the frame map, for all generators
  uint32_t targets;                          // of the target map, likewise; 0 without a template
  const struct fj_xdp_template *template_;   // NULL: none
  const struct fj_recognition *recognition;  // what is recorded of what arrives; NULL: all
};

// All of these may be called by any thread.
//
// An engine of one's own: -EBUSY when another program is attached, -ENOSYS when the kernel has no live runs,
// -EPERM for want of CAP_BPF, CAP_NET_ADMIN or CAP_PERFMON.
int fj_engine_open(struct fj_engine **engine, const struct fj_engine_config *config);
// The one engine of a link that all share who ask for nothing in particular.
int fj_engine_share(struct fj_engine **engine, const struct fj_engine_config *config);
void fj_engine_hold(struct fj_engine *engine);
void fj_engine_release(struct fj_engine *engine);        // the last one out closes it
bool fj_engine_is_held_once(struct fj_engine *engine);   // by the caller alone
bool fj_engine_is_gone(const struct fj_engine *engine);  // its link is
int fj_engine_ifindex(const struct fj_engine *engine);
struct fj_demux *fj_engine_demux(struct fj_engine *engine);  // as long as the engine is held
// The name of a program of that id, whoever loaded it; empty when it cannot be had.
void fj_engine_program_name(uint32_t id, char name[BPF_OBJ_NAME_LEN]);

// --- generators: each has slots of its own and is used by one thread at a time ----------------------------

enum fj_slots { FJ_FRAMES = FJ_XDP_FRAMES, FJ_TARGETS = FJ_XDP_TARGETS };

struct fj_generator {
  struct fj_engine *engine;  // held
  enum fj_slots kind;
  struct fj_xdp_generator *run;
  uint32_t number, first, slots;  // of the map of that kind
  uint32_t batch;                 // frames that the kernel may hand to the driver together
  uint32_t unmade;                // the last frames of the latest run, which were not tried
  struct fj_clock clock;
};

// -ENOBUFS: there are no more generators, or not so many slots.
// -EOPNOTSUPP: targets, and the engine has no template.
int fj_generator_open(struct fj_generator *generator, struct fj_engine *engine, enum fj_slots kind,
                      uint32_t slots);
void fj_generator_close(struct fj_generator *generator);
int fj_generator_map(const struct fj_generator *generator, uint64_t *offset);  // to be mapped from there on
uint32_t fj_generator_template_length(const struct fj_generator *generator);
bool fj_generator_template_is_tagged(const struct fj_generator *generator);  // 802.1Q
// From the next run on, frames leave this long after one another, in units of 2^-32 ns (pace.h); 0: at once.
void fj_generator_pace(struct fj_generator *generator, uint64_t interval);
// From the next run on, each frame has the time of its departure (CLOCK_REALTIME, ns, big-endian) there; 0:
// not.
void fj_generator_stamp(struct fj_generator *generator, uint32_t offset);
// Makes `count` frames from slot `first` of the generator on. All of one length, or 0 when they are not.
// Gives how many the link's driver took; the slots of the others are FJ_XDP_LOST, or they are the last ones,
// generator->unmade; generator->run->error says why.
int fj_generator_run(struct fj_generator *generator, uint32_t first, uint32_t count, uint32_t length);
// Makes `count` frames of nothing but the template, of the sequence numbers from generator->run->sequence on,
// each once: those of frames that the driver did not take are lost with them. Gives how many it took.
int fj_generator_stream(struct fj_generator *generator, uint32_t count);
