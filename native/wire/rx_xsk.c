// SPDX-License-Identifier: Apache-2.0
// Backend "xsk": AF_XDP (Linux Documentation/networking/af_xdp.rst), on all queues of the link. Frames that
// the receiver's filter takes are taken from the host's own stack; it sees all others. What the host sends is
// not to be seen here, nor a VLAN tag that the sender's link has put beside the frame rather than in it.
#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"
#include "xsk_link.h"

enum { BLOCKS = 16 };  // to copy to; what is not read yet waits in the memory that the kernel writes

struct xsk_receiver {
  struct fj_xsk_reader reader;
  struct sock_filter filter[];
};

// --- opening ----------------------------------------------------------------------------------------------

// The MAC of the link that a packet socket is bound to.
static int read_mac(int fd, unsigned char *mac) {
  struct sockaddr_ll link;
  socklen_t length = sizeof link;
  if (getsockname(fd, (struct sockaddr *)&link, &length)) return -errno;
  if (link.sll_halen != ETH_ALEN) return -EOPNOTSUPP;  // no Ethernet
  memcpy(mac, link.sll_addr, ETH_ALEN);
  return 0;
}

static struct xsk_receiver *receiver_new(const struct fj_rx_config *config) {
  size_t bytes = config->filter ? config->filter_length * sizeof *config->filter : 0;
  struct xsk_receiver *receiver = calloc(1, sizeof *receiver + bytes);
  if (!receiver) return NULL;
  if (bytes) memcpy(receiver->filter, config->filter, bytes);
  receiver->reader.filter = bytes ? receiver->filter : NULL;
  receiver->reader.about.ifindex = (uint32_t)config->ifindex;
  receiver->reader.from = (struct sockaddr_ll){.sll_family = AF_PACKET, .sll_ifindex = config->ifindex};
  return receiver;
}

static int watch_fd(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

// One descriptor to wait for: frames on any queue, and the bell.
static int open_bell(struct fj_rx *rx, struct fj_xsk_reader *reader) {
  int error;
  reader->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (reader->bell < 0) return -errno;
  rx->ring_fd = epoll_create1(EPOLL_CLOEXEC);
  if (rx->ring_fd < 0) {
    error = -errno;
    goto close_bell;
  }
  error = watch_fd(rx->ring_fd, reader->bell);
  for (uint32_t i = 0; i < reader->link->queue_count && error == 0; i++)
    error = watch_fd(rx->ring_fd, reader->link->queues[i]->fd);
  if (error == 0) return 0;
  close(rx->ring_fd);
  rx->ring_fd = -1;
close_bell:
  close(reader->bell);
  return error;
}

static int begin(struct fj_rx *rx, struct xsk_receiver *receiver, const struct fj_rx_config *config) {
  struct fj_xsk_reader *reader = &receiver->reader;
  uint64_t bytes = (uint64_t)config->block_size * config->blocks;
  int error = fj_xsk_link_join(&reader->link, config->ifindex, bytes);
  if (error) return error;
  error = open_bell(rx, reader);
  if (error) {
    fj_xsk_link_leave(reader->link);
    return error;
  }
  reader->blocks = rx->mapping.body;
  reader->block_size = rx->block_size;
  reader->block_count = rx->blocks;
  reader->snaplen = rx->snaplen;
  fj_xsk_add_reader(reader, config->filter_length);
  return 0;
}

static int xsk_open(struct fj_rx *rx, const struct fj_rx_config *config) {
  if (config->flags & FJ_RX_INCLUDE_OUTGOING) return -EOPNOTSUPP;
  int error = config->filter ? fj_filter_check(config->filter, config->filter_length) : 0;
  if (error) return error;
  struct xsk_receiver *receiver = receiver_new(config);
  if (!receiver) return -ENOMEM;
  rx->fd = error = fj_rx_watch_link(config);
  if (error < 0) goto free_receiver;
  error = read_mac(rx->fd, receiver->reader.about.mac);
  if (error) goto close_fd;
  if (rx->blocks > BLOCKS) rx->blocks = BLOCKS;
  error = fj_mapping_open(&rx->mapping, (size_t)rx->block_size * rx->blocks);
  if (error) goto close_fd;
  error = begin(rx, receiver, config);
  if (error) goto free_mapping;
  rx->state = receiver;
  return 0;
free_mapping:
  fj_mapping_free(&rx->mapping);
close_fd:
  close(rx->fd);
free_receiver:
  free(receiver);
  return error;
}

static struct fj_xsk_reader *reader_of(const struct fj_rx *rx) {
  struct xsk_receiver *receiver = rx->state;
  return &receiver->reader;
}

static void xsk_close(struct fj_rx *rx) {
  struct fj_xsk_reader *reader = reader_of(rx);
  fj_xsk_remove_reader(reader);
  close(rx->ring_fd);
  close(reader->bell);
  fj_xsk_link_leave(reader->link);
  close(rx->fd);
  free(rx->state);
}

// --- reading ----------------------------------------------------------------------------------------------

static bool xsk_has_pending(const struct fj_rx *rx) {
  return fj_xsk_has_frames(reader_of(rx));
}

static void xsk_sleep(struct fj_rx *rx, bool sleeping) {
  struct fj_xsk_reader *reader = reader_of(rx);
  uint64_t rings;
  fj_lock_take(&reader->link->lock);
  reader->sleeping = sleeping;
  fj_lock_give(&reader->link->lock);
  if (!sleeping && read(reader->bell, &rings, sizeof rings) < 0) return;  // nobody rang
}

static int xsk_refill(struct fj_rx *rx, unsigned char *block) {
  return fj_xsk_read(reader_of(rx), block);
}

static int xsk_statistics(struct fj_rx *rx) {
  struct fj_xsk_counts counts = fj_xsk_count(reader_of(rx));
  fj_store64(&rx->control->packets, counts.delivered);
  fj_store64(&rx->control->drops, counts.dropped);
  return 0;
}

const struct fj_rx_ops fj_rx_xsk = {
    .open = xsk_open,
    .sleep = xsk_sleep,
    .has_pending = xsk_has_pending,
    .refill = xsk_refill,
    .statistics = xsk_statistics,
    .close = xsk_close,
};
