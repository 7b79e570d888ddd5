package io.framejet;

import java.util.Locale;

/** One kernel path for injecting or receiving. */
public enum Backend {
  /** AF_PACKET with one {@code sendmmsg}/{@code recvmmsg} per batch. */
  SOCKET(1),
  /** AF_PACKET with a ring shared with the kernel: PACKET_TX_RING, TPACKET_V3. */
  RING(2),
  /** libpcap, opened at run time. */
  PCAP(3),
  /**
   * Raw IP sockets (IP_HDRINCL), for injecting only: frames begin with an IP header, and the IP
   * stack routes them by the link and puts its link header before them. What the stack then drops,
   * for want of a neighbor that answers, counts as sent all the same.
   */
  RAWIP(4),
  /**
   * Frames made in the kernel by an XDP program, from a batch that Java and the kernel share: the
   * fastest there is without a special driver. It passes by the link's queueing discipline, and no
   * packet socket of this host sees what it sends. Linux 5.18.
   */
  XDP(5),
  /**
   * AF_XDP: frames go from memory shared with the kernel to one queue of the link, past the
   * queueing discipline, without a copy where the driver has that.
   */
  XSK(6);

  private static final int XDP_MAX_FRAME = 3408;

  private final int id;

  Backend(int id) {
    this.id = id;
  }

  /** The number that the native side knows this backend by. */
  public int id() {
    return id;
  }

  /**
   * The longest frame that it injects, in bytes without FCS, whatever the link would take: {@code
   * xdp} makes frames within a page of 4,096 bytes.
   */
  public int maxFrame() {
    return this == XDP ? XDP_MAX_FRAME : Integer.MAX_VALUE;
  }

  /**
   * The name on the command line and in reports: {@code socket}, {@code ring}, {@code pcap}, {@code
   * rawip}, {@code xdp}, {@code xsk}.
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
