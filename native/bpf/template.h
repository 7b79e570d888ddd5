// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// A frame of the template, byte for byte as io.framejet.frame.FrameTemplate writes it. All that the template
// says is constant once the program is loaded, so the verifier takes every branch on it out of the program.
#pragma once

const volatile struct fj_xdp_template template;

// The longest frame whose constants are written by instructions; for longer ones a call is cheaper.
enum { INLINE_FRAME = 128 };

struct question {
  __u64 high, low, mac, port, cookie, sequence;
};

// --- SipHash-2-4 of a target (frame/SipHash.java)
// -----------------------------------------------------------

#define ROTATE(x, bits) ((x) << (bits) | (x) >> (64 - (bits)))

struct siphash {
  __u64 v0, v1, v2, v3;
};

static __always_inline void sip_round(struct siphash *hash) {
  hash->v0 += hash->v1;
  hash->v2 += hash->v3;
  hash->v1 = ROTATE(hash->v1, 13) ^ hash->v0;
  hash->v3 = ROTATE(hash->v3, 16) ^ hash->v2;
  hash->v0 = ROTATE(hash->v0, 32) + hash->v3;
  hash->v2 += hash->v1;
  hash->v1 = ROTATE(hash->v1, 17) ^ hash->v2;
  hash->v3 = ROTATE(hash->v3, 21) ^ hash->v0;
  hash->v2 = ROTATE(hash->v2, 32);
}

static __always_inline void sip_word(struct siphash *hash, __u64 word) {
  hash->v3 ^= word;
  sip_round(hash);
  sip_round(hash);
  hash->v0 ^= word;
}

static __always_inline __u64 cookie_of(const struct question *asked) {
  __u64 key0 = template.key[0], key1 = template.key[1];
  struct siphash hash = {key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d, key0 ^ 0x6c7967656e657261,
                         key1 ^ 0x7465646279746573};
  if (asked->high == 0 && asked->low >> 32 == 0) {
    sip_word(&hash, 6ull << 56 | asked->port << 32 | asked->low);
  } else {
    sip_word(&hash, asked->high);
    sip_word(&hash, asked->low);
    sip_word(&hash, 18ull << 56 | asked->port);
  }
  hash.v2 ^= 0xff;
  sip_word(&hash, 0);
  sip_word(&hash, 0);
  return hash.v0 ^ hash.v1 ^ hash.v2 ^ hash.v3;
}

// --- values
// -------------------------------------------------------------------------------------------------

static __always_inline __u64 mix(__u64 z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

static __always_inline __u64 value_of(int i, const struct question *asked) {
  __u8 source = template.field[i].source;
  __u64 base = template.field[i].base;
  if (source == FJ_XDP_TARGET) return asked->low;
  if (source == FJ_XDP_TARGET_HIGH) return asked->high;
  if (source == FJ_XDP_MAC) return asked->mac;
  if (source == FJ_XDP_PORT) return asked->port;
  if (source == FJ_XDP_COUNTER) return base + asked->sequence;
  if (source == FJ_XDP_RANDOM) return mix(base + (asked->sequence + 1) * 0x9e3779b97f4a7c15);
  if (source == FJ_XDP_COOKIE)
    return base + (asked->cookie >> template.field[i].shift & template.field[i].mask);
  __u64 index = template.field[i].first_value + asked->sequence % template.field[i].value_count;
  return template.values[index % FJ_XDP_VALUES];
}

static __always_inline void put(__u8 *at, __u8 width, __u64 value) {
  if (width == 8) {
    *(__u64 *)at = bpf_cpu_to_be64(value);
    return;
  }
  __u8 left = width;
  if (width & 4) {
    left -= 4;
    *(__u32 *)at = bpf_htonl((__u32)(value >> 8 * left));
    at += 4;
  }
  if (width & 2) {
    left -= 2;
    *(__u16 *)at = bpf_htons((__u16)(value >> 8 * left));
    at += 2;
  }
  if (width & 1) *at = (__u8)value;
}

// --- checksums (frame/Checksum.java)
// --------------------------------------------------------------------------

static __always_inline __u64 halves(__u64 word) {
  return (word >> 32) + (__u32)word;
}

static __always_inline __u16 finish(__u64 sum) {
  __u64 half = halves(sum);
  __u32 folded = (__u32)((half >> 32) + (half >> 16 & 0xffff) + (half & 0xffff));
  folded = (folded >> 16) + (folded & 0xffff);
  folded = (folded >> 16) + (folded & 0xffff);
  return (__u16)~folded;
}

// --- the frame
// --------------------------------------------------------------------------------------------------

static __always_inline void put_constants(__u8 *data) {
  __u32 length = template.length;
#pragma unroll
  for (__u32 i = 0; i < INLINE_FRAME; i += 8)
    if (i + 8 <= length) *(__u64 *)(data + i) = *(const volatile __u64 *)(template.bytes + i);
#pragma unroll
  for (__u32 i = 0; i < INLINE_FRAME; i += 4)
    if (i % 8 == 0 && i + 4 <= length && i + 8 > length)
      *(__u32 *)(data + i) = *(const volatile __u32 *)(template.bytes + i);
#pragma unroll
  for (__u32 i = 0; i < INLINE_FRAME; i++)
    if (i / 4 == length / 4 && i < length) data[i] = template.bytes[i];
}

static __always_inline void put_varying(__u8 *data, const struct question *asked) {
  __u64 sums[FJ_XDP_SUMS] = {template.sum[0].base, template.sum[1].base, template.sum[2].base,
                             template.sum[3].base};
#pragma unroll
  for (int i = 0; i < FJ_XDP_FIELDS; i++) {
    if (i >= template.fields) continue;
    __u8 width = template.field[i].width;
    __u64 value = value_of(i, asked);
    put(data + template.field[i].offset, width, value);
    __u64 term = halves(value & ~0ull >> (64 - 8 * width));
#pragma unroll
    for (int k = 0; k < FJ_XDP_SUMS; k++)
      if (template.field[i].sums >> k & 1) sums[k] += template.field[i].swapped >> k & 1 ? term << 8 : term;
  }
#pragma unroll
  for (int k = 0; k < FJ_XDP_SUMS; k++) {
    if (k >= template.sums) continue;
    __u16 checksum = finish(sums[k]);
    if (checksum == 0 && template.sum[k].udp) checksum = 0xffff;
    *(__u16 *)(data + template.sum[k].offset) = bpf_htons(checksum);
  }
}

static __always_inline int stamp(struct xdp_md *ctx, const struct fj_xdp_target *target) {
  __u32 length = template.length;
  struct question asked = {
      .high = bpf_be64_to_cpu(target->high),
      .low = bpf_be64_to_cpu(target->low),
      .mac = bpf_be64_to_cpu(target->mac_and_port) >> 16,
      .port = bpf_be64_to_cpu(target->mac_and_port) & 0xffff,
      .sequence = bpf_be64_to_cpu(target->sequence),
  };
  if (template.cookie) asked.cookie = cookie_of(&asked);
  int grow = (int)length - (int)(ctx->data_end - ctx->data);
  if (grow && bpf_xdp_adjust_tail(ctx, grow)) return -1;
  if (length > INLINE_FRAME && bpf_xdp_store_bytes(ctx, 0, (void *)template.bytes, length)) return -1;
  __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  if (data + length > end) return -1;
  if (length <= INLINE_FRAME) put_constants(data);
  put_varying(data, &asked);
  return 0;
}
