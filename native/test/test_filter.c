// SPDX-License-Identifier: Apache-2.0
// The interpreter against two others: libpcap's bpf_filter, and the kernel's, by way of a pair of sockets.
#include "../wire/filter.h"

#include <dlfcn.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

#define AD(field) ((uint32_t)SKF_AD_OFF + (field))

enum { ROOM = 256, PROGRAM = 24, ROUNDS = 4000 };

static uint64_t seed = 42;

static uint32_t random32(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (uint32_t)(seed >> 16);
}

static uint32_t below(uint32_t limit) {
  return random32() % limit;
}

// The frame ends where the readable memory does.
static unsigned char *at_the_edge(uint32_t length) {
  static unsigned char *pages;
  if (!pages) {
    pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_int_equal(mprotect(pages + 4096, 4096, PROT_NONE), 0);
  }
  return pages + 4096 - length;
}

// As it is, without a look for tags.
static struct fj_filter_frame plain(const unsigned char *bytes, uint32_t length) {
  return (struct fj_filter_frame){.bytes = bytes, .captured = length, .length = length};
}

static uint32_t run(const struct sock_filter *program, const unsigned char *bytes, uint32_t length) {
  struct fj_filter_frame frame = plain(bytes, length);
  return fj_filter_run(program, &frame);
}

// --- against libpcap --------------------------------------------------------------------------------------

struct oracle {
  pcap_t *(*open_dead)(int, int);
  int (*compile)(pcap_t *, struct bpf_program *, const char *, int, bpf_u_int32);
  void (*freecode)(struct bpf_program *);
  void (*close)(pcap_t *);
  u_int (*filter)(const struct bpf_insn *, const u_char *, u_int, u_int);
};

static bool find_oracle(struct oracle *oracle) {
  void *library = dlopen("libpcap.so.0.8", RTLD_NOW);
  if (!library) return false;
  *(void **)&oracle->open_dead = dlsym(library, "pcap_open_dead");
  *(void **)&oracle->compile = dlsym(library, "pcap_compile");
  *(void **)&oracle->freecode = dlsym(library, "pcap_freecode");
  *(void **)&oracle->close = dlsym(library, "pcap_close");
  *(void **)&oracle->filter = dlsym(library, "bpf_filter");
  return oracle->open_dead && oracle->compile && oracle->freecode && oracle->close && oracle->filter;
}

// Frames that get past the first test of most programs.
static void write_likely(unsigned char *frame, uint32_t length) {
  static const unsigned char TYPES[][2] = {{8, 0}, {8, 6}, {0x86, 0xdd}, {0x81, 0}, {0x88, 0xa8}, {0, 60}};
  static const unsigned char PROTOCOLS[] = {1, 6, 17, 58, 2, 0};
  for (uint32_t i = 0; i < length; i++) frame[i] = (unsigned char)random32();
  if (length > 5 && below(8) == 0) memset(frame, 0xff, 6);
  uint32_t at = 12;
  const unsigned char *type = TYPES[below(6)];
  if (length > 18) memcpy(frame + at, type, 2);
  if (type[0] == 0x81 && length > 22) memcpy(frame + at + 2, "\0\5", 2);
  if (type[0] == 0x81 && length > 22) memcpy(frame + (at += 4), TYPES[below(3)], 2);
  if (length < at + 60 || below(4) == 0) return;
  unsigned char *ip = frame + at + 2;
  ip[0] = type[0] == 0x86 ? 0x60 : (unsigned char)(0x45 + below(3));
  ip[6] = ip[7] = 0;
  ip[type[0] == 0x86 ? 6 : 9] = PROTOCOLS[below(6)];
  memcpy(ip + 12, "\x0a\x4d\0\1\x0a\x4d\0\2", 8);
  ip[22] = 0;
  ip[23] = 53;
}

