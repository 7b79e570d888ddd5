// SPDX-License-Identifier: Apache-2.0
// Backend "rawip": raw IP sockets that take whole packets (IP_HDRINCL, man 7 raw; Linux net/ipv4/raw.c,
// raw_send_hdrinc, and net/ipv6/raw.c, rawv6_send_hdrinc). The IP stack routes them, by the link they are
// bound to, and puts before them whatever link header that has. It sees to it that an IPv4 header has a
// length, a checksum and, where they are 0, an identification and a source; IPv6 goes out as it is.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wire.h"

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62  // Linux 5.0
#endif

enum { MOST_MESSAGES = 1024 };  // UIO_MAXIOV

// Where the destination is (RFC 791 section 3.1, RFC 8200 section 3).
enum { IPV4_DESTINATION = 16, IPV6_DESTINATION = 24 };

union destination {
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

struct rawip {
  int fd4, fd6;  // fd6 is -1 where the kernel has no IPv6
  struct iovec parts[MOST_MESSAGES];
  struct mmsghdr headers[MOST_MESSAGES];
  union destination to[MOST_MESSAGES];
};

// --- opening ----------------------------------------------------------------------------------------------

static int bind_to_link(int fd, const struct fj_link *link) {
  if (setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &link->ifindex, sizeof link->ifindex) == 0) return 0;
  if (errno != ENOPROTOOPT) return -errno;
  return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, link->name, sizeof link->name) ? -errno : 0;
}

// Without IP_RECVERR the kernel reports a frame that a full queue dropped as sent.
static int set_options(int fd, int family, const struct fj_link *link) {
  int one = 1;
  struct sock_filter nothing = {.code = BPF_RET | BPF_K, .k = 0};
  struct sock_fprog deaf = {.len = 1, .filter = &nothing};
  int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
  int errors = family == AF_INET ? IP_RECVERR : IPV6_RECVERR;
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &deaf, sizeof deaf)) return -errno;
  if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof one)) return -errno;
  if (setsockopt(fd, level, errors, &one, sizeof one)) return -errno;
  return bind_to_link(fd, link);
}

static int open_socket(int family, const struct fj_link *link) {
  int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);  // which implies IP_HDRINCL
  if (fd < 0) return -errno;
  int error = set_options(fd, family, link);
  if (error == 0) return fj_tx_size_buffer(fd);
  close(fd);
  return error;
}

static void close_sockets(struct rawip *rawip) {
  close(rawip->fd4);
  if (rawip->fd6 >= 0) close(rawip->fd6);
}

static int open_sockets(struct rawip *rawip, const struct fj_link *link) {
  rawip->fd4 = open_socket(AF_INET, link);
  if (rawip->fd4 < 0) return rawip->fd4;
  rawip->fd6 = open_socket(AF_INET6, link);
  if (rawip->fd6 >= 0 || rawip->fd6 == -EAFNOSUPPORT) return 0;
  close(rawip->fd4);
  return rawip->fd6;
}

static struct rawip *rawip_new(void) {
  struct rawip *rawip = calloc(1, sizeof *rawip);
  if (!rawip) return NULL;
  for (uint32_t i = 0; i < MOST_MESSAGES; i++) {
    rawip->headers[i].msg_hdr.msg_iov = &rawip->parts[i];
    rawip->headers[i].msg_hdr.msg_iovlen = 1;
    rawip->headers[i].msg_hdr.msg_name = &rawip->to[i];
  }
  return rawip;
}

// tx->fd is a packet socket that sends nothing: by it the link is watched, as for the other backends.
static int rawip_open(struct fj_tx *tx, const struct fj_tx_config *config) {
  struct fj_tx_config plain = *config;
  plain.flags = 0;
  int error = -ENOMEM;
  struct rawip *rawip = rawip_new();
  if (!rawip) return error;
  error = tx->fd = fj_tx_packet_socket(&plain);
  if (error < 0) goto free_rawip;
  error = fj_tx_bind_link(tx, config);
  if (error) goto close_fd;
  error = fj_tx_packet_bind(tx->fd, config->ifindex);
  if (error) goto close_fd;
  error = open_sockets(rawip, &tx->link);
  if (error) goto close_fd;
  error = fj_tx_lay_out_private(tx, config->slots);
  if (error) goto close_sockets;
  tx->state = rawip;
  return 0;
close_sockets:
  close_sockets(rawip);
close_fd:
  close(tx->fd);
free_rawip:
  free(rawip);
  return error;
}

// --- sending ----------------------------------------------------------------------------------------------

static socklen_t address(union destination *to, uint16_t protocol, const unsigned char *packet, int ifindex) {
  if (protocol == ETH_P_IP) {
    to->v4 = (struct sockaddr_in){.sin_family = AF_INET};
    memcpy(&to->v4.sin_addr, packet + IPV4_DESTINATION, sizeof to->v4.sin_addr);
    return sizeof to->v4;
  }
  to->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_scope_id = (uint32_t)ifindex};
  memcpy(&to->v6.sin6_addr, packet + IPV6_DESTINATION, sizeof to->v6.sin6_addr);
  return sizeof to->v6;
}

static void fill(struct rawip *rawip, const struct fj_tx *tx, uint32_t first, uint32_t count) {
  uint32_t at = first;
  for (uint32_t i = 0; i < count; i++, at = fj_tx_next(tx, at)) {
    struct fj_slot *slot = fj_tx_slot(tx, at);
    unsigned char *packet = fj_slot_data(slot);
    rawip->parts[i] = (struct iovec){packet, slot->length};
    rawip->headers[i].msg_hdr.msg_namelen =
        address(&rawip->to[i], fj_slot_protocol(slot), packet, tx->link.ifindex);
  }
}

// In the words of the other backends.
static int translate(int error) {
  switch (error) {
    case EAGAIN:
      return -ENOBUFS;  // nobody can wait for this socket by tx->fd
    case ENODEV:
      return -ENXIO;  // the link it is bound to
    default:
      return -error;
  }
}

static int rawip_push(struct fj_tx *tx, uint32_t first, uint32_t count) {
  struct rawip *rawip = tx->state;
  if (fj_packet_is_orphan(tx->fd)) return -ENXIO;
  if (count > MOST_MESSAGES) count = MOST_MESSAGES;
  count = fj_tx_same_protocol(tx, first, count);
  int fd = fj_slot_protocol(fj_tx_slot(tx, first)) == ETH_P_IP ? rawip->fd4 : rawip->fd6;
  if (fd < 0) return -EAFNOSUPPORT;
  fill(rawip, tx, first, count);
  // IP_RECVERR has let errors of earlier frames, told by ICMP, wait here; they are none of this one's.
  int stale, sent;
  socklen_t length = sizeof stale;
  (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &stale, &length);
  do sent = sendmmsg(fd, rawip->headers, count, MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? translate(errno) : sent;
}

static void rawip_close(struct fj_tx *tx) {
  close_sockets(tx->state);
  free(tx->state);
  close(tx->fd);
}

const struct fj_tx_ops fj_tx_rawip = {.open = rawip_open, .push = rawip_push, .close = rawip_close};
