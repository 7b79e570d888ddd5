package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A frame as far as a TCP header (RFC 9293). Data offset and checksum are filled in, but for those
 * that were set. Immutable, and so thread-safe; every method gives another builder.
 */
public final class TcpBuilder {
  private final Stack outer;
  private final HeaderLayer header;
  private final int optionsLength;

  private TcpBuilder(Stack outer, HeaderLayer header, int optionsLength) {
    this.outer = outer;
    this.header = header;
    this.optionsLength = optionsLength;
  }

  static TcpBuilder of(Stack outer, long pseudoSum, int sourcePort, int destinationPort) {
    Limits.check("sourcePort", sourcePort, 0xffff);
    Limits.check("destinationPort", destinationPort, 0xffff);
    return new TcpBuilder(
        outer,
        HeaderLayer.of(
            TcpHeader.MIN_LENGTH,
            (buffer, offset, total, kept) -> {
              if ((kept & HeaderLayer.CHECKSUM) == 0) {
                new TcpHeader().wrap(buffer, offset, total).fillChecksum(pseudoSum + total);
              }
            },
            bytes ->
                new TcpHeader()
                    .wrap(bytes, 0, TcpHeader.MIN_LENGTH)
                    .defaults()
                    .sourcePort(sourcePort)
                    .destinationPort(destinationPort)),
        0);
  }

  /**
   * Sets the sequence number, else 0.
   *
   * @param sequence 0 to 0xffffffff
   * @throws IllegalArgumentException if it is not in that range
   */
  public TcpBuilder sequence(long sequence) {
    Limits.checkUint("sequence", sequence);
    return with(0, header -> header.sequence(sequence));
  }

  /**
   * Sets the acknowledgment number, else 0; the flag ACK is not touched.
   *
   * @param acknowledgment 0 to 0xffffffff
   * @throws IllegalArgumentException if it is not in that range
   */
  public TcpBuilder acknowledgment(long acknowledgment) {
    Limits.checkUint("acknowledgment", acknowledgment);
    return with(0, header -> header.acknowledgment(acknowledgment));
  }

  /** Sets the flag SYN as well. */
  public TcpBuilder syn() {
    return with(0, header -> header.flags(header.flags() | TcpHeader.SYN));
  }

  /** Sets the flag ACK as well. */
  public TcpBuilder ack() {
    return with(0, header -> header.flags(header.flags() | TcpHeader.ACK));
  }

  /** Sets the flag RST as well. */
  public TcpBuilder rst() {
    return with(0, header -> header.flags(header.flags() | TcpHeader.RST));
  }

  /** Sets the flag FIN as well. */
  public TcpBuilder fin() {
    return with(0, header -> header.flags(header.flags() | TcpHeader.FIN));
  }

  /** Sets the flag PSH as well. */
  public TcpBuilder psh() {
    return with(0, header -> header.flags(header.flags() | TcpHeader.PSH));
  }

  /**
   * Sets all flags, none at first: a sum of {@link TcpHeader#SYN} and the like.
   *
   * @param flags 0 to 255
   * @throws IllegalArgumentException if it is not in that range
   */
  public TcpBuilder flags(int flags) {
    Limits.check("flags", flags, 255);
    return with(0, header -> header.flags(flags));
  }

  /**
   * Sets the window, else 65,535.
   *
   * @param window 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public TcpBuilder window(int window) {
    Limits.check("window", window, 65535);
    return with(0, header -> header.window(window));
  }

  /**
   * Sets the urgent pointer, else 0.
   *
   * @param urgentPointer 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public TcpBuilder urgentPointer(int urgentPointer) {
    Limits.check("urgentPointer", urgentPointer, 65535);
    return with(0, header -> header.urgentPointer(urgentPointer));
  }

  /**
   * Sets the checksum, whatever it is, on purpose.
   *
   * @param checksum 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public TcpBuilder checksum(int checksum) {
    Limits.check("checksum", checksum, 65535);
    return with(HeaderLayer.CHECKSUM, header -> header.checksum(checksum));
  }

  /**
   * Sets the data offset, whatever it is, on purpose.
   *
   * @param headerLength a multiple of 4, 0 to 60 bytes
   * @throws IllegalArgumentException if it is not that
   */
  public TcpBuilder headerLength(int headerLength) {
    if ((headerLength & 3) != 0) {
      throw new IllegalArgumentException("headerLength=" + headerLength);
    }
    Limits.check("headerLength", headerLength, TcpHeader.MAX_LENGTH);
    return with(HeaderLayer.HEADER_LENGTH, header -> header.headerLength(headerLength));
  }

