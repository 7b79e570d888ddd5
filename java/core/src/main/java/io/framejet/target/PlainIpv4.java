package io.framejet.target;

/**
 * Reads addresses and prefixes as nearly all are written: {@code 10.0.0.1}, {@code 10.0.0.0/24}.
 * What is written in any other way, mistakes included, is for the library, whose classes take about
 * as long to load as a sweep of some thousand hosts takes.
 */
final class PlainIpv4 {
  /** Not written like that. */
  static final long NONE = -1;

  private static final int BITS = 32;
  private static final long UNSIGNED = 0xffff_ffffL;

  private PlainIpv4() {}

  /** Adds the addresses of the address or prefix; false, and nothing added, if it is neither. */
  static boolean addTo(Ranges ranges, String text) {
    final int slash = text.indexOf('/');
    final int end = slash < 0 ? text.length() : slash;
    final int length = slash < 0 ? BITS : decimal(text, slash + 1, text.length(), BITS);
    final long address = address(text.substring(0, end));
    if (length < 0 || address == NONE) {
      return false;
    }
    final long hosts = UNSIGNED >>> length;
    ranges.add(address & ~hosts, address | hosts);
    return true;
  }

  /** The address: four decimal octets without leading zeros; {@link #NONE} if it is none. */
  static long address(String text) {
    long address = 0;
    int from = 0;
    for (int octet = 0; octet < 4; octet++) {
      final int to = octet < 3 ? text.indexOf('.', from) : text.length();
      final int value = decimal(text, from, to, 255);
      if (value < 0) {
        return NONE;
      }
      address = address << 8 | value;
      from = to + 1;
    }
    return address;
  }

  private static int decimal(String text, int from, int to, int max) {
    final int digits = to - from;
    if (digits < 1 || digits > 3 || (digits > 1 && text.charAt(from) == '0')) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      final char digit = text.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      value = value * 10 + digit - '0';
    }
    return value <= max ? value : -1;
  }
}
