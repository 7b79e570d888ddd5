// SPDX-License-Identifier: Apache-2.0
// Is the link up, and is anything at its other end? AF_PACKET does not say: on a link without carrier the
// noop qdisc takes every frame and reports success (net/sched/sch_generic.c, noop_enqueue).
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

// linux/if_arp.h, which does not go with net/if.h
#ifndef ARPHRD_RAWIP
#define ARPHRD_RAWIP 519
#endif
#ifndef ARPHRD_IP6GRE
#define ARPHRD_IP6GRE 823
#endif
#ifndef ARPHRD_NONE
#define ARPHRD_NONE 0xfffe
#endif

static int ask(int fd, unsigned long what, struct ifreq *request) {
  int result;
  do result = ioctl(fd, what, request);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

static int refresh_name(struct fj_link *link, int fd) {
  struct ifreq request = {.ifr_ifindex = link->ifindex};
  int error = ask(fd, SIOCGIFNAME, &request);
  if (error) return error == -ENODEV ? -ENXIO : error;
  memcpy(link->name, request.ifr_name, IFNAMSIZ);
  return 0;
}

static int flags_of(const struct fj_link *link, int fd) {
  struct ifreq request = {0};
  memcpy(request.ifr_name, link->name, IFNAMSIZ);
  int error = ask(fd, SIOCGIFFLAGS, &request);
  return error ? error : (int)(unsigned short)request.ifr_flags;
}

// The kernel clears IFF_RUNNING (operstate) before it swaps in the noop qdisc, in linkwatch_do_dev, so a
// frame that this qdisc swallowed is always followed by a look that finds the flag gone.
static int judge(int flags) {
  if (flags < 0) return flags == -ENODEV ? -ENXIO : flags;
  if (!(flags & IFF_UP)) return -ENETDOWN;
  return flags & IFF_RUNNING ? 0 : -ENOLINK;
}

int fj_link_init(struct fj_link *link, int fd, int ifindex) {
  link->ifindex = ifindex;
  return refresh_name(link, fd);
}

int fj_packet_is_orphan(int fd) {
  // packet_notifier sets the bound index to -1 when the device is unregistered; no later link, not even one
  // of the same name and number, brings it back.
  struct sockaddr_ll bound = {0};
  socklen_t length = sizeof bound;
  return getsockname(fd, (struct sockaddr *)&bound, &length) == 0 && bound.sll_ifindex == -1;
}

int fj_carrier_before(struct fj_link *link, int fd) {
  if (judge(flags_of(link, fd)) == 0) return 0;
  // Rare: find out for sure, since the name may belong to another link by now.
  return fj_packet_is_orphan(fd) ? -ENXIO : fj_carrier_after(link, fd);
}

int fj_carrier_after(struct fj_link *link, int fd) {
  int error = refresh_name(link, fd);
  return error ? error : judge(flags_of(link, fd));
}

bool fj_carrier_is_on(const struct fj_link *link, int fd) {
  struct ethtool_value value = {.cmd = ETHTOOL_GLINK};
  struct ifreq request = {.ifr_data = (char *)&value};
  memcpy(request.ifr_name, link->name, IFNAMSIZ);
  return ask(fd, SIOCETHTOOL, &request) != 0 || value.data != 0;
}

int fj_link_mtu(struct fj_link *link, int fd) {
  int error = refresh_name(link, fd);
  if (error) return error;
  struct ifreq request = {0};
  memcpy(request.ifr_name, link->name, IFNAMSIZ);
  error = ask(fd, SIOCGIFMTU, &request);
  return error ? error : request.ifr_mtu;
}

// As Link.linkType() has it.
static int header_of(int hardware) {
  switch (hardware) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
      return ETH_HLEN;
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
    case ARPHRD_PPP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case ARPHRD_IP6GRE:
      return 0;
    default:
      return -EOPNOTSUPP;
  }
}

int fj_link_header(struct fj_link *link, int fd) {
  struct ifreq request = {0};
  memcpy(request.ifr_name, link->name, IFNAMSIZ);
  int error = ask(fd, SIOCGIFHWADDR, &request);
  return error ? error : header_of(request.ifr_hwaddr.sa_family);
}

int fj_link_flags(int fd, int ifindex) {
  struct fj_link link = {.ifindex = ifindex};
  int error = refresh_name(&link, fd);
  return error ? error : flags_of(&link, fd);
}

int fj_link_index(const char *netns, const char *name) {
  struct ifreq request = {0};
  if (strlen(name) >= sizeof request.ifr_name) return -ENODEV;
  memcpy(request.ifr_name, name, strlen(name));
  struct fj_visit visit;
  int result = fj_visit_begin(&visit, netns);
  if (result) return result;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    result = -errno;
    goto leave;
  }
  result = ask(fd, SIOCGIFINDEX, &request);
  if (result == 0) result = request.ifr_ifindex;
  close(fd);
leave:;
  int back = fj_visit_end(&visit);
  return back ? back : result;
}
