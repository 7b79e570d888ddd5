// SPDX-License-Identifier: Apache-2.0
#include "engine.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../link/link.h"
#include "bpf.h"
#include "demux.h"
#include "engine.lskel.h"

enum {
  UNIT = 32,  // slots are given out in such parts, each of whole pages
  SHARED_SLOTS = 2048,
};
_Static_assert(UNIT *FJ_XDP_PITCH % 4096 == 0, "a part of the frame map can be mapped");
_Static_assert(sizeof(struct fj_xdp_generator) == 64, "a cache line");

struct fj_engine {
  struct engine *program;
  struct fj_demux demux;
  int link;  // keeps the program attached; -1: not yet
  int ifindex;
  int64_t netns;
  uint32_t holders;
  uint64_t generators;  // a bit for each that is in use
  uint32_t units;
  unsigned char *units_used;
  struct fj_engine *next;  // among the shared ones
};

// Guards holders, what is given out, and the list of shared engines. Held while one is opened or closed, so
// that two threads never meet each other's program on a link.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fj_engine *shared;

// --- opening ----------------------------------------------------------------------------------------------

// Without CAP_PERFMON a light skeleton fails with a bare EINVAL.
bool fj_engine_has_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {{0}};
  if (syscall(SYS_capget, &header, data)) return false;
  uint64_t effective = (uint64_t)data[1].effective << 32 | data[0].effective;
  uint64_t all = effective & UINT64_C(1) << CAP_SYS_ADMIN;
  uint64_t bpf = effective & UINT64_C(1) << CAP_BPF, perfmon = effective & UINT64_C(1) << CAP_PERFMON;
  return effective & UINT64_C(1) << CAP_NET_ADMIN && (all || (bpf && perfmon));
}

static int live_run(const struct fj_engine *engine, uint32_t length, uint32_t repeat) {
  static const unsigned char blank[FJ_XDP_MAX_FRAME];
  struct xdp_md context = {.data_end = length};
  union bpf_attr attributes = {.test = {
                                   .prog_fd = (uint32_t)engine->program->progs.engine.prog_fd,
                                   .data_in = (uint64_t)(uintptr_t)blank,
                                   .data_size_in = length,
                                   .ctx_in = (uint64_t)(uintptr_t)&context,
                                   .ctx_size_in = sizeof context,
                                   .repeat = repeat,
                                   .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                                   .batch_size = repeat < FJ_XDP_BATCH ? repeat : FJ_XDP_BATCH,
                               }};
  return fj_bpf(BPF_PROG_TEST_RUN, &attributes);
}

static int load(struct fj_engine *engine, const struct fj_engine_config *config) {
  engine->program = engine__open();
  if (!engine->program) return -ENOMEM;
  engine->program->maps.frames.max_entries = engine->units * UNIT;
  engine->program->maps.demux_scratch.max_entries = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
  if (config->recognition)
    memcpy(&engine->program->rodata->demux_recognition, config->recognition, sizeof *config->recognition);
  int error = engine__load(engine->program);
  if (error) return error;
  error = fj_demux_open(&engine->demux, engine->program->maps.demux_rings.map_fd,
                        engine->program->maps.demux_state.map_fd);
  if (error) return error;
  // A run in which no generator has anything to do.
  error = live_run(engine, FJ_XDP_NAMELESS, 1);
  if (error) return error == -EPERM ? error : -ENOSYS;
  uint32_t only = 0, ifindex = (uint32_t)config->ifindex;
  error = fj_bpf_map_put(engine->program->maps.out.map_fd, &only, &ifindex);
  return error == -EINVAL ? -ENODEV : error;
}

static int attach(struct fj_engine *engine) {
  // First what counts, so that no frame ever goes uncounted.
  engine->program->links.taken_fd =
      skel_raw_tracepoint_open("xdp_devmap_xmit", engine->program->progs.taken.prog_fd);
  if (engine->program->links.taken_fd < 0) return -errno;
  engine->program->links.refused_fd =
      skel_raw_tracepoint_open("xdp_redirect_err", engine->program->progs.refused.prog_fd);
  if (engine->program->links.refused_fd < 0) return -errno;
  engine->link = fj_bpf_link_xdp(engine->program->progs.engine.prog_fd, engine->ifindex);
  if (engine->link >= 0) return 0;
  return engine->link == -EEXIST ? -EBUSY : engine->link;
}

