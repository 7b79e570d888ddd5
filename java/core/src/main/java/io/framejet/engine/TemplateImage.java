package io.framejet.engine;

import io.framejet.Backend;
import io.framejet.frame.Checksum;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.FrameTemplate.DependentChecksum;
import io.framejet.frame.FrameTemplate.Field;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.frame.LinkType;
import io.framejet.frame.SipHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A template as the program has it among its constants: struct fj_xdp_template of native/bpf. */
final class TemplateImage {
  private static final int FIELDS = 8;
  private static final int SUMS = 4;
  private static final int VALUES = 64;

  private static final int FIELD = 24;
  private static final int FIELD_SIZE = 32;
  private static final int SUM = FIELD + FIELDS * FIELD_SIZE;
  private static final int SUM_SIZE = 8;
  private static final int VALUE = SUM + SUMS * SUM_SIZE;
  private static final int BYTES = VALUE + VALUES * Long.BYTES;
  private static final int SIZE = BYTES + 3408;

  private final FrameTemplate template;
  private final ByteBuffer image = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());
  private int values;

  private TemplateImage(FrameTemplate template) {
    this.template = template;
  }

  /** Why the program can not make the frames of a template; empty when it can. */
  static String obstacle(FrameTemplate template) {
    int values = 0;
    for (Field field : template.fields()) {
      values += field.values().size();
    }
    if (template.frame().linkType() != LinkType.ETHERNET) {
      return "its frames have no Ethernet header";
    }
    if (template.length() > Backend.XDP.maxFrame()) {
      return "its frames have more than " + Backend.XDP.maxFrame() + " bytes";
    }
    if (template.fields().size() > FIELDS) {
      return "more than " + FIELDS + " of its fields vary";
    }
    if (template.checksums().size() > SUMS) {
      return "more than " + SUMS + " checksums depend on its fields";
    }
    return values > VALUES ? "its lists have more than " + VALUES + " values" : "";
  }

  static byte[] of(FrameTemplate template) {
    return new TemplateImage(template).write();
  }

  private byte[] write() {
    final SipHash key = template.cookieKey();
    final List<Field> fields = template.fields();
    final List<DependentChecksum> sums = template.checksums();
    image.putInt(0, template.length());
    image.put(4, (byte) fields.size());
    image.put(5, (byte) sums.size());
    if (key != null) {
      image.put(6, (byte) 1);
      image.putLong(8, key.key0());
      image.putLong(16, key.key1());
    }
    for (int i = 0; i < fields.size(); i++) {
      field(FIELD + i * FIELD_SIZE, i, fields.get(i));
    }
    for (int i = 0; i < sums.size(); i++) {
      final int at = SUM + i * SUM_SIZE;
      image.putInt(at, sums.get(i).base());
      image.putShort(at + 4, (short) sums.get(i).offset());
      image.put(at + 6, (byte) (sums.get(i).udp() ? 1 : 0));
    }
    image.put(BYTES, template.frame().toByteArray());
    return image.array();
  }

  private void field(int at, int index, Field field) {
    int covered = 0;
    int swapped = 0;
    final List<DependentChecksum> sums = template.checksums();
    for (int i = 0; i < sums.size(); i++) {
      if (sums.get(i).fields().contains(index)) {
        covered |= 1 << i;
      }
      if (Checksum.isSwapped(sums.get(i).offset(), field.offset(), field.width())) {
        swapped |= 1 << i;
      }
    }
    image.putLong(at, field.base());
    image.putLong(at + 8, field.mask());
    image.putShort(at + 16, (short) field.offset());
    image.put(at + 18, (byte) field.width());
    image.put(at + 19, (byte) source(field.source()));
    image.put(at + 20, (byte) field.shift());
    image.put(at + 21, (byte) values);
    image.put(at + 22, (byte) Math.max(1, field.values().size()));
    image.put(at + 23, (byte) covered);
    image.put(at + 24, (byte) swapped);
    for (long value : field.values()) {
      image.putLong(VALUE + values++ * Long.BYTES, value);
    }
  }

  /** The number of enum fj_xdp_source. */
  private static int source(Source source) {
    return switch (source) {
      case TARGET -> 0;
      case COUNTER -> 1;
      case RANDOM -> 2;
      case LIST -> 3;
      case TARGET_HIGH -> 4;
      case MAC -> 5;
      case PORT -> 6;
      case COOKIE -> 7;
    };
  }
}
