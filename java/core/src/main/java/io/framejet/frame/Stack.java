package io.framejet.frame;

import java.util.ArrayList;
import java.util.List;

/**
 * Layers from the outermost in, as far as they are built. Immutable.
 *
 * @param linkType what the frame begins with
 */
record Stack(LinkType linkType, List<Layer> layers) {
  Stack(LinkType linkType) {
    this(linkType, List.of());
  }

  /** The same with one more layer inside. */
  Stack and(Layer layer) {
    final List<Layer> more = new ArrayList<>(layers);
    more.add(layer);
    return new Stack(linkType, List.copyOf(more));
  }

  /** The frame builder of the layers as they are. */
  FrameBuilder complete() {
    return new FrameBuilder(linkType, layers);
  }
}
