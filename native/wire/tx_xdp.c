// SPDX-License-Identifier: Apache-2.0
// Backend "xdp": live frames of an XDP program (Linux 5.18, Documentation/bpf/bpf_prog_run.rst). The slots
// are a BPF map; a run makes a frame of each and hands it to the link's driver, without an skb. The driver
// has no queue that waits: a frame that it has no room for is lost, and told of. Lost frames change places
// with those behind them that left, so that to the caller the frames not taken are the last ones, in order;
// and every frame of such a send says where it was.
#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine.h"
#include "wire.h"

_Static_assert(sizeof(struct fj_xdp_slot) == FJ_XDP_PITCH, "value of the frame map");
_Static_assert(offsetof(struct fj_xdp_slot, data) == FJ_SLOT_DATA, "as in every slot");

// Shared with Java (InjectNative.PLACE_*).
enum {
  FJ_XDP_FRAME_PLACE = offsetof(struct fj_xdp_slot, place),
  FJ_XDP_TARGET_PLACE = offsetof(struct fj_xdp_target, place)
};
_Static_assert(offsetof(struct fj_xdp_target, departed_ns) == 40, "shared with Java");
_Static_assert(FJ_XDP_FRAME_PLACE == 8 && FJ_XDP_TARGET_PLACE == 4, "shared with Java");

// --- opening ----------------------------------------------------------------------------------------------

// In a driver that takes no frames of others every frame would be lost. -ENOTCONN: this one does not, or its
// peer has nowhere to put them. Kernels before 6.3 do not tell; there the first send does.
static int require_transmit(int ifindex, uint64_t any_of) {
  uint64_t features;
  if (fj_link_xdp_features(ifindex, &features)) return 0;
  return features & any_of ? 0 : -ENOTCONN;
}

static int take_engine(struct fj_engine **engine, const struct fj_tx_config *config) {
  if (config->engine) {
    *engine = config->engine;
    fj_engine_hold(*engine);
    return 0;
  }
  struct fj_engine_config plain = {.ifindex = config->ifindex, .slots = config->slots};
  return fj_engine_share(engine, &plain);
}

static int map_slots(struct fj_tx *tx, struct fj_generator *generator) {
  uint64_t offset;
  int map = fj_generator_map(generator, &offset);
  bool targets = generator->kind == FJ_TARGETS;
  uint32_t pitch = targets ? sizeof(struct fj_xdp_target) : FJ_XDP_PITCH;
  size_t bytes = (size_t)generator->slots * pitch;
  int error = fj_mapping_open(&tx->mapping, bytes);
  if (error) return error;
  error = fj_mapping_overlay(&tx->mapping, map, offset);
  if (error) goto free_mapping;
  struct fj_layout layout = {generator->slots, pitch, (uint32_t)bytes, generator->slots};
  error = fj_tx_lay_out(tx, &layout);
  if (error) goto free_mapping;
  for (uint32_t i = 0; i < tx->slots; i++) fj_tx_slot(tx, i)->status = TP_STATUS_AVAILABLE;
  if (!targets) return 0;
  fj_clock_compare(&generator->clock);
  tx->control->data_offset = FJ_XDP_TARGET_DATA;
  tx->frame_length = fj_generator_template_length(generator);
  tx->frame_is_tagged = fj_generator_template_is_tagged(generator);
  return 0;
free_mapping:
  fj_mapping_free(&tx->mapping);
  return error;
}

static int open_generator(struct fj_tx *tx, const struct fj_tx_config *config) {
  struct fj_generator *generator = malloc(sizeof *generator);
  if (!generator) return -ENOMEM;
  enum fj_slots kind = config->flags & FJ_TX_TARGETS ? FJ_TARGETS : FJ_FRAMES;
  struct fj_engine *engine;
  int error = take_engine(&engine, config);
  if (error) goto free_generator;
  error = require_transmit(config->ifindex, FJ_XDP_FEATURE_TRANSMIT);
  if (error == 0) error = fj_generator_open(generator, engine, kind, config->slots);
  fj_engine_release(engine);  // the generator holds it from here on
  if (error) goto free_generator;
  error = map_slots(tx, generator);
  if (error) goto close_generator;
  tx->state = generator;
  return 0;
close_generator:
  fj_generator_close(generator);
free_generator:
  free(generator);
  return error;
}

static int xdp_open(struct fj_tx *tx, const struct fj_tx_config *config) {
  struct fj_tx_config fitted = *config;
  if (config->capacity > FJ_XDP_MAX_FRAME) return -EFBIG;
  fitted.capacity = FJ_XDP_MAX_FRAME;
  // Not through this socket do frames leave: it answers questions about the link.
  tx->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (tx->fd < 0) return -errno;
  int error = fj_tx_bind_link(tx, &fitted);
  if (error) goto close_fd;
  error = -EOPNOTSUPP;
  if (tx->link_header != ETH_HLEN) goto close_fd;
  // Some drivers take frames only once a program is attached; nothing is attached for those that never do.
  error = require_transmit(config->ifindex, FJ_XDP_FEATURE_BASIC | FJ_XDP_FEATURE_TRANSMIT);
  if (error) goto close_fd;
  error = open_generator(tx, config);
  if (error == 0) return 0;
close_fd:
  close(tx->fd);
  return error;
}

// --- sending ----------------------------------------------------------------------------------------------

static uint32_t wrap(const struct fj_tx *tx, uint64_t slot) {
  return (uint32_t)(slot % tx->slots);
}

static struct fj_xdp_target *target(const struct fj_tx *tx, uint64_t slot) {
  return (struct fj_xdp_target *)fj_tx_slot(tx, wrap(tx, slot));
}

