// SPDX-License-Identifier: Apache-2.0
#include "lab.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

const char *lab_link = "v0";
bool lab_gro;
bool lab_sends_packets;

void lab_enter(void) {
  // Descriptors that a shell handed down would lie where the tests that run out of them look for the limit.
  for (int fd = STDERR_FILENO + 1; fd < 1024; fd++) close(fd);
  if (unshare(CLONE_NEWNET) == 0) return;
  const char *ci = getenv("CI");
  int skip = !ci || strcmp(ci, "true") != 0;
  fprintf(stderr, "%s: no network namespace of its own (%s); run as root\n", skip ? "skipped" : "failed",
          strerror(errno));
  exit(skip ? 77 : 1);
}

void lab_run(const char *format, ...) {
  char command[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(command, sizeof command, format, arguments);
  va_end(arguments);
  // The sanitizers' environment is not for the tools.
  int status = system(command);
  if (status) fail_msg("%s: %d", command, status);
}

// IPv6 would send frames of its own. The pair is made anew, so that no test sees another's.
int lab_reset(void **state) {
  (void)state;
  lab_run(
      "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6; ip link del v0 2>/dev/null; "
      "ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up");
  if (lab_gro && fj_link_set_gro(NULL, "v1", true)) return -1;
  // Operstate follows the carrier a moment later.
  for (int i = 0; i < 200; i++) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct fj_link link;
    int ready = fj_link_init(&link, fd, lab_index("v0")) == 0 && fj_carrier_after(&link, fd) == 0;
    close(fd);
    if (ready) return 0;
    usleep(10000);
  }
  return -1;
}

int lab_index(const char *link) {
  return (int)if_nametoindex(link);
}

int lab_count_fds(void) {
  DIR *folder = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(folder)) count++;
  closedir(folder);
  return count;
}

size_t lab_memory_in_use(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  if (fscanf(file, "%lu", &pages) != 1) pages = 0;
  fclose(file);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

int lab_promiscuity(void) {
  char text[8] = "";
  FILE *pipe = popen("ip -d link show v0 | sed -n 's/.*promiscuity \\([0-9]*\\).*/\\1/p'", "re");
  if (!fgets(text, sizeof text, pipe)) text[0] = 0;
  pclose(pipe);
  return atoi(text);
}

int lab_tap(const char *link) {
  int room = 64 << 20, one = 1;
  struct timeval patience = {.tv_usec = 200000};
  struct sockaddr_ll to = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = lab_index(link)};
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room), 0);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
  (void)setsockopt(fd, SOL_PACKET, 23 /* PACKET_IGNORE_OUTGOING */, &one, sizeof one);
  assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
  return fd;
}

void lab_frame(unsigned char *frame, uint32_t number) {
  memset(frame, 0xa5, LAB_FRAME);
  memset(frame, 0xff, 6);
  memcpy(frame + 6, "\x02\0\0\0\0\1\x88\xb5", 8);
  memcpy(frame + 14, &number, sizeof number);
}

int lab_drain(int tap, uint32_t first) {
  unsigned char frame[2048];
  int count = 0;
  for (;;) {
    ssize_t size = recv(tap, frame, sizeof frame, 0);
    if (size < 0) return count;
    if (size < 18 || frame[12] != 0x88 || frame[13] != 0xb5) continue;
    uint32_t number;
    memcpy(&number, frame + 14, sizeof number);
    assert_int_equal(number, first + (uint32_t)count);
    count++;
  }
}

// Many by one call. Blocks of a receiver are full after some time as well, libpcap's after a millisecond: of
// a sender that is slow it has not room for as many frames.
enum { TOGETHER = 256 };

static int send_some(int fd, const struct sockaddr_ll *to, unsigned char *frames, size_t length, int count) {
  struct mmsghdr messages[TOGETHER];
  struct iovec parts[TOGETHER];
  for (int i = 0; i < count; i++) {
    parts[i] = (struct iovec){frames + (size_t)i * length, length};
    messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = (void *)(uintptr_t)to,
                                               .msg_namelen = sizeof *to,
                                               .msg_iov = &parts[i],
                                               .msg_iovlen = 1}};
  }
  int sent = sendmmsg(fd, messages, (unsigned)count, 0);
  return sent < 0 ? 0 : sent;
}

int lab_inject(const char *link, const void *frame, size_t length, int times) {
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = lab_index(link)};
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), sent = 0;
  unsigned char *frames = malloc(TOGETHER * length);
  assert_non_null(frames);
  for (int i = 0; i < times;) {
    int count = 0;
    for (; count < TOGETHER && i < times; count++, i++) {
      uint32_t number = (uint32_t)i;
      unsigned char *copy = frames + (size_t)count * length;
      memcpy(copy, frame, length);
      if (times > 1) memcpy(copy + 14, &number, sizeof number);
    }
    sent += send_some(fd, &to, frames, length, count);
  }
  free(frames);
  close(fd);
  return sent;
}