static void destroy(struct fj_engine *engine) {
  if (engine->link >= 0) close(engine->link);
  fj_demux_close(&engine->demux);
  engine__destroy(engine->program);
  free(engine->units_used);
  free(engine);
}

typedef int opener(struct fj_engine **engine, const struct fj_engine_config *config);

static int within_namespace(opener *open, struct fj_engine **engine, const struct fj_engine_config *config) {
  struct fj_visit visit;
  int error = fj_visit_begin(&visit, config->netns);
  if (error) return error;
  pthread_mutex_lock(&lock);
  error = open(engine, config);
  pthread_mutex_unlock(&lock);
  int back = fj_visit_end(&visit);
  if (error == 0 && back) fj_engine_release(*engine);
  return error ? error : back;
}

static int open_locked(struct fj_engine **result, const struct fj_engine_config *config) {
  if (!fj_engine_has_capabilities()) return -EPERM;
  struct fj_engine *engine = calloc(1, sizeof *engine);
  if (!engine) return -ENOMEM;
  *engine = (struct fj_engine){
      .link = -1, .ifindex = config->ifindex, .holders = 1, .units = (config->slots + UNIT - 1) / UNIT};
  int error = -ENOMEM;
  engine->units_used = calloc(engine->units, 1);
  if (!engine->units_used) goto destroy;
  error = load(engine, config);
  if (error) goto destroy;
  error = attach(engine);
  if (error) goto destroy;
  *result = engine;
  return 0;
destroy:
  destroy(engine);
  return error;
}

int fj_engine_open(struct fj_engine **engine, const struct fj_engine_config *config) {
  return within_namespace(open_locked, engine, config);
}

static int64_t netns_of_thread(void) {
  int fd = fj_netns_open(NULL);
  if (fd < 0) return fd;
  int64_t inode = fj_netns_inode(fd);
  close(fd);
  return inode;
}

static int share_locked(struct fj_engine **result, const struct fj_engine_config *config) {
  int64_t netns = netns_of_thread();
  if (netns < 0) return (int)netns;
  for (struct fj_engine *engine = shared; engine; engine = engine->next) {
    if (engine->netns != netns || engine->ifindex != config->ifindex || fj_engine_is_gone(engine)) continue;
    engine->holders++;
    *result = engine;
    return 0;
  }
  struct fj_engine_config roomy = *config;
  if (roomy.slots < SHARED_SLOTS / 2) roomy.slots = SHARED_SLOTS / 2;
  roomy.slots *= 2;
  int error = open_locked(result, &roomy);
  if (error) return error;
  (*result)->netns = netns;
  (*result)->next = shared;
  shared = *result;
  return 0;
}

int fj_engine_share(struct fj_engine **engine, const struct fj_engine_config *config) {
  return within_namespace(share_locked, engine, config);
}

void fj_engine_hold(struct fj_engine *engine) {
  pthread_mutex_lock(&lock);
  engine->holders++;
  pthread_mutex_unlock(&lock);
}

static void unlist(const struct fj_engine *engine) {
  for (struct fj_engine **at = &shared; *at; at = &(*at)->next)
    if (*at == engine) {
      *at = engine->next;
      return;
    }
}

void fj_engine_release(struct fj_engine *engine) {
  pthread_mutex_lock(&lock);
  if (--engine->holders == 0) {
    unlist(engine);
    destroy(engine);
  }
  pthread_mutex_unlock(&lock);
}

bool fj_engine_is_gone(const struct fj_engine *engine) {
  return fj_bpf_link_is_gone(engine->link);
}

int fj_engine_ifindex(const struct fj_engine *engine) {
  return engine->ifindex;
}

struct fj_demux *fj_engine_demux(struct fj_engine *engine) {
  return &engine->demux;
}

