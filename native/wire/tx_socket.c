// SPDX-License-Identifier: Apache-2.0
// Backend "socket": one sendmmsg per batch (man 2 sendmmsg). The kernel copies each frame into an skb.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wire.h"

enum { MOST_MESSAGES = 1024 };  // UIO_MAXIOV: sendmmsg takes no more at once

// Used from the front at every call, however many slots there are, so that they stay in the cache.
struct messages {
  struct iovec parts[MOST_MESSAGES];
  struct mmsghdr headers[MOST_MESSAGES];
  struct sockaddr_ll to;  // for frames without a link header
};

static struct messages *messages_new(void) {
  struct messages *messages = calloc(1, sizeof *messages);
  if (!messages) return NULL;
  for (uint32_t i = 0; i < MOST_MESSAGES; i++) {
    messages->headers[i].msg_hdr.msg_iov = &messages->parts[i];
    messages->headers[i].msg_hdr.msg_iovlen = 1;
  }
  return messages;
}

static int socket_open(struct fj_tx *tx, const struct fj_tx_config *config) {
  int error;
  tx->fd = fj_tx_packet_socket(config);
  if (tx->fd < 0) return tx->fd;
  error = fj_tx_bind_link(tx, config);
  if (error) goto close_fd;
  error = fj_tx_packet_bind(tx->fd, config->ifindex);
  if (error) goto close_fd;
  error = fj_tx_lay_out_private(tx, config->slots);
  if (error) goto close_fd;
  tx->state = messages_new();
  if (tx->state) return 0;
  error = -ENOMEM;
  free(tx->offsets);
  fj_mapping_free(&tx->mapping);
close_fd:
  close(tx->fd);
  return error;
}

// What a tunnel makes of a frame without a link header hangs on the protocol that came with it
// (skb->protocol), which the address gives. It gives the link as well, so a socket that has lost its own must
// be told. One protocol at a time: lowers count.
static int address(struct fj_tx *tx, uint32_t first, uint32_t *count) {
  struct messages *messages = tx->state;
  if (fj_packet_is_orphan(tx->fd)) return -ENXIO;
  messages->to = fj_tx_address(tx, first);
  *count = fj_tx_same_protocol(tx, first, *count);
  for (uint32_t i = 0; i < *count; i++) {
    messages->headers[i].msg_hdr.msg_name = &messages->to;
    messages->headers[i].msg_hdr.msg_namelen = sizeof messages->to;
  }
  return 0;
}

static int socket_push(struct fj_tx *tx, uint32_t first, uint32_t count) {
  struct messages *messages = tx->state;
  if (count > MOST_MESSAGES) count = MOST_MESSAGES;
  if (tx->link_header == 0) {
    int error = address(tx, first, &count);
    if (error) return error;
  }
  uint32_t at = first;
  for (uint32_t i = 0; i < count; i++, at = fj_tx_next(tx, at)) {
    struct fj_slot *slot = fj_tx_slot(tx, at);
    messages->parts[i] = (struct iovec){fj_slot_data(slot), slot->length};
  }
  int sent;
  do sent = sendmmsg(tx->fd, messages->headers, count, MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

static void socket_close(struct fj_tx *tx) {
  free(tx->state);
  close(tx->fd);
}

const struct fj_tx_ops fj_tx_socket = {.open = socket_open, .push = socket_push, .close = socket_close};
