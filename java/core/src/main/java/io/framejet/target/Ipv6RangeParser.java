package io.framejet.target;

import inet.ipaddr.IPAddress;
import inet.ipaddr.ipv6.IPv6Address;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one IPv6 address, prefix or range as users write them. */
final class Ipv6RangeParser {
  private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");
  private static final long LAST_GROUP = 0xffff;
  private static final String EXPECTED =
      "expected one like 2001:db8::1, 2001:db8::/112, 2001:db8::1-ff or 2001:db8::1-2001:db8::2:0";

  private Ipv6RangeParser() {}

  /**
   * What the text names.
   *
   * @throws IllegalArgumentException if it names nothing; the message is fit for a user
   */
  static Ipv6TargetSet.Range parse(String text) {
    final String trimmed = text.strip();
    final int dash = trimmed.indexOf('-');
    if (dash < 0) {
      final IPv6Address block = address(trimmed, trimmed).toPrefixBlock();
      return range(block.getLower(), block.getUpper());
    }
    final IPv6Address first = single(trimmed.substring(0, dash).strip(), trimmed);
    final IPv6Address last = last(trimmed.substring(dash + 1).strip(), first, trimmed);
    if (last.getValue().compareTo(first.getValue()) < 0) {
      throw malformed(trimmed, "its end comes before its begin");
    }
    return range(first, last);
  }

  /** The end of a range: an address, or the last group of one like the first. */
  private static IPv6Address last(String text, IPv6Address first, String whole) {
    if (!GROUP.matcher(text).matches()) {
      return single(text, whole);
    }
    final long group = Long.parseLong(text, 16);
    return new IPv6Address(high(first), (low(first) & ~LAST_GROUP) | group);
  }

  private static IPv6Address single(String text, String whole) {
    final IPv6Address address = address(text, whole);
    if (address.isPrefixed()) {
      throw malformed(whole, "a range has no prefix length");
    }
    return address;
  }

  private static IPv6Address address(String text, String whole) {
    final @Nullable IPAddress address = AddressText.read(text);
    if (address == null) {
      throw malformed(whole, EXPECTED);
    }
    if (!address.isIPv6()) {
      throw malformed(whole, "an IPv4 address among IPv6 ones");
    }
    return address.toIPv6();
  }

  private static Ipv6TargetSet.Range range(IPv6Address first, IPv6Address last) {
    return new Ipv6TargetSet.Range(high(first), low(first), high(last), low(last));
  }

  private static long high(IPv6Address address) {
    return address.getValue().shiftRight(Long.SIZE).longValue();
  }

  private static long low(IPv6Address address) {
    final BigInteger value = address.getValue();
    return value.longValue();
  }

  private static IllegalArgumentException malformed(String text, String why) {
    return new IllegalArgumentException(
        "not an IPv6 address, prefix or range: " + Quote.of(text) + " (" + why + ")");
  }
}
