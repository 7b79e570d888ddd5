// SPDX-License-Identifier: Apache-2.0
#include "engine.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../link/link.h"
#include "bpf.h"
#include "demux.h"
#include "engine.lskel.h"
#include "pace.h"

enum {
  // Slots are given out in such parts, each of whole pages, so that they can be mapped.
  FRAME_UNIT = 32,
  TARGET_UNIT = 512,
  SHARED_SLOTS = 2048,
};
// With so much time between two frames it is worth sleeping, and waking up that much earlier.
static const uint64_t WORTH_SLEEPING_NS = 250000, AWAKE_NS = 150000;

_Static_assert(FRAME_UNIT *FJ_XDP_PITCH % 4096 == 0, "whole pages");
_Static_assert(TARGET_UNIT * sizeof(struct fj_xdp_target) % 4096 == 0, "whole pages");
_Static_assert(sizeof(struct fj_xdp_target) == 48, "shared with Java");
_Static_assert(sizeof(struct fj_xdp_template) == 4232, "shared with Java");
_Static_assert(offsetof(struct fj_xdp_template, bytes) == 824, "shared with Java");
_Static_assert(sizeof(struct fj_xdp_generator) == 128, "two cache lines");
_Static_assert(offsetof(struct fj_xdp_generator, interval) == 48, "in the first of them");

// The slots of a map.
struct pool {
  uint32_t unit, units;
  unsigned char *used;
};

struct fj_engine {
  struct engine *program;
  struct fj_demux demux;
  int link;  // keeps the program attached; -1: not yet
  int ifindex;
  int64_t netns;
  uint32_t holders;
  uint64_t generators;     // a bit for each that is in use
  struct pool pools[2];    // by enum fj_slots
  struct fj_engine *next;  // among the shared ones
};

// Guards holders, what is given out, and the list of shared engines. Held while one is opened or closed, so
// that two threads never meet each other's program on a link.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fj_engine *shared;

// --- opening ----------------------------------------------------------------------------------------------

static int live_run(const struct fj_engine *engine, uint32_t length, uint32_t repeat, uint32_t batch) {
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
                                   .batch_size = repeat < batch ? repeat : batch,
                               }};
  return fj_bpf(BPF_PROG_TEST_RUN, &attributes);
}

static int open_pool(struct pool *pool, uint32_t unit, uint32_t slots) {
  *pool = (struct pool){.unit = unit, .units = (slots + unit - 1) / unit};
  if (pool->units == 0) pool->units = 1;
  pool->used = calloc(pool->units, 1);
  return pool->used ? 0 : -ENOMEM;
}

static uint32_t entries(const struct pool *pool) {
  return pool->units * pool->unit;
}

// Which parts of a question a template needs.
static uint8_t asked_by(const struct fj_xdp_template *template_) {
  static const uint8_t ASKS[] = {
      [FJ_XDP_TARGET] = FJ_XDP_ASKS_LOW,       [FJ_XDP_TARGET_HIGH] = FJ_XDP_ASKS_HIGH,
      [FJ_XDP_MAC] = FJ_XDP_ASKS_MAC_OR_PORT,  [FJ_XDP_PORT] = FJ_XDP_ASKS_MAC_OR_PORT,
      [FJ_XDP_COUNTER] = FJ_XDP_ASKS_SEQUENCE, [FJ_XDP_RANDOM] = FJ_XDP_ASKS_SEQUENCE,
      [FJ_XDP_LIST] = FJ_XDP_ASKS_SEQUENCE,    [FJ_XDP_COOKIE] = 0,
  };
  uint8_t asks = template_->cookie ? FJ_XDP_ASKS_HIGH | FJ_XDP_ASKS_LOW | FJ_XDP_ASKS_MAC_OR_PORT : 0;
  for (int i = 0; i < template_->fields && i < FJ_XDP_FIELDS; i++)
    if (template_->field[i].source < sizeof ASKS) asks |= ASKS[template_->field[i].source];
  return asks;
}

