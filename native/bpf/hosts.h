// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// Which made-up hosts there are, which of them are up, and the MAC of each: as io.framejet.emulate.HostSet.
// Addresses are in the machine's byte order.
#pragma once
#include "emulator.h"
#include "siphash.h"

const volatile struct fj_emulator_hosts hosts = {};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct fj_emulator_range4);
} ranges4 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct fj_emulator_range6);
} ranges6 SEC(".maps");

// As it lies in a frame, where it is aligned to 2 bytes.
struct mac {
  __be16 parts[3];
};

// As a number of 48 bits.
static __always_inline __u64 mac_number4(__u32 address) {
  return 0x0204ull << 32 | address;
}

static __always_inline struct mac mac_of4(__u32 address) {
  __u64 mac = mac_number4(address);
  return (struct mac){{bpf_htons(mac >> 32), bpf_htons(mac >> 16 & 0xffff), bpf_htons(mac & 0xffff)}};
}

static __always_inline struct mac mac_of6(__u64 low) {
  return (struct mac){
      {bpf_htons(0x0600 | (low >> 32 & 0xff)), bpf_htons(low >> 16 & 0xffff), bpf_htons(low & 0xffff)}};
}

static __always_inline struct fj_siphash_key key_of_hosts(void) {
  return (struct fj_siphash_key){hosts.k0, hosts.k1};
}

static __always_inline bool all_are_up(void) {
  return hosts.threshold >> 32;
}

// --- IPv4 -------------------------------------------------------------------------------------------------

static __always_inline bool is_among_few4(__u32 address) {
  for (int i = 0; i < FJ_EMULATOR_FEW; i++)
    if (i < (int)hosts.count4 && address >= hosts.few4[i].first && address <= hosts.few4[i].last) return true;
  return false;
}

static __noinline bool is_among_many4(__u32 address) {
  __u32 low = 0, high = hosts.count4;
  for (int i = 0; i < 32 && low < high; i++) {
    __u32 middle = low + (high - low) / 2;
    const struct fj_emulator_range4 *range = bpf_map_lookup_elem(&ranges4, &middle);
    if (!range) return false;
    if (address < range->first)
      high = middle;
    else if (address > range->last)
      low = middle + 1;
    else
      return true;
  }
  return false;
}

static __always_inline bool is_among4(__u32 address) {
  return hosts.count4 <= FJ_EMULATOR_FEW ? is_among_few4(address) : is_among_many4(address);
}

// Of an address that is among them.
static __always_inline bool is_up_among4(__u32 address) {
  return all_are_up() || fj_siphash_cookie4(key_of_hosts(), address, 0) >> 32 < hosts.threshold;
}

static __always_inline bool is_up4(__u32 address) {
  return is_among4(address) && is_up_among4(address);
}

// --- IPv6 -------------------------------------------------------------------------------------------------

struct address6 {
  __u64 high, low;
};

static __always_inline bool is_less6(__u64 high, __u64 low, __u64 than_high, __u64 than_low) {
  return high < than_high || (high == than_high && low < than_low);
}

static __always_inline bool is_among_few6(const struct address6 *a) {
  for (int i = 0; i < FJ_EMULATOR_FEW; i++) {
    const volatile struct fj_emulator_range6 *range = &hosts.few6[i];
    if (i < (int)hosts.count6 && !is_less6(a->high, a->low, range->first_high, range->first_low) &&
        !is_less6(range->last_high, range->last_low, a->high, a->low))
      return true;
  }
  return false;
}

static __noinline bool is_among_many6(__u64 address_high, __u64 address_low) {
  __u32 low = 0, high = hosts.count6;
  for (int i = 0; i < 32 && low < high; i++) {
    __u32 middle = low + (high - low) / 2;
    const struct fj_emulator_range6 *range = bpf_map_lookup_elem(&ranges6, &middle);
    if (!range) return false;
    if (is_less6(address_high, address_low, range->first_high, range->first_low))
      high = middle;
    else if (is_less6(range->last_high, range->last_low, address_high, address_low))
      low = middle + 1;
    else
      return true;
  }
  return false;
}

static __always_inline bool is_up6(const struct address6 *a) {
  if (hosts.count6 <= FJ_EMULATOR_FEW ? !is_among_few6(a) : !is_among_many6(a->high, a->low)) return false;
  return all_are_up() || fj_siphash_cookie6(key_of_hosts(), a->high, a->low, 0) >> 32 < hosts.threshold;
}
