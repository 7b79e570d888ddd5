package io.framejet.frame;

import java.nio.ByteBuffer;

/** What a flyweight holds before it wraps anything: no getter can read from it. */
final class Empty {
  static final ByteBuffer BUFFER = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private Empty() {}
}
