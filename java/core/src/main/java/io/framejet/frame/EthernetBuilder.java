package io.framejet.frame;

/**
 * A frame with its Ethernet header, waiting for what it carries. From {@link Frame#ethernet}.
 * Immutable, and so thread-safe; every method gives another builder.
 */
public final class EthernetBuilder extends LinkBuilder {
  private final Stack outer;
  private final HeaderLayer header;

  private EthernetBuilder(Stack outer, HeaderLayer header) {
    this.outer = outer;
    this.header = header;
  }

  EthernetBuilder(MacAddress source, MacAddress destination) {
    this(
        new Stack(LinkType.ETHERNET),
        HeaderLayer.of(
            EthernetHeader.LENGTH,
            HeaderLayer.NOTHING,
            bytes ->
                new EthernetHeader()
                    .wrap(bytes, 0, EthernetHeader.LENGTH)
                    .destination(destination.toLong())
                    .source(source.toLong())));
  }

  /**
   * Sets the EtherType whatever is carried, on purpose.
   *
   * @param etherType 0 to 0xffff
   * @throws IllegalArgumentException if it is not in that range
   */
  public EthernetBuilder etherType(int etherType) {
    Limits.check("etherType", etherType, 0xffff);
    return new EthernetBuilder(
        outer,
        header.with(
            HeaderLayer.NEXT,
            bytes -> Bytes.putShort(bytes, EthernetHeader.ETHER_TYPE, etherType)));
  }

  @Override
  Stack carrying(int etherType) {
    if (header.keeps(HeaderLayer.NEXT)) {
      return outer.and(header);
    }
    return outer.and(
        header.with(0, bytes -> Bytes.putShort(bytes, EthernetHeader.ETHER_TYPE, etherType)));
  }

  @Override
  Stack carryingLength() {
    if (header.keeps(HeaderLayer.NEXT)) {
      return outer.and(header);
    }
    return outer.and(header.lengthAt(EthernetHeader.ETHER_TYPE));
  }
}
