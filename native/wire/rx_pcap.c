// SPDX-License-Identifier: Apache-2.0
// Backend "pcap": libpcap's pcap_next_ex, packed into blocks, and its filter compiler.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "block.h"
#include "pcap_library.h"
#include "wire.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23  // Linux 4.20
#endif

enum { LEAST_BUFFER = 1 << 20 };

struct pcap_state {
  struct fj_pcap_library library;
  pcap_t *handle;
  // A frame that found no room in its block; valid until the next pcap_next_ex.
  struct pcap_pkthdr *header;
  const unsigned char *bytes;
  bool pending;
  uint32_t packets, drops;  // as of the last pcap_stats
};

// libpcap takes classic BPF as the kernel does; only the names differ.
_Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "same instructions");

static int configure(struct pcap_state *state, const struct fj_rx_config *config, uint32_t snaplen) {
  const struct fj_pcap_library *pcap = &state->library;
  // libpcap's blocks are larger than ours: it needs some room to have enough of them.
  uint64_t room = (uint64_t)config->block_size * config->blocks;
  if (room < LEAST_BUFFER) room = LEAST_BUFFER;
  pcap->set_snaplen(state->handle, (int)snaplen);
  pcap->set_promisc(state->handle, config->flags & FJ_RX_PROMISCUOUS ? 1 : 0);
  // Not immediate mode: libpcap then takes TPACKET_V2, whose slots are all as long as snaplen, and 16 MB of
  // them hold some 250 frames. Blocks of TPACKET_V3 come a millisecond later.
  pcap->set_timeout(state->handle, 1);
  pcap->set_buffer_size(state->handle, (int)room);
  (void)pcap->set_tstamp_precision(state->handle, PCAP_TSTAMP_PRECISION_NANO);
  int error = fj_pcap_activate(pcap, state->handle);
  if (error) return error;
  char text[PCAP_ERRBUF_SIZE];
  return pcap->setnonblock(state->handle, 1, text) ? -EIO : 0;
}

static int set_filter(struct pcap_state *state, const struct fj_rx_config *config) {
  if (!config->filter) return 0;
  struct bpf_program program = {config->filter_length, (struct bpf_insn *)config->filter};
  return state->library.setfilter(state->handle, &program) ? -EINVAL : 0;
}

