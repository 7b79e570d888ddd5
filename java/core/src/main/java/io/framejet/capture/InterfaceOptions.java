package io.framejet.capture;

import io.framejet.capture.PcapNg.Interface;
import org.jspecify.annotations.Nullable;

/** Gathers the options of an Interface Description Block. The first of a kind counts. */
final class InterfaceOptions {
  private static final int FEWEST_BITS = 16;

  private @Nullable String name;
  private @Nullable String description;
  private @Nullable String filter;
  private @Nullable String operatingSystem;
  private @Nullable String hardware;
  private int resolution = Interface.MICROSECONDS;
  private long offset;
  private int fcsLength;
  private int textBytes;

  void take(OptionWalker option) throws CaptureFormatException {
    switch (option.code()) {
      case Interface.NAME -> name = text(name, option, 0);
      case Interface.DESCRIPTION -> description = text(description, option, 0);
      case Interface.OPERATING_SYSTEM -> operatingSystem = text(operatingSystem, option, 0);
      case Interface.HARDWARE -> hardware = text(hardware, option, 0);
      case Interface.FILTER -> {
        if (option.length() > 0 && option.getByte() == Interface.FILTER_EXPRESSION) {
          filter = text(filter, option, 1);
        }
      }
      case Interface.TIMESTAMP_RESOLUTION -> {
        option.requireLength(1);
        resolution = option.getByte();
      }
      case Interface.TIMESTAMP_OFFSET -> {
        option.requireLength(8);
        offset = option.getLong();
      }
      case Interface.FCS_LENGTH -> {
        option.requireLength(1);
        fcsLength = fcsBytes(option.getByte());
      }
      default -> {}
    }
  }

  private String text(@Nullable String before, OptionWalker option, int skipped) {
    if (before != null) {
      return before;
    }
    textBytes += option.length();
    return option.text(skipped);
  }

  /** The draft says bits, its example of an Ethernet link (4) bytes, and programs write either. */
  private static int fcsBytes(int value) {
    return value >= FEWEST_BITS ? value / 8 : value;
  }

  int textBytes() {
    return textBytes;
  }

  TimestampScale scale() {
    return new TimestampScale(resolution, offset);
  }

  CaptureInterface describe(int section, int linkType, long snaplen) {
    return new CaptureInterface(
        section,
        linkType,
        snaplen,
        fcsLength,
        resolution,
        offset,
        name,
        description,
        filter,
        operatingSystem,
        hardware);
  }
}
