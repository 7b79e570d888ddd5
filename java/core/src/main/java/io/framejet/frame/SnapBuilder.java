package io.framejet.frame;

/**
 * A frame as far as LLC and SNAP headers, waiting for what they carry. From {@link
 * LinkBuilder#snap}. Immutable, and so thread-safe; every method gives another builder.
 */
public final class SnapBuilder extends LinkBuilder {
  private final Stack outer;
  private final HeaderLayer header;

  private SnapBuilder(Stack outer, HeaderLayer header) {
    this.outer = outer;
    this.header = header;
  }

  static SnapBuilder of(Stack outer, int oui) {
    Limits.check("oui", oui, 0xff_ffff);
    final HeaderLayer header =
        HeaderLayer.of(
            LlcHeader.SNAP_LENGTH,
            HeaderLayer.NOTHING,
            bytes ->
                new LlcHeader()
                    .wrap(bytes, 0, LlcHeader.SNAP_LENGTH)
                    .dsap(LlcHeader.SNAP)
                    .ssap(LlcHeader.SNAP)
                    .control(LlcHeader.UNNUMBERED)
                    .oui(oui));
    return new SnapBuilder(outer, header);
  }

  /**
   * Sets the protocol whatever is carried, on purpose.
   *
   * @param protocol 0 to 0xffff
   * @throws IllegalArgumentException if it is not in that range
   */
  public SnapBuilder protocol(int protocol) {
    Limits.check("protocol", protocol, 0xffff);
    return new SnapBuilder(
        outer,
        header.with(
            HeaderLayer.NEXT, bytes -> Bytes.putShort(bytes, LlcHeader.PROTOCOL, protocol)));
  }

  @Override
  Stack carrying(int etherType) {
    if (header.keeps(HeaderLayer.NEXT)) {
      return outer.and(header);
    }
    return outer.and(header.with(0, bytes -> Bytes.putShort(bytes, LlcHeader.PROTOCOL, etherType)));
  }

  @Override
  Stack carryingLength() {
    if (header.keeps(HeaderLayer.NEXT)) {
      return outer.and(header);
    }
    return outer.and(header.lengthAt(LlcHeader.PROTOCOL));
  }
}
