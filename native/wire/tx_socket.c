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

// A message per slot, made once; only the lengths vary.
struct messages {
  struct iovec *parts;
  struct mmsghdr *headers;
};

static struct messages *messages_new(struct fj_tx *tx) {
  struct messages *messages = calloc(1, sizeof *messages);
  if (!messages) return NULL;
  messages->parts = calloc(tx->slots, sizeof *messages->parts);
  if (!messages->parts) goto free_messages;
  messages->headers = calloc(tx->slots, sizeof *messages->headers);
  if (!messages->headers) goto free_parts;
  for (uint32_t i = 0; i < tx->slots; i++) {
    messages->parts[i].iov_base = fj_slot_data(fj_tx_slot(tx, i));
    messages->headers[i].msg_hdr.msg_iov = &messages->parts[i];
    messages->headers[i].msg_hdr.msg_iovlen = 1;
  }
  return messages;
free_parts:
  free(messages->parts);
free_messages:
  free(messages);
  return NULL;
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
  tx->state = messages_new(tx);
  if (tx->state) return 0;
  error = -ENOMEM;
  free(tx->offsets);
  fj_mapping_free(&tx->mapping);
close_fd:
  close(tx->fd);
  return error;
}

static int socket_push(struct fj_tx *tx, uint32_t first, uint32_t count) {
  struct messages *messages = tx->state;
  // sendmmsg wants its messages in a row: up to the last slot now, and from slot 0 at the next call.
  uint32_t row = tx->slots - first;
  if (row > count) row = count;
  if (row > MOST_MESSAGES) row = MOST_MESSAGES;
  for (uint32_t i = first; i < first + row; i++) messages->parts[i].iov_len = fj_tx_slot(tx, i)->length;
  int sent;
  do sent = sendmmsg(tx->fd, messages->headers + first, row, MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

static void socket_close(struct fj_tx *tx) {
  struct messages *messages = tx->state;
  free(messages->headers);
  free(messages->parts);
  free(messages);
  close(tx->fd);
}

const struct fj_tx_ops fj_tx_socket = {.open = socket_open, .push = socket_push, .close = socket_close};
