package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.List;

/** A stack of layers that is complete. Immutable, and so thread-safe; builds equal frames. */
public final class FrameBuilder {
  private final LinkType linkType;
  private final List<Layer> layers;

  FrameBuilder(LinkType linkType, List<Layer> layers) {
    this.linkType = linkType;
    this.layers = layers;
  }

  /**
   * The frame. One with an Ethernet header is lengthened with zeros to {@link FrameBatch#MIN_FRAME}
   * bytes when it is shorter. Whether it fits a link is the link's to say.
   *
   * <p>Length fields get the low bits of lengths that do not fit them.
   */
  public Frame build() {
    int length = 0;
    for (Layer layer : layers) {
      length = Math.addExact(length, layer.length());
    }
    final byte[] bytes = new byte[Math.max(length, linkType.minFrame())];
    final ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int offset = length;
    for (int i = layers.size() - 1; i >= 0; i--) {
      final Layer layer = layers.get(i);
      offset -= layer.length();
      layer.write(buffer, offset, length - offset);
    }
    return Frame.owning(linkType, bytes);
  }
}
