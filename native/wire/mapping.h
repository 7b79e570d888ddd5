// SPDX-License-Identifier: Apache-2.0
// The memory of a handle: a page for the control block, then a body that may be a kernel ring. One range, so
// that one Java buffer spans it.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct fj_mapping {
  unsigned char *base;  // the control block
  unsigned char *body;
  size_t length;  // of all of it
  size_t body_length;
  int shared;  // a Java buffer reaches it: closing may only cover it
};

int fj_mapping_open(struct fj_mapping *mapping, size_t body_length);
int fj_mapping_overlay(struct fj_mapping *mapping, int ring_fd, uint64_t offset);
// The same of what is left of the body from there on, in whole pages.
int fj_mapping_overlay_from(struct fj_mapping *mapping, size_t from, int ring_fd, uint64_t offset);
void fj_mapping_free(struct fj_mapping *mapping);
void fj_mapping_retire(struct fj_mapping *mapping);
