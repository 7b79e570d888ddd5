// SPDX-License-Identifier: Apache-2.0
// Promiscuous mode: as a membership, which ends with its socket, kill -9 included (man 7 packet); or, when
// asked for by name, as the interface flag, which stays until somebody clears it.
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

int fj_promisc_join(int fd, int ifindex) {
  struct packet_mreq membership = {.mr_ifindex = ifindex, .mr_type = PACKET_MR_PROMISC};
  int result = setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership);
  return result ? -errno : 0;
}

int fj_promisc_open(const char *netns, int ifindex) {
  struct fj_visit visit;
  int error = fj_visit_begin(&visit, netns);
  if (error) return error;
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  error = fd < 0 ? -errno : 0;
  int back = fj_visit_end(&visit);
  if (fd < 0) return error;
  error = back ? back : fj_promisc_join(fd, ifindex);
  if (error == 0) return fd;
  close(fd);
  return error;
}

int fj_promisc_change(int fd, int ifindex, int set, int clear) {
  struct fj_link link;
  int error = fj_link_init(&link, fd, ifindex);
  if (error) return error;
  int flags = fj_link_flags(fd, ifindex);
  if (flags < 0) return flags;
  struct ifreq request = {.ifr_flags = (short)((flags | set) & ~clear)};
  memcpy(request.ifr_name, link.name, IFNAMSIZ);
  return ioctl(fd, SIOCSIFFLAGS, &request) ? -errno : 0;
}
