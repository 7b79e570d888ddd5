// SPDX-License-Identifier: Apache-2.0
#include "xsk_link.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../link/link.h"
#include "bpf.h"
#include "engine.h"
#include "wire.h"
#include "xsk.lskel.h"

#ifndef SOL_XDP
#define SOL_XDP 283
#endif

enum {
  LEAST_FRAMES = 64,
  MOST_FRAMES = 8192,  // on the RX ring
  OTHERS_BYTES = 4 << 20,
};

static struct fj_lock links_lock;
static struct fj_xsk_link *links;

// --- queues -----------------------------------------------------------------------------------------------

// A frame takes a chunk, however short it is: four times the memory that was asked for holds about as many
// short ones as a ring of that size.
static uint64_t bytes_of_chunks(uint64_t asked, int mtu) {
  uint64_t most = (uint64_t)MOST_FRAMES * fj_xsk_chunk(mtu);
  return asked * 4 < most ? asked * 4 : most;
}

// Those of the link as it is now; a link without a say in it has one.
static uint32_t count_queues(const struct fj_link *link, int fd) {
  struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
  struct ifreq request = {.ifr_data = (char *)&channels};
  memcpy(request.ifr_name, link->name, IFNAMSIZ);
  if (ioctl(fd, SIOCETHTOOL, &request)) return 1;
  uint32_t count = channels.combined_count + channels.rx_count;
  return count == 0 ? 1 : count < FJ_XSK_QUEUES ? count : FJ_XSK_QUEUES;
}

static void give_to_kernel(struct fj_xsk_queue *queue) {
  struct fj_xsk_ring *fill = &queue->fill;
  uint32_t count = (uint32_t)(queue->received.length / queue->chunk);
  uint32_t at = *fill->producer;
  for (uint32_t i = 0; i < count && i < fill->count; i++)
    fill->addresses[(at + i) & (fill->count - 1)] = queue->received.offset + (uint64_t)i * queue->chunk;
  fj_xsk_store(fill->producer, at + (count < fill->count ? count : fill->count));
}

// The kernel keeps what it was given until the queue is closed, so this is done once for each.
static int feed(struct fj_xsk_queue *queue, uint64_t bytes, bool alone) {
  if (queue->received.length) return 0;
  // Injectors that are there already are not left without the reserve that was made for more of them.
  uint64_t wanted = alone || bytes < OTHERS_BYTES ? bytes : OTHERS_BYTES;
  int error = fj_xsk_borrow(queue, wanted, (uint64_t)LEAST_FRAMES * queue->chunk, &queue->received);
  if (error == 0) give_to_kernel(queue);
  return error;
}

static int join_queues(struct fj_xsk_link *link, uint64_t bytes) {
  struct fj_link about;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int error = fj_link_init(&about, fd, link->ifindex), mtu = error ? error : fj_link_mtu(&about, fd);
  uint32_t wanted = mtu < 0 ? 0 : count_queues(&about, fd);
  if (mtu < 0) error = mtu;
  close(fd);
  if (error == 0) bytes = bytes_of_chunks(bytes / wanted, mtu);
  for (uint32_t i = 0; i < wanted && error == 0; i++) {
    struct fj_xsk_request request = {.ifindex = link->ifindex, .queue = i, .bytes = bytes, .mtu = mtu};
    error = fj_xsk_join(&link->queues[i], &request);
    if (error) break;
    link->queue_count++;
    error = feed(link->queues[i], bytes, link->queues[i]->users == 1);
  }
  return error == -ENXIO ? -ENODEV : error;
}

static void leave_queues(struct fj_xsk_link *link) {
  for (uint32_t i = 0; i < link->queue_count; i++) fj_xsk_leave(link->queues[i]);
}

// --- the link ---------------------------------------------------------------------------------------------

static int load(struct fj_xsk_link *link) {
  if (!fj_bpf_has_capabilities()) return -EPERM;  // or the skeleton fails with a bare EINVAL
  link->program = xsk__open();
  if (!link->program) return -ENOMEM;
  sigset_t signals;
  fj_bpf_hold_signals(&signals);
  int error = xsk__load(link->program);
  fj_bpf_let_signals(&signals);
  for (uint32_t i = 0; i < link->queue_count && error == 0; i++) {
    uint32_t fd = (uint32_t)link->queues[i]->fd;
    error = fj_bpf_map_put(link->program->maps.sockets.map_fd, &i, &fd);
  }
  if (error) xsk__destroy(link->program);
  return error;
}

