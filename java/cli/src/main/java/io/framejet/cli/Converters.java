package io.framejet.cli;

import io.framejet.Backend;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Rate;
import io.framejet.target.PortSet;
import io.framejet.target.Shard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * From the texts of options to the library's types; what is wrong is said in the library's words.
 */
final class Converters {
  private static final Pattern DURATION =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)(us|ms|s|min|)");

  private Converters() {}

  /** What the library reads; what it says of a text that is wrong is what the user is told. */
  abstract static class OfText<T> implements ITypeConverter<T> {
    /** Throws an IllegalArgumentException that is fit for a user. */
    abstract T parse(String text);

    @Override
    public final T convert(String text) {
      try {
        return parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** {@code 500}, {@code 10k}, {@code 1M}, {@code max}. */
  static final class OfRate extends OfText<Rate> {
    @Override
    Rate parse(String text) {
      return Rate.parse(text);
    }
  }

  /** {@code 500ms}, {@code 2s}, {@code 1.5s}, {@code 1min}; a bare number is milliseconds. */
  static final class OfDuration implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
      if (!matcher.matches()) {
        throw new TypeConversionException("'" + text + "' is not a time: write 500ms, 2s or 1min");
      }
      double nanos =
          switch (matcher.group(2)) {
            case "us" -> 1e3;
            case "s" -> 1e9;
            case "min" -> 60e9;
            default -> 1e6;
          };
      return Duration.ofNanos(Math.round(Double.parseDouble(matcher.group(1)) * nanos));
    }
  }

  /** Bytes: {@code 4096}, {@code 512K}, {@code 64M}, {@code 1G}, in powers of 1,024. */
  static final class OfSize implements ITypeConverter<Long> {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kmg]?)(?:i?b)?");

    @Override
    public Long convert(String text) {
      Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'" + text + "' is not a size: write bytes as 4096, 512K, 64M or 1G");
      }
      int shift = 10 * " kmg".indexOf(matcher.group(2).isEmpty() ? " " : matcher.group(2));
      long number = Long.parseLong(matcher.group(1));
      if (number > Long.MAX_VALUE >> shift) {
        throw new TypeConversionException("'" + text + "' is more than there is room for anywhere");
      }
      return number << shift;
    }
  }

  /** {@code 1x}, {@code 10x}, {@code 0.5}, or {@code max} for infinity. */
  static final class OfSpeed implements ITypeConverter<Double> {
    private static final Pattern SPEED = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)x?");

    @Override
    public Double convert(String text) {
      String trimmed = text.strip().toLowerCase(Locale.ROOT);
      if (trimmed.equals("max")) {
        return Double.POSITIVE_INFINITY;
      }
      Matcher matcher = SPEED.matcher(trimmed);
      double speed = matcher.matches() ? Double.parseDouble(matcher.group(1)) : 0;
      if (!(speed > 0)) {
        throw new TypeConversionException(
            "'" + text + "' is not a speed: write 1x, 10x, 0.5x or max");
      }
      return speed;
    }
  }

  /** {@code 0.1}, or {@code 10%}: 0 to 1. */
  static final class OfShare implements ITypeConverter<Double> {
    private static final Pattern SHARE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,9})?)\\s*(%?)");

    @Override
    public Double convert(String text) {
      Matcher matcher = SHARE.matcher(text.strip());
      double number = matcher.matches() ? Double.parseDouble(matcher.group(1)) : -1;
      double share = number > 0 && !matcher.group(2).isEmpty() ? number / 100 : number;
      if (!(share >= 0 && share <= 1)) {
        throw new TypeConversionException(
            "'" + text + "' is not a share: write 0.1 or 10%, up to 1 or 100%");
      }
      return share;
    }
  }

  /** {@code 2/4}. */
  static final class OfShard extends OfText<Shard> {
    @Override
    Shard parse(String text) {
      return Shard.parse(text);
    }
  }

  /** {@code 22,80,8000-8100}. */
  static final class OfPorts extends OfText<PortSet> {
    @Override
    PortSet parse(String text) {
      return PortSet.parse(text);
    }
  }

  /** {@code 02:00:00:00:00:01}. */
  static final class OfMac extends OfText<MacAddress> {
    @Override
    MacAddress parse(String text) {
      return MacAddress.parse(text);
    }
  }

  /** {@code 10.77.0.1}, to an int with the most significant byte first. */
  static final class OfIpv4 extends OfText<Integer> {
    @Override
    Integer parse(String text) {
      return Ipv4.parse(text);
    }
  }

  /** A backend's label, or {@code auto} for none in particular. */
  static final class OfBackend implements ITypeConverter<BackendChoice> {
    @Override
    public BackendChoice convert(String text) {
      if (text.equalsIgnoreCase(BackendChoice.AUTO.toString())) {
        return BackendChoice.AUTO;
      }
      for (Backend backend : Backend.values()) {
        if (backend.label().equalsIgnoreCase(text)) {
          return new BackendChoice(backend);
        }
      }
      throw new TypeConversionException(
          "'" + text + "' is not a backend: use " + String.join(", ", new BackendNames()));
    }
  }

  /**
   * A backend, or the best that is available.
   *
   * @param backend null for the best
   */
  record BackendChoice(@Nullable Backend backend) {
    static final BackendChoice AUTO = new BackendChoice(null);

    @Override
    public String toString() {
      return backend == null ? "auto" : backend.label();
    }
  }

  /** What {@code --backend} takes, for help and completion. */
  static final class BackendNames extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    BackendNames() {
      super(List.of(BackendChoice.AUTO.toString()));
      for (Backend backend : Backend.values()) {
        add(backend.label());
      }
    }
  }
}
