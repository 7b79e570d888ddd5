// SPDX-License-Identifier: Apache-2.0
// One rtnetlink exchange: send a request, collect its answers (man 7 netlink, man 7 rtnetlink). What the
// messages mean is Java's business.
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "link.h"

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

enum {
  FIRST_ROOM = 1 << 16,
  ATTEMPTS = 6,  // one, and five more when a table changed while it was dumped
  PATIENCE_SECONDS = 5,
};

static int configure(int fd) {
  int one = 1;
  struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  // The kernel answers at once; the limit only keeps a lost answer from hanging the caller.
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  // Both options are an improvement where the kernel knows them (4.12, 4.20), and no loss where it does not.
  (void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
  (void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof one);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience)) return -errno;
  return bind(fd, (struct sockaddr *)&self, sizeof self) ? -errno : 0;
}

int fj_netlink_open(const char *netns) {
  struct fj_visit visit;
  int error = fj_visit_begin(&visit, netns);
  if (error) return error;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) error = -errno;
  int back = fj_visit_end(&visit);
  if (fd < 0) return error;
  error = back ? back : configure(fd);
  if (error == 0) return fd;
  close(fd);
  return error;
}

// What tells the end of the answers: the last message of the request.
static int last_message(const void *request, size_t length, struct nlmsghdr *last) {
  const unsigned char *at = request;
  size_t left = length;
  if (left < sizeof *last) return -EINVAL;
  while (left >= sizeof *last) {
    memcpy(last, at, sizeof *last);
    if (last->nlmsg_len < sizeof *last || last->nlmsg_len > left) return -EINVAL;
    size_t step = NLMSG_ALIGN((size_t)last->nlmsg_len);
    if (step >= left) return 0;
    at += step;
    left -= step;
  }
  return -EINVAL;
}

static int transmit(int fd, const void *request, size_t length) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t sent;
  do sent = sendto(fd, request, length, 0, (struct sockaddr *)&kernel, sizeof kernel);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 0;
}

static int make_room(struct fj_answer *answer, size_t more) {
  size_t room = answer->room ? answer->room : FIRST_ROOM;
  while (room - answer->length < more) room *= 2;
  if (room == answer->room) return 0;
  unsigned char *bytes = realloc(answer->bytes, room);
  if (!bytes) return -ENOMEM;
  answer->bytes = bytes;
  answer->room = room;
  return 0;
}

// Appends the next datagram to the answer; gives its length, 0 when it came from another process.
static ssize_t receive(int fd, struct fj_answer *answer) {
  ssize_t size;
  do size = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC);
  while (size < 0 && errno == EINTR);
  if (size < 0) return errno == EAGAIN ? -ETIMEDOUT : -errno;
  int error = make_room(answer, (size_t)size);
  if (error) return error;
  struct sockaddr_nl from = {0};
  socklen_t from_length = sizeof from;
  do
    size = recvfrom(fd, answer->bytes + answer->length, answer->room - answer->length, 0,
                    (struct sockaddr *)&from, &from_length);
  while (size < 0 && errno == EINTR);
  if (size < 0) return -errno;
  if (from.nl_pid != 0) return 0;
  answer->length += (size_t)size;
  return size;
}

struct progress {
  bool done, interrupted;
  int error;  // the first that a message of this exchange reported
};

static void examine(const unsigned char *bytes, size_t length, const struct nlmsghdr *last,
                    struct progress *progress) {
  struct nlmsghdr header;
  while (length >= sizeof header) {
    memcpy(&header, bytes, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > length) return;
    bool ends = header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR;
    int error = 0;
    if (ends && header.nlmsg_len >= sizeof header + sizeof error) {
      memcpy(&error, bytes + sizeof header, sizeof error);  // NLMSG_DONE carries the dump's result likewise
    }
    if (error < 0 && progress->error == 0) progress->error = error;
    if (header.nlmsg_flags & NLM_F_DUMP_INTR) progress->interrupted = true;
    // A request that wants neither a dump nor an acknowledgement ends with its one answer.
    bool single = !(header.nlmsg_flags & NLM_F_MULTI) && !(last->nlmsg_flags & NLM_F_ACK);
    if (header.nlmsg_seq == last->nlmsg_seq && (ends || single)) progress->done = true;
    size_t step = NLMSG_ALIGN((size_t)header.nlmsg_len);
    if (step >= length) return;
    bytes += step;
    length -= step;
  }
}

static int exchange_once(int fd, const void *request, size_t length, const struct nlmsghdr *last,
                         struct fj_answer *answer, bool *interrupted) {
  struct progress progress = {0};
  answer->length = 0;
  int error = transmit(fd, request, length);
  while (error == 0 && !progress.done) {
    ssize_t size = receive(fd, answer);
    if (size < 0) return (int)size;
    if (size > 0) examine(answer->bytes + answer->length - size, (size_t)size, last, &progress);
  }
  *interrupted = progress.interrupted;
  return error ? error : progress.error;
}

int fj_netlink_exchange(int fd, const void *request, size_t length, struct fj_answer *answer) {
  struct nlmsghdr last;
  int error = last_message(request, length, &last);
  if (error) return error;
  // Left over from an exchange that ran out of time.
  unsigned char stale[1];
  while (recv(fd, stale, sizeof stale, MSG_DONTWAIT) >= 0 || errno == EINTR) continue;
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    bool interrupted = false;
    error = exchange_once(fd, request, length, &last, answer, &interrupted);
    if (!interrupted) return error;
  }
  return error ? error : -EAGAIN;
}
