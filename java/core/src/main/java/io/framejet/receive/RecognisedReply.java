package io.framejet.receive;

import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.frame.Recognition;
import io.framejet.jni.ReceiveNative;

/**
 * What a reply says, as the link's XDP program has summed it up: an ARP reply, an ICMP echo reply,
 * a TCP SYN-ACK or RST, a UDP datagram. It has the cookie of our probe where its kind brings one
 * back.
 *
 * <p>One per receiver, moved on for each reply; not thread-safe.
 */
public final class RecognisedReply {
  private static final Recognition.Says[] SAYS = Recognition.Says.values();
  private static final int LONG = Long.BYTES;
  private static final int PORT = 32;
  private static final int TTL = 48;
  private static final int ANSWER = 56;
  private static final int ANSWER_BITS = 3;
  private static final long MAC_BITS = (1L << 48) - 1;

  private long time;
  private long what;
  private long mac;
  private long source;

  RecognisedReply() {}

  /** Moves to a reply whose words begin there; {@code clockOffset} is added to its time. */
  void move(long[] words, int at, long clockOffset) {
    time = words[at + ReceiveNative.REPLY_TIME / LONG] + clockOffset;
    what = words[at + ReceiveNative.REPLY_WHAT / LONG];
    mac = words[at + ReceiveNative.REPLY_MAC / LONG];
    source = words[at + ReceiveNative.REPLY_SOURCE_AND_TURN / LONG];
  }

  /** The IPv4 address of the host that answered, see {@link Ipv4} for the form. */
  public int address() {
    return (int) what;
  }

  /** Its port, 0 to 65535; 0 where there is none. */
  public int port() {
    return (int) (what >>> PORT) & 0xffff;
  }

  /** The time to live that the packet arrived with, 0 to 255; -1 of ARP, which has none. */
  public int ttl() {
    return what < 0 ? (int) (what >>> TTL) & 0xff : -1;
  }

  /** What it says of the host or of its port. */
  public Recognition.Says says() {
    return SAYS[((int) (what >>> ANSWER) & ANSWER_BITS) - 1];
  }

  /**
   * The MAC that ARP gives for the host, else the one that the frame came from, see {@link
   * MacAddress} for the form.
   */
  public long mac() {
    return mac;
  }

  /** The MAC that the frame came from, see {@link MacAddress} for the form. */
  public long ethernetSource() {
    return source & MAC_BITS;
  }

  /** When the program saw it: CLOCK_REALTIME, in nanoseconds. */
  public long timestampNanos() {
    return time;
  }
}