static void agrees_with_libpcap_on_expressions(void **state) {
  (void)state;
  static const char *const EXPRESSIONS[] = {
      "",
      "arp",
      "ip",
      "ip6",
      "tcp",
      "udp port 53",
      "icmp",
      "icmp6",
      "host 10.77.0.1",
      "src net 10.77.0.0/16 and tcp dst port 53",
      "vlan",
      "vlan 5 and arp",
      "ether host ff:ff:ff:ff:ff:ff",
      "ether multicast",
      "less 100",
      "greater 120",
      "tcp[tcpflags] & (tcp-syn|tcp-ack) != 0",
      "ip[0] & 0xf != 5",
      "ether[6:4] % 7 = 3",
      "ip proto 17 or ip6 proto 58",
      "portrange 50-60",
      "not arp and not ip",
      "ether[len - 20] < 128",
      "ip[ip[9]] > 3",
      "llc",
  };
  struct oracle oracle;
  if (!find_oracle(&oracle)) skip();
  pcap_t *dead = oracle.open_dead(DLT_EN10MB, 65535);
  for (size_t i = 0; i < sizeof EXPRESSIONS / sizeof *EXPRESSIONS; i++) {
    struct bpf_program compiled;
    if (oracle.compile(dead, &compiled, EXPRESSIONS[i], 1, PCAP_NETMASK_UNKNOWN))
      fail_msg("%s", EXPRESSIONS[i]);
    const struct sock_filter *program = (const struct sock_filter *)compiled.bf_insns;
    assert_int_equal(fj_filter_check(program, compiled.bf_len), 0);
    int passed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      uint32_t length = below(ROOM);
      unsigned char *frame = at_the_edge(length);
      write_likely(frame, length);
      uint32_t expected = oracle.filter(compiled.bf_insns, frame, length, length);
      uint32_t verdict = run(program, frame, length);
      if (verdict != expected)
        fail_msg("'%s', %u bytes: %u, not %u", EXPRESSIONS[i], length, verdict, expected);
      passed += verdict != 0;
    }
    if (passed == 0 || passed == ROUNDS) assert_int_equal(i, 0);  // each decides, but the empty one
    oracle.freecode(&compiled);
  }
  oracle.close(dead);
}

// --- against the kernel -----------------------------------------------------------------------------------

static const uint16_t CODES[] = {
    BPF_LD | BPF_W | BPF_ABS,
    BPF_LD | BPF_H | BPF_ABS,
    BPF_LD | BPF_B | BPF_ABS,
    BPF_LD | BPF_W | BPF_IND,
    BPF_LD | BPF_H | BPF_IND,
    BPF_LD | BPF_B | BPF_IND,
    BPF_LDX | BPF_B | BPF_MSH,
    BPF_LD | BPF_IMM,
    BPF_LDX | BPF_IMM,
    BPF_LD | BPF_W | BPF_LEN,
    BPF_LDX | BPF_W | BPF_LEN,
    BPF_LD | BPF_MEM,
    BPF_LDX | BPF_MEM,
    BPF_ST,
    BPF_STX,
    BPF_MISC | BPF_TAX,
    BPF_MISC | BPF_TXA,
    BPF_RET | BPF_K,
    BPF_RET | BPF_A,
    BPF_JMP | BPF_JA,
};

static uint16_t random_code(void) {
  if (below(2)) return CODES[below(sizeof CODES / sizeof *CODES)];
  if (below(8) == 0) return (uint16_t)below(256);  // mostly none at all
  uint16_t source = below(2) ? BPF_X : BPF_K;
  if (below(2)) return (uint16_t)(BPF_JMP | below(5) << 4 | source);
  return (uint16_t)(BPF_ALU | below(11) << 4 | source);
}

static uint32_t random_operand(uint16_t code, uint32_t left) {
  if (code == (BPF_JMP | BPF_JA)) return below(left + 2);
  switch (below(8)) {
    case 0:
      return random32();
    case 1:
      return below(2) ? AD(SKF_AD_ALU_XOR_X) : 0x80000000u + below(64);
    case 2:
      return BPF_CLASS(code) == BPF_ALU ? below(40) : below(20);
    default:
      return below(BPF_CLASS(code) == BPF_LD ? 80 : 16);
  }
}

