// SPDX-License-Identifier: Apache-2.0
#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../link/link.h"
#include "bpf.h"
#include "emulator.lskel.h"

struct fj_emulator {
  struct emulator *program;
  int link;  // keeps the program attached; -1: it is not
  unsigned cpus;
  struct fj_emulator_tally *tallies;  // room for those of all CPUs
};

// Per-CPU values are as many as there may ever be CPUs: the last number of "0-3" in a file of the kernel's,
// and 1.
static unsigned possible_cpus(void) {
  char text[64];
  unsigned last = 0;
  int fd = open("/sys/devices/system/cpu/possible", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text);
  close(fd);
  for (ssize_t i = 0; i < length; i++)
    if (text[i] >= '0' && text[i] <= '9')
      last = last * 10 + (unsigned)(text[i] - '0');
    else if (text[i] != '\n')
      last = 0;
  return length > 0 ? last + 1 : 0;
}

static int put_ranges(int map, const void *ranges, size_t size, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    int error = fj_bpf_map_put(map, &i, (const unsigned char *)ranges + i * size);
    if (error) return error;
  }
  return 0;
}

static uint32_t at_least_one(uint32_t count) {
  return count ? count : 1;
}

static void configure(struct emulator *program, const struct fj_emulator_config *config,
                      enum fj_emulator_way way) {
  struct fj_emulator_hosts *hosts = &program->rodata->hosts;
  *hosts = *config->hosts;
  hosts->way = (uint8_t)way;
  if (hosts->count4 && hosts->count4 <= FJ_EMULATOR_FEW)
    memcpy(hosts->few4, config->ranges4, hosts->count4 * sizeof *config->ranges4);
  if (hosts->count6 && hosts->count6 <= FJ_EMULATOR_FEW)
    memcpy(hosts->few6, config->ranges6, hosts->count6 * sizeof *config->ranges6);
  program->maps.ranges4.max_entries = at_least_one(hosts->count4);
  program->maps.ranges6.max_entries = at_least_one(hosts->count6);
}

static int load(struct emulator *program, const struct fj_emulator_config *config, enum fj_emulator_way way) {
  configure(program, config, way);
  sigset_t signals;
  fj_bpf_hold_signals(&signals);
  int error = emulator__load(program);
  fj_bpf_let_signals(&signals);
  if (error) return error;
  error = put_ranges(program->maps.ranges4.map_fd, config->ranges4, sizeof *config->ranges4,
                     config->hosts->count4);
  if (error == 0)
    error = put_ranges(program->maps.ranges6.map_fd, config->ranges6, sizeof *config->ranges6,
                       config->hosts->count6);
  if (error || way != FJ_EMULATOR_REDIRECT) return error;
  uint32_t only = 0, ifindex = (uint32_t)config->ifindex;
  error = fj_bpf_map_put(program->maps.out.map_fd, &only, &ifindex);
  return error == -EINVAL ? -ENODEV : error;
}

static int listen_to(int *link, const char *tracepoint, int program) {
  *link = skel_raw_tracepoint_open(tracepoint, program);
  return *link < 0 ? -errno : 0;
}

static int attach(struct fj_emulator *emulator, int ifindex, enum fj_emulator_way way) {
  struct emulator *program = emulator->program;
  int error = 0;
  // First what counts, so that no answer ever goes uncounted.
  if (way == FJ_EMULATOR_REDIRECT) {
    error = listen_to(&program->links.taken_fd, "xdp_devmap_xmit", program->progs.taken.prog_fd);
    if (error == 0)
      error = listen_to(&program->links.refused_fd, "xdp_redirect_err", program->progs.refused.prog_fd);
  } else if (way == FJ_EMULATOR_TRANSMIT_TOLD) {
    error = listen_to(&program->links.transmitted_fd, "xdp_bulk_tx", program->progs.transmitted.prog_fd);
    if (error == 0)
      error = listen_to(&program->links.excepted_fd, "xdp_exception", program->progs.excepted.prog_fd);
  }
  if (error) return error;
  emulator->link = fj_bpf_link_xdp(program->progs.emulator.prog_fd, ifindex);
  if (emulator->link >= 0) return 0;
  return emulator->link == -EEXIST ? -EBUSY : emulator->link;
}