// A ring still holds what came for those who have left.
static void forget_old_frames(struct fj_xsk_link *link);

static int open_link(struct fj_xsk_link *link, uint64_t bytes) {
  link->gathered = malloc(FJ_XSK_GATHERED);
  if (!link->gathered) return -ENOMEM;
  int error = join_queues(link, bytes);
  if (error) goto leave;
  forget_old_frames(link);
  error = load(link);
  if (error) goto leave;
  fj_clock_compare(&link->clock);
  return 0;
leave:
  leave_queues(link);
  free(link->gathered);
  return error;
}

static int attach(struct fj_xsk_link *link) {
  link->attachment = fj_bpf_link_xdp(link->program->progs.xsk.prog_fd, link->ifindex);
  if (link->attachment >= 0) return 0;
  return link->attachment == -EEXIST ? -EBUSY : link->attachment;
}

static void close_link(struct fj_xsk_link *link) {
  xsk__destroy(link->program);
  leave_queues(link);
  free(link->gathered);
}

static int add(struct fj_xsk_link **made, int64_t netns, int ifindex, uint64_t bytes) {
  struct fj_xsk_link *link = calloc(1, sizeof *link);
  if (!link) return -ENOMEM;
  link->netns = netns;
  link->ifindex = ifindex;
  int error = open_link(link, bytes);
  if (error) goto free_link;
  // No filter is in place yet, so nothing is taken from the host before the first reader is there.
  error = attach(link);
  if (error) goto close_link;
  link->next = links;
  links = link;
  *made = link;
  return 0;
close_link:
  close_link(link);
free_link:
  free(link);
  return error;
}

static struct fj_xsk_link *find(int64_t netns, int ifindex) {
  for (struct fj_xsk_link *at = links; at; at = at->next)
    if (at->netns == netns && at->ifindex == ifindex && !fj_bpf_link_is_gone(at->attachment)) return at;
  return NULL;
}

int fj_xsk_link_join(struct fj_xsk_link **link, int ifindex, uint64_t bytes) {
  int64_t netns = fj_xsk_own_namespace();
  if (netns < 0) return (int)netns;
  int error = 0;
  fj_lock_take(&links_lock);
  *link = find(netns, ifindex);
  if (!*link) error = add(link, netns, ifindex, bytes);
  if (error == 0) (*link)->users++;
  fj_lock_give(&links_lock);
  return error;
}

void fj_xsk_link_leave(struct fj_xsk_link *link) {
  fj_lock_take(&links_lock);
  if (--link->users == 0) {
    struct fj_xsk_link **at = &links;
    while (*at != link) at = &(*at)->next;
    *at = link->next;
    close(link->attachment);
    close_link(link);
    free(link);
  }
  fj_lock_give(&links_lock);
}

// --- readers ----------------------------------------------------------------------------------------------

// Decides in the program which frames are taken from the host's own stack.
static void place_filter(struct fj_xsk_reader *reader, uint32_t length) {
  struct fj_xsk_filter *filters = reader->link->program->bss->filters, *filter = NULL;
  reader->place = -1;
  for (int i = 0; i < FJ_XSK_FILTERS && !filter; i++)
    if (filters[i].length == 0) filter = &filters[reader->place = i];
  if (!filter) filter = &filters[0];  // the first of many takes everything from now on
  bool fits = reader->place >= 0 && reader->filter && length <= FJ_XSK_INSTRUCTIONS;
  if (fits) memcpy(filter->code, reader->filter, length * sizeof *reader->filter);
  __atomic_store_n(&filter->length, fits ? length : FJ_XSK_ALL, __ATOMIC_RELEASE);
}

// Frames that the kernel had no room for, on all queues.
static uint64_t count_lost(const struct fj_xsk_link *link) {
  uint64_t lost = 0;
  for (uint32_t i = 0; i < link->queue_count; i++) {
    struct xdp_statistics statistics = {0};
    socklen_t length = sizeof statistics;
    if (getsockopt(link->queues[i]->fd, SOL_XDP, XDP_STATISTICS, &statistics, &length)) continue;
    lost += statistics.rx_dropped + statistics.rx_ring_full;
  }
  return lost;
}

void fj_xsk_add_reader(struct fj_xsk_reader *reader, uint32_t filter_length) {
  struct fj_xsk_link *link = reader->link;
  fj_lock_take(&link->lock);
  reader->lost_before = count_lost(link);
  reader->next = link->readers;
  link->readers = reader;
  place_filter(reader, filter_length);
  fj_lock_give(&link->lock);
}

