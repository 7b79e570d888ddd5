package io.framejet.receive;

import java.nio.ByteBuffer;

/**
 * A received frame, in place: a view of the receiver's memory that moves on from frame to frame.
 *
 * <p>Valid only during {@link FrameHandler#onFrame}. What it holds came from the network and may
 * lie about everything but its own length.
 */
public final class ReceivedFrame {
  private final ByteBuffer buffer;
  private int offset;
  private int length;
  private int originalLength;
  private long timestampNanos;
  private boolean checksumReady;
  private boolean outgoing;

  ReceivedFrame(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  void move(int offset, int length, int originalLength, long timestampNanos) {
    this.offset = offset;
    this.length = length;
    this.originalLength = originalLength;
    this.timestampNanos = timestampNanos;
  }

  void flags(boolean checksumReady, boolean outgoing) {
    this.checksumReady = checksumReady;
    this.outgoing = outgoing;
  }

  /**
   * The memory that the frame lies in; big-endian. Bytes outside of the frame are not the handler's
   * to read.
   */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Where its first byte is in {@link #buffer()}: of its link header, where the link has one. */
  public int offset() {
    return offset;
  }

  /** Bytes that were captured, VLAN tags included, without FCS. */
  public int length() {
    return length;
  }

  /** Bytes that the frame had on the link; more than {@link #length()} when it was cut short. */
  public int originalLength() {
    return originalLength;
  }

  /** When the kernel saw it: nanoseconds since the epoch, CLOCK_REALTIME. */
  public long timestampNanos() {
    return timestampNanos;
  }

  /**
   * Whether its TCP or UDP checksum is finished. Frames from this host or over a veth pair may
   * arrive with one that a NIC was meant to fill in: there is nothing to verify then.
   */
  public boolean checksumReady() {
    return checksumReady;
  }

  /**
   * Whether this host sent it; seen only when asked for. The pcap backend does not tell: always
   * false there.
   */
  public boolean outgoing() {
    return outgoing;
  }

  /** A copy of its bytes. */
  public byte[] toByteArray() {
    byte[] bytes = new byte[length];
    buffer.get(offset, bytes);
    return bytes;
  }

  @Override
  public String toString() {
    return "ReceivedFrame[length=" + length + " timestampNanos=" + timestampNanos + "]";
  }
}
