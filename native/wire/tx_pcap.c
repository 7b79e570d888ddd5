// SPDX-License-Identifier: Apache-2.0
// Backend "pcap": libpcap's pcap_inject or pcap_sendpacket, a system call per frame. It is here to compare
// with, and for links that only libpcap knows how to drive.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pcap_library.h"
#include "wire.h"

struct pcap_state {
  struct fj_pcap_library library;
  pcap_t *handle;
  bool sendpacket;
};

enum { SMALLEST_BUFFER = 1 << 16 };

// libpcap always captures: let it capture nothing.
static int activate_deaf(const struct fj_pcap_library *pcap, pcap_t *handle) {
  pcap->set_snaplen(handle, FJ_MIN_FRAME);
  pcap->set_buffer_size(handle, SMALLEST_BUFFER);
  int error = fj_pcap_activate(pcap, handle);
  if (error) return error;
  struct bpf_insn reject = {.code = BPF_RET | BPF_K, .k = 0};
  struct bpf_program program = {.bf_len = 1, .bf_insns = &reject};
  if (pcap->setfilter(handle, &program)) return -EIO;
  (void)pcap->setdirection(handle, PCAP_D_IN);
  return 0;
}

static int pcap_open_handle(struct fj_tx *tx, struct pcap_state *state, int ifindex) {
  int error = fj_pcap_create(&state->library, ifindex, &state->handle);
  if (error) return error;
  error = activate_deaf(&state->library, state->handle);
  if (error) {
    state->library.close(state->handle);
    return error;
  }
  char text[PCAP_ERRBUF_SIZE];
  (void)state->library.setnonblock(state->handle, 1, text);
  tx->fd = state->library.fileno(state->handle);
  return 0;
}

static int pcap_open_(struct fj_tx *tx, const struct fj_tx_config *config) {
  int error;
  struct pcap_state *state = calloc(1, sizeof *state);
  if (!state) return -ENOMEM;
  state->sendpacket = config->flags & FJ_TX_PCAP_SENDPACKET;
  error = fj_pcap_library_open(&state->library);
  if (error) goto free_state;
  error = pcap_open_handle(tx, state, config->ifindex);
  if (error) goto close_library;
  error = fj_tx_bind_link(tx, config);
  if (error) goto close_handle;
  // A listener on the link, even a deaf one, makes the kernel look for listeners at every frame that is sent.
  error = fj_tx_packet_bind(tx->fd, config->ifindex);
  if (error) goto close_handle;
  error = -EOPNOTSUPP;
  if (fj_pcap_link_header(&state->library, state->handle) != (int)tx->link_header) goto close_handle;
  error = fj_tx_lay_out_private(tx, config->slots);
  if (error) goto close_handle;
  tx->state = state;
  return 0;
close_handle:
  state->library.close(state->handle);
close_library:
  fj_pcap_library_close(&state->library);
free_state:
  free(state);
  return error;
}

static int send_one(struct pcap_state *state, struct fj_slot *slot) {
  int result;
  do {
    errno = 0;
    result = state->sendpacket
                 ? state->library.sendpacket(state->handle, fj_slot_data(slot), (int)slot->length)
                 : state->library.inject(state->handle, fj_slot_data(slot), slot->length);
  } while (result < 0 && errno == EINTR);
  if (result >= 0) return 0;
  return errno ? -errno : -EIO;
}

static int pcap_push(struct fj_tx *tx, uint32_t first, uint32_t count) {
  uint32_t at = first;
  // libpcap's socket listens as well, and keeps an error from when the link went down; the carrier was
  // checked since.
  int stale;
  socklen_t length = sizeof stale;
  (void)getsockopt(tx->fd, SOL_SOCKET, SO_ERROR, &stale, &length);
  for (uint32_t i = 0; i < count; i++, at = fj_tx_next(tx, at)) {
    int error = send_one(tx->state, fj_tx_slot(tx, at));
    if (error) return i > 0 ? (int)i : error;
  }
  return (int)count;
}

static void pcap_close_(struct fj_tx *tx) {
  struct pcap_state *state = tx->state;
  state->library.close(state->handle);
  fj_pcap_library_close(&state->library);
  free(state);
}

const struct fj_tx_ops fj_tx_pcap = {.open = pcap_open_, .push = pcap_push, .close = pcap_close_};
