// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// A frame of the template, byte for byte as io.framejet.frame.FrameTemplate writes it. All that the template
// says is constant once the program is loaded, so the verifier takes every branch on it out of the program.
#pragma once

const volatile struct fj_xdp_template template;

// The same, which the compiler may read as rarely as it likes: what it reads is known to the verifier, but
// the reading itself stays in the program, and each takes its time. It must not know that nothing else was
// put there at compile time, though.
static __always_inline const struct fj_xdp_template *constants(void) {
  const struct fj_xdp_template *it = (const struct fj_xdp_template *)&template;
  asm("" : "+r"(it));
  return it;
}

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

static __always_inline __u64 value_of(const struct fj_xdp_template *it, const struct fj_xdp_field *field,
                                      const struct question *asked) {
  switch (field->source) {
    case FJ_XDP_TARGET:
      return asked->low;
    case FJ_XDP_TARGET_HIGH:
      return asked->high;
    case FJ_XDP_MAC:
      return asked->mac;
    case FJ_XDP_PORT:
      return asked->port;
    case FJ_XDP_COUNTER:
      return field->base + asked->sequence;
    case FJ_XDP_RANDOM:
      return mix(field->base + (asked->sequence + 1) * 0x9e3779b97f4a7c15);
    case FJ_XDP_COOKIE:
      return field->base + (asked->cookie >> field->shift & field->mask);
    default:
      return it->values[(field->first_value + asked->sequence % field->value_count) % FJ_XDP_VALUES];
  }
}

static __always_inline void put(__u8 *at, __u8 width, __u64 value) {
  switch (width) {
    case 8:
      *(__u64 *)at = bpf_cpu_to_be64(value);
      return;
    case 7:
      at[6] = (__u8)value;
      value >>= 8;
      // fall through
    case 6:
      *(__u16 *)(at + 4) = bpf_htons((__u16)value);
      *(__u32 *)at = bpf_htonl((__u32)(value >> 16));
      return;
    case 5:
      at[4] = (__u8)value;
      value >>= 8;
      // fall through
    case 4:
      *(__u32 *)at = bpf_htonl((__u32)value);
      return;
    case 3:
      at[2] = (__u8)value;
      value >>= 8;
      // fall through
    case 2:
      *(__u16 *)at = bpf_htons((__u16)value);
      return;
    default:
      *at = (__u8)value;
  }
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

// Eight bytes at a time, the last of them over those before where the length is no multiple of that: nothing
// is left of the words that a frame does not have.
static __always_inline void put_constants(const struct fj_xdp_template *it, __u8 *data) {
#define WORD(n) *(__u64 *)(data + 8 * (n)) = *(const __u64 *)(it->bytes + 8 * (n))
#define CASE(n) \
  case (n) + 1: \
    WORD(n);
  __u32 length = it->length;
  switch (length / 8) {
    CASE(15)
    CASE(14)
    CASE(13)
    CASE(12)
    CASE(11)
    CASE(10)
    CASE(9)
    CASE(8)
    CASE(7)
    CASE(6)
    CASE(5)
    CASE(4)
    CASE(3)
    CASE(2)
    CASE(1)
    default:
      WORD(0);
  }
#undef CASE
#undef WORD
  if (length % 8) *(__u64 *)(data + length - 8) = *(const __u64 *)(it->bytes + length - 8);
}

static __always_inline void add_to_sums(__u64 *sums, const struct fj_xdp_field *field, __u64 value) {
  __u8 covered = field->sums, swapped = field->swapped;
  if (covered == 0) return;
  __u64 term = halves(value & ~0ull >> (64 - 8 * field->width));
#pragma unroll
  for (int k = 0; k < FJ_XDP_SUMS; k++)
    if (covered >> k & 1) sums[k] += swapped >> k & 1 ? term << 8 : term;
}

static __always_inline void put_sum(const struct fj_xdp_sum *place, __u8 *data, __u64 sum) {
  __u16 checksum = finish(sum + place->base);
  if (checksum == 0 && place->udp) checksum = 0xffff;
  *(__u16 *)(data + place->offset) = bpf_htons(checksum);
}

static __always_inline void put_sums(const struct fj_xdp_template *it, __u8 *data, const __u64 *sums) {
  __u8 count = it->sums;
#define SUM(k)              \
  if ((k) >= count) return; \
  put_sum(&it->sum[k], data, sums[k])
  SUM(0);
  SUM(1);
  SUM(2);
  SUM(3);
#undef SUM
}

static __always_inline void put_field(const struct fj_xdp_template *it, int i, __u8 *data,
                                      const struct question *asked, __u64 *sums) {
  const struct fj_xdp_field *field = &it->field[i];
  __u64 value = value_of(it, field, asked);
  put(data + field->offset, field->width, value);
  add_to_sums(sums, field, value);
}

static __always_inline void put_fields(const struct fj_xdp_template *it, __u8 *data,
                                       const struct question *asked, __u64 *sums) {
  __u8 count = it->fields;
#define FIELD(i)            \
  if ((i) >= count) return; \
  put_field(it, i, data, asked, sums)
  FIELD(0);
  FIELD(1);
  FIELD(2);
  FIELD(3);
  FIELD(4);
  FIELD(5);
  FIELD(6);
  FIELD(7);
#undef FIELD
}

static __always_inline void put_varying(const struct fj_xdp_template *it, __u8 *data,
                                        const struct question *asked) {
  __u64 sums[FJ_XDP_SUMS] = {0};
  put_fields(it, data, asked, sums);
  put_sums(it, data, sums);
}

// Only what the template needs is read.
static __always_inline void read_target(struct question *asked, const struct fj_xdp_target *target) {
  const struct fj_xdp_template *it = constants();
  __u8 asks = it->asks;
  if (asks & FJ_XDP_ASKS_HIGH) asked->high = bpf_be64_to_cpu(target->high);
  if (asks & FJ_XDP_ASKS_LOW) asked->low = bpf_be64_to_cpu(target->low);
  if (asks & FJ_XDP_ASKS_MAC_OR_PORT) {
    __u64 both = bpf_be64_to_cpu(target->mac_and_port);
    asked->mac = both >> 16;
    asked->port = both & 0xffff;
  }
  if (asks & FJ_XDP_ASKS_SEQUENCE) asked->sequence = bpf_be64_to_cpu(target->sequence);
  if (it->cookie) asked->cookie = cookie_of(asked);
}

static __always_inline int stamp(struct xdp_md *ctx, const struct question *asked) {
  const struct fj_xdp_template *it = constants();
  __u32 length = it->length;
  int grow = (int)length - (int)(ctx->data_end - ctx->data);
  if (grow && bpf_xdp_adjust_tail(ctx, grow)) return -1;
  if (length > INLINE_FRAME && bpf_xdp_store_bytes(ctx, 0, (void *)it->bytes, length)) return -1;
  __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  if (data + length > end) return -1;
  if (length <= INLINE_FRAME) put_constants(it, data);
  put_varying(it, data, asked);
  return 0;
}
