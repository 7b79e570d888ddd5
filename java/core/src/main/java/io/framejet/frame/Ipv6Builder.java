package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A frame as far as an IPv6 header and its extension headers (RFC 8200), waiting for what they
 * carry. Payload length and next headers are filled in, but for those that were set. Immutable, and
 * so thread-safe; every method gives another builder.
 */
public final class Ipv6Builder extends IpBuilder {
  private final Stack outer;
  private final HeaderLayer header;
  private final Stack extensions;
  private final Ipv6Address finalDestination;

  private Ipv6Builder(
      Stack outer, HeaderLayer header, Stack extensions, Ipv6Address finalDestination) {
    this.outer = outer;
    this.header = header;
    this.extensions = extensions;
    this.finalDestination = finalDestination;
  }

  static Ipv6Builder of(Stack outer, Ipv6Address source, Ipv6Address destination) {
    final HeaderLayer header =
        HeaderLayer.of(
            Ipv6Header.LENGTH,
            Ipv6Builder::fix,
            bytes ->
                new Ipv6Header()
                    .wrap(bytes, 0, Ipv6Header.LENGTH)
                    .defaults()
                    .source(source)
                    .destination(destination));
    return new Ipv6Builder(outer, header, new Stack(outer.linkType()), destination);
  }

  private static void fix(ByteBuffer buffer, int offset, int total, int kept) {
    if ((kept & HeaderLayer.LENGTH) == 0) {
      new Ipv6Header().wrap(buffer, offset, total).payloadLength(total - Ipv6Header.LENGTH);
    }
  }

  /**
   * Sets a version other than 6, on purpose.
   *
   * @param version 0 to 15
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv6Builder version(int version) {
    Limits.check("version", version, 15);
    return with(0, header -> header.version(version));
  }

  /**
   * Sets the traffic class, else 0.
   *
   * @param trafficClass 0 to 255
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv6Builder trafficClass(int trafficClass) {
    Limits.check("trafficClass", trafficClass, 255);
    return with(0, header -> header.trafficClass(trafficClass));
  }

  /**
   * Sets the flow label (RFC 6437), else 0.
   *
   * @param flowLabel 0 to 1048575
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv6Builder flowLabel(int flowLabel) {
    Limits.check("flowLabel", flowLabel, 1048575);
    return with(0, header -> header.flowLabel(flowLabel));
  }

  /**
   * Sets the payload length, whatever it is, on purpose.
   *
   * @param payloadLength 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv6Builder payloadLength(int payloadLength) {
    Limits.check("payloadLength", payloadLength, 65535);
    return with(HeaderLayer.LENGTH, header -> header.payloadLength(payloadLength));
  }

  /**
   * Sets the IPv6 header's next header whatever is carried, on purpose.
   *
   * @param nextHeader 0 to 255
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv6Builder nextHeader(int nextHeader) {
    Limits.check("nextHeader", nextHeader, 255);
    return with(HeaderLayer.NEXT, header -> header.nextHeader(nextHeader));
  }

  /**
   * Sets the hop limit, else 64, and 255 for neighbor discovery.
   *
   * @param hopLimit 0 to 255
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv6Builder hopLimit(int hopLimit) {
    Limits.check("hopLimit", hopLimit, 255);
    return with(HeaderLayer.HOPS, header -> header.hopLimit(hopLimit));
  }

  /**
   * Appends a hop-by-hop options header (RFC 8200, 4.3).
   *
   * @param options copied now and padded to whole units of 8 bytes with PadN; see {@link Options}
   * @throws IllegalArgumentException if they are longer than 2046 bytes
   */
  public Ipv6Builder hopByHop(byte[] options) {
    return options(IpProtocol.HOP_BY_HOP, options);
  }

  /**
   * Appends a destination options header (RFC 8200, 4.6).
   *
   * @param options copied now and padded to whole units of 8 bytes with PadN; see {@link Options}
   * @throws IllegalArgumentException if they are longer than 2046 bytes
   */
  public Ipv6Builder destinationOptions(byte[] options) {
    return options(IpProtocol.DESTINATION_OPTIONS, options);
  }

