package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A frame as far as an ICMP or ICMPv6 header (RFC 792, RFC 4443). The checksum is filled in, unless
 * it was set. Immutable, and so thread-safe; every method gives another builder.
 */
public final class IcmpBuilder {
  private final Stack outer;
  private final HeaderLayer header;

  private IcmpBuilder(Stack outer, HeaderLayer header) {
    this.outer = outer;
    this.header = header;
  }

  /** Of a message whose checksum covers no pseudo-header. */
  static final long NO_PSEUDO = -1;

  static IcmpBuilder of(Stack outer, long pseudoSum, int type, int code, int rest) {
    Limits.check("type", type, 0xff);
    Limits.check("code", code, 0xff);
    return new IcmpBuilder(
        outer,
        HeaderLayer.of(
            Icmp4Message.LENGTH,
            (buffer, offset, total, kept) -> {
              if ((kept & HeaderLayer.CHECKSUM) == 0) {
                final Icmp4Message message = new Icmp4Message().wrap(buffer, offset, total);
                final long pseudo = pseudoSum == NO_PSEUDO ? 0 : pseudoSum + total;
                message.checksum(0);
                message.checksum(Checksum.finish(pseudo + Checksum.sum(buffer, offset, total)));
              }
            },
            bytes ->
                new Icmp4Message()
                    .wrap(bytes, 0, Icmp4Message.LENGTH)
                    .type(type)
                    .code(code)
                    .rest(rest)));
  }

  /** The same with more bytes, which the setter fills. */
  IcmpBuilder extended(int more, Consumer<ByteBuffer> setter) {
    return new IcmpBuilder(outer, header.extended(more, setter));
  }

  /**
   * Sets another type.
   *
   * @param type 0 to 255
   * @throws IllegalArgumentException if it is not in that range
   */
  public IcmpBuilder type(int type) {
    Limits.check("type", type, 255);
    return with(0, header -> header.type(type));
  }

  /**
   * Sets another code, else as the message was begun.
   *
   * @param code 0 to 255
   * @throws IllegalArgumentException if it is not in that range
   */
  public IcmpBuilder code(int code) {
    Limits.check("code", code, 255);
    return with(0, header -> header.code(code));
  }

  /**
   * Sets the checksum, whatever it is, on purpose.
   *
   * @param checksum 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public IcmpBuilder checksum(int checksum) {
    Limits.check("checksum", checksum, 65535);
    return with(HeaderLayer.CHECKSUM, header -> header.checksum(checksum));
  }

  /**
   * Sets the next hop's MTU of an IPv4 {@link Icmp4Message#FRAGMENTATION_NEEDED}, else 0.
   *
   * @param nextHopMtu 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public IcmpBuilder nextHopMtu(int nextHopMtu) {
    Limits.check("nextHopMtu", nextHopMtu, 65535);
    return with(0, header -> header.nextHopMtu(nextHopMtu));
  }

  /** The data of an echo, or the packet that caused an error, from its IP header on; copied now. */
  public FrameBuilder payload(byte[] payload) {
    return outer.and(header).and(new RawLayer(payload.clone())).complete();
  }

  /** The frame without a payload, see {@link FrameBuilder#build()}. */
  public Frame build() {
    return outer.and(header).complete().build();
  }

  private IcmpBuilder with(int field, Consumer<Icmp4Message> setter) {
    return new IcmpBuilder(
        outer,
        header.with(
            field, bytes -> setter.accept(new Icmp4Message().wrap(bytes, 0, bytes.limit()))));
  }
}
