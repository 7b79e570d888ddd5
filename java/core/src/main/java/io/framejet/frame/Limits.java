package io.framejet.frame;

/** Ranges of what builders take. */
final class Limits {
  private Limits() {}

  /**
   * The value.
   *
   * @throws IllegalArgumentException if it is not 0 to {@code max}
   */
  static int check(String name, int value, int max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(name + "=" + value);
    }
    return value;
  }

  /**
   * The value.
   *
   * @throws IllegalArgumentException if it is not 0 to 0xffffffff
   */
  static long checkUint(String name, long value) {
    if (value < 0 || value > 0xffff_ffffL) {
      throw new IllegalArgumentException(name + "=" + value);
    }
    return value;
  }
}