  private Ipv6Builder options(int type, byte[] options) {
    final int length = Ipv6Extension.OPTIONS + options.length + 7 & ~7;
    if (length > 2048) {
      throw new IllegalArgumentException("headerLength=" + length + " max=2048");
    }
    return and(
        type,
        length,
        finalDestination,
        extension -> {
          final ByteBuffer bytes = extension.buffer();
          bytes.put(Ipv6Extension.OPTIONS, options);
          final int at = Ipv6Extension.OPTIONS + options.length;
          // One byte of padding is Pad1, which is 0 already; more are one PadN.
          if (length - at > 1) {
            Bytes.putByte(bytes, at, Options.PADN);
            Bytes.putByte(bytes, at + 1, length - at - 2);
          }
        });
  }

  /**
   * Appends a routing header (RFC 8200, 4.4). With segments left the final destination, which
   * checksums cover, is the last of the addresses, or for segment routing the first.
   *
   * @param routingType 0 to 255, see {@link Ipv6Extension#SOURCE_ROUTE} and the like; for {@link
   *     Ipv6Extension#SEGMENT_ROUTING} the last entry is filled in
   * @param segmentsLeft 0 to 255
   * @param addresses as they stand in the header, at most 127
   * @throws IllegalArgumentException if a number is not in its range
   */
  public Ipv6Builder routing(int routingType, int segmentsLeft, Ipv6Address... addresses) {
    Limits.check("routingType", routingType, 0xff);
    Limits.check("segmentsLeft", segmentsLeft, 0xff);
    Limits.check("addresses", addresses.length, 127);
    final int length = Ipv6Extension.ADDRESSES + addresses.length * Ipv6Address.LENGTH;
    final Ipv6Builder routed =
        and(
            IpProtocol.ROUTING,
            length,
            finalDestination,
            extension -> {
              extension.routingType(routingType).segmentsLeft(segmentsLeft);
              if (routingType == Ipv6Extension.SEGMENT_ROUTING) {
                Bytes.putByte(extension.buffer(), 4, addresses.length - 1);
              }
              for (int i = 0; i < addresses.length; i++) {
                extension.address(i, addresses[i].high(), addresses[i].low());
              }
            });
    final ByteBuffer bytes =
        ((HeaderLayer) routed.extensions.layers().get(extensions.layers().size())).bytes();
    final Ipv6Extension extension =
        new Ipv6Extension().type(IpProtocol.ROUTING).wrap(bytes, 0, bytes.limit());
    if (!extension.hasFinalDestination()) {
      return routed;
    }
    return new Ipv6Builder(
        outer, routed.header, routed.extensions, addresses[extension.finalDestination()]);
  }

  /**
   * Appends a fragment header (RFC 8200, 4.5).
   *
   * @param identification 0 to 0xffffffff
   * @param fragmentOffset a multiple of 8, 0 to 65,528 bytes
   * @param more whether more fragments follow
   * @throws IllegalArgumentException if a number is not in its range
   */
  public Ipv6Builder fragment(long identification, int fragmentOffset, boolean more) {
    Limits.checkUint("identification", identification);
    if ((fragmentOffset & 7) != 0) {
      throw new IllegalArgumentException("fragmentOffset=" + fragmentOffset);
    }
    Limits.check("fragmentOffset", fragmentOffset, 65_528);
    return and(
        IpProtocol.FRAGMENT,
        Ipv6Extension.MIN_LENGTH,
        finalDestination,
        extension -> extension.fragment(fragmentOffset, more).identification(identification));
  }

  private Ipv6Builder and(
      int type, int length, Ipv6Address destination, Consumer<Ipv6Extension> setter) {
    final HeaderLayer extension =
        HeaderLayer.of(
            length,
            HeaderLayer.NOTHING,
            bytes -> {
              final Ipv6Extension wrapped =
                  new Ipv6Extension().type(type).wrap(bytes, 0, bytes.limit());
              if (type != IpProtocol.FRAGMENT) {
                wrapped.headerLength(length);
              }
              setter.accept(wrapped);
            });
    final Ipv6Builder before = announcing(type);
    return new Ipv6Builder(outer, before.header, before.extensions.and(extension), destination);
  }

