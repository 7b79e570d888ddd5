// SPDX-License-Identifier: Apache-2.0
// What all backends for receiving share: opening, waiting, waking, counting.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "block.h"
#include "wire.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23  // Linux 4.20
#endif

// --- opening ----------------------------------------------------------------------------------------------

static const struct fj_rx_ops *ops_of(enum fj_backend backend) {
  switch (backend) {
    case FJ_SOCKET:
      return &fj_rx_socket;
    case FJ_RING:
      return &fj_rx_ring;
    case FJ_PCAP:
      return &fj_rx_pcap;
    case FJ_RAWIP:
      return NULL;  // a raw IP socket receives copies of what the stack takes, not what the link does
    case FJ_XDP:
      return &fj_rx_xdp;
    case FJ_XSK:
      return &fj_rx_xsk;
  }
  return NULL;
}

static int validate(const struct fj_rx_config *config) {
  uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
  if (config->ifindex <= 0) return -ENODEV;
  if (config->block_size < page || config->block_size % page || config->block_size > 1u << 30) return -EINVAL;
  if (config->blocks == 0 || config->snaplen == 0) return -EINVAL;
  return (uint64_t)config->block_size * config->blocks > INT32_MAX - page ? -EINVAL : 0;
}

static int open_in_namespace(struct fj_rx *rx, const struct fj_rx_config *config) {
  struct fj_visit visit;
  int error = fj_visit_begin(&visit, config->netns);
  if (error) return error;
  error = rx->ops->open(rx, config);
  int back = fj_visit_end(&visit);
  if (error == 0 && back) {
    rx->ops->close(rx);
    fj_mapping_retire(&rx->mapping);
  }
  return error ? error : back;
}

static void describe(struct fj_rx *rx) {
  rx->control = (struct fj_rx_control *)rx->mapping.base;
  *rx->control = (struct fj_rx_control){
      .block_size = rx->block_size,
      .blocks = rx->blocks,
      .blocks_offset = (uint32_t)(rx->mapping.body - rx->mapping.base),
      .snaplen = rx->snaplen,
      .needs_refill = rx->ops->refill != NULL,
      .replies = rx->replies,
      .replies_offset = (uint32_t)(rx->mapping.body - rx->mapping.base) + rx->block_size * rx->blocks,
  };
}

int fj_rx_open(struct fj_rx **handle, const struct fj_rx_config *config) {
  const struct fj_rx_ops *ops = ops_of(config->backend);
  if (!ops) return -EOPNOTSUPP;
  int error = validate(config);
  if (error) return error;
  struct fj_rx *rx = calloc(1, sizeof *rx);
  if (!rx) return -ENOMEM;
  rx->ops = ops;
  rx->ifindex = config->ifindex;
  rx->ring_fd = -1;
  rx->block_size = config->block_size;
  rx->blocks = config->blocks;
  // A frame must fit into a block; the kernel cuts it off there as well (tpacket_rcv, max_frame_len).
  uint32_t room = fj_block_room(config->block_size);
  rx->snaplen = config->snaplen < room ? config->snaplen : room;
  rx->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (rx->wake_fd < 0) {
    error = -errno;
    goto free_rx;
  }
  error = open_in_namespace(rx, config);
  if (error) goto close_wake_fd;
  describe(rx);
  *handle = rx;
  return 0;
close_wake_fd:
  close(rx->wake_fd);
free_rx:
  free(rx);
  return error;
}

void fj_rx_close(struct fj_rx *rx) {
  rx->ops->close(rx);  // first: until then another receiver of the link may write to our blocks
  fj_mapping_retire(&rx->mapping);
  close(rx->wake_fd);
  free(rx);
}

static int attach_filter(int fd, const struct fj_rx_config *config) {
  // Without a filter, one that does nothing but cut frames at snaplen.
  struct sock_filter cut = {.code = BPF_RET | BPF_K, .k = config->snaplen};
  struct sock_fprog program = {.len = 1, .filter = &cut};
  if (config->filter) {
    program.len = config->filter_length;
    program.filter = (struct sock_filter *)config->filter;
  }
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ? -errno : 0;
}

// What has to be in place before the socket is bound, and the first frame arrives.
int fj_rx_attach(int fd, const struct fj_rx_config *config) {
  int one = 1;
  int error = attach_filter(fd, config);
  if (error) return error;
  if (!(config->flags & FJ_RX_INCLUDE_OUTGOING) &&
      setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one))
    return -errno;
  return 0;
}

int fj_rx_bind(int fd, const struct fj_rx_config *config) {
  struct sockaddr_ll link = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = config->ifindex};
  if (bind(fd, (struct sockaddr *)&link, sizeof link)) return -errno;
  return config->flags & FJ_RX_PROMISCUOUS ? fj_promisc_join(fd, config->ifindex) : 0;
}

