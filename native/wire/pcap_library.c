// SPDX-License-Identifier: Apache-2.0
#include "pcap_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../link/link.h"

// glibc 2.34 moved these into libc and gave them a new version; we ask for the first one, which every glibc
// has.
#if defined(__x86_64__)
__asm__(".symver dlopen,dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym,dlsym@GLIBC_2.2.5");
__asm__(".symver dlclose,dlclose@GLIBC_2.2.5");
#elif defined(__aarch64__)
__asm__(".symver dlopen,dlopen@GLIBC_2.17");
__asm__(".symver dlsym,dlsym@GLIBC_2.17");
__asm__(".symver dlclose,dlclose@GLIBC_2.17");
#endif

// The name of the ABI, and Debian's.
static const char *const NAMES[] = {"libpcap.so.1", "libpcap.so.0.8"};

struct symbol {
  const char *name;
  size_t offset;
};

#define SYMBOL(member) \
  { "pcap_" #member, offsetof(struct fj_pcap_library, member) }
static const struct symbol SYMBOLS[] = {
    SYMBOL(create),
    SYMBOL(set_snaplen),
    SYMBOL(set_promisc),
    SYMBOL(set_timeout),
    SYMBOL(set_buffer_size),
    SYMBOL(activate),
    SYMBOL(set_tstamp_precision),
    SYMBOL(close),
    SYMBOL(setnonblock),
    SYMBOL(setdirection),
    SYMBOL(setfilter),
    SYMBOL(compile),
    SYMBOL(freecode),
    SYMBOL(geterr),
    SYMBOL(fileno),
    SYMBOL(datalink),
    SYMBOL(next_ex),
    SYMBOL(stats),
    SYMBOL(inject),
    SYMBOL(sendpacket),
};

// dlopen has no error number. Without a descriptor it finds nothing, wherever libpcap is.
static int why_not_found(void) {
  int fd = open("/", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  close(fd);
  return -ELIBACC;
}

int fj_pcap_library_open(struct fj_pcap_library *pcap) {
  memset(pcap, 0, sizeof *pcap);
  for (size_t i = 0; !pcap->library && i < sizeof NAMES / sizeof *NAMES; i++)
    pcap->library = dlopen(NAMES[i], RTLD_NOW | RTLD_LOCAL);
  if (!pcap->library) return why_not_found();
  for (size_t i = 0; i < sizeof SYMBOLS / sizeof *SYMBOLS; i++) {
    void *address = dlsym(pcap->library, SYMBOLS[i].name);
    if (!address) {
      fj_pcap_library_close(pcap);
      return -ELIBACC;
    }
    memcpy((char *)pcap + SYMBOLS[i].offset, &address, sizeof address);
  }
  return 0;
}

void fj_pcap_library_close(struct fj_pcap_library *pcap) {
  if (pcap->library) dlclose(pcap->library);
  pcap->library = NULL;
}

static int name_of(int ifindex, struct fj_link *link) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int error = fj_link_init(link, fd, ifindex);
  close(fd);
  return error == -ENXIO ? -ENODEV : error;
}

int fj_pcap_create(const struct fj_pcap_library *pcap, int ifindex, pcap_t **handle) {
  struct fj_link link;
  char text[PCAP_ERRBUF_SIZE] = "";
  int error = name_of(ifindex, &link);
  if (error) return error;
  *handle = pcap->create(link.name, text);
  return *handle ? 0 : -ENOMEM;
}

int fj_pcap_link_header(const struct fj_pcap_library *pcap, pcap_t *handle) {
  switch (pcap->datalink(handle)) {
    case DLT_EN10MB:
      return ETH_HLEN;
    case DLT_RAW:
      return 0;
    default:
      return -EOPNOTSUPP;
  }
}

int fj_pcap_activate(const struct fj_pcap_library *pcap, pcap_t *handle) {
  errno = 0;
  int result = pcap->activate(handle);
  if (result >= 0) return 0;  // above 0 is a warning
  int reported = errno;
  switch (result) {
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      return -EPERM;
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return -ENODEV;
    case PCAP_ERROR_IFACE_NOT_UP:
      return -ENETDOWN;
    default:
      return reported ? -reported : -EIO;
  }
}
