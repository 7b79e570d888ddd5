package io.framejet.capture;

import io.framejet.frame.LinkType;
import org.jspecify.annotations.Nullable;

/**
 * A link that frames of a capture file were taken from, as the file describes it. A pcap file has
 * one, without names; a pcapng file has any number, each section its own.
 *
 * <p>The texts come from the file: they may hold anything, control characters included.
 *
 * @param section which section of the file it belongs to, from 0
 * @param linkType what its frames begin with, a number of the LINKTYPE_ registry: see {@link
 *     LinkType#ofNumber}
 * @param snaplen longest part of a frame that was kept, in bytes; 0 when there was no limit
 * @param fcsLength bytes of frame check sequence at the end of its frames; 0 where the file does
 *     not say
 * @param timestampResolution unit of its times in the file: 10^-n seconds, or 2^-n when bit 7 is
 *     set (if_tsresol); the times of {@link CapturedFrame} are nanoseconds always
 * @param timestampOffset seconds that were added to its times (if_tsoffset)
 * @param name its name, such as {@code eth0}
 * @param description what it is, in words
 * @param filter the capture filter that was in force, as an expression
 * @param operatingSystem the operating system of the machine it is in
 * @param hardware its hardware
 */
public record CaptureInterface(
    int section,
    int linkType,
    long snaplen,
    int fcsLength,
    int timestampResolution,
    long timestampOffset,
    @Nullable String name,
    @Nullable String description,
    @Nullable String filter,
    @Nullable String operatingSystem,
    @Nullable String hardware) {}