// At random, but worth running: stores first, or the kernel refuses most loads from memory.
static uint32_t random_program(struct sock_filter *program) {
  uint32_t length = 2 + below(PROGRAM - 2), at = 0;
  for (; at < length && at < BPF_MEMWORDS && below(16); at++) {
    uint16_t code = (uint16_t)(below(2) ? BPF_ST : BPF_STX);
    program[at] = (struct sock_filter){code, 0, 0, at};
  }
  for (; at < length; at++) {
    uint32_t left = length - at - 1;
    program[at].code = at + 1 == length && below(16) ? (uint16_t)(BPF_RET | BPF_A) : random_code();
    program[at].jt = (unsigned char)below(left + (below(8) == 0) + 1);
    program[at].jf = (unsigned char)below(left + 1);
    program[at].k = random_operand(program[at].code, left);
  }
  return length;
}

struct pair {
  int in, out;
};

// What the kernel leaves of a message, 0 when it drops it.
static uint32_t kernel_verdict(const struct pair *pair, const unsigned char *frame, uint32_t length) {
  unsigned char kept[ROOM];
  (void)send(pair->in, frame, length, MSG_DONTWAIT);
  ssize_t size = recv(pair->out, kept, sizeof kept, MSG_DONTWAIT);
  return size < 0 ? 0 : (uint32_t)size;
}

static bool uses_uninitialised_memory(const struct sock_filter *program, uint32_t length) {
  uint32_t written = 0;
  for (uint32_t i = 0; i < length; i++) {
    uint16_t code = program[i].code;
    if (code == BPF_ST || code == BPF_STX) written |= 1u << (program[i].k & 31);
    bool loads = code == (BPF_LD | BPF_MEM) || code == (BPF_LDX | BPF_MEM);
    if (loads && !(written & 1u << (program[i].k & 31))) return true;
  }
  return false;
}

static void agrees_with_the_kernel_on_random_programs(void **state) {
  (void)state;
  int sockets[2], accepted = 0, refused = 0, kept = 0;
  assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sockets), 0);
  struct pair pair = {sockets[0], sockets[1]};
  for (int round = 0; round < 60000; round++) {
    struct sock_filter program[PROGRAM];
    struct sock_fprog attached = {.filter = program};
    attached.len = (unsigned short)random_program(program);
    bool ours = fj_filter_check(program, attached.len) == 0;
    bool theirs = setsockopt(pair.out, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) == 0;
    // The kernel is stricter in one thing: reading memory before it was written, on any way there.
    if (theirs && !ours) fail_msg("round %d: the kernel takes this program", round);
    refused += !ours;
    if (!theirs) continue;
    accepted++;
    for (int i = 0; i < 4; i++) {
      uint32_t length = 1 + below(ROOM - 1);
      unsigned char *frame = at_the_edge(length);
      for (uint32_t j = 0; j < length; j++) frame[j] = (unsigned char)random32();
      uint32_t verdict = run(program, frame, length), expected = kernel_verdict(&pair, frame, length);
      if (verdict > length) verdict = length;
      if (verdict != expected) fail_msg("round %d: %u, not %u of %u", round, verdict, expected, length);
      kept += verdict > 0;
    }
  }
  assert_true(accepted > 5000 && refused > 5000 && kept > 5000);
  close(pair.in);
  close(pair.out);
}

