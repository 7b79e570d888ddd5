// SPDX-License-Identifier: Apache-2.0
// What a link's driver does for XDP, and GRO, on which it hangs for a veth: generic netlink family "netdev",
// Linux 6.3 (Documentation/netlink/specs/netdev.yaml).
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "link.h"

// linux/netdev.h, which is newer than the kernels that we run on.
enum { NETDEV_COMMAND_GET = 1, NETDEV_ATTRIBUTE_IFINDEX = 1, NETDEV_ATTRIBUTE_XDP_FEATURES = 3 };
enum { ROOM = 4096, PATIENCE_SECONDS = 5 };

enum {
  ATTRIBUTE = sizeof(struct nlattr),
  FIRST_ATTRIBUTE = sizeof(struct nlmsghdr) + sizeof(struct genlmsghdr)
};

struct message {
  struct nlmsghdr header;
  struct genlmsghdr family;
  unsigned char attributes[ROOM];
};

static uint32_t aligned(uint32_t length) {
  return (length + NLA_ALIGNTO - 1) / NLA_ALIGNTO * NLA_ALIGNTO;
}

static void put(struct message *message, uint16_t type, const void *value, uint16_t length) {
  struct nlattr attribute = {.nla_len = (uint16_t)(ATTRIBUTE + length), .nla_type = type};
  unsigned char *at = (unsigned char *)message + message->header.nlmsg_len;
  memcpy(at, &attribute, sizeof attribute);
  memcpy(at + ATTRIBUTE, value, length);
  message->header.nlmsg_len += aligned(ATTRIBUTE + length);
}

// The answer takes the place of the question.
static int ask(int fd, struct message *message) {
  ssize_t size;
  do size = send(fd, message, message->header.nlmsg_len, 0);
  while (size < 0 && errno == EINTR);
  if (size < 0) return -errno;
  memset(message, 0, sizeof *message);
  do size = recv(fd, message, sizeof *message, 0);
  while (size < 0 && errno == EINTR);
  if (size < 0) return -errno;
  if ((size_t)size < sizeof message->header || message->header.nlmsg_len > (size_t)size) return -EBADMSG;
  if (message->header.nlmsg_type == NLMSG_ERROR) {
    struct nlmsgerr error;
    memcpy(&error, (unsigned char *)message + sizeof message->header, sizeof error);
    return error.error ? error.error : -EBADMSG;
  }
  return message->header.nlmsg_len < FIRST_ATTRIBUTE ? -EBADMSG : 0;
}

static int get(const struct message *message, uint16_t type, void *value, size_t length) {
  const unsigned char *at = (const unsigned char *)message + FIRST_ATTRIBUTE;
  const unsigned char *end = (const unsigned char *)message + message->header.nlmsg_len;
  struct nlattr attribute;
  while (end - at >= (ptrdiff_t)sizeof attribute) {
    memcpy(&attribute, at, sizeof attribute);
    if (attribute.nla_len < sizeof attribute || attribute.nla_len > end - at) return -EBADMSG;
    if ((attribute.nla_type & NLA_TYPE_MASK) == type) {
      if (attribute.nla_len < ATTRIBUTE + length) return -EBADMSG;
      memcpy(value, at + ATTRIBUTE, length);
      return 0;
    }
    if (aligned(attribute.nla_len) >= end - at) break;
    at += aligned(attribute.nla_len);
  }
  return -ENODATA;
}

static void begin(struct message *message, uint16_t type, uint8_t command) {
  memset(message, 0, sizeof *message);
  message->header =
      (struct nlmsghdr){.nlmsg_len = FIRST_ATTRIBUTE, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST};
  message->family = (struct genlmsghdr){.cmd = command, .version = 1};
}

static int ask_features(int fd, int ifindex, uint64_t *features) {
  static const char NAME[] = "netdev";
  struct message message;
  uint16_t family;
  uint32_t index = (uint32_t)ifindex;
  begin(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
  put(&message, CTRL_ATTR_FAMILY_NAME, NAME, sizeof NAME);
  int error = ask(fd, &message);
  if (error == 0) error = get(&message, CTRL_ATTR_FAMILY_ID, &family, sizeof family);
  if (error) return error;
  begin(&message, family, NETDEV_COMMAND_GET);
  put(&message, NETDEV_ATTRIBUTE_IFINDEX, &index, sizeof index);
  error = ask(fd, &message);
  return error ? error : get(&message, NETDEV_ATTRIBUTE_XDP_FEATURES, features, sizeof *features);
}

int fj_link_xdp_features(int ifindex, uint64_t *features) {
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  if (fd < 0) return -errno;
  int error = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ? -errno : 0;
  if (error == 0) error = ask_features(fd, ifindex, features);
  close(fd);
  return error;
}

int64_t fj_link_ask_xdp_features(const char *netns, int ifindex) {
  struct fj_visit visit;
  uint64_t features = 0;
  int error = fj_visit_begin(&visit, netns);
  if (error) return error;
  error = fj_link_xdp_features(ifindex, &features);
  int back = fj_visit_end(&visit);
  if (error == 0) error = back;
  return error ? error : (int64_t)(features & INT64_MAX);
}

static int set_gro(const char *name, bool on) {
  struct ethtool_value value = {.cmd = ETHTOOL_SGRO, .data = on};
  struct ifreq request = {.ifr_data = (char *)&value};
  if (strlen(name) >= sizeof request.ifr_name) return -ENODEV;
  memcpy(request.ifr_name, name, strlen(name));
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int error = ioctl(fd, SIOCETHTOOL, &request) ? -errno : 0;
  close(fd);
  return error;
}

int fj_link_set_gro(const char *netns, const char *name, bool on) {
  struct fj_visit visit;
  int error = fj_visit_begin(&visit, netns);
  if (error) return error;
  error = set_gro(name, on);
  int back = fj_visit_end(&visit);
  return error ? error : back;
}
