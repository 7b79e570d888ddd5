// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// SipHash-2-4 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), for
// BPF programs and for C: the same numbers as io.framejet.frame.SipHash, from messages of a few words that
// are known to be that long when they are compiled. No memory is touched, no loop is left.
#pragma once
#include <linux/types.h>

// The first and the last 8 bytes of the key, each as a little-endian number.
struct fj_siphash_key {
  __u64 k0, k1;
};

struct fj_siphash {
  __u64 v0, v1, v2, v3;
};

static inline __attribute__((always_inline)) __u64 fj_siphash_rotate(__u64 word, int bits) {
  return word << bits | word >> (64 - bits);
}

static inline __attribute__((always_inline)) void fj_siphash_round(struct fj_siphash *s) {
  s->v0 += s->v1;
  s->v2 += s->v3;
  s->v1 = fj_siphash_rotate(s->v1, 13) ^ s->v0;
  s->v3 = fj_siphash_rotate(s->v3, 16) ^ s->v2;
  s->v0 = fj_siphash_rotate(s->v0, 32) + s->v3;
  s->v2 += s->v1;
  s->v1 = fj_siphash_rotate(s->v1, 17) ^ s->v2;
  s->v3 = fj_siphash_rotate(s->v3, 21) ^ s->v0;
  s->v2 = fj_siphash_rotate(s->v2, 32);
}

static inline __attribute__((always_inline)) struct fj_siphash fj_siphash_begin(struct fj_siphash_key key) {
  return (struct fj_siphash){.v0 = key.k0 ^ 0x736f6d6570736575ULL,
                             .v1 = key.k1 ^ 0x646f72616e646f6dULL,
                             .v2 = key.k0 ^ 0x6c7967656e657261ULL,
                             .v3 = key.k1 ^ 0x7465646279746573ULL};
}

static inline __attribute__((always_inline)) void fj_siphash_add(struct fj_siphash *s, __u64 word) {
  s->v3 ^= word;
  fj_siphash_round(s);
  fj_siphash_round(s);
  s->v0 ^= word;
}

// last: the bytes left over, little-endian, and the length of the whole message, modulo 256, in its highest
// byte.
static inline __attribute__((always_inline)) __u64 fj_siphash_end(struct fj_siphash *s, __u64 last) {
  fj_siphash_add(s, last);
  s->v2 ^= 0xff;
  fj_siphash_round(s);
  fj_siphash_round(s);
  fj_siphash_round(s);
  fj_siphash_round(s);
  return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

// SipHash.cookie(0, address, port): 6 bytes, the address and the port as numbers.
static inline __attribute__((always_inline)) __u64 fj_siphash_cookie4(struct fj_siphash_key key,
                                                                      __u32 address, __u16 port) {
  struct fj_siphash s = fj_siphash_begin(key);
  return fj_siphash_end(&s, 6ULL << 56 | (__u64)port << 32 | address);
}

// SipHash.cookie(high, low, port): 18 bytes; as above for what fits in 32 bits.
static inline __attribute__((always_inline)) __u64 fj_siphash_cookie6(struct fj_siphash_key key, __u64 high,
                                                                      __u64 low, __u16 port) {
  if (high == 0 && low >> 32 == 0) return fj_siphash_cookie4(key, (__u32)low, port);
  struct fj_siphash s = fj_siphash_begin(key);
  fj_siphash_add(&s, high);
  fj_siphash_add(&s, low);
  return fj_siphash_end(&s, 18ULL << 56 | port);
}