// The drivers of NICs all have XDP_TX. On a veth pair what is redirected to the link itself arrives whenever
// the peer has GRO or a program, XDP_TX only with a program, on each of its queues; and programs come and go
// while we answer. So it is for the caller to say that there is one. -ENOTCONN: neither would arrive.
static int choose(const struct fj_emulator_config *config, enum fj_emulator_way *way) {
  uint64_t features;
  *way = !config->is_veth      ? FJ_EMULATOR_TRANSMIT
         : config->by_transmit ? FJ_EMULATOR_TRANSMIT_TOLD
                               : FJ_EMULATOR_REDIRECT;
  if (!config->is_veth || fj_link_xdp_features(config->ifindex, &features))
    return 0;  // before 6.3 none is told
  return features & FJ_XDP_FEATURE_TRANSMIT ? 0 : -ENOTCONN;
}

// In the link's namespace.
static int open_here(struct fj_emulator **handle, const struct fj_emulator_config *config) {
  enum fj_emulator_way way;
  if (!fj_bpf_has_capabilities()) return -EPERM;
  int error = choose(config, &way);
  if (error) return error;
  struct fj_emulator *emulator = calloc(1, sizeof *emulator);
  if (!emulator) return -ENOMEM;
  *emulator = (struct fj_emulator){.link = -1, .cpus = possible_cpus()};
  error = emulator->cpus ? -ENOMEM : -ENOENT;
  emulator->tallies = calloc(emulator->cpus, sizeof *emulator->tallies);
  emulator->program = emulator__open();
  if (!emulator->cpus || !emulator->tallies || !emulator->program) goto close;
  error = load(emulator->program, config, way);
  if (error == 0) error = attach(emulator, config->ifindex, way);
  if (error) goto close;
  *handle = emulator;
  return 0;
close:
  fj_emulator_close(emulator);
  return error;
}

int fj_emulator_open(struct fj_emulator **handle, const struct fj_emulator_config *config) {
  struct fj_visit visit;
  int error = fj_visit_begin(&visit, config->netns);
  if (error) return error;
  error = open_here(handle, config);
  int back = fj_visit_end(&visit);
  if (error == 0 && back) fj_emulator_close(*handle);
  return error ? error : back;
}

int fj_emulator_counts(struct fj_emulator *emulator, uint64_t counts[FJ_EMULATOR_COUNTS]) {
  uint32_t only = 0;
  union bpf_attr attributes = {.map_fd = (uint32_t)emulator->program->maps.tallies.map_fd,
                               .key = (uint64_t)(uintptr_t)&only,
                               .value = (uint64_t)(uintptr_t)emulator->tallies};
  int error = fj_bpf(BPF_MAP_LOOKUP_ELEM, &attributes);
  if (error) return error;
  memset(counts, 0, FJ_EMULATOR_COUNTS * sizeof *counts);
  for (unsigned cpu = 0; cpu < emulator->cpus; cpu++)
    for (unsigned i = 0; i < FJ_EMULATOR_COUNTS; i++) counts[i] += emulator->tallies[cpu].counts[i];
  return 0;
}

bool fj_emulator_is_gone(const struct fj_emulator *emulator) {
  return emulator->link >= 0 && fj_bpf_link_is_gone(emulator->link);
}

void fj_emulator_stop(struct fj_emulator *emulator) {
  if (emulator->link >= 0) close(emulator->link);
  emulator->link = -1;
}

void fj_emulator_close(struct fj_emulator *emulator) {
  fj_emulator_stop(emulator);
  emulator__destroy(emulator->program);
  free(emulator->tallies);
  free(emulator);
}
