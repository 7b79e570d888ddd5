// SPDX-License-Identifier: Apache-2.0
// The bpf system call (man 2 bpf), as far as light skeletons do not make it. 0, a descriptor or a negative
// errno.
#pragma once
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int fj_bpf(enum bpf_cmd command, union bpf_attr *attributes) {
  long result = syscall(SYS_bpf, command, attributes, sizeof *attributes);
  return result < 0 ? -errno : (int)result;
}

static inline int fj_bpf_map_put(int map, const void *key, const void *value) {
  union bpf_attr attributes = {
      .map_fd = (uint32_t)map, .key = (uint64_t)(uintptr_t)key, .value = (uint64_t)(uintptr_t)value};
  return fj_bpf(BPF_MAP_UPDATE_ELEM, &attributes);
}

// Attaches a program to a link for as long as the descriptor, or this process, lives.
static inline int fj_bpf_link_xdp(int program, int ifindex) {
  union bpf_attr attributes = {.link_create = {.prog_fd = (uint32_t)program,
                                               .target_ifindex = (uint32_t)ifindex,
                                               .attach_type = BPF_XDP}};
  return fj_bpf(BPF_LINK_CREATE, &attributes);
}

// Whether the network link that a program was attached to has been deleted; a later one of the same index
// is another.
static inline bool fj_bpf_link_is_gone(int link) {
  struct bpf_link_info info = {0};
  union bpf_attr attributes = {
      .info = {.bpf_fd = (uint32_t)link, .info_len = sizeof info, .info = (uint64_t)(uintptr_t)&info}};
  return fj_bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes) == 0 && info.xdp.ifindex == 0;
}

// Around the loading of a program: a signal for this thread makes the verifier give up with EAGAIN, and
// whoever has a timer or is interrupted more often than verifying takes would never get it loaded. Those that
// a fault of the thread itself raises stay as they are. By sigprocmask, which is of the thread on Linux:
// pthread_sigmask is a symbol of GLIBC 2.32.
static inline void fj_bpf_hold_signals(sigset_t *before) {
  sigset_t held;
  sigfillset(&held);
  sigdelset(&held, SIGSEGV);
  sigdelset(&held, SIGBUS);
  sigdelset(&held, SIGFPE);
  sigdelset(&held, SIGILL);
  sigdelset(&held, SIGTRAP);
  sigprocmask(SIG_BLOCK, &held, before);
}

static inline void fj_bpf_let_signals(const sigset_t *before) {
  sigprocmask(SIG_SETMASK, before, NULL);
}

// Without CAP_PERFMON a light skeleton fails with a bare EINVAL.
static inline bool fj_bpf_has_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {{0}};
  if (syscall(SYS_capget, &header, data)) return false;
  uint64_t effective = (uint64_t)data[1].effective << 32 | data[0].effective;
  uint64_t all = effective & UINT64_C(1) << CAP_SYS_ADMIN;
  uint64_t bpf = effective & UINT64_C(1) << CAP_BPF, perfmon = effective & UINT64_C(1) << CAP_PERFMON;
  return effective & UINT64_C(1) << CAP_NET_ADMIN && (all || (bpf && perfmon));
}
