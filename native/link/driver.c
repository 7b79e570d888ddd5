// SPDX-License-Identifier: Apache-2.0
// What a link's driver tells of itself: SIOCETHTOOL (linux/ethtool.h). All of it is optional, and most
// virtual links answer little; what a driver does not tell stays as it was before the question.
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"

// Words of a link mode bitmap that there is room for; the kernel knows of four.
#define MODE_WORDS 32

static int ask(int fd, const struct fj_link *link, void *command) {
  struct ifreq request = {.ifr_data = command};
  memcpy(request.ifr_name, link->name, IFNAMSIZ);
  int result;
  do result = ioctl(fd, SIOCETHTOOL, &request);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

static void ask_names(int fd, const struct fj_link *link, struct fj_driver *driver) {
  struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
  if (ask(fd, link, &info)) return;
  memcpy(driver->name, info.driver, sizeof driver->name - 1);
  memcpy(driver->version, info.version, sizeof driver->version - 1);
  memcpy(driver->bus, info.bus_info, sizeof driver->bus - 1);
}

static void ask_speed(int fd, const struct fj_link *link, struct fj_driver *driver) {
  union {
    struct ethtool_link_settings settings;
    uint32_t room[sizeof(struct ethtool_link_settings) / sizeof(uint32_t) + 3 * MODE_WORDS];
  } answer = {.settings = {.cmd = ETHTOOL_GLINKSETTINGS}};
  // The first question is how many words the kernel's bitmaps have: it answers with their negative.
  if (ask(fd, link, &answer) || answer.settings.link_mode_masks_nwords >= 0) return;
  int words = -answer.settings.link_mode_masks_nwords;
  if (words > MODE_WORDS) return;
  memset(&answer, 0, sizeof answer);
  answer.settings.cmd = ETHTOOL_GLINKSETTINGS;
  answer.settings.link_mode_masks_nwords = (signed char)words;
  if (ask(fd, link, &answer) || answer.settings.speed == (uint32_t)SPEED_UNKNOWN) return;
  driver->speed_mbps = answer.settings.speed;
}

static void ask_sizes(int fd, const struct fj_link *link, struct fj_driver *driver) {
  struct ethtool_ringparam ring = {.cmd = ETHTOOL_GRINGPARAM};
  if (ask(fd, link, &ring) == 0) {
    driver->rx_ring = ring.rx_pending;
    driver->tx_ring = ring.tx_pending;
  }
  struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
  if (ask(fd, link, &channels) == 0) {
    driver->rx_queues = channels.rx_count + channels.combined_count;
    driver->tx_queues = channels.tx_count + channels.combined_count;
  }
}

static void ask_offloads(int fd, const struct fj_link *link, struct fj_driver *driver) {
  static const struct {
    uint32_t command, bit;
  } QUESTIONS[] = {
      {ETHTOOL_GRXCSUM, FJ_OFFLOAD_RX_CHECKSUM},
      {ETHTOOL_GTXCSUM, FJ_OFFLOAD_TX_CHECKSUM},
      {ETHTOOL_GSG, FJ_OFFLOAD_SCATTER_GATHER},
      {ETHTOOL_GTSO, FJ_OFFLOAD_TSO},
      {ETHTOOL_GGSO, FJ_OFFLOAD_GSO},
      {ETHTOOL_GGRO, FJ_OFFLOAD_GRO},
  };
  for (size_t i = 0; i < sizeof QUESTIONS / sizeof *QUESTIONS; i++) {
    struct ethtool_value value = {.cmd = QUESTIONS[i].command};
    if (ask(fd, link, &value) == 0 && value.data) driver->offloads |= QUESTIONS[i].bit;
  }
  struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
  if (ask(fd, link, &flags)) return;
  if (flags.data & ETH_FLAG_LRO) driver->offloads |= FJ_OFFLOAD_LRO;
  if (flags.data & ETH_FLAG_RXVLAN) driver->offloads |= FJ_OFFLOAD_RX_VLAN;
  if (flags.data & ETH_FLAG_TXVLAN) driver->offloads |= FJ_OFFLOAD_TX_VLAN;
}

static int ask_all(int fd, int ifindex, struct fj_driver *driver) {
  struct fj_link link;
  int error = fj_link_init(&link, fd, ifindex);
  if (error) return error;
  ask_names(fd, &link, driver);
  ask_speed(fd, &link, driver);
  ask_sizes(fd, &link, driver);
  ask_offloads(fd, &link, driver);
  return 0;
}

int fj_driver_ask(const char *netns, int ifindex, struct fj_driver *driver) {
  *driver =
      (struct fj_driver){.speed_mbps = -1, .rx_queues = -1, .tx_queues = -1, .rx_ring = -1, .tx_ring = -1};
  struct fj_visit visit;
  int result = fj_visit_begin(&visit, netns);
  if (result) return result;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  result = fd < 0 ? -errno : 0;
  int back = fj_visit_end(&visit);
  if (fd < 0) return result;
  // The socket stays in the namespace that it was opened in.
  result = back ? back : ask_all(fd, ifindex, driver);
  close(fd);
  return result;
}