// --- waiting ----------------------------------------------------------------------------------------------

static bool was_woken(struct fj_rx *rx) {
  uint64_t wakes;
  ssize_t size;
  do size = read(rx->wake_fd, &wakes, sizeof wakes);
  while (size < 0 && errno == EINTR);
  return size == (ssize_t)sizeof wakes;
}

// Takes the error off the socket, so that it is reported once and the socket goes on when the link is up
// again.
int fj_rx_socket_error(const struct fj_rx *rx) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(rx->fd, SOL_SOCKET, SO_ERROR, &error, &length)) return -errno;
  if (error && fj_packet_is_orphan(rx->fd)) return -ENXIO;
  return -error;
}

int fj_rx_watch_link(const struct fj_rx_config *config) {
  // An EtherType that nobody sends: Ethernet II reserves 0xffff (RFC 1701).
  enum { NO_PROTOCOL = 0xffff };
  struct sock_filter none = {.code = BPF_RET | BPF_K};
  struct sock_fprog program = {.len = 1, .filter = &none};
  struct sockaddr_ll link = {
      .sll_family = AF_PACKET, .sll_protocol = htons(NO_PROTOCOL), .sll_ifindex = config->ifindex};
  int error = 0, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ||
      bind(fd, (struct sockaddr *)&link, sizeof link))
    error = -errno;
  if (error == 0 && config->flags & FJ_RX_PROMISCUOUS) error = fj_promisc_join(fd, config->ifindex);
  if (error == 0) return fd;
  close(fd);
  return error;
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

// One poll: 1 frames, 0 time over or woken, -EINTR to go on, another -errno.
static int poll_once(struct fj_rx *rx, int64_t left_ns) {
  struct pollfd polled[] = {{.fd = rx->fd, .events = POLLIN},
                            {.fd = rx->wake_fd, .events = POLLIN},
                            {.fd = rx->ring_fd, .events = POLLIN}};
  struct timespec left = {.tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000};
  int ready = ppoll(polled, 3, &left, NULL);
  if (ready < 0) return -errno;
  // A link that is deleted while set down reports nothing more: look.
  if (ready == 0) return fj_packet_is_orphan(rx->fd) ? -ENXIO : 0;
  if (polled[1].revents && was_woken(rx)) return 0;
  if (polled[0].revents & POLLIN) return 1;
  if (polled[2].revents && rx->ops->has_pending(rx)) return 1;
  if (polled[0].revents & POLLNVAL) return -EBADF;
  int error = polled[0].revents ? fj_rx_socket_error(rx) : 0;
  return error ? error : -EINTR;
}

static int await(struct fj_rx *rx, int64_t timeout_ns) {
  // An error that frames came before was taken off the socket: poll would not see it.
  if (rx->deferred || (rx->ops->has_pending && rx->ops->has_pending(rx))) return was_woken(rx) ? 0 : 1;
  int64_t left = timeout_ns < 0 ? 0 : timeout_ns, start = now_ns();
  for (;;) {
    int result = poll_once(rx, left);
    if (result != -EINTR) return result;
    int64_t gone = now_ns() - start;
    left = gone < timeout_ns ? timeout_ns - gone : 0;
  }
}

int fj_rx_await(struct fj_rx *rx, int64_t timeout_ns) {
  if (rx->ops->sleep) rx->ops->sleep(rx, true);
  int result = await(rx, timeout_ns);
  if (rx->ops->sleep) rx->ops->sleep(rx, false);
  return result;
}

int fj_rx_wake(struct fj_rx *rx) {
  uint64_t one = 1;
  ssize_t size;
  do size = write(rx->wake_fd, &one, sizeof one);
  while (size < 0 && errno == EINTR);
  return size < 0 && errno != EAGAIN ? -errno : 0;  // EAGAIN: woken 2^64 times already
}

// --- filling and counting ---------------------------------------------------------------------------------

int fj_rx_refill(struct fj_rx *rx, int block) {
  if (!rx->ops->refill) return -EOPNOTSUPP;
  if (block < 0 || (uint32_t)block >= rx->blocks) return -ERANGE;
  int error = rx->deferred;
  rx->deferred = 0;
  if (error) return error;
  return rx->ops->refill(rx, rx->mapping.body + (size_t)block * rx->block_size);
}

int fj_rx_statistics(struct fj_rx *rx) {
  return rx->ops->statistics(rx);
}

void fj_rx_count(struct fj_rx *rx, uint64_t packets, uint64_t drops, uint64_t freezes) {
  fj_add64(&rx->control->packets, packets);
  fj_add64(&rx->control->drops, drops);
  fj_add64(&rx->control->freezes, freezes);
}
