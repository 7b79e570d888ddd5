// SPDX-License-Identifier: Apache-2.0
// libpcap, opened when it is asked for: whoever does not use it need not have it.
#pragma once
#include <pcap/pcap.h>

struct fj_pcap_library {
  void *library;
  pcap_t *(*create)(const char *, char *);
  int (*set_snaplen)(pcap_t *, int);
  int (*set_promisc)(pcap_t *, int);
  int (*set_timeout)(pcap_t *, int);
  int (*set_buffer_size)(pcap_t *, int);
  int (*set_tstamp_precision)(pcap_t *, int);
  int (*activate)(pcap_t *);
  void (*close)(pcap_t *);
  int (*setnonblock)(pcap_t *, int, char *);
  int (*setdirection)(pcap_t *, pcap_direction_t);
  int (*setfilter)(pcap_t *, struct bpf_program *);
  int (*compile)(pcap_t *, struct bpf_program *, const char *, int, bpf_u_int32);
  void (*freecode)(struct bpf_program *);
  char *(*geterr)(pcap_t *);
  int (*fileno)(pcap_t *);
  int (*datalink)(pcap_t *);
  int (*next_ex)(pcap_t *, struct pcap_pkthdr **, const unsigned char **);
  int (*stats)(pcap_t *, struct pcap_stat *);
  int (*inject)(pcap_t *, const void *, size_t);
  int (*sendpacket)(pcap_t *, const unsigned char *, int);
};

// 0, or -ELIBACC when there is no libpcap, or none that is recent enough (1.5, of 2013).
int fj_pcap_library_open(struct fj_pcap_library *pcap);
void fj_pcap_library_close(struct fj_pcap_library *pcap);

// A handle on the link as the caller asked for it, not yet activated.
int fj_pcap_create(const struct fj_pcap_library *pcap, int ifindex, pcap_t **handle);
// What the frames of an active handle begin with: ETH_HLEN, 0 for an IP header, or -EOPNOTSUPP for another
// one, such as that of "cooked" captures.
int fj_pcap_link_header(const struct fj_pcap_library *pcap, pcap_t *handle);
// Activates it; pcap's own codes become -errno.
int fj_pcap_activate(const struct fj_pcap_library *pcap, pcap_t *handle);
