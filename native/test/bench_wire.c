// SPDX-License-Identifier: Apache-2.0
// What the backends make of a link without a JVM: bench_wire LINK socket|ring|pcap|xsk SECONDS [capacity]
// [slots] [batch] Writes a fresh 60-byte ARP request into each slot, as an injecting program would. The ring
// bypasses the qdisc. Run it in a network namespace of its own.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../wire/wire.h"

enum { FRAME = 60 };

static const unsigned char ARP_REQUEST[FRAME] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,  0,  0, 0, 1, 8, 6, 0, 1, 8, 0,  6,  4, 0,
    1,    2,    0,    0,    0,    0,    1, 10, 77, 0, 1, 0, 0, 0, 0, 0, 0, 10, 77, 0, 2};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void write_frame(struct fj_slot *slot, uint64_t number) {
  unsigned char *data = fj_slot_data(slot);
  memcpy(data, ARP_REQUEST, FRAME);
  data[40] = (unsigned char)(number >> 8);
  data[41] = (unsigned char)number;
  slot->length = FRAME;
}

static uint32_t write_batch(const struct fj_tx *tx, uint32_t first, uint32_t batch, uint64_t number) {
  uint32_t at = first, written = 0;
  for (; written < batch; written++, at = fj_tx_next(tx, at)) {
    struct fj_slot *slot = fj_tx_slot(tx, at);
    if (__atomic_load_n(&slot->status, __ATOMIC_ACQUIRE) != TP_STATUS_AVAILABLE) break;
    write_frame(slot, number + written);
  }
  return written;
}

static int run(struct fj_tx *tx, double seconds, uint32_t batch) {
  uint64_t sent = 0;
  uint32_t first = 0;
  double start = now(), end;
  do {
    uint32_t count = write_batch(tx, first, batch, sent);
    int taken = fj_tx_send(tx, (int)first, (int)count);
    if (taken < 0) return taken;
    sent += (uint64_t)taken;
    first = (first + (uint32_t)taken) % tx->slots;
    end = now();
  } while (end - start < seconds);
  printf("%.3f Mpps (pitch %u, %u slots, batch %u, queue full %lu)\n", (double)sent / (end - start) / 1e6,
         tx->control->pitch, tx->slots, batch, (unsigned long)tx->control->queue_full);
  return 0;
}

static long argument(int argc, char **argv, int index, long otherwise) {
  return argc > index ? strtol(argv[index], NULL, 10) : otherwise;
}

int main(int argc, char **argv) {
  if (argc < 4)
    return fprintf(stderr,
                   "usage: bench_wire LINK socket|ring|pcap|xsk SECONDS [capacity] [slots] [batch]\n"),
           2;
  struct fj_tx_config config = {
      .backend = strcmp(argv[2], "ring") == 0   ? FJ_RING
                 : strcmp(argv[2], "pcap") == 0 ? FJ_PCAP
                 : strcmp(argv[2], "xsk") == 0  ? FJ_XSK
                                                : FJ_SOCKET,
      .ifindex = fj_link_index(NULL, argv[1]),
      .slots = (uint32_t)argument(argc, argv, 5, 1024),
      .capacity = (uint32_t)argument(argc, argv, 4, 0),
  };
  if (config.backend == FJ_RING) config.flags = FJ_TX_QDISC_BYPASS;
  struct fj_tx *tx;
  int error = fj_tx_open(&tx, &config);
  if (error == 0) {
    error = run(tx, strtod(argv[3], NULL), (uint32_t)argument(argc, argv, 6, 256));
    fj_tx_close(tx);
  }
  if (error) fprintf(stderr, "bench_wire: %s\n", strerror(-error));
  return error ? 1 : 0;
}