static void refuses_what_the_kernel_refuses(void **state) {
  (void)state;
  int sockets[2], both = 0;
  assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sockets), 0);
  for (int round = 0; round < 60000; round++) {
    struct sock_filter program[PROGRAM];
    struct sock_fprog attached = {.filter = program};
    attached.len = (unsigned short)random_program(program);
    if (uses_uninitialised_memory(program, attached.len)) continue;
    bool jumps = false;  // over a store, perhaps
    for (int i = 0; i < attached.len; i++) jumps |= BPF_CLASS(program[i].code) == BPF_JMP;
    if (jumps) continue;
    bool ours = fj_filter_check(program, attached.len) == 0;
    bool theirs = setsockopt(sockets[1], SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) == 0;
    if (ours != theirs) fail_msg("round %d: ours %d, the kernel's %d", round, ours, theirs);
    both++;
  }
  assert_true(both > 1000);
  close(sockets[0]);
  close(sockets[1]);
}

// --- one by one -------------------------------------------------------------------------------------------

static void refuses_harmful_programs(void **state) {
  (void)state;
  const struct sock_filter end = {BPF_RET | BPF_K, 0, 0, 1};
  const struct {
    struct sock_filter first;
    int error;
  } cases[] = {
      {{BPF_JMP | BPF_JA, 0, 0, 1}, -EINVAL},
      {{BPF_JMP | BPF_JA, 0, 0, 0xffffffff}, -EINVAL},  // backward, would it wrap
      {{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0}, -EINVAL},
      {{BPF_JMP | BPF_JEQ | BPF_K, 0, 255, 0}, -EINVAL},
      {{BPF_ST, 0, 0, 16}, -EINVAL},
      {{BPF_LDX | BPF_MEM, 0, 0, 0xffffffff}, -EINVAL},
      {{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0}, -EINVAL},
      {{BPF_ALU | BPF_MOD | BPF_K, 0, 0, 0}, -EINVAL},
      {{BPF_ALU | BPF_LSH | BPF_K, 0, 0, 32}, -EINVAL},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, AD(200)}, -EINVAL},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, AD(SKF_AD_PAY_OFFSET)}, -EOPNOTSUPP},
      {{0xffff, 0, 0, 0}, -EINVAL},
      {{BPF_ALU | BPF_NEG, 0, 0, 0}, 0},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, AD(SKF_AD_VLAN_TAG_PRESENT)}, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct sock_filter program[] = {cases[i].first, end};
    assert_int_equal(fj_filter_check(program, 2), cases[i].error);
    assert_int_equal(fj_filter_check(program, 1), cases[i].error ? cases[i].error : -EINVAL);  // no end
  }
  assert_int_equal(fj_filter_check(&end, 0), -EINVAL);
  assert_int_equal(fj_filter_check(&end, BPF_MAXINSNS + 1), -EINVAL);
}

static uint32_t value_of(uint16_t code, uint32_t k, const struct fj_filter_frame *frame) {
  struct sock_filter program[] = {{code, 0, 0, k}, {BPF_RET | BPF_A, 0, 0, 0}};
  assert_int_equal(fj_filter_check(program, 2), 0);
  return fj_filter_run(program, frame);
}

static uint32_t about(const struct fj_filter_frame *frame, uint32_t field) {
  return value_of(BPF_LD | BPF_W | BPF_ABS, AD(field), frame);
}