void fj_xsk_remove_reader(struct fj_xsk_reader *reader) {
  struct fj_xsk_link *link = reader->link;
  fj_lock_take(&link->lock);
  struct fj_xsk_reader **at = &link->readers;
  while (*at != reader) at = &(*at)->next;
  *at = reader->next;
  if (reader->place >= 0)
    __atomic_store_n(&link->program->bss->filters[reader->place].length, 0, __ATOMIC_RELEASE);
  fj_lock_give(&link->lock);
}

static struct tpacket_block_desc *block_at(const struct fj_xsk_reader *reader, uint32_t index) {
  return (struct tpacket_block_desc *)(reader->blocks + (size_t)index * reader->block_size);
}

static bool is_free(const struct tpacket_block_desc *block) {
  return __atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) == TP_STATUS_KERNEL;
}

static void hand_over(struct fj_xsk_reader *reader) {
  if (!reader->filling) return;
  fj_block_finish(&reader->block, reader->sequence++);
  reader->filling = false;
  reader->at = (reader->at + 1) % reader->block_count;
}

// False when the reader has no block for it.
static bool append(struct fj_xsk_reader *reader, const struct fj_frame *frame) {
  if (reader->filling) {
    if (fj_block_append(&reader->block, frame)) return true;
    hand_over(reader);
  }
  unsigned char *base = (unsigned char *)block_at(reader, reader->at);
  reader->filling = fj_block_begin(&reader->block, base, reader->block_size);
  return reader->filling && fj_block_append(&reader->block, frame);
}

static uint32_t judge(const struct fj_xsk_reader *reader, const struct fj_frame *frame) {
  struct fj_filter_frame seen =
      fj_filter_frame_of(frame->bytes, frame->length, frame->length, &reader->about);
  uint32_t kept = reader->filter ? fj_filter_run(reader->filter, &seen) : frame->length;
  if (kept == 0) return 0;
  if (kept > reader->snaplen) kept = reader->snaplen;
  return kept < frame->length - seen.gap ? kept + seen.gap : frame->length;
}

static void deliver(struct fj_xsk_reader *reader, struct fj_frame *frame, const struct fj_xsk_reader *by) {
  uint32_t kept = judge(reader, frame), room = fj_block_room(reader->block_size);
  if (kept == 0) return;
  frame->snaplen = kept < room ? kept : room;
  frame->from = reader->from;
  if (append(reader, frame))
    reader->delivered++;
  else
    reader->overflowed++;
  if (!reader->sleeping || reader == by) return;
  uint64_t one = 1;
  reader->sleeping = write(reader->bell, &one, sizeof one) < 0;
}

// --- frames -----------------------------------------------------------------------------------------------

static void read_stamp(const struct fj_xsk_link *link, const unsigned char *bytes, uint64_t room,
                       struct fj_frame *frame) {
  struct fj_xsk_stamp stamp = {0};
  if (room >= sizeof stamp) memcpy(&stamp, bytes - sizeof stamp, sizeof stamp);
  int64_t time = stamp.mark == FJ_XSK_MARK ? (int64_t)stamp.time_ns : fj_clock_read(CLOCK_MONOTONIC);
  time += link->clock.offset;
  frame->seconds = (uint32_t)(time / 1000000000);
  frame->nanos = (uint32_t)(time % 1000000000);
}

// One frame from the descriptors at index, of which there are so many; gives how many it took, 0 when its end
// is missing.
static uint32_t gather(struct fj_xsk_link *link, struct fj_xsk_queue *queue, uint32_t index, uint32_t count,
                       struct fj_frame *frame) {
  uint32_t used = 0, length = 0;
  for (bool more = true; more; used++) {
    if (used == count) return 0;
    const struct xdp_desc *desc = &queue->rx.descs[(index + used) & (queue->rx.count - 1)];
    if (desc->addr >= queue->length || desc->len > queue->length - desc->addr) return used + 1;
    const unsigned char *bytes = queue->memory + desc->addr;
    more = (desc->options & XDP_PKT_CONTD) != 0;
    if (used == 0) read_stamp(link, bytes, desc->addr % queue->chunk, frame);
    if (used == 0 && !more) {
      frame->bytes = bytes;
      length = desc->len;
      continue;
    }
    uint32_t room = FJ_XSK_GATHERED - length, piece = desc->len < room ? desc->len : room;
    memcpy(link->gathered + length, bytes, piece);
    frame->bytes = link->gathered;
    length += piece;
  }
  frame->length = length;
  return used;
}

