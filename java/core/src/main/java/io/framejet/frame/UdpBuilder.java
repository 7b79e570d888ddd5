package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A frame as far as a UDP header (RFC 768). Length and checksum are filled in, but for those that
 * were set. Immutable, and so thread-safe; every method gives another builder.
 */
public final class UdpBuilder {
  private final Stack outer;
  private final HeaderLayer header;

  private UdpBuilder(Stack outer, HeaderLayer header) {
    this.outer = outer;
    this.header = header;
  }

  static UdpBuilder of(Stack outer, long pseudoSum, int sourcePort, int destinationPort) {
    Limits.check("sourcePort", sourcePort, 0xffff);
    Limits.check("destinationPort", destinationPort, 0xffff);
    return new UdpBuilder(
        outer,
        HeaderLayer.of(
            UdpHeader.LENGTH,
            (buffer, offset, total, kept) -> fix(buffer, offset, total, kept, pseudoSum),
            bytes ->
                new UdpHeader()
                    .wrap(bytes, 0, UdpHeader.LENGTH)
                    .sourcePort(sourcePort)
                    .destinationPort(destinationPort)));
  }

  private static void fix(ByteBuffer buffer, int offset, int total, int kept, long pseudoSum) {
    final UdpHeader header = new UdpHeader().wrap(buffer, offset, total);
    if ((kept & HeaderLayer.LENGTH) == 0) {
      header.datagramLength(total);
    }
    if ((kept & HeaderLayer.CHECKSUM) == 0) {
      header.fillChecksum(pseudoSum + total);
    }
  }

  /**
   * Sets the length, whatever it is, on purpose.
   *
   * @param length 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public UdpBuilder length(int length) {
    Limits.check("length", length, 65535);
    return with(HeaderLayer.LENGTH, header -> header.datagramLength(length));
  }

  /**
   * Sets the checksum, whatever it is, on purpose; 0 for none.
   *
   * @param checksum 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public UdpBuilder checksum(int checksum) {
    Limits.check("checksum", checksum, 65535);
    return with(HeaderLayer.CHECKSUM, header -> header.checksum(checksum));
  }

  /** Any bytes, copied now. */
  public FrameBuilder payload(byte[] payload) {
    return outer.and(header).and(new RawLayer(payload.clone())).complete();
  }

  /** The frame without a payload, see {@link FrameBuilder#build()}. */
  public Frame build() {
    return outer.and(header).complete().build();
  }

  private UdpBuilder with(int field, Consumer<UdpHeader> setter) {
    return new UdpBuilder(
        outer,
        header.with(field, bytes -> setter.accept(new UdpHeader().wrap(bytes, 0, bytes.limit()))));
  }
}
