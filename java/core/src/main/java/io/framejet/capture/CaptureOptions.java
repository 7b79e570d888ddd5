package io.framejet.capture;

import io.framejet.frame.LinkType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How to write a capture file. Immutable: each method that sets something returns a changed copy.
 *
 * @param linkType what the frames begin with, a number of the LINKTYPE_ registry, 0 to 65,535
 * @param snaplen longest part of a frame that is kept, 1 to 16,777,216 bytes
 * @param nanoseconds whether the times of a pcap file are in nanoseconds; in microseconds they are
 *     rounded down. Those of pcapng always are in nanoseconds
 * @param bufferBytes memory that gathers frames between two writes, 64 KiB to 256 MiB; made larger
 *     when the longest frame does not fit
 * @param name name of the link, or null (pcapng)
 * @param description what the link is, or null (pcapng)
 * @param filter the capture filter in force, or null (pcapng)
 * @param application the program that writes, or null (pcapng)
 */
public record CaptureOptions(
    int linkType,
    int snaplen,
    boolean nanoseconds,
    int bufferBytes,
    @Nullable String name,
    @Nullable String description,
    @Nullable String filter,
    @Nullable String application) {
  private static final int MAX_TEXT = 65_000;

  /** Checks the ranges. Texts are at most 65,000 bytes in UTF-8. */
  public CaptureOptions {
    require(linkType >= 0 && linkType <= 0xffff, "linkType", linkType, "0 to 65,535");
    require(
        snaplen >= 1 && snaplen <= CaptureReader.MAX_FRAME,
        "snaplen",
        snaplen,
        "1 to 16,777,216 bytes");
    require(
        bufferBytes >= 1 << 16 && bufferBytes <= 1 << 28,
        "bufferBytes",
        bufferBytes,
        "64 KiB to 256 MiB");
    requireShort("name", name);
    requireShort("description", description);
    requireShort("filter", filter);
    requireShort("application", application);
  }

  /** Ethernet, frames up to 256 KiB whole, nanoseconds, 1 MiB of buffer, no texts but our name. */
  public static CaptureOptions defaults() {
    return new CaptureOptions(
        LinkType.NUMBER_ETHERNET, 1 << 18, true, 1 << 20, null, null, null, "Framejet");
  }

  /** With this link type. */
  public CaptureOptions withLinkType(LinkType value) {
    return withLinkType(value.number());
  }

  /** With the link type of this number in the LINKTYPE_ registry. */
  public CaptureOptions withLinkType(int value) {
    return new CaptureOptions(
        value, snaplen, nanoseconds, bufferBytes, name, description, filter, application);
  }

  /** With frames cut to this many bytes. */
  public CaptureOptions withSnaplen(int value) {
    return new CaptureOptions(
        linkType, value, nanoseconds, bufferBytes, name, description, filter, application);
  }

  /** With times in nanoseconds, or in microseconds (pcap). */
  public CaptureOptions withNanoseconds(boolean value) {
    return new CaptureOptions(
        linkType, snaplen, value, bufferBytes, name, description, filter, application);
  }

  /** With this much memory that gathers frames. */
  public CaptureOptions withBufferBytes(int value) {
    return new CaptureOptions(
        linkType, snaplen, nanoseconds, value, name, description, filter, application);
  }

  /** With this name of the link. */
  public CaptureOptions withName(@Nullable String value) {
    return new CaptureOptions(
        linkType, snaplen, nanoseconds, bufferBytes, value, description, filter, application);
  }

  /** With this description of the link. */
  public CaptureOptions withDescription(@Nullable String value) {
    return new CaptureOptions(
        linkType, snaplen, nanoseconds, bufferBytes, name, value, filter, application);
  }

  /** With this capture filter, as an expression. */
  public CaptureOptions withFilter(@Nullable String value) {
    return new CaptureOptions(
        linkType, snaplen, nanoseconds, bufferBytes, name, description, value, application);
  }

  /** With this program as the one that writes. */
  public CaptureOptions withApplication(@Nullable String value) {
    return new CaptureOptions(
        linkType, snaplen, nanoseconds, bufferBytes, name, description, filter, value);
  }

  private static void require(boolean holds, String what, int value, String range) {
    if (!holds) {
      throw new IllegalArgumentException(what + "=" + value + ": " + range);
    }
  }

  private static void requireShort(String what, @Nullable String text) {
    if (text != null) {
      final int bytes = text.getBytes(StandardCharsets.UTF_8).length;
      require(bytes <= MAX_TEXT, what + ".bytes", bytes, "at most 65,000 in UTF-8");
    }
  }
}