static void shows_a_tagged_frame_as_the_kernel_does(void **state) {
  (void)state;
  const struct fj_filter_link link = {.ifindex = 7, .queue = 3, .mac = {2, 0, 0, 0, 0, 1}};
  unsigned char *bytes = at_the_edge(22);
  memcpy(bytes, "\2\0\0\0\0\1\2\0\0\0\0\2\x88\xa8\x20\7\x81\0\0\5\x08\6", 22);
  struct fj_filter_frame frame = fj_filter_frame_of(bytes, 22, 100, &link);
  assert_int_equal(about(&frame, SKF_AD_VLAN_TAG_PRESENT), 1);
  assert_int_equal(about(&frame, SKF_AD_VLAN_TAG), 0x2007);
  assert_int_equal(about(&frame, SKF_AD_VLAN_TPID), 0x88a8);
  assert_int_equal(about(&frame, SKF_AD_PROTOCOL), 0x8100);  // the inner tag stays
  assert_int_equal(about(&frame, SKF_AD_PKTTYPE), PACKET_HOST);
  assert_int_equal(about(&frame, SKF_AD_IFINDEX), 7);
  assert_int_equal(about(&frame, SKF_AD_QUEUE), 3);
  assert_int_equal(about(&frame, SKF_AD_HATYPE), 1);
  assert_int_equal(value_of(BPF_LD | BPF_W | BPF_LEN, 0, &frame), 96);
  assert_int_equal(value_of(BPF_LD | BPF_W | BPF_ABS, 10, &frame), 0x00028100);  // across the gap
  assert_int_equal(value_of(BPF_LD | BPF_H | BPF_ABS, 16, &frame), 0x0806);
  assert_int_equal(value_of(BPF_LD | BPF_W | BPF_ABS, 16, &frame), 0);  // past the end
  assert_int_equal(value_of(BPF_LD | BPF_H | BPF_ABS, (uint32_t)SKF_NET_OFF, &frame), 5);
  assert_int_equal(value_of(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_LL_OFF + 5, &frame), 1);
}

static void tells_what_kind_of_frame_it_is(void **state) {
  (void)state;
  const struct fj_filter_link link = {.mac = {2, 0, 0, 0, 0, 1}};
  static const struct {
    const char *bytes;
    uint32_t type, protocol;
  } cases[] = {
      {"\xff\xff\xff\xff\xff\xff\2\0\0\0\0\2\x08\6\0\0", PACKET_BROADCAST, ETH_P_ARP},
      {"\1\0\x5e\0\0\1\2\0\0\0\0\2\x08\0\0\0", PACKET_MULTICAST, ETH_P_IP},
      {"\2\0\0\0\0\2\2\0\0\0\0\2\0\x40\xaa\xaa", PACKET_OTHERHOST, ETH_P_802_2},
      {"\2\0\0\0\0\1\2\0\0\0\0\2\0\x40\xff\xff", PACKET_HOST, ETH_P_802_3},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    unsigned char *bytes = at_the_edge(16);
    memcpy(bytes, cases[i].bytes, 16);
    struct fj_filter_frame frame = fj_filter_frame_of(bytes, 16, 60, &link);
    assert_int_equal(about(&frame, SKF_AD_PKTTYPE), cases[i].type);
    assert_int_equal(about(&frame, SKF_AD_PROTOCOL), cases[i].protocol);
    assert_int_equal(about(&frame, SKF_AD_VLAN_TAG_PRESENT), 0);
  }
}

static void looks_at_no_byte_past_the_end(void **state) {
  (void)state;
  const struct fj_filter_link link = {.mac = {2, 0, 0, 0, 0, 1}};
  for (uint32_t length = 0; length < 24; length++) {
    unsigned char *bytes = at_the_edge(length);
    memset(bytes, 0x81, length);
    if (length > 13) bytes[13] = 0;
    struct fj_filter_frame frame = fj_filter_frame_of(bytes, length, length, &link);
    for (uint32_t field = 0; field <= SKF_AD_VLAN_TAG_PRESENT; field += 4)
      if (field != SKF_AD_NLATTR && field != SKF_AD_NLATTR_NEST) about(&frame, field);
    for (uint32_t at = 0; at < 30; at++) {
      value_of(BPF_LD | BPF_W | BPF_ABS, at, &frame);
      value_of(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF + at, &frame);
    }
    assert_int_equal(value_of(BPF_LD | BPF_W | BPF_ABS, 0xffdfffff, &frame), 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_libpcap_on_expressions),
      cmocka_unit_test(agrees_with_the_kernel_on_random_programs),
      cmocka_unit_test(refuses_what_the_kernel_refuses),
      cmocka_unit_test(refuses_harmful_programs),
      cmocka_unit_test(shows_a_tagged_frame_as_the_kernel_does),
      cmocka_unit_test(tells_what_kind_of_frame_it_is),
      cmocka_unit_test(looks_at_no_byte_past_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
