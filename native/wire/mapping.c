// SPDX-License-Identifier: Apache-2.0
#include "mapping.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int fj_mapping_open(struct fj_mapping *mapping, size_t body_length) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  body_length = (body_length + page - 1) / page * page;
  if (body_length > (size_t)INT_MAX - page) return -ENOMEM;  // a Java buffer ends there
  size_t length = page + body_length;
  void *base = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return -errno;
  *mapping = (struct fj_mapping){
      .base = base, .body = (unsigned char *)base + page, .length = length, .body_length = body_length};
  return 0;
}

int fj_mapping_overlay(struct fj_mapping *mapping, int ring_fd, uint64_t offset) {
  return fj_mapping_overlay_from(mapping, 0, ring_fd, offset);
}

int fj_mapping_overlay_from(struct fj_mapping *mapping, size_t from, int ring_fd, uint64_t offset) {
  void *ring = mmap(mapping->body + from, mapping->body_length - from, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_FIXED | MAP_POPULATE, ring_fd, (off_t)offset);
  return ring == MAP_FAILED ? -errno : 0;
}

void fj_mapping_free(struct fj_mapping *mapping) {
  if (mapping->base) munmap(mapping->base, mapping->length);
  *mapping = (struct fj_mapping){0};
}

void fj_mapping_retire(struct fj_mapping *mapping) {
  if (!mapping->shared) {
    fj_mapping_free(mapping);
    return;
  }
  // Fresh zeros replace the ring in one step, so a Java thread that still reads it sees 0 rather than a
  // fault. The control block stays as it is: its counters are the last word on what was sent. Should the
  // kernel refuse, the mapping keeps the ring alive until Java unmaps it, which is as safe.
  (void)mmap(mapping->body, mapping->body_length, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  memset(mapping, 0, sizeof *mapping);
}
