package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A frame as far as a message of neighbor discovery (RFC 4861), to which options are appended. The
 * checksum is filled in, unless it was set. It carries no payload. Immutable, and so thread-safe;
 * every method gives another builder.
 */
public final class NdpBuilder {
  private final Stack outer;
  private final HeaderLayer header;

  private NdpBuilder(Stack outer, HeaderLayer header) {
    this.outer = outer;
    this.header = header;
  }

  static NdpBuilder of(Stack outer, long pseudoSum, int type, int rest) {
    Limits.check("type", type, 0xff);
    return new NdpBuilder(
        outer,
        HeaderLayer.of(
            NdpMessage.fixedLength(type),
            (buffer, offset, total, kept) -> {
              if ((kept & HeaderLayer.CHECKSUM) == 0) {
                new Icmp6Message().wrap(buffer, offset, total).fillChecksum(pseudoSum + total);
              }
            },
            bytes -> new Icmp4Message().wrap(bytes, 0, Icmp4Message.LENGTH).type(type).rest(rest)));
  }

  NdpBuilder target(Ipv6Address target) {
    return with(0, message -> message.target(target.high(), target.low()));
  }

  /** Sets the flags of a neighbor advertisement. */
  public NdpBuilder flags(boolean router, boolean solicited, boolean override) {
    return with(0, message -> message.flags(router, solicited, override));
  }

  /**
   * Sets the flags of a router advertisement, else 0.
   *
   * @param routerFlags 0 to 255
   * @throws IllegalArgumentException if it is not in that range
   */
  public NdpBuilder routerFlags(int routerFlags) {
    Limits.check("routerFlags", routerFlags, 255);
    return with(0, header -> header.routerFlags(routerFlags));
  }

  /**
   * Sets the reachable time of a router advertisement in ms, else 0.
   *
   * @param reachableTime 0 to 0xffffffff
   * @throws IllegalArgumentException if it is not in that range
   */
  public NdpBuilder reachableTime(long reachableTime) {
    Limits.checkUint("reachableTime", reachableTime);
    return with(0, header -> header.reachableTime(reachableTime));
  }

  /**
   * Sets the retransmission timer of a router advertisement in ms, else 0.
   *
   * @param retransmissionTimer 0 to 0xffffffff
   * @throws IllegalArgumentException if it is not in that range
   */
  public NdpBuilder retransmissionTimer(long retransmissionTimer) {
    Limits.checkUint("retransmissionTimer", retransmissionTimer);
    return with(0, header -> header.retransmissionTimer(retransmissionTimer));
  }

  /**
   * Sets the checksum, whatever it is, on purpose.
   *
   * @param checksum 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public NdpBuilder checksum(int checksum) {
    Limits.check("checksum", checksum, 0xffff);
    return new NdpBuilder(
        outer,
        header.with(
            HeaderLayer.CHECKSUM, bytes -> Bytes.putShort(bytes, Icmp6Message.CHECKSUM, checksum)));
  }

  /** Appends the sender's MAC, for solicitations and router advertisements. */
  public NdpBuilder sourceLinkAddress(MacAddress mac) {
    return linkAddress(Options.SOURCE_LINK_ADDRESS, mac);
  }

  /** Appends the target's MAC, for neighbor advertisements. */
  public NdpBuilder targetLinkAddress(MacAddress mac) {
    return linkAddress(Options.TARGET_LINK_ADDRESS, mac);
  }

  private NdpBuilder linkAddress(int type, MacAddress mac) {
    final ByteBuffer data = ByteBuffer.allocate(MacAddress.LENGTH);
    MacAddress.write(data, 0, mac.toLong());
    return option(type, data.array());
  }

  /** Appends the link's MTU, 0 to 0xffffffff bytes. */
  public NdpBuilder mtu(long mtu) {
    Limits.checkUint("mtu", mtu);
    return option(Options.MTU, ByteBuffer.allocate(6).putInt(2, (int) mtu).array());
  }

  /**
   * Appends a prefix that is on-link and good for autonomous addresses.
   *
   * @param length of the prefix, 0 to 128 bits
   * @param validLifetime 0 to 0xffffffff seconds; the last for ever
   * @param preferredLifetime in the same form
   */
  public NdpBuilder prefix(
      Ipv6Address prefix, int length, long validLifetime, long preferredLifetime) {
    final ByteBuffer data = ByteBuffer.allocate(30);
    data.put((byte) Limits.check("length", length, 128)).put((byte) 0xc0);
    data.putInt((int) Limits.checkUint("validLifetime", validLifetime));
    data.putInt((int) Limits.checkUint("preferredLifetime", preferredLifetime));
    Ipv6Address.write(data, 14, prefix.high(), prefix.low());
    return option(Options.PREFIX_INFORMATION, data.array());
  }

  /**
   * Appends an option, with zeros to the next multiple of 8 bytes.
   *
   * @param type 0 to 255, see {@link Options}
   * @throws IllegalArgumentException if it is longer than 2040 bytes
   */
  public NdpBuilder option(int type, byte[] data) {
    Limits.check("type", type, 0xff);
    final int bytes = data.length + 2 + 7 & ~7;
    if (bytes > 2040) {
      throw new IllegalArgumentException("optionLength=" + bytes + " max=2040");
    }
    final byte[] option = new byte[bytes];
    option[0] = (byte) type;
    option[1] = (byte) (bytes >>> 3);
    System.arraycopy(data, 0, option, 2, data.length);
    return rawOptions(option);
  }

  /** Appends bytes to the options as they are, malformed ones too. */
  public NdpBuilder rawOptions(byte[] bytes) {
    final int at = header.length();
    return new NdpBuilder(outer, header.extended(bytes.length, buffer -> buffer.put(at, bytes)));
  }

  /** The frame, see {@link FrameBuilder#build()}. */
  public Frame build() {
    return outer.and(header).complete().build();
  }

  private NdpBuilder with(int field, Consumer<NdpMessage> setter) {
    return new NdpBuilder(
        outer,
        header.with(field, bytes -> setter.accept(new NdpMessage().wrap(bytes, 0, bytes.limit()))));
  }
}