void fj_engine_program_name(uint32_t id, char name[BPF_OBJ_NAME_LEN]) {
  struct bpf_prog_info info = {0};
  union bpf_attr by_id = {.prog_id = id};
  memset(name, 0, BPF_OBJ_NAME_LEN);
  int program = fj_bpf(BPF_PROG_GET_FD_BY_ID, &by_id);
  if (program < 0) return;
  union bpf_attr attributes = {
      .info = {.bpf_fd = (uint32_t)program, .info_len = sizeof info, .info = (uint64_t)(uintptr_t)&info}};
  if (fj_bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes) == 0) memcpy(name, info.name, BPF_OBJ_NAME_LEN);
  close(program);
}

// --- generators -------------------------------------------------------------------------------------------

// The first of so many units in a row that are free, or -ENOBUFS.
static int64_t find_units(const struct fj_engine *engine, uint32_t wanted) {
  uint32_t run = 0;
  for (uint32_t i = 0; i < engine->units; i++) {
    run = engine->units_used[i] ? 0 : run + 1;
    if (run == wanted) return i + 1 - wanted;
  }
  return -ENOBUFS;
}

static int number_of_free(const struct fj_engine *engine) {
  for (int i = 0; i < FJ_XDP_GENERATORS; i++)
    if (!(engine->generators >> i & 1)) return i;
  return -ENOBUFS;
}

static int give_out(struct fj_generator *generator, struct fj_engine *engine, uint32_t slots) {
  uint32_t units = (slots + UNIT - 1) / UNIT;
  int64_t first = find_units(engine, units);
  if (first < 0) return (int)first;
  int number = number_of_free(engine);
  if (number < 0) return number;
  memset(engine->units_used + first, 1, units);
  engine->generators |= UINT64_C(1) << number;
  engine->holders++;
  *generator = (struct fj_generator){.engine = engine,
                                     .run = &engine->program->bss->generators[number],
                                     .number = (uint32_t)number,
                                     .first = (uint32_t)first * UNIT,
                                     .slots = slots};
  return 0;
}

int fj_generator_open(struct fj_generator *generator, struct fj_engine *engine, uint32_t slots) {
  if (slots == 0) return -EINVAL;
  pthread_mutex_lock(&lock);
  int error = give_out(generator, engine, slots);
  pthread_mutex_unlock(&lock);
  if (error) return error;
  *generator->run = (struct fj_xdp_generator){
      .next = generator->first, .begin = generator->first, .end = generator->first + slots};
  return 0;
}

void fj_generator_close(struct fj_generator *generator) {
  struct fj_engine *engine = generator->engine;
  pthread_mutex_lock(&lock);
  memset(engine->units_used + generator->first / UNIT, 0, (generator->slots + UNIT - 1) / UNIT);
  engine->generators &= ~(UINT64_C(1) << generator->number);
  pthread_mutex_unlock(&lock);
  fj_engine_release(engine);
}

int fj_generator_frames(const struct fj_generator *generator, uint64_t *offset) {
  *offset = (uint64_t)generator->first * FJ_XDP_PITCH;
  return generator->engine->program->maps.frames.map_fd;
}

// By its length the program knows whose run it is.
static uint32_t first_length(const struct fj_generator *generator, uint32_t length) {
  if (generator->number > 0) return FJ_XDP_SHORTEST + generator->number;
  return length < FJ_XDP_NAMELESS ? FJ_XDP_NAMELESS : length;
}

int fj_generator_run(struct fj_generator *generator, uint32_t first, uint32_t count, uint32_t length) {
  struct fj_xdp_generator *run = generator->run;
  uint64_t before = run->sent;
  run->next = generator->first + first;
  run->error = 0;
  __atomic_store_n(&run->left, count, __ATOMIC_RELEASE);
  int error;
  do error = live_run(generator->engine, first_length(generator, length), run->left);
  while (error == -EINTR && run->left > 0);
  __atomic_store_n(&run->left, 0, __ATOMIC_RELEASE);
  return error && error != -EINTR ? error : (int)(run->sent - before);
}
