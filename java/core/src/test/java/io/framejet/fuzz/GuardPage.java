package io.framejet.fuzz;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Memory behind which nothing may be read: native/test/guard_page.c. */
final class GuardPage {
  private final ByteBuffer memory;
  private final int end;

  GuardPage(Path library) {
    System.load(library.toString());
    memory = map();
    end = memory.capacity() / 2;
  }

  private static native ByteBuffer map();

  /** A buffer that goes on beyond what can be read. */
  ByteBuffer memory() {
    return memory;
  }

  /** Puts {@code bytes} right before what cannot be read: where they begin. */
  int put(byte[] bytes, int from, int length) {
    memory.put(end - length, bytes, from, length);
    return end - length;
  }
}