static void give_back(struct fj_xsk_queue *queue, uint32_t index, uint32_t count) {
  struct fj_xsk_ring *fill = &queue->fill;
  uint32_t at = *fill->producer;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t address = queue->rx.descs[(index + i) & (queue->rx.count - 1)].addr;
    fill->addresses[(at + i) & (fill->count - 1)] = address / queue->chunk * queue->chunk;
  }
  fj_xsk_store(fill->producer, at + count);
  fj_xsk_store(queue->rx.consumer, index + count);
  if (fj_xsk_load(fill->flags) & XDP_RING_NEED_WAKEUP && queue->zero_copy)
    (void)recvfrom(queue->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

// Whether one more frame finds its place: in the block at first, or, when that is too full, in the next one.
static bool has_room(const struct fj_xsk_reader *reader, uint32_t first) {
  if (reader->at != first || !is_free(block_at(reader, first))) return false;
  return !reader->filling || is_free(block_at(reader, (first + 1) % reader->block_count));
}

static uint64_t count_waiting(const struct fj_xsk_reader *reader, struct fj_xsk_queue *queue) {
  uint32_t index = *queue->rx.consumer, left = fj_xsk_load(queue->rx.producer) - index;
  uint64_t frames = 0;
  while (left > 0) {
    struct fj_frame frame = {0};
    uint32_t used = gather(reader->link, queue, index, left, &frame);
    if (used == 0) break;
    if (frame.length && judge(reader, &frame)) frames++;
    index += used;
    left -= used;
  }
  return frames;
}

// Until the reader has a full block, or the ring is empty.
static void drain(struct fj_xsk_reader *reader, struct fj_xsk_queue *queue, uint32_t first) {
  struct fj_xsk_link *link = reader->link;
  uint32_t index = *queue->rx.consumer, left = fj_xsk_load(queue->rx.producer) - index, taken = 0;
  while (left > 0 && has_room(reader, first)) {
    struct fj_frame frame = {.status = TP_STATUS_CSUMNOTREADY};  // whether it is nobody tells
    uint32_t used = gather(link, queue, index + taken, left, &frame);
    if (used == 0) break;
    for (struct fj_xsk_reader *at = link->readers; at && frame.length; at = at->next)
      deliver(at, &frame, reader);
    taken += used;
    left -= used;
  }
  if (taken > 0) give_back(queue, index, taken);
}

static void forget_old_frames(struct fj_xsk_link *link) {
  for (uint32_t i = 0; i < link->queue_count; i++) {
    struct fj_xsk_queue *queue = link->queues[i];
    uint32_t index = *queue->rx.consumer, left = fj_xsk_load(queue->rx.producer) - index;
    if (left > 0) give_back(queue, index, left);
  }
}

// Under the link's lock: until the block that the reader comes to next is full or nothing is left.
static void drain_all(struct fj_xsk_reader *reader) {
  struct fj_xsk_link *link = reader->link;
  uint32_t first = reader->at;
  for (uint32_t i = 0; i < link->queue_count; i++) drain(reader, link->queues[i], first);
}

int fj_xsk_read(struct fj_xsk_reader *reader, unsigned char *base) {
  struct fj_xsk_link *link = reader->link;
  struct tpacket_block_desc *block = (struct tpacket_block_desc *)base;
  fj_lock_take(&link->lock);
  if (is_free(block)) {  // or somebody else has filled it meanwhile
    uint32_t first = reader->at;
    fj_clock_follow(&link->clock);
    drain_all(reader);
    if (reader->at == first) hand_over(reader);
  }
  int frames = is_free(block) ? 0 : (int)block->hdr.bh1.num_pkts;
  fj_lock_give(&link->lock);
  return frames;
}

bool fj_xsk_has_frames(struct fj_xsk_reader *reader) {
  struct fj_xsk_link *link = reader->link;
  fj_lock_take(&link->lock);
  uint32_t before = reader->at;
  if (!reader->filling) drain_all(reader);
  bool found = reader->filling || reader->at != before || !is_free(block_at(reader, before));
  fj_lock_give(&link->lock);
  return found;
}

struct fj_xsk_counts fj_xsk_count(struct fj_xsk_reader *reader) {
  struct fj_xsk_link *link = reader->link;
  fj_lock_take(&link->lock);
  struct fj_xsk_counts counts = {
      .delivered = reader->delivered,
      .dropped = reader->overflowed + count_lost(link) - reader->lost_before,
  };
  for (uint32_t i = 0; i < link->queue_count; i++) counts.delivered += count_waiting(reader, link->queues[i]);
  fj_lock_give(&link->lock);
  return counts;
}