static void recognise(struct engine *program, const struct fj_recognition *recognition) {
  memcpy(&program->rodata->demux_recognition, recognition, sizeof *recognition);
  if (recognition->replies == 0) return;
  program->rodata->demux_recognition.replies_bits = (uint32_t)__builtin_ctz(recognition->replies);
  program->maps.demux_replies.max_entries = FJ_REPLIES_FIRST + recognition->replies;
}

// Whether frames arrive in polls alone (NAPI). Drivers that run programs themselves poll, but for tun, which
// runs them for whoever writes a frame to it, and so does a bond that has one. Where the kernel runs them for
// a driver, or does not tell who does, anybody may hand it frames.
static bool is_polled(int ifindex) {
  uint64_t features;
  struct fj_driver driver;
  if (fj_link_xdp_features(ifindex, &features) || !(features & FJ_XDP_FEATURE_BASIC)) return false;
  if (fj_driver_ask(NULL, ifindex, &driver)) return false;
  return strcmp(driver.name, "tun") != 0 && strcmp(driver.name, "bonding") != 0;
}

static int load(struct fj_engine *engine, const struct fj_engine_config *config) {
  engine->program = engine__open();
  if (!engine->program) return -ENOMEM;
  engine->program->maps.frames.max_entries = entries(&engine->pools[FJ_FRAMES]);
  engine->program->maps.targets.max_entries = entries(&engine->pools[FJ_TARGETS]);
  if (config->template_) {
    memcpy(&engine->program->rodata->template, config->template_, sizeof *config->template_);
    engine->program->rodata->template.asks = asked_by(config->template_);
  }
#ifdef __x86_64__
  engine->program->rodata->demux_stores_in_order = 1;
#endif
  engine->program->maps.demux_scratch.max_entries = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
  if (config->recognition) recognise(engine->program, config->recognition);
  engine->program->rodata->demux_polled =
      engine->program->rodata->demux_recognition.replies && is_polled(config->ifindex);
  sigset_t signals;
  fj_bpf_hold_signals(&signals);
  int error = engine__load(engine->program);
  fj_bpf_let_signals(&signals);
  if (error) return error;
  struct fj_demux_maps maps = {.rings_fd = engine->program->maps.demux_rings.map_fd,
                               .state_fd = engine->program->maps.demux_state.map_fd,
                               .replies_fd = engine->program->maps.demux_replies.map_fd,
                               .room = engine->program->rodata->demux_recognition.replies,
                               .room_bits = engine->program->rodata->demux_recognition.replies_bits};
  error = fj_demux_open(&engine->demux, &maps);
  if (error) return error;
  // A run in which no generator has anything to do.
  error = live_run(engine, FJ_XDP_NAMELESS, 1, 1);
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
  // And what tells of the end of polls: no look at the clock is good for longer.
  if (engine->program->rodata->demux_polled) {
    engine->program->links.poll_ended_fd =
        skel_raw_tracepoint_open("napi_poll", engine->program->progs.poll_ended.prog_fd);
    if (engine->program->links.poll_ended_fd < 0) return -errno;
  }
  engine->link = fj_bpf_link_xdp(engine->program->progs.engine.prog_fd, engine->ifindex);
  if (engine->link >= 0) return 0;
  return engine->link == -EEXIST ? -EBUSY : engine->link;
}

