package io.framejet.frame;

/**
 * A frame as far as a VLAN tag, waiting for what it carries. From {@link LinkBuilder#vlan}.
 * Immutable, and so thread-safe; every method gives another builder.
 */
public final class VlanBuilder extends LinkBuilder {
  private final Stack outer;
  private final HeaderLayer header;

  private VlanBuilder(Stack outer, HeaderLayer header) {
    this.outer = outer;
    this.header = header;
  }

  static VlanBuilder of(Stack outer, int id) {
    Limits.check("id", id, 0xfff);
    final HeaderLayer header =
        HeaderLayer.of(
            VlanTag.LENGTH,
            HeaderLayer.NOTHING,
            bytes -> Bytes.putShort(bytes, VlanTag.CONTROL, id));
    return new VlanBuilder(outer, header);
  }

  /**
   * Sets the priority code point, else 0.
   *
   * @param priority 0 to 7
   * @throws IllegalArgumentException if it is not in that range
   */
  public VlanBuilder priority(int priority) {
    Limits.check("priority", priority, 7);
    return new VlanBuilder(
        outer,
        header.with(0, bytes -> new VlanTag().wrap(bytes, 0, VlanTag.LENGTH).priority(priority)));
  }

  /** Lets the frame be dropped first (DEI). */
  public VlanBuilder dropEligible() {
    return new VlanBuilder(
        outer,
        header.with(0, bytes -> new VlanTag().wrap(bytes, 0, VlanTag.LENGTH).dropEligible(true)));
  }

  /**
   * Sets the EtherType whatever is carried, on purpose.
   *
   * @param etherType 0 to 0xffff
   * @throws IllegalArgumentException if it is not in that range
   */
  public VlanBuilder etherType(int etherType) {
    Limits.check("etherType", etherType, 0xffff);
    return new VlanBuilder(
        outer,
        header.with(
            HeaderLayer.NEXT, bytes -> Bytes.putShort(bytes, VlanTag.ETHER_TYPE, etherType)));
  }

  @Override
  Stack carrying(int etherType) {
    if (header.keeps(HeaderLayer.NEXT)) {
      return outer.and(header);
    }
    return outer.and(header.with(0, bytes -> Bytes.putShort(bytes, VlanTag.ETHER_TYPE, etherType)));
  }

  @Override
  Stack carryingLength() {
    if (header.keeps(HeaderLayer.NEXT)) {
      return outer.and(header);
    }
    return outer.and(header.lengthAt(VlanTag.ETHER_TYPE));
  }
}
