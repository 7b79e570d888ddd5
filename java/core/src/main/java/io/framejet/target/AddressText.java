package io.framejet.target;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import org.jspecify.annotations.Nullable;

/** Reads an address, or a prefix, by the IPAddress library, in the forms that mean one thing. */
final class AddressText {
  // The library's defaults also take "10.1", "0x0a000001", "010.0.0.1", "10.*.1-3.4" and "": forms
  // that mean one thing to one tool and another to the next.
  private static final IPAddressStringParameters STRICT =
      new IPAddressStringParameters.Builder()
          .allowEmpty(false)
          .allowAll(false)
          .allowSingleSegment(false)
          .allowMask(false)
          .allowPrefixOnly(false)
          .allowWildcardedSeparator(false)
          .setRangeOptions(RangeParameters.NO_RANGE)
          .getIPv4AddressParametersBuilder()
          .allow_inet_aton(false)
          .allowLeadingZeros(false)
          .allowBinary(false)
          .getParentBuilder()
          .getIPv6AddressParametersBuilder()
          .allowZone(false)
          .allowBase85(false)
          .allowBinary(false)
          .allow_mixed_inet_aton(false)
          .getEmbeddedIPv4AddressParametersBuilder()
          .allowLeadingZeros(false)
          .getEmbeddedIPv4AddressParentBuilder()
          .getParentBuilder()
          .toParams();

  private static final int LONGEST_PREFIX_LENGTH = "128".length();

  private AddressText() {}

  /** What it names; null when that is nothing. */
  static @Nullable IPAddress read(String text) {
    if (!isPlain(text, text.indexOf('/') + 1)) {
      return null;
    }
    try {
      final IPAddress address = new IPAddressString(text, STRICT).toAddress();
      return address == null || !address.isSequential() ? null : address;
    } catch (AddressStringException e) {
      return null;
    }
  }

  /**
   * Whether the prefix length, if there is one, has no digits too many. The library sums it up in
   * 32 bits: it takes /4294967320 for /24, and throws an exception of no name where the sum is
   * negative. Asked to refuse /024, it refuses /0 too.
   */
  private static boolean isPlain(String text, int from) {
    final int digits = from == 0 ? 0 : text.length() - from;
    return digits <= 1 || (digits <= LONGEST_PREFIX_LENGTH && text.charAt(from) != '0');
  }
}
