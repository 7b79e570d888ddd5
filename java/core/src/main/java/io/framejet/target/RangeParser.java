package io.framejet.target;

import inet.ipaddr.IPAddress;
import org.jspecify.annotations.Nullable;

/** Reads one address, prefix or range as users write them. */
final class RangeParser {
  private static final String EXPECTED =
      "expected one like 10.0.0.1, 10.0.0.0/24, 10.0.0.1-20 or 10.0.0.1-10.0.1.20";

  private RangeParser() {}

  /**
   * Adds what the text names.
   *
   * @throws IllegalArgumentException if it names nothing; the message is fit for a user
   */
  static void parse(String text, Ranges into) {
    final String trimmed = text.strip();
    final int dash = trimmed.indexOf('-');
    if (dash < 0) {
      if (!PlainIpv4.addTo(into, trimmed)) {
        Library.addTo(into, trimmed);
      }
      return;
    }
    final String lastText = trimmed.substring(dash + 1).strip();
    final long first = single(trimmed.substring(0, dash).strip(), trimmed);
    final long last =
        isOctet(lastText) ? (first & ~0xffL) + octet(lastText, trimmed) : single(lastText, trimmed);
    if (last < first) {
      throw malformed(trimmed, "its end comes before its begin");
    }
    into.add(first, last);
  }

  private static boolean isOctet(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static long octet(String text, String whole) {
    final int octet = text.length() <= 3 ? Integer.parseInt(text) : 256;
    if (octet > 255 || (text.length() > 1 && text.startsWith("0"))) {
      throw malformed(whole, "the last octet of its end is not 0 to 255");
    }
    return octet;
  }

  private static long single(String text, String whole) {
    final long address = PlainIpv4.address(text);
    return address == PlainIpv4.NONE ? Library.single(text, whole) : address;
  }

  private static IllegalArgumentException malformed(String text, String why) {
    return new IllegalArgumentException(
        "not an IPv4 address, prefix or range: " + Quote.of(text) + " (" + why + ")");
  }

  /** What it takes the library to read; apart, for its classes are loaded with this one. */
  static final class Library {
    private Library() {}

    static void addTo(Ranges ranges, String text) {
      final IPAddress block = address(text, text).toPrefixBlock();
      ranges.add(number(block.getLower()), number(block.getUpper()));
    }

    static long single(String text, String whole) {
      final IPAddress address = address(text, whole);
      if (address.isPrefixed()) {
        throw malformed(whole, "a range has no prefix length");
      }
      return number(address);
    }

    private static IPAddress address(String text, String whole) {
      final @Nullable IPAddress address = AddressText.read(text);
      if (address == null) {
        throw malformed(whole, EXPECTED);
      }
      if (!address.isIPv4()) {
        throw malformed(whole, "an IPv6 address among IPv4 ones; those are swept by NDP");
      }
      return address;
    }

    private static long number(IPAddress address) {
      return address.toIPv4().longValue();
    }
  }
}