static void destroy(struct fj_engine *engine) {
  if (engine->link >= 0) close(engine->link);
  fj_demux_close(&engine->demux);
  engine__destroy(engine->program);
  free(engine->pools[FJ_FRAMES].used);
  free(engine->pools[FJ_TARGETS].used);
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
  if (!fj_bpf_has_capabilities()) return -EPERM;
  struct fj_engine *engine = calloc(1, sizeof *engine);
  if (!engine) return -ENOMEM;
  *engine = (struct fj_engine){.link = -1, .ifindex = config->ifindex, .holders = 1};
  int error = open_pool(&engine->pools[FJ_FRAMES], FRAME_UNIT, config->slots);
  if (error == 0) error = open_pool(&engine->pools[FJ_TARGETS], TARGET_UNIT, config->targets);
  if (error) goto destroy;
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

// For how many generators like the first one there is room: one for each CPU, within reason.
static uint32_t sharers(void) {
  enum { FEWEST = 2, MOST = 8 };
  long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  if (cpus < FEWEST) return FEWEST;
  return cpus < MOST ? (uint32_t)cpus : MOST;
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
  roomy.slots *= sharers();
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

bool fj_engine_is_held_once(struct fj_engine *engine) {
  pthread_mutex_lock(&lock);
  bool once = engine->holders == 1;
  pthread_mutex_unlock(&lock);
  return once;
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

// The first slot of so many units in a row that are free, which are in use from now on; or -ENOBUFS.
static int64_t take_units(struct pool *pool, uint32_t slots) {
  uint32_t wanted = (slots + pool->unit - 1) / pool->unit, run = 0;
  for (uint32_t i = 0; i < pool->units; i++) {
    run = pool->used[i] ? 0 : run + 1;
    if (run < wanted) continue;
    memset(pool->used + i + 1 - wanted, 1, wanted);
    return (int64_t)(i + 1 - wanted) * pool->unit;
  }
  return -ENOBUFS;
}

static void give_units_back(struct pool *pool, uint32_t first, uint32_t slots) {
  memset(pool->used + first / pool->unit, 0, (slots + pool->unit - 1) / pool->unit);
}

static int number_of_free(const struct fj_engine *engine) {
  for (int i = 0; i < FJ_XDP_GENERATORS; i++)
    if (!(engine->generators >> i & 1)) return i;
  return -ENOBUFS;
}

static int give_out(struct fj_generator *generator, struct fj_engine *engine, enum fj_slots kind,
                    uint32_t slots) {
  int number = number_of_free(engine);
  if (number < 0) return number;
  int64_t first = take_units(&engine->pools[kind], slots);
  if (first < 0) return (int)first;
  engine->generators |= UINT64_C(1) << number;
  engine->holders++;
  *generator = (struct fj_generator){.engine = engine,
                                     .kind = kind,
                                     .run = &engine->program->bss->generators[number],
                                     .number = (uint32_t)number,
                                     .first = (uint32_t)first,
                                     .slots = slots,
                                     .batch = FJ_XDP_BATCH};
  return 0;
}

int fj_generator_open(struct fj_generator *generator, struct fj_engine *engine, enum fj_slots kind,
                      uint32_t slots) {
  if (slots == 0) return -EINVAL;
  if (kind == FJ_TARGETS && engine->program->rodata->template.length == 0) return -EOPNOTSUPP;
  pthread_mutex_lock(&lock);
  int error = give_out(generator, engine, kind, slots);
  pthread_mutex_unlock(&lock);
  if (error) return error;
  *generator->run = (struct fj_xdp_generator){
      .next = generator->first, .begin = generator->first, .end = generator->first + slots, .kind = kind};
  return 0;
}

void fj_generator_close(struct fj_generator *generator) {
  struct fj_engine *engine = generator->engine;
  pthread_mutex_lock(&lock);
  give_units_back(&engine->pools[generator->kind], generator->first, generator->slots);
  engine->generators &= ~(UINT64_C(1) << generator->number);
  pthread_mutex_unlock(&lock);
  fj_engine_release(engine);
}

int fj_generator_map(const struct fj_generator *generator, uint64_t *offset) {
  bool frames = generator->kind == FJ_FRAMES;
  *offset = (uint64_t)generator->first * (frames ? FJ_XDP_PITCH : sizeof(struct fj_xdp_target));
  struct engine *program = generator->engine->program;
  return frames ? program->maps.frames.map_fd : program->maps.targets.map_fd;
}

uint32_t fj_generator_template_length(const struct fj_generator *generator) {
  return generator->engine->program->rodata->template.length;
}

bool fj_generator_template_is_tagged(const struct fj_generator *generator) {
  const unsigned char *type =
      (const unsigned char *)&generator->engine->program->rodata->template.bytes + 2 * ETH_ALEN;
  return type[0] == ETH_P_8021Q >> 8 && type[1] == (ETH_P_8021Q & 0xff);
}

// By its length the program knows whose run it is; that of the one run without a name by `nameless`, which is
// ours until end_run.
static uint32_t begin_run(const struct fj_generator *generator, uint32_t length) {
  uint32_t nobody = 0, self = generator->number + 1;
  bool nameless = __atomic_compare_exchange_n(&generator->engine->program->bss->nameless, &nobody, self,
                                              false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
  if (!nameless) return FJ_XDP_SHORTEST + generator->number;
  return length < FJ_XDP_NAMELESS ? FJ_XDP_NAMELESS : length;
}

static void end_run(const struct fj_generator *generator, uint32_t length) {
  if (length >= FJ_XDP_NAMELESS)
    __atomic_store_n(&generator->engine->program->bss->nameless, 0, __ATOMIC_RELEASE);
}

void fj_generator_pace(struct fj_generator *generator, uint64_t interval) {
  struct fj_xdp_generator *run = generator->run;
  struct fj_pace pace = interval ? fj_pace_of(interval) : (struct fj_pace){.batch = FJ_XDP_BATCH};
  run->interval = interval;
  run->spin_ns = pace.spin_ns;
  run->spacing_ns = pace.spacing_ns;
  run->due_ns = run->due_part = 0;
  generator->batch = pace.batch;
}

void fj_generator_stamp(struct fj_generator *generator, uint32_t offset) {
  generator->run->stamp_at = offset;
  fj_clock_compare(&generator->clock);
}

static void sleep_until(uint64_t ns) {
  struct timespec until = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) continue;
}

// Sleeps until the next frame is nearly due; how many turns the frames take from then on.
static uint32_t await_departure(struct fj_xdp_generator *run) {
  uint64_t now = (uint64_t)fj_clock_read(CLOCK_MONOTONIC);
  fj_pace_begin(run, now);
  if (run->due_ns > now + WORTH_SLEEPING_NS) {
    sleep_until(run->due_ns - AWAKE_NS);
    now = (uint64_t)fj_clock_read(CLOCK_MONOTONIC);
  }
  return fj_pace_turns(run, now);
}

// Makes some of the frames, and tells how many.
static int run_some(struct fj_generator *generator, uint32_t count, uint32_t length, uint32_t *made) {
  struct fj_xdp_generator *run = generator->run;
  bool alone = run->interval >> 32 > WORTH_SLEEPING_NS;
  uint32_t given = alone ? 1 : count;
  __atomic_store_n(&run->left, given, __ATOMIC_RELEASE);
  uint32_t turns = run->interval ? await_departure(run) : given;
  int error = live_run(generator->engine, length, turns, generator->batch);
  *made = given - run->left - run->unmade;
  __atomic_store_n(&run->left, 0, __ATOMIC_RELEASE);
  return error == -EINTR ? 0 : error;
}

static int run_all(struct fj_generator *generator, uint32_t count, uint32_t length) {
  struct fj_xdp_generator *run = generator->run;
  uint64_t before = run->sent;
  uint32_t first = begin_run(generator, length), made = 0, some;
  int error = 0;
  run->error = 0;
  run->unmade = 0;
  if (run->stamp_at) {
    fj_clock_follow(&generator->clock);
    run->clock_offset = generator->clock.offset;
  }
  while (made < count && run->unmade == 0 && error == 0) {
    error = run_some(generator, count - made, first, &some);
    made += some;
  }
  end_run(generator, first);
  uint32_t sent = (uint32_t)(run->sent - before);
  generator->unmade = count - made;
  if (run->interval) fj_pace_return(run, made - sent + (run->unmade > 0));
  return sent == 0 && error ? error : (int)sent;
}

int fj_generator_run(struct fj_generator *generator, uint32_t first, uint32_t count, uint32_t length) {
  struct fj_xdp_generator *run = generator->run;
  run->kind = generator->kind;
  run->next = run->head = generator->first + first;
  run->underway = 0;
  return run_all(generator, count, length);
}

int fj_generator_stream(struct fj_generator *generator, uint32_t count) {
  generator->run->kind = FJ_XDP_STREAM;
  return run_all(generator, count, generator->engine->program->rodata->template.length);
}
