package io.framejet.link;

/**
 * Numbers of the rtnetlink protocol, by the names that the kernel's headers give them: {@code
 * linux/netlink.h}, {@code linux/rtnetlink.h}, {@code linux/if_link.h}, {@code linux/if_addr.h},
 * {@code linux/neighbour.h}, {@code linux/if.h}, {@code linux/if_arp.h}, {@code linux/veth.h}.
 */
final class Rtnetlink {
  // linux/netlink.h: message types below NLMSG_MIN_TYPE, flags, header sizes.
  static final int NLMSG_NOOP = 1;
  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;
  static final int NLMSG_HDRLEN = 16;
  static final int NLM_F_REQUEST = 0x1;
  static final int NLM_F_ACK = 0x4;
  static final int NLM_F_ECHO = 0x8;
  static final int NLM_F_CAPPED = 0x100;
  static final int NLM_F_ACK_TLVS = 0x200;
  static final int NLM_F_DUMP = 0x300;
  static final int NLM_F_REPLACE = 0x100;
  static final int NLM_F_EXCL = 0x200;
  static final int NLM_F_CREATE = 0x400;
  static final int NLMSGERR_ATTR_MSG = 1;
  static final int NLA_HDRLEN = 4;
  static final int NLA_TYPE_MASK = 0x3fff;

  // linux/rtnetlink.h: message types.
  static final int RTM_NEWLINK = 16;
  static final int RTM_DELLINK = 17;
  static final int RTM_GETLINK = 18;
  static final int RTM_NEWADDR = 20;
  static final int RTM_GETADDR = 22;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_GETROUTE = 26;
  static final int RTM_NEWNEIGH = 28;
  static final int RTM_GETNEIGH = 30;
  static final int RTM_GETQDISC = 38;

  // linux/if_link.h; struct ifinfomsg is in linux/rtnetlink.h.
  static final int IFINFOMSG_SIZE = 16;
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_LINK = 5;
  static final int IFLA_QDISC = 6;
  static final int IFLA_LINKINFO = 18;
  static final int IFLA_STATS64 = 23;
  static final int IFLA_AF_SPEC = 26;
  static final int IFLA_NET_NS_FD = 28;
  static final int IFLA_EXT_MASK = 29;
  static final int IFLA_PROMISCUITY = 30;
  static final int IFLA_NUM_TX_QUEUES = 31;
  static final int IFLA_NUM_RX_QUEUES = 32;
  static final int IFLA_CARRIER = 33;
  static final int IFLA_CARRIER_CHANGES = 35;
  static final int IFLA_LINK_NETNSID = 37;
  static final int IFLA_XDP = 43;
  static final int IFLA_TARGET_NETNSID = 46;
  static final int IFLA_XDP_PROG_ID = 4;
  static final int IFLA_XDP_DRV_PROG_ID = 5;
  static final int IFLA_INFO_KIND = 1;
  static final int IFLA_INFO_DATA = 2;
  static final int IFLA_INET6_ADDR_GEN_MODE = 8;
  static final int IN6_ADDR_GEN_MODE_NONE = 1;
  static final int RTEXT_FILTER_SKIP_STATS = 1 << 3;
  static final int VETH_INFO_PEER = 1;

  // linux/rtnetlink.h: struct tcmsg and its attributes; linux/gen_stats.h: struct gnet_stats_queue.
  static final int TCMSG_SIZE = 20;
  static final int TC_H_ROOT = -1;
  static final int TCA_STATS2 = 7;
  static final int TCA_STATS_QUEUE = 3;
  static final int GNET_STATS_QUEUE_DROPS = 8;

  // linux/if_addr.h: struct ifaddrmsg and its attributes.
  static final int IFADDRMSG_SIZE = 8;
  static final int IFA_ADDRESS = 1;
  static final int IFA_LOCAL = 2;
  static final int IFA_BROADCAST = 4;
  static final int IFA_FLAGS = 8;
  static final int IFA_F_NODAD = 0x2;

  // linux/rtnetlink.h: struct rtmsg, struct rtnexthop, struct rtvia.
  static final int RTMSG_SIZE = 12;
  static final int RTNEXTHOP_SIZE = 8;
  static final int RTA_DST = 1;
  static final int RTA_OIF = 4;
  static final int RTA_GATEWAY = 5;
  static final int RTA_PRIORITY = 6;
  static final int RTA_PREFSRC = 7;
  static final int RTA_MULTIPATH = 9;
  static final int RTA_TABLE = 15;
  static final int RTA_VIA = 18;
  static final int RTN_UNICAST = 1;
  static final int RTN_LOCAL = 2;
  static final int RTN_BROADCAST = 3;
  static final int RTN_ANYCAST = 4;
  static final int RTN_MULTICAST = 5;
  static final int RT_SCOPE_UNIVERSE = 0;
  static final int RT_SCOPE_LINK = 253;
  static final int RT_SCOPE_HOST = 254;
  static final int RT_TABLE_MAIN = 254;
  static final int RT_TABLE_LOCAL = 255;
  static final int RTPROT_BOOT = 3;
  static final int RTM_F_CLONED = 0x200;

  // linux/neighbour.h: struct ndmsg, its attributes, states and flags.
  static final int NDMSG_SIZE = 12;
  static final int NDA_DST = 1;
  static final int NDA_LLADDR = 2;
  static final int NDA_IFINDEX = 8;
  static final int NUD_NONE = 0x00;
  static final int NUD_INCOMPLETE = 0x01;
  static final int NUD_REACHABLE = 0x02;
  static final int NUD_STALE = 0x04;
  static final int NUD_DELAY = 0x08;
  static final int NUD_PROBE = 0x10;
  static final int NUD_FAILED = 0x20;
  static final int NUD_NOARP = 0x40;
  static final int NUD_PERMANENT = 0x80;
  static final int NTF_ROUTER = 0x80;

  // linux/if.h: net_device_flags; IFNAMSIZ counts the final NUL.
  static final int IFF_UP = 0x1;
  static final int IFF_LOOPBACK = 0x8;
  static final int IFF_RUNNING = 0x40;
  static final int IFF_PROMISC = 0x100;
  static final int IFF_LOWER_UP = 0x10000;
  static final int IFNAMSIZ = 16;

  // linux/if_arp.h: hardware types whose frames begin with an Ethernet header.
  static final int ARPHRD_ETHER = 1;
  static final int ARPHRD_LOOPBACK = 772;

  // Links whose frames begin with an IP header, as AF_PACKET has them (linux/if_arp.h).
  static final int ARPHRD_PPP = 512;
  static final int ARPHRD_RAWIP = 519;
  static final int ARPHRD_TUNNEL = 768;
  static final int ARPHRD_TUNNEL6 = 769;
  static final int ARPHRD_SIT = 776;
  static final int ARPHRD_IPGRE = 778;
  static final int ARPHRD_IP6GRE = 823;
  static final int ARPHRD_NONE = 0xfffe;

  // linux/socket.h
  static final int AF_UNSPEC = 0;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  private Rtnetlink() {}
}
