// SPDX-License-Identifier: Apache-2.0
// Backend "socket": recvmmsg without waiting (man 2 recvmmsg), packed into blocks. Works everywhere, copies
// twice.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "block.h"
#include "wire.h"

enum { MESSAGES = 64 };

struct ancillary {
  _Alignas(struct cmsghdr) unsigned char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata)) +
                                               CMSG_SPACE(sizeof(struct timespec))];
};

// Frames are received here and then packed, since where the next one goes depends on the length of this one.
// Those that found no room in their block wait for the next.
struct inbox {
  int next, count;
  struct mmsghdr headers[MESSAGES];
  struct iovec parts[MESSAGES];
  struct sockaddr_ll from[MESSAGES];
  struct ancillary ancillary[MESSAGES];
  unsigned char bytes[];  // snaplen of each
};

static struct inbox *inbox_new(uint32_t snaplen) {
  struct inbox *inbox = calloc(1, sizeof *inbox + (size_t)snaplen * MESSAGES);
  if (!inbox) return NULL;
  for (int i = 0; i < MESSAGES; i++) {
    inbox->parts[i] = (struct iovec){inbox->bytes + (size_t)i * snaplen, snaplen};
    inbox->headers[i].msg_hdr.msg_iov = &inbox->parts[i];
    inbox->headers[i].msg_hdr.msg_iovlen = 1;
    inbox->headers[i].msg_hdr.msg_name = &inbox->from[i];
    inbox->headers[i].msg_hdr.msg_control = &inbox->ancillary[i];
  }
  return inbox;
}

static int set_options(int fd, const struct fj_rx_config *config) {
  uint32_t bytes = config->block_size * config->blocks;
  int one = 1, room = bytes < INT_MAX / 2 ? (int)bytes : INT_MAX / 2;  // the kernel doubles it
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room))
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one)) return -errno;
  if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one)) return -errno;
  return fj_rx_attach(fd, config);
}

static int socket_open(struct fj_rx *rx, const struct fj_rx_config *config) {
  int error;
  rx->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (rx->fd < 0) return -errno;
  error = fj_mapping_open(&rx->mapping, (size_t)config->block_size * config->blocks);
  if (error) goto close_fd;
  error = -ENOMEM;
  rx->state = inbox_new(rx->snaplen);
  if (!rx->state) goto free_mapping;
  error = set_options(rx->fd, config);
  if (error) goto free_inbox;
  error = fj_rx_bind(rx->fd, config);
  if (error == 0) return 0;
free_inbox:
  free(rx->state);
free_mapping:
  fj_mapping_free(&rx->mapping);
close_fd:
  close(rx->fd);
  return error;
}

static bool socket_has_pending(const struct fj_rx *rx) {
  const struct inbox *inbox = rx->state;
  return inbox->next < inbox->count;
}

// Gives the number of frames received, 0 for none, or -errno.
static int receive(struct fj_rx *rx, struct inbox *inbox) {
  for (int i = 0; i < MESSAGES; i++) {
    inbox->headers[i].msg_hdr.msg_namelen = sizeof inbox->from[i];
    inbox->headers[i].msg_hdr.msg_controllen = sizeof inbox->ancillary[i].bytes;
  }
  int count;
  do count = recvmmsg(rx->fd, inbox->headers, MESSAGES, MSG_DONTWAIT, NULL);
  while (count < 0 && errno == EINTR);
  inbox->next = 0;
  inbox->count = count > 0 ? count : 0;
  if (count >= 0 || errno == EAGAIN) return inbox->count;
  return errno == ENETDOWN && fj_packet_is_orphan(rx->fd) ? -ENXIO : -errno;
}

// PACKET_AUXDATA tells what the frame has lost on its way: its VLAN tag, and its length before it was cut.
static void read_ancillary(struct msghdr *message, struct fj_frame *frame) {
  for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
    if (at->cmsg_level == SOL_PACKET && at->cmsg_type == PACKET_AUXDATA) {
      struct tpacket_auxdata aux;
      memcpy(&aux, CMSG_DATA(at), sizeof aux);
      frame->status = aux.tp_status;
      frame->length = aux.tp_len;
      frame->vlan_tci = aux.tp_vlan_tci;
      frame->vlan_tpid = aux.tp_vlan_tpid;
    } else if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec time;
      memcpy(&time, CMSG_DATA(at), sizeof time);
      frame->seconds = (uint32_t)time.tv_sec;
      frame->nanos = (uint32_t)time.tv_nsec;
    }
  }
}

static void pack(struct inbox *inbox, struct fj_block *block) {
  for (; inbox->next < inbox->count; inbox->next++) {
    struct mmsghdr *message = &inbox->headers[inbox->next];
    struct fj_frame frame = {
        .snaplen = message->msg_len,
        .length = message->msg_len,
        .from = inbox->from[inbox->next],
        .bytes = inbox->parts[inbox->next].iov_base,
    };
    read_ancillary(&message->msg_hdr, &frame);
    if (!fj_block_append(block, &frame)) return;
  }
}

static int socket_refill(struct fj_rx *rx, unsigned char *base) {
  struct inbox *inbox = rx->state;
  struct fj_block block;
  if (!fj_block_begin(&block, base, rx->block_size)) return -EBUSY;
  int received = inbox->count;
  for (;;) {
    pack(inbox, &block);
    // Full, or the last call came back with less than it might have: the queue was empty.
    if (inbox->next < inbox->count) break;
    if (block.frames > 0 && received < MESSAGES) break;
    received = receive(rx, inbox);
    if (received < 0 && block.frames == 0) return received;
    if (received < 0) rx->deferred = received;
    if (received <= 0) break;
  }
  return fj_block_finish(&block, rx->sequence++);
}

static int socket_statistics(struct fj_rx *rx) {
  struct tpacket_stats stats;
  socklen_t length = sizeof stats;
  if (getsockopt(rx->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length)) return -errno;
  fj_rx_count(rx, stats.tp_packets - stats.tp_drops, stats.tp_drops, 0);
  return 0;
}

static void socket_close(struct fj_rx *rx) {
  free(rx->state);
  close(rx->fd);
}

const struct fj_rx_ops fj_rx_socket = {
    .open = socket_open,
    .has_pending = socket_has_pending,
    .refill = socket_refill,
    .statistics = socket_statistics,
    .close = socket_close,
};