static void set_direction(struct fj_rx *rx, struct pcap_state *state, const struct fj_rx_config *config) {
  int one = 1;
  if (config->flags & FJ_RX_INCLUDE_OUTGOING) return;
  // libpcap sorts outgoing frames out by itself, but they would fill its ring and count as received.
  (void)setsockopt(rx->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
  (void)state->library.setdirection(state->handle, PCAP_D_IN);
}

static int open_handle(struct fj_rx *rx, struct pcap_state *state, const struct fj_rx_config *config) {
  int error = fj_pcap_create(&state->library, config->ifindex, &state->handle);
  if (error) return error;
  error = configure(state, config, rx->snaplen);
  if (error) goto close_handle;
  error = fj_pcap_link_header(&state->library, state->handle);
  if (error < 0) goto close_handle;
  rx->fd = state->library.fileno(state->handle);
  set_direction(rx, state, config);
  error = set_filter(state, config);
  if (error) goto close_handle;
  return 0;
close_handle:
  state->library.close(state->handle);
  return error;
}

static int pcap_open_(struct fj_rx *rx, const struct fj_rx_config *config) {
  int error;
  struct pcap_state *state = calloc(1, sizeof *state);
  if (!state) return -ENOMEM;
  error = fj_pcap_library_open(&state->library);
  if (error) goto free_state;
  error = fj_mapping_open(&rx->mapping, (size_t)config->block_size * config->blocks);
  if (error) goto close_library;
  error = open_handle(rx, state, config);
  if (error) goto free_mapping;
  rx->state = state;
  return 0;
free_mapping:
  fj_mapping_free(&rx->mapping);
close_library:
  fj_pcap_library_close(&state->library);
free_state:
  free(state);
  return error;
}

static bool pcap_has_pending(const struct fj_rx *rx) {
  const struct pcap_state *state = rx->state;
  return state->pending;
}

// Gives 1 when a frame is there, 0 when none, or -errno.
static int fetch(struct fj_rx *rx, struct pcap_state *state) {
  if (state->pending) return 1;
  errno = 0;
  int result = state->library.next_ex(state->handle, &state->header, &state->bytes);
  if (result >= 0) {
    state->pending = result == 1;
    return result;
  }
  if (errno == EINTR || errno == EAGAIN) return 0;
  // libpcap has text for the cause, and leaves the number to chance: ask the socket.
  return fj_packet_is_orphan(rx->fd) ? -ENXIO : -ENETDOWN;
}

static int pcap_refill(struct fj_rx *rx, unsigned char *base) {
  struct pcap_state *state = rx->state;
  struct fj_block block;
  if (!fj_block_begin(&block, base, rx->block_size)) return -EBUSY;
  // libpcap takes the error off the socket, remembers it, and goes on as if nothing had been.
  int result = fj_rx_socket_error(rx);
  if (result) return result;
  while ((result = fetch(rx, state)) > 0) {
    const struct pcap_pkthdr *header = state->header;
    struct fj_frame frame = {
        .seconds = (uint32_t)header->ts.tv_sec,
        .nanos = (uint32_t)header->ts.tv_usec,  // nanoseconds, by its precision
        .snaplen = header->caplen < rx->snaplen ? header->caplen : rx->snaplen,
        .length = header->len,
        .from = {.sll_family = AF_PACKET, .sll_ifindex = rx->ifindex},
        .bytes = state->bytes,
    };
    if (!fj_block_append(&block, &frame)) break;
    state->pending = false;
  }
  if (result < 0 && block.frames == 0) return result;
  if (result < 0) rx->deferred = result;
  return fj_block_finish(&block, rx->sequence++);
}

static int pcap_statistics(struct fj_rx *rx) {
  struct pcap_state *state = rx->state;
  struct pcap_stat stats;
  if (state->library.stats(state->handle, &stats)) return -EIO;
  // libpcap sums in 32 bits, which wrap; as in the kernel, received includes dropped.
  uint32_t packets = stats.ps_recv - state->packets, drops = stats.ps_drop - state->drops;
  state->packets = stats.ps_recv;
  state->drops = stats.ps_drop;
  fj_rx_count(rx, packets - drops, drops, 0);
  return 0;
}

static void pcap_close_(struct fj_rx *rx) {
  struct pcap_state *state = rx->state;
  state->library.close(state->handle);
  fj_pcap_library_close(&state->library);
  free(state);
}

const struct fj_rx_ops fj_rx_pcap = {
    .open = pcap_open_,
    .has_pending = pcap_has_pending,
    .refill = pcap_refill,
    .statistics = pcap_statistics,
    .close = pcap_close_,
};

// --- compiling a filter
// -------------------------------------------------------------------------------------

static int copy_program(const struct bpf_program *program, const struct fj_filter_request *request) {
  if (program->bf_len > request->program_room) return -ENOSPC;
  memcpy(request->program, program->bf_insns, program->bf_len * sizeof *request->program);
  return (int)program->bf_len;
}

static void copy_error(const char *text, const struct fj_filter_request *request) {
  if (request->error_room == 0) return;
  size_t length = strnlen(text, request->error_room - 1);
  memcpy(request->error, text, length);
  request->error[length] = 0;
}

static int compile_on(const struct fj_pcap_library *pcap, pcap_t *handle,
                      const struct fj_filter_request *request) {
  struct bpf_program program = {0};
  pcap->set_snaplen(handle, request->snaplen);
  // A live handle: on a dead one, libpcap does not know that the kernel keeps VLAN tags beside the frame.
  int result = fj_pcap_activate(pcap, handle);
  if (result) return result;
  if (pcap->compile(handle, &program, request->expression, 1, PCAP_NETMASK_UNKNOWN)) {
    copy_error(pcap->geterr(handle), request);
    return -EINVAL;
  }
  result = copy_program(&program, request);
  pcap->freecode(&program);
  return result;
}

static int compile_here(const struct fj_filter_request *request) {
  struct fj_pcap_library pcap;
  pcap_t *handle;
  int result = fj_pcap_library_open(&pcap);
  if (result) return result;
  result = fj_pcap_create(&pcap, request->ifindex, &handle);
  if (result) goto close_library;
  result = compile_on(&pcap, handle, request);
  pcap.close(handle);
close_library:
  fj_pcap_library_close(&pcap);
  return result;
}

int fj_filter_compile(const struct fj_filter_request *request) {
  struct fj_visit visit;
  int result = fj_visit_begin(&visit, request->netns);
  if (result) return result;
  result = compile_here(request);
  int back = fj_visit_end(&visit);
  return back ? back : result;
}