  /** Appends a maximum segment size of 0 to 65,535 bytes. */
  public TcpBuilder maxSegmentSize(int bytes) {
    Limits.check("bytes", bytes, 0xffff);
    return option(Options.MAX_SEGMENT_SIZE, (byte) (bytes >>> 8), (byte) bytes);
  }

  /** Appends a window scale (RFC 7323) of 0 to 255 bits; more than 14 is wrong. */
  public TcpBuilder windowScale(int bits) {
    Limits.check("bits", bits, 0xff);
    return option(Options.WINDOW_SCALE, (byte) bits);
  }

  /** Appends that selective acknowledgments are permitted (RFC 2018). */
  public TcpBuilder sackPermitted() {
    return option(Options.SACK_PERMITTED);
  }

  /** Appends timestamps (RFC 7323): the sender's own and the one echoed, 0 to 0xffffffff. */
  public TcpBuilder timestamps(long value, long echo) {
    final ByteBuffer data = ByteBuffer.allocate(Long.BYTES);
    data.putInt((int) Limits.checkUint("value", value));
    data.putInt((int) Limits.checkUint("echo", echo));
    return option(Options.TIMESTAMPS, data.array());
  }

  /** Appends one byte of padding between options. */
  public TcpBuilder noOperation() {
    return rawOptions(new byte[] {Options.NO_OPERATION});
  }

  /**
   * Appends an option.
   *
   * @param kind 0 to 255, see {@link Options}
   * @throws IllegalArgumentException if the header becomes longer than 60 bytes
   */
  public TcpBuilder option(int kind, byte... data) {
    final byte[] bytes = new byte[2 + data.length];
    bytes[0] = (byte) Limits.check("kind", kind, 0xff);
    bytes[1] = (byte) bytes.length;
    System.arraycopy(data, 0, bytes, 2, data.length);
    return rawOptions(bytes);
  }

  /**
   * Appends bytes to the options as they are, malformed ones too. The header ends with zeros to the
   * next multiple of 4 bytes.
   *
   * @throws IllegalArgumentException if the header becomes longer than 60 bytes
   */
  public TcpBuilder rawOptions(byte[] bytes) {
    final int at = TcpHeader.MIN_LENGTH + optionsLength;
    final int length = at + bytes.length + 3 & ~3;
    if (length > TcpHeader.MAX_LENGTH) {
      throw new IllegalArgumentException("headerLength=" + length + " max=60");
    }
    final boolean kept = header.keeps(HeaderLayer.HEADER_LENGTH);
    final HeaderLayer longer =
        header.extended(
            length - header.length(),
            buffer -> {
              buffer.put(at, bytes);
              if (!kept) {
                new TcpHeader().wrap(buffer, 0, length).headerLength(length);
              }
            });
    return new TcpBuilder(outer, longer, optionsLength + bytes.length);
  }

  /** Any bytes, copied now. */
  public FrameBuilder payload(byte[] payload) {
    return outer.and(header).and(new RawLayer(payload.clone())).complete();
  }

  /** The frame without a payload, see {@link FrameBuilder#build()}. */
  public Frame build() {
    return outer.and(header).complete().build();
  }

  private TcpBuilder with(int field, Consumer<TcpHeader> setter) {
    return new TcpBuilder(
        outer,
        header.with(field, bytes -> setter.accept(new TcpHeader().wrap(bytes, 0, bytes.limit()))),
        optionsLength);
  }
}
