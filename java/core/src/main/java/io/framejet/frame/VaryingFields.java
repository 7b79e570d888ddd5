package io.framejet.frame;

import io.framejet.frame.FrameTemplate.DependentChecksum;
import io.framejet.frame.FrameTemplate.Field;
import io.framejet.frame.FrameTemplate.Source;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The varying fields of a template and the checksums that depend on them, made ready to be written:
 * every value is worked out once per frame, and added to all the sums that it belongs to. Immutable
 * and thread-safe.
 */
final class VaryingFields {
  private final Part[] parts;
  private final Sum[] sums;

  VaryingFields(Frame frame, List<Field> fields, List<DependentChecksum> checksums) {
    this.sums = new Sum[checksums.size()];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = new Sum(checksums.get(i));
    }
    this.parts = new Part[fields.size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Part(frame, i, fields.get(i), sums);
    }
    // From the last to the first: a field is stored with the constants before it, and where those
    // hold another field, that one is stored over them.
    Arrays.sort(parts, Comparator.comparingInt((Part part) -> part.offset).reversed());
  }

  /** Writes fields and checksums of the frame at {@code at}. */
  void write(
      ByteBuffer buffer,
      int at,
      long mac,
      long high,
      long low,
      int port,
      long cookie,
      long sequence) {
    final Sum[] dependent = sums;
    final int count = dependent.length;
    // An IP header and what it carries: seldom are there more than two. A pass serves two sums.
    long first = count > 0 ? dependent[0].base : 0;
    long second = count > 1 ? dependent[1].base : 0;
    for (final Part part : parts) {
      final long value = part.value(mac, high, low, port, cookie, sequence) & part.kept;
      part.put(buffer, at, value);
      final long term = Checksum.halves(value);
      first += term * part.firstWeight;
      second += term * part.secondWeight;
    }
    if (count > 0) {
      dependent[0].put(buffer, at, first);
    }
    if (count > 1) {
      dependent[1].put(buffer, at, second);
    }
    for (int i = 2; i < count; i++) {
      dependent[i].put(buffer, at, sum(dependent[i], mac, high, low, port, cookie, sequence));
    }
  }

  private long sum(Sum sum, long mac, long high, long low, int port, long cookie, long sequence) {
    long total = sum.base;
    for (final Part part : parts) {
      final long value = part.field.value(mac, high, low, port, cookie, sequence) & part.kept;
      total += Checksum.halves(value) * sum.weight(part.index, part.field);
    }
    return total;
  }

  /** A field, and how its value goes into the first two sums. */
  private static final class Part {
    final int index;
    final Field field;
    final Source source;
    final long base;
    final int shift;
    final long mask;
    final int offset;
    final int width;

    /** The bits of the value that are stored. */
    final long kept;

    final long firstWeight;
    final long secondWeight;

    /** Where the word begins that ends with the field; negative where none fits before it. */
    final int word;

    /** What of the frame is in that word beside the field. */
    final long constants;

    Part(Frame frame, int index, Field field, Sum[] sums) {
      this.index = index;
      this.field = field;
      this.source = field.source();
      this.base = field.base();
      this.shift = field.shift();
      this.mask = field.mask();
      this.offset = field.offset();
      this.width = field.width();
      this.kept = -1L >>> (64 - 8 * width);
      this.word = offset + width - Long.BYTES;
      this.constants = word < 0 ? 0 : frame.toByteBuffer().getLong(word) & ~kept;
      this.firstWeight = sums.length > 0 ? sums[0].weight(index, field) : 0;
      this.secondWeight = sums.length > 1 ? sums[1].weight(index, field) : 0;
    }

    // By tests rather than a jump table: a field has the same answers every time.
    long value(long mac, long high, long low, int port, long cookie, long sequence) {
      if (source == Source.TARGET) {
        return low;
      }
      if (source == Source.COOKIE) {
        return base + (cookie >>> shift & mask);
      }
      if (source == Source.COUNTER) {
        return base + sequence;
      }
      if (source == Source.PORT) {
        return port;
      }
      return source == Source.MAC ? mac : field.value(mac, high, low, port, cookie, sequence);
    }

    /** Stores a value with the constants before it: so a field of any width takes one access. */
    void put(ByteBuffer buffer, int at, long value) {
      if (word >= 0) {
        Bytes.putLong(buffer, at + word, constants | value);
      } else {
        Bytes.put(buffer, at + offset, width, value);
      }
    }
  }

  /** A checksum. */
  private static final class Sum {
    final int offset;
    final long base;
    private final int zero;
    private final long covered;

    Sum(DependentChecksum checksum) {
      offset = checksum.offset();
      base = checksum.base();
      zero = checksum.udp() ? 0xffff : 0;
      long bits = 0;
      for (int index : checksum.fields()) {
        bits |= 1L << index;
      }
      covered = bits;
    }

    /**
     * How often a field's value is added: not at all where the sum does not cover it, else once, or
     * 256 times where its last byte is the first of a word. Words of 16 bits and halves of 32 fold
     * to the same, so that there is room above (RFC 1071, 2(B) and 2(C)).
     */
    long weight(int index, Field field) {
      if ((covered >>> index & 1) == 0) {
        return 0;
      }
      return Checksum.isSwapped(offset, field.offset(), field.width()) ? 256 : 1;
    }

    void put(ByteBuffer buffer, int at, long sum) {
      final int checksum = Checksum.finish(sum);
      Bytes.putShort(buffer, at + offset, checksum == 0 ? zero : checksum);
    }
  }
}