  /** The same with the last header so far saying what follows it. */
  private Ipv6Builder announcing(int protocol) {
    final int last = extensions.layers().size() - 1;
    if (last < 0) {
      return header.keeps(HeaderLayer.NEXT)
          ? this
          : new Ipv6Builder(
              outer,
              header.with(0, bytes -> Bytes.putByte(bytes, Ipv6Header.NEXT_HEADER, protocol)),
              extensions,
              finalDestination);
    }
    Stack announced = new Stack(extensions.linkType(), extensions.layers().subList(0, last));
    announced =
        announced.and(
            ((HeaderLayer) extensions.layers().get(last))
                .with(0, bytes -> Bytes.putByte(bytes, Ipv6Extension.NEXT_HEADER, protocol)));
    return new Ipv6Builder(outer, header, announced, finalDestination);
  }

  /** A router solicitation (RFC 4861, 4.1). */
  public NdpBuilder routerSolicitation() {
    return ndp(NdpMessage.ROUTER_SOLICITATION, 0);
  }

  /**
   * A router advertisement (RFC 4861, 4.2) that leaves all times unspecified.
   *
   * @param hopLimit for hosts to use, 0 to 255; 0 for none
   * @param routerLifetime 0 to 65,535 seconds; 0 for no default router
   * @throws IllegalArgumentException if a number is not in its range
   */
  public NdpBuilder routerAdvertisement(int hopLimit, int routerLifetime) {
    Limits.check("hopLimit", hopLimit, 0xff);
    Limits.check("routerLifetime", routerLifetime, 0xffff);
    return ndp(NdpMessage.ROUTER_ADVERTISEMENT, hopLimit << 24 | routerLifetime);
  }

  /** A neighbor solicitation (RFC 4861, 4.3): who has {@code target}? */
  public NdpBuilder neighborSolicitation(Ipv6Address target) {
    return ndp(NdpMessage.NEIGHBOR_SOLICITATION, 0).target(target);
  }

  /**
   * A neighbor advertisement (RFC 4861, 4.4): {@code target} is here. It says "solicited" and
   * "override" until {@link NdpBuilder#flags} is called.
   */
  public NdpBuilder neighborAdvertisement(Ipv6Address target) {
    return ndp(NdpMessage.NEIGHBOR_ADVERTISEMENT, 0).target(target).flags(false, true, true);
  }

  private NdpBuilder ndp(int type, int rest) {
    final Ipv6Builder near =
        header.keeps(HeaderLayer.HOPS) ? this : with(0, header -> header.hopLimit(255));
    return NdpBuilder.of(
        near.carrying(IpProtocol.ICMPV6), pseudoSum(IpProtocol.ICMPV6), type, rest);
  }

  @Override
  Stack carrying(int protocol) {
    final Ipv6Builder announced = announcing(protocol);
    Stack stack = outer.and(announced.header);
    for (Layer extension : announced.extensions.layers()) {
      stack = stack.and(extension);
    }
    return stack;
  }

  @Override
  long pseudoSum(int protocol) {
    final ByteBuffer bytes = header.bytes();
    final Ipv6Header source = new Ipv6Header().wrap(bytes, 0, bytes.limit());
    return Checksum.pseudoSum(
        source.sourceHigh(),
        source.sourceLow(),
        finalDestination.high(),
        finalDestination.low(),
        protocol,
        0);
  }

  @Override
  int icmpProtocol() {
    return IpProtocol.ICMPV6;
  }

  @Override
  int echoRequestType() {
    return Icmp6Message.ECHO_REQUEST;
  }

  @Override
  int echoReplyType() {
    return Icmp6Message.ECHO_REPLY;
  }

  @Override
  int unreachableType() {
    return Icmp6Message.UNREACHABLE;
  }

  @Override
  int timeExceededType() {
    return Icmp6Message.TIME_EXCEEDED;
  }

  private Ipv6Builder with(int field, Consumer<Ipv6Header> setter) {
    return new Ipv6Builder(
        outer,
        header.with(field, bytes -> setter.accept(new Ipv6Header().wrap(bytes, 0, bytes.limit()))),
        extensions,
        finalDestination);
  }
}