// Bytes of a slot that mean something.
static size_t used(const struct fj_tx *tx, const struct fj_slot *slot) {
  if (tx->frame_length) return sizeof(struct fj_xdp_target);
  return FJ_SLOT_DATA + (slot->length < FJ_XDP_MAX_FRAME ? slot->length : FJ_XDP_MAX_FRAME);
}

static void mark_unmade(const struct fj_tx *tx, uint32_t first, uint32_t count, uint32_t unmade) {
  for (uint32_t i = count - unmade; i < count; i++)
    fj_tx_slot(tx, wrap(tx, (uint64_t)first + i))->status = FJ_XDP_LOST;
}

static uint32_t *place(const struct fj_tx *tx, struct fj_slot *slot) {
  return (uint32_t *)((unsigned char *)slot + (tx->frame_length ? FJ_XDP_TARGET_PLACE : FJ_XDP_FRAME_PLACE));
}

static void number_places(struct fj_tx *tx) {
  for (uint32_t i = 0; i < tx->wanted; i++) *place(tx, fj_tx_slot(tx, wrap(tx, (uint64_t)tx->from + i))) = i;
  tx->control->moved = tx->wanted;
}

static void swap(const struct fj_tx *tx, struct fj_slot *one, struct fj_slot *other) {
  unsigned char kept[FJ_XDP_PITCH];
  size_t of_one = used(tx, one), of_other = used(tx, other);
  memcpy(kept, one, of_one);
  memcpy(one, other, of_other);
  memcpy(other, kept, of_one);
}

// Moves the lost frames, in order, to the end of all; those that left make room.
static void gather_lost(struct fj_tx *tx, uint32_t first, uint32_t count) {
  if (tx->control->moved == 0) number_places(tx);
  uint32_t to = count;
  for (uint32_t i = count; i-- > 0;) {
    struct fj_slot *from = fj_tx_slot(tx, wrap(tx, (uint64_t)first + i));
    if (from->status != FJ_XDP_LOST) continue;
    from->status = TP_STATUS_AVAILABLE;
    struct fj_slot *slot = fj_tx_slot(tx, wrap(tx, (uint64_t)first + --to));
    if (slot != from) swap(tx, slot, from);
  }
}

// Why none of the frames left.
static int reason(struct fj_tx *tx, const struct fj_generator *generator) {
  if (fj_engine_is_gone(generator->engine)) return -ENXIO;
  int error = fj_carrier_after(&tx->link, tx->fd);
  if (error) return error;
  error = generator->run->error;
  if (error == -EMSGSIZE) return error;
  if (!fj_carrier_is_on(&tx->link, tx->fd)) return -ENOLINK;
  // Nowhere to put them: the peer's side is being set up or down, or does not do it at all.
  if (error && require_transmit(tx->link.ifindex, FJ_XDP_FEATURE_TRANSMIT)) return -ENOTCONN;
  return error == -EOPNOTSUPP ? -ENOTCONN : -ENOBUFS;
}

// What the program wrote once for all that the driver was handed together.
static void write_departures(const struct fj_tx *tx, uint32_t first, uint32_t count) {
  for (uint32_t i = 0; i < count;) {
    struct fj_xdp_target *of = target(tx, (uint64_t)first + i);
    uint32_t together = of->status >> FJ_XDP_TOGETHER, end = together < count - i ? i + together : count;
    of->status &= FJ_XDP_LOST;
    while (++i < end) target(tx, (uint64_t)first + i)->departed_ns = of->departed_ns;
  }
}

static int push_stream(struct fj_tx *tx, struct fj_generator *generator, uint32_t count) {
  int sent = fj_generator_stream(generator, count);
  tx->control->sequence = generator->run->sequence;
  return sent ? sent : reason(tx, generator);
}

static int xdp_push(struct fj_tx *tx, uint32_t first, uint32_t count) {
  struct fj_generator *generator = tx->state;
  // The driver drops in silence what is over the MTU, so nobody but us can say which frame it was.
  int fitting = fj_tx_fitting(tx, first, count);
  if (fitting <= 0) return fitting ? fitting : -EMSGSIZE;
  count = (uint32_t)fitting;
  if (tx->streams) return push_stream(tx, generator, count);
  int sent = fj_generator_run(generator, first, count, tx->common_length);
  if (tx->frame_length) {
    write_departures(tx, first, count - generator->unmade);
    fj_clock_follow(&generator->clock);
    tx->control->clock_offset = generator->clock.offset;
  }
  if (sent == fitting) return sent;
  uint32_t left = sent > 0 ? (uint32_t)sent : 0, made = count - generator->unmade;
  fj_add64(&tx->control->returned, made - left);
  mark_unmade(tx, first, count, generator->unmade);
  gather_lost(tx, first, count);
  return sent ? sent : reason(tx, generator);
}

static void xdp_pace(struct fj_tx *tx, uint64_t interval) {
  fj_generator_pace(tx->state, interval);
}

static void xdp_stamp(struct fj_tx *tx, uint32_t offset) {
  fj_generator_stamp(tx->state, offset);
}

static void xdp_stream(struct fj_tx *tx, uint64_t sequence) {
  struct fj_generator *generator = tx->state;
  generator->run->sequence = sequence;
}

static bool xdp_is_gone(const struct fj_tx *tx) {
  const struct fj_generator *generator = tx->state;
  return fj_engine_is_gone(generator->engine);
}

static void xdp_close(struct fj_tx *tx) {
  fj_generator_close(tx->state);
  free(tx->state);
  close(tx->fd);
}

const struct fj_tx_ops fj_tx_xdp = {.open = xdp_open,
                                    .push = xdp_push,
                                    .pace = xdp_pace,
                                    .stamp = xdp_stamp,
                                    .stream = xdp_stream,
                                    .is_gone = xdp_is_gone,
                                    .close = xdp_close};
