// SPDX-License-Identifier: Apache-2.0
// A ruler for replaying at 1x: sends COUNT frames on LINK, GAP ns apart, each as close to its time as plain C gets
// it: sleeps until shortly before (clock_nanosleep, absolute), watches the clock for the rest, and sends.
//
//   replay LINK COUNT GAP MARGIN [fifo]     MARGIN ns are watched; fifo: with real-time priority (SCHED_FIFO)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void sleep_until(int64_t due) {
  struct timespec at = {due / 1000000000, due % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL)) {
  }
}

static int open_link(const char *name) {
  struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&link, sizeof link)) {
    perror(name);
    exit(1);
  }
  return fd;
}

static void be_punctual(int fifo) {
  struct sched_param priority = {.sched_priority = 1};
  prctl(PR_SET_TIMERSLACK, 1);
  if (mlockall(MCL_CURRENT | MCL_FUTURE)) perror("mlockall");
  if (fifo && sched_setscheduler(0, SCHED_FIFO, &priority)) {
    perror("SCHED_FIFO");
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  unsigned char frame[60] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
  int fd = open_link(argv[1]);
  int64_t count = atoll(argv[2]), gap = atoll(argv[3]), margin = atoll(argv[4]);
  be_punctual(argc > 5 && strcmp(argv[5], "fifo") == 0);
  int64_t start = now() + 3000000;
  for (int64_t i = 0; i < count; i++) {
    int64_t due = start + i * gap;
    if (due - now() > margin) sleep_until(due - margin);
    while (now() < due) {
    }
    if (send(fd, frame, sizeof frame, 0) != sizeof frame) perror("send");
  }
  return 0;
}