// --- a link without a link header -------------------------------------------------------------------------

enum { EXPERIMENT = 253, IPV4 = 20, IPV6 = 40, PAYLOAD = 8 };

int lab_tun_of(const char *name, short kind) {
  struct ifreq request = {.ifr_flags = (short)(kind | IFF_NO_PI)};
  strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  assert_true(tun >= 0);
  assert_int_equal(ioctl(tun, TUNSETIFF, &request), 0);
  lab_run("ip link set %s up", name);
  return tun;
}

int lab_tun(void) {
  int tun = lab_tun_of("tun0", IFF_TUN);
  lab_run(
      "echo 0 > /proc/sys/net/ipv6/conf/tun0/disable_ipv6; "
      "ip addr add 10.99.0.1/24 dev tun0 && ip addr add fd00:99::1/64 dev tun0 nodad");
  return tun;
}

void lab_checksum(unsigned char *at, const unsigned char *from, int length) {
  uint32_t sum = 0;
  for (int i = 0; i < length; i += 2) sum += (uint32_t)from[i] << 8 | from[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  at[0] = (unsigned char)(~sum >> 8);
  at[1] = (unsigned char)~sum;
}

int lab_packet(unsigned char *packet, uint32_t number) {
  static const unsigned char V4[IPV4] = {
      0x45, 0, 0, IPV4 + PAYLOAD, 0x12, 0x34, 0x40, 0, 64, EXPERIMENT, 0, 0, 10, 99, 0, 1, 10, 99, 0, 2};
  static const unsigned char V6[IPV6] = {
      0x60, 0, 0, 0, 0,    PAYLOAD, EXPERIMENT, 64,   0xfd, 0, 0, 0x99, 0, 0, 0, 0, 0, 0, 0, 0,
      0,    0, 0, 1, 0xfd, 0,       0,          0x99, 0,    0, 0, 0,    0, 0, 0, 0, 0, 0, 0, 2};
  int header = number % 3 == 0 ? IPV4 : IPV6;
  memcpy(packet, header == IPV4 ? V4 : V6, (size_t)header);
  if (header == IPV4) lab_checksum(packet + 10, packet, IPV4);
  memset(packet + header, 0xa5, PAYLOAD);
  memcpy(packet + header, &number, sizeof number);
  return header + PAYLOAD;
}

int lab_tun_drain(int tun, uint32_t first) {
  unsigned char packet[2048], expected[64];
  int count = 0, quiet = 0;
  while (quiet < 20) {
    ssize_t size = read(tun, packet, sizeof packet);
    if (size < 0) {
      quiet++;
      usleep(10000);
      continue;
    }
    bool ours = size > IPV4 && packet[packet[0] >> 4 == 4 ? 9 : 6] == EXPERIMENT;
    if (!ours) continue;  // IPv6 looks for routers
    assert_int_equal(size, lab_packet(expected, first + (uint32_t)count));
    assert_memory_equal(packet, expected, (size_t)size);
    count++;
  }
  return count;
}

// --- slots
// ----------------------------------------------------------------------------------------------------

void lab_tx_open(struct lab_tx *lab, enum fj_backend backend, uint32_t slots, uint32_t capacity, int flags) {
  struct fj_tx_config config = {.backend = backend,
                                .ifindex = lab_index(lab_link),
                                .slots = slots,
                                .capacity = capacity,
                                .flags = flags};
  *lab = (struct lab_tx){0};
  assert_int_equal(fj_tx_open(&lab->tx, &config), 0);
}

static uint32_t write_one(unsigned char *data, uint32_t number) {
  if (lab_sends_packets) return (uint32_t)lab_packet(data, number);
  lab_frame(data, number);
  return LAB_FRAME;
}

void lab_tx_write(struct lab_tx *lab, int count) {
  uint32_t at = (uint32_t)lab->first;
  for (int i = 0; i < count; i++, at = fj_tx_next(lab->tx, at)) {
    struct fj_slot *slot = fj_tx_slot(lab->tx, at);
    for (int tries = 0; slot->status != TP_STATUS_AVAILABLE && tries < 1000; tries++) usleep(100);
    assert_int_equal(slot->status, TP_STATUS_AVAILABLE);
    slot->length = write_one(fj_slot_data(slot), lab->number + (uint32_t)i);
  }
}

int lab_tx_send(struct lab_tx *lab, int count) {
  lab_tx_write(lab, count);
  int taken = fj_tx_send(lab->tx, lab->first, count);
  int gone = taken < 0 ? (int)lab->tx->control->error_index : taken;
  if (taken == -EMSGSIZE || taken == -EINVAL || taken == -ESTALE) gone = 0;
  lab->first = (int)((uint32_t)(lab->first + gone) % lab->tx->slots);
  lab->number += (uint32_t)gone;
  return taken;
}
