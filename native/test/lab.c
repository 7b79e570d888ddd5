// SPDX-License-Identifier: Apache-2.0
#include "lab.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void lab_enter(void) {
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

int lab_inject(const char *link, const void *frame, size_t length, int times) {
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = lab_index(link)};
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), sent = 0;
  unsigned char copy[2048];
  memcpy(copy, frame, length);
  for (int i = 0; i < times; i++) {
    uint32_t number = (uint32_t)i;
    if (times > 1) memcpy(copy + 14, &number, sizeof number);
    sent += sendto(fd, copy, length, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)length;
  }
  close(fd);
  return sent;
}

// --- slots
// ----------------------------------------------------------------------------------------------------

void lab_tx_open(struct lab_tx *lab, enum fj_backend backend, uint32_t slots, uint32_t capacity, int flags) {
  struct fj_tx_config config = {
      .backend = backend, .ifindex = lab_index("v0"), .slots = slots, .capacity = capacity, .flags = flags};
  *lab = (struct lab_tx){0};
  assert_int_equal(fj_tx_open(&lab->tx, &config), 0);
}

void lab_tx_write(struct lab_tx *lab, int count) {
  uint32_t at = (uint32_t)lab->first;
  for (int i = 0; i < count; i++, at = fj_tx_next(lab->tx, at)) {
    struct fj_slot *slot = fj_tx_slot(lab->tx, at);
    for (int tries = 0; slot->status != TP_STATUS_AVAILABLE && tries < 1000; tries++) usleep(100);
    assert_int_equal(slot->status, TP_STATUS_AVAILABLE);
    lab_frame(fj_slot_data(slot), lab->number + (uint32_t)i);
    slot->length = LAB_FRAME;
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
