// SPDX-License-Identifier: Apache-2.0
// Backend "ring": PACKET_RX_RING with TPACKET_V3 (Linux Documentation/networking/packet_mmap.rst). The kernel
// fills the blocks, and hands one over when it is full or its time is up.
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "block.h"
#include "wire.h"

enum {
  FEWEST_BLOCKS = 2,
  // Only has to divide the block: TPACKET_V3 packs frames of any length (packet_set_ring still checks it).
  FRAME_BYTES = 2048,
};

static int set_version(int fd) {
  int version = TPACKET_V3;
  unsigned reserve = FJ_RX_RESERVE;
  if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version)) return -EOPNOTSUPP;
  return setsockopt(fd, SOL_PACKET, PACKET_RESERVE, &reserve, sizeof reserve) ? -errno : 0;
}

static int set_ring(int fd, const struct fj_rx_config *config, uint32_t blocks) {
  struct tpacket_req3 request = {
      .tp_block_size = config->block_size,
      .tp_block_nr = blocks,
      .tp_frame_size = FRAME_BYTES,
      .tp_frame_nr = config->block_size / FRAME_BYTES * blocks,
      .tp_retire_blk_tov = config->retire_ms,
  };
  return setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) ? -errno : 0;
}

static int map_ring(struct fj_rx *rx, const struct fj_rx_config *config, uint32_t blocks) {
  struct tpacket_req3 none = {0};
  int error = fj_mapping_open(&rx->mapping, (size_t)config->block_size * blocks);
  if (error) return error;
  error = set_ring(rx->fd, config, blocks);
  if (error) goto free_mapping;
  error = fj_mapping_overlay(&rx->mapping, rx->fd, 0);
  if (error) goto drop_ring;
  rx->blocks = blocks;
  return 0;
drop_ring:
  (void)setsockopt(rx->fd, SOL_PACKET, PACKET_RX_RING, &none, sizeof none);
free_mapping:
  fj_mapping_free(&rx->mapping);
  return error;
}

static int ring_open(struct fj_rx *rx, const struct fj_rx_config *config) {
  int error;
  rx->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (rx->fd < 0) return -errno;
  error = set_version(rx->fd);
  if (error) goto close_fd;
  uint32_t blocks = config->blocks;
  while ((error = map_ring(rx, config, blocks)) == -ENOMEM && blocks / 2 >= FEWEST_BLOCKS) blocks /= 2;
  if (error) goto close_fd;
  error = fj_rx_attach(rx->fd, config);
  if (error) goto free_mapping;
  error = fj_rx_bind(rx->fd, config);
  if (error == 0) return 0;
free_mapping:
  fj_mapping_free(&rx->mapping);
close_fd:
  close(rx->fd);
  return error;
}

static int ring_statistics(struct fj_rx *rx) {
  struct tpacket_stats_v3 stats;
  socklen_t length = sizeof stats;
  if (getsockopt(rx->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length)) return -errno;
  // The kernel starts anew at each reading, and has added the drops to tp_packets (packet_getsockopt).
  fj_rx_count(rx, stats.tp_packets - stats.tp_drops, stats.tp_drops, stats.tp_freeze_q_cnt);
  return 0;
}

static void ring_close(struct fj_rx *rx) {
  close(rx->fd);
}

const struct fj_rx_ops fj_rx_ring = {.open = ring_open, .statistics = ring_statistics, .close = ring_close};
