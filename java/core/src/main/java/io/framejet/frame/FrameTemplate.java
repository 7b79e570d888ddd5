package io.framejet.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A built frame plus a short list of fields that vary from one frame to the next, and the checksums
 * that depend on them.
 *
 * <p>What a template writes is a pure function of a question (destination MAC, target address,
 * port) and of a sequence number, so that an XDP program made from {@link #fields()}, {@link
 * #checksums()} and {@link #cookieKey()} writes the same bytes.
 *
 * <p>Thread-safe, but for one case: the methods without a sequence number count frames when a field
 * is a {@link Source#COUNTER} or {@link Source#RANDOM}, and then belong to one thread.
 */
public final class FrameTemplate {
  /** Most fields that vary. */
  public static final int MAX_FIELDS = 8;

  /** Where a field's value comes from. */
  public enum Source {
    /** The target address that the frame is for, of an IPv6 address the last 8 bytes. */
    TARGET,
    /** A number that grows by one with every frame, from {@link Field#base()} on. */
    COUNTER,
    /** A number that looks random and is the same again for the same {@link Field#base()}. */
    RANDOM,
    /** One of {@link Field#values()} after the other, from the first again when they run out. */
    LIST,
    /** The first 8 bytes of the IPv6 target address that the frame is for. */
    TARGET_HIGH,
    /** The destination MAC of the frame. */
    MAC,
    /** The port that the frame is for. */
    PORT,
    /**
     * Bits of the target's cookie ({@link SipHash#cookie}): {@code base + ((cookie >>> shift) &
     * mask)}. A cookie is made once per frame, however many fields hold bits of it.
     */
    COOKIE
  }

  /**
   * A field that varies.
   *
   * @param offset of its first byte in the frame
   * @param width bytes, 1 to 8; the low ones of the value, stored big-endian
   * @param source where the value comes from
   * @param base the first value of a counter, the seed of a random number, or what is added to the
   *     bits of a cookie; else 0
   * @param shift the lowest bit of a cookie that is taken, 0 to 63; else 0
   * @param mask which of the cookie's bits are taken, from that one on; else -1
   * @param values those of a list, at least one; else none
   */
  public record Field(
      int offset, int width, Source source, long base, int shift, long mask, List<Long> values) {
    /** A field that is neither a list nor a part of a cookie. */
    public Field(int offset, int width, Source source, long base) {
      this(offset, width, source, base, 0, -1, List.of());
    }

    /** Copies the list. */
    public Field {
      values = List.copyOf(values);
    }

    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;

    /**
     * The value in the frame with this sequence number; its high bytes do not fit the field.
     *
     * <p>A random number is the output {@code sequence} of SplitMix64 seeded with {@link #base()}.
     */
    public long value(long target, long sequence) {
      return value(0, target, sequence);
    }

    /**
     * The same for a target of 16 bytes.
     *
     * @param high the target's first 8 bytes, see {@link Ipv6Address} for the form
     * @param low its last 8 bytes, or a target that fits them
     */
    public long value(long high, long low, long sequence) {
      return value(0, high, low, 0, 0, sequence);
    }

    /**
     * The same with all that a value may come from.
     *
     * @param mac the destination MAC, see {@link MacAddress} for the form
     * @param high an IPv6 target's first 8 bytes, see {@link Ipv6Address} for the form; else 0
     * @param low its last 8 bytes, or a target that fits them
     * @param port 0 to 65535
     * @param cookie of target and port
     */
    public long value(long mac, long high, long low, int port, long cookie, long sequence) {
      return switch (source) {
        case TARGET -> low;
        case TARGET_HIGH -> high;
        case MAC -> mac;
        case PORT -> port;
        case COOKIE -> base + (cookie >>> shift & mask);
        case LIST -> values.get((int) Long.remainderUnsigned(sequence, values.size()));
        case COUNTER -> base + sequence;
        case RANDOM -> mix(base + (sequence + 1) * GOLDEN_GAMMA);
      };
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014; variant 13 of Stafford). */
    private static long mix(long z) {
      final long y = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
      final long x = (y ^ y >>> 27) * 0x94d0_49bb_1331_11ebL;
      return x ^ x >>> 31;
    }
  }

  /**
   * An internet checksum that depends on varying fields.
   *
   * @param offset of its two bytes in the frame
   * @param fields those of {@link #fields()} that it covers, as indexes into that list
   * @param base the folded sum (0 to 0xffff) of all that it covers, with those fields taken as 0:
   *     adding the fields' 16-bit words, folding and complementing gives the checksum
   * @param udp whether 0 means "no checksum", so that a result of 0 is stored as 0xffff (RFC 768)
   */
  public record DependentChecksum(int offset, List<Integer> fields, int base, boolean udp) {
    /** Copies the list. */
    public DependentChecksum {
      fields = List.copyOf(fields);
    }
  }

  /** Longest frame that is written by words: a longer one is copied faster. */
  private static final int BY_WORDS = 96;

  /** The bits of any offset in a frame that is written by words. */
  private static final int WORD_MASK = 127;

  private static final int NONE = -1;

  private final Frame frame;
  private final List<Field> fields;
  private final List<DependentChecksum> checksums;
  private final int length;

  // The frame as big-endian words, the last of which end with it and overlap those before. A frame
  // without a link header may have less than 60 bytes, and then is not written by words.
  private final boolean byWords;
  private final long word0;
  private final long word1;
  private final long word2;
  private final long word3;
  private final long word4;
  private final long word5;
  private final long word6;
  private final long word7;
  private final long word8;
  private final long word9;
  private final long secondLast;
  private final long last;
  private final int lastOffset;
  private final VaryingFields varying;
  private final boolean sequenced;
  private final @Nullable SipHash cookieKey;

  /** Offset of a sole 4-byte field that holds the target, as for ARP; NONE when it is not so. */
  private final int soleTarget;

  private long sequence;

  private FrameTemplate(
      Frame frame,
      List<Field> fields,
      List<DependentChecksum> checksums,
      @Nullable SipHash cookieKey) {
    this.frame = frame;
    this.cookieKey = cookieKey;
    this.fields = List.copyOf(fields);
    this.checksums = List.copyOf(checksums);
    this.length = frame.length();
    this.byWords = length >= FrameBatch.MIN_FRAME && length <= BY_WORDS;
    this.lastOffset = length - Long.BYTES;
    this.word0 = word(frame, 0);
    this.word1 = word(frame, 8);
    this.word2 = word(frame, 16);
    this.word3 = word(frame, 24);
    this.word4 = word(frame, 32);
    this.word5 = word(frame, 40);
    this.word6 = word(frame, 48);
    this.word7 = word(frame, 56);
    this.word8 = word(frame, 64);
    this.word9 = word(frame, 72);
    this.secondLast = word(frame, lastOffset - Long.BYTES);
    this.last = word(frame, lastOffset);
    this.varying = new VaryingFields(frame, fields, checksums);
    this.sequenced = fields.stream().anyMatch(field -> isSequenced(field.source()));
    this.soleTarget = soleTarget(this.fields, checksums.isEmpty());
  }

  /** The word at an offset, or 0 where the frame has none. */
  private static long word(Frame frame, int at) {
    final boolean whole = at >= 0 && at <= frame.length() - Long.BYTES;
    return whole ? frame.toByteBuffer().getLong(at) : 0;
  }

  private static boolean isSequenced(Source source) {
    return source == Source.COUNTER || source == Source.RANDOM || source == Source.LIST;
  }

  private static int soleTarget(List<Field> fields, boolean noChecksum) {
    final boolean sole =
        noChecksum
            && fields.size() == 1
            && fields.get(0).source() == Source.TARGET
            && fields.get(0).width() == Integer.BYTES;
    return sole ? fields.get(0).offset() : NONE;
  }

  /**
   * Begins a template.
   *
   * @param frame the constant bytes; with an Ethernet header lengthened with zeros to {@link
   *     FrameBatch#MIN_FRAME}
   * @throws IllegalArgumentException if it is shorter than {@link LinkType#minHeader}
   */
  public static Builder of(Frame frame) {
    return new Builder(frame);
  }

  /** Bytes of every frame that this writes, without FCS. */
  public int length() {
    return length;
  }

  /** The frame that this was made from, padding included. */
  public Frame frame() {
    return frame;
  }

  /** The fields that vary, in the order in which they were named. They do not overlap. */
  public List<Field> fields() {
    return fields;
  }

  /** The checksums that depend on the fields. They do not overlap the fields or each other. */
  public List<DependentChecksum> checksums() {
    return checksums;
  }

  /** What makes the cookies of {@link Source#COOKIE} fields; null if there are none. */
  public @Nullable SipHash cookieKey() {
    return cookieKey;
  }

  /** The sequence number of the next frame written without one of its own; the first is 0. */
  public long sequence() {
    return sequence;
  }

  /**
   * Writes the whole frame for a target: {@link #length()} bytes, those that do not vary too.
   *
   * @param buffer of any byte order; its position is neither used nor changed
   * @param offset where the frame's first byte goes, of any alignment
   * @param target the number whose low bytes are stored in {@link Source#TARGET} fields, for IPv4
   *     the address as {@link Ipv4} has it
   * @throws IndexOutOfBoundsException if the frame does not fit before the buffer's limit
   */
  public void apply(ByteBuffer buffer, int offset, long target) {
    final int sole = soleTarget;
    if (sole != NONE) {
      writeConstants(buffer, offset);
      Bytes.putInt(buffer, offset + sole, (int) target);
      return;
    }
    apply(buffer, offset, 0, target, sequence);
    if (sequenced) {
      sequence++;
    }
  }

  /**
   * Writes the whole frame for an IPv6 target.
   *
   * @see #apply(ByteBuffer, int, long)
   */
  public void apply(ByteBuffer buffer, int offset, Ipv6Address target) {
    apply(buffer, offset, target.high(), target.low(), sequence);
    if (sequenced) {
      sequence++;
    }
  }

  /**
   * Writes the whole frame for a target and a sequence number. Thread-safe.
   *
   * @see #apply(ByteBuffer, int, long)
   */
  public void apply(ByteBuffer buffer, int offset, long target, long sequence) {
    apply(buffer, offset, 0, target, sequence);
  }

  /**
   * Writes the whole frame for an IPv6 target and a sequence number. Thread-safe.
   *
   * @param high the target's first 8 bytes, see {@link Ipv6Address} for the form
   * @param low its last 8 bytes
   * @see #apply(ByteBuffer, int, long)
   */
  public void apply(ByteBuffer buffer, int offset, long high, long low, long sequence) {
    write(buffer, offset, 0, high, low, 0, sequence);
  }

  /**
   * Writes the whole frame for a question.
   *
   * @param mac the destination MAC, see {@link MacAddress} for the form; of no use to a template
   *     without a {@link Source#MAC} field
   * @param high an IPv6 target's first 8 bytes, see {@link Ipv6Address} for the form; 0 for IPv4
   * @param low its last 8 bytes, or an IPv4 target as an unsigned number of 32 bits
   * @param port 0 to 65535; 0 where there is none
   * @see #apply(ByteBuffer, int, long)
   */
  public void apply(ByteBuffer buffer, int offset, long mac, long high, long low, int port) {
    write(buffer, offset, mac, high, low, port, sequence);
    if (sequenced) {
      sequence++;
    }
  }

  private void write(
      ByteBuffer buffer, int offset, long mac, long high, long low, int port, long number) {
    writeConstants(buffer, offset);
    writeVarying(buffer, offset, mac, high, low, port, number);
  }

  private void writeVarying(
      ByteBuffer buffer, int offset, long mac, long high, long low, int port, long number) {
    final SipHash key = cookieKey;
    final long cookie = key == null ? 0 : key.cookie(high, low, port);
    varying.write(buffer, offset, mac, high, low, port, cookie, number);
  }

  /**
   * Adds the frame for a target to a batch.
   *
   * @return false when the batch is full; the sequence number is not used up then
   * @throws IllegalArgumentException if no slot can hold a frame of that length, or if the frames
   *     of this batch begin with another header
   */
  public boolean addTo(FrameBatch batch, long target) {
    final int sole = soleTarget;
    if (sole == NONE) {
      return addTo(batch, 0, target);
    }
    final int at = batch.add(this);
    if (at < 0) {
      return false;
    }
    batch.memory().putInt(at + sole, (int) target);
    return true;
  }

  /**
   * Adds the frame for an IPv6 target to a batch.
   *
   * @param high the target's first 8 bytes, see {@link Ipv6Address} for the form
   * @param low its last 8 bytes
   * @return false when the batch is full; the sequence number is not used up then
   * @throws IllegalArgumentException if no slot can hold a frame of that length, or if the frames
   *     of this batch begin with another header
   */
  public boolean addTo(FrameBatch batch, long high, long low) {
    return addTo(batch, 0, high, low, 0);
  }

  /**
   * Adds the frame for a question to a batch.
   *
   * @param mac the destination MAC, see {@link MacAddress} for the form; of no use to a template
   *     without a {@link Source#MAC} field
   * @param high an IPv6 target's first 8 bytes, see {@link Ipv6Address} for the form; 0 for IPv4
   * @param low its last 8 bytes, or an IPv4 target as an unsigned number of 32 bits
   * @param port 0 to 65535; 0 where there is none
   * @return false when the batch is full; the sequence number is not used up then
   * @throws IllegalArgumentException if no slot can hold a frame of that length, or if the frames
   *     of this batch begin with another header
   */
  public boolean addTo(FrameBatch batch, long mac, long high, long low, int port) {
    final int at = batch.add(this);
    if (at < 0) {
      return false;
    }
    writeVarying(batch.memory(), at, mac, high, low, port, sequence);
    if (sequenced) {
      sequence++;
    }
    return true;
  }

  /** Writes the whole frame, with what varies as it was in the frame given. */
  void writeConstants(ByteBuffer buffer, int offset) {
    if (!byWords || buffer.order() != ByteOrder.BIG_ENDIAN || (offset & ~Bytes.OFFSET_MASK) != 0) {
      frame.copyTo(buffer, offset);
      return;
    }
    // Unrolled by hand: C2 keeps a check per turn of the loop, which doubles the time of a frame.
    final int at = offset & Bytes.OFFSET_MASK;
    buffer.putLong(at, word0);
    buffer.putLong(at + 8, word1);
    buffer.putLong(at + 16, word2);
    buffer.putLong(at + 24, word3);
    buffer.putLong(at + 32, word4);
    buffer.putLong(at + 40, word5);
    buffer.putLong(at + 48, word6);
    if (length > 64) {
      writeBeyond64(buffer, at);
    }
    buffer.putLong(at + (lastOffset & WORD_MASK), last);
  }

  private void writeBeyond64(ByteBuffer buffer, int at) {
    buffer.putLong(at + 56, word7);
    if (length > 72) {
      buffer.putLong(at + 64, word8);
    }
    if (length > 80) {
      buffer.putLong(at + 72, word9);
      buffer.putLong(at + ((lastOffset - Long.BYTES) & WORD_MASK), secondLast);
    }
  }

  /** Collects the fields and checksums of a template. Not thread-safe. */
  public static final class Builder {
    private final LinkType linkType;
    private final ByteBuffer bytes;
    private final List<Field> fields = new ArrayList<>();
    private final List<PendingChecksum> checksums = new ArrayList<>();
    private @Nullable SipHash cookieKey;

    private record PendingChecksum(int offset, List<Integer> fieldOffsets, boolean udp) {}

    private Builder(Frame frame) {
      if (frame.length() < frame.linkType().minHeader()) {
        throw new IllegalArgumentException(
            "length=" + frame.length() + " minHeader=" + frame.linkType().minHeader());
      }
      linkType = frame.linkType();
      bytes = ByteBuffer.allocate(Math.max(frame.length(), linkType.minFrame()));
      frame.copyTo(bytes, 0);
    }

    /**
     * A field that varies, with a base of 0 for a counter and of its offset for a random number.
     *
     * @see #vary(int, int, Source, long)
     */
    public Builder vary(int offset, int width, Source source) {
      return vary(offset, width, source, source == Source.RANDOM ? offset : 0);
    }

    /**
     * A field that varies.
     *
     * @param offset of its first byte in the frame
     * @param width bytes, 1 to 8; 16 for an IPv6 target, which makes two fields, {@link
     *     Source#TARGET_HIGH} and {@link Source#TARGET}
     * @param base the first value of a counter, the seed of a random number; else 0
     * @throws IllegalArgumentException if it lies outside the frame or overlaps another field, or
     *     if there are {@link #MAX_FIELDS} already
     */
    public Builder vary(int offset, int width, Source source, long base) {
      if (width == Ipv6Address.LENGTH && source == Source.TARGET) {
        return vary(offset, Long.BYTES, Source.TARGET_HIGH, base)
            .vary(offset + Long.BYTES, Long.BYTES, Source.TARGET, base);
      }
      if (source == Source.LIST) {
        throw new IllegalArgumentException("a list has values: vary(offset, width, values)");
      }
      if (source == Source.COOKIE) {
        return varyByCookie(offset, width, 0);
      }
      return add(new Field(offset, width, source, base));
    }

    /**
     * A field that takes one of these values after the other, such as ports, from the first again
     * when they run out: that of sequence number {@code n} is {@code values.get(n % size)}.
     *
     * @param offset of its first byte in the frame
     * @param width bytes, 1 to 8; the low ones of a value
     * @param values at least one; copied now
     * @throws IllegalArgumentException if there is none, and as {@link #vary(int, int, Source,
     *     long)} has it
     */
    public Builder vary(int offset, int width, List<Long> values) {
      if (values.isEmpty()) {
        throw new IllegalArgumentException("a list without values: offset=" + offset);
      }
      return add(new Field(offset, width, Source.LIST, 0, 0, -1, values));
    }

    /**
     * What makes the cookies. Must be set if a field holds bits of one.
     *
     * @return this
     */
    public Builder cookieKey(SipHash key) {
      cookieKey = key;
      return this;
    }

    /**
     * A field that holds bits of the target's cookie, from bit {@code shift} on.
     *
     * @param shift 0 to 63
     * @see #varyByCookie(int, int, int, long, long)
     */
    public Builder varyByCookie(int offset, int width, int shift) {
      return varyByCookie(offset, width, shift, -1, 0);
    }

    /**
     * A field that holds {@code base + ((cookie >>> shift) & mask)}, such as a port of a range.
     *
     * @param offset of its first byte in the frame
     * @param width bytes, 1 to 8; the low ones of that value
     * @param shift 0 to 63
     * @throws IllegalArgumentException if the shift is not that, and as {@link #vary(int, int,
     *     Source, long)} has it
     */
    public Builder varyByCookie(int offset, int width, int shift, long mask, long base) {
      Limits.check("shift", shift, Long.SIZE - 1);
      return add(new Field(offset, width, Source.COOKIE, base, shift, mask, List.of()));
    }

    private Builder add(Field field) {
      final int offset = field.offset();
      final int width = field.width();
      final long base = field.base();
      if (width < 1 || width > Long.BYTES || offset < 0 || offset > bytes.limit() - width) {
        throw new IllegalArgumentException(
            "offset=" + offset + " width=" + width + " length=" + bytes.limit());
      }
      switch (field.source()) {
        case TARGET, TARGET_HIGH, MAC, PORT -> {
          if (base != 0) {
            throw new IllegalArgumentException("a target has no base: base=" + base);
          }
        }
        default -> {}
      }
      if (fields.size() == MAX_FIELDS) {
        throw new IllegalArgumentException("fields=" + (MAX_FIELDS + 1) + " max=" + MAX_FIELDS);
      }
      fields.add(field);
      return this;
    }

    /**
     * All checksums of the frame that cover fields which vary so far: of each IPv4 header, and of
     * TCP, UDP, ICMP or ICMPv6 with its pseudo-header. A UDP checksum of 0 stays.
     *
     * @throws IllegalArgumentException if the frame is malformed, or a field lies in what a
     *     checksum covers and beyond it
     */
    public Builder checksums() {
      final FrameDecoder decoder = new FrameDecoder().decode(linkType, bytes, 0, bytes.limit());
      if (!decoder.isValid()) {
        throw new IllegalArgumentException(
            "frame is malformed: " + decoder.problem() + " offset=" + decoder.problemOffset());
      }
      for (int i = 0; i < decoder.layers(); i++) {
        if (decoder.type(i) == LayerType.IPV4) {
          final int at = decoder.offset(i);
          cover(at + Ipv4Header.CHECKSUM, false, at, decoder.length(i));
        }
      }
      final int index = DecodedChecksums.transportIndex(decoder);
      if (index >= 0) {
        transport(decoder, index);
      }
      return this;
    }

    private void transport(FrameDecoder decoder, int index) {
      final int at = decoder.offset(index);
      final int length = decoder.paddingOffset() - at;
      final int header = DecodedChecksums.addressesOffset(decoder, index);
      final boolean four = Bytes.getByte(bytes, header) >>> 4 == 4;
      final int width = four ? Ipv4.LENGTH : Ipv6Address.LENGTH;
      final int source = header + (four ? Ipv4Header.SOURCE : Ipv6Header.SOURCE);
      final int destination = DecodedChecksums.destinationOffset(decoder, index);
      switch (decoder.type(index)) {
        case UDP -> {
          if (Bytes.getShort(bytes, at + UdpHeader.CHECKSUM) != 0) {
            cover(at + UdpHeader.CHECKSUM, true, at, length, source, width, destination, width);
          }
        }
        case TCP ->
            cover(at + TcpHeader.CHECKSUM, false, at, length, source, width, destination, width);
        case ICMP6 ->
            cover(at + Icmp6Message.CHECKSUM, false, at, length, source, width, destination, width);
        default -> cover(at + Icmp4Message.CHECKSUM, false, at, length);
      }
    }

    /** A checksum over ranges, given as offset and length in turn, if a field lies in one. */
    private void cover(int offset, boolean udp, int... ranges) {
      final List<Integer> covered = new ArrayList<>();
      for (Field field : fields) {
        final int begin = field.offset();
        final int end = begin + field.width();
        for (int i = 0; i < ranges.length; i += 2) {
          final int from = ranges[i];
          final int to = from + ranges[i + 1];
          if (begin >= from && end <= to) {
            covered.add(begin);
          } else if (begin < to && end > from) {
            throw new IllegalArgumentException(
                "a field lies in what a checksum covers and beyond it: offset="
                    + begin
                    + " width="
                    + field.width());
          }
        }
      }
      if (!covered.isEmpty()) {
        checksums.add(new PendingChecksum(offset, covered, udp));
      }
    }

    /**
     * An internet checksum of the frame that covers varying fields, as in IPv4, ICMP and TCP. It is
     * right in the frame that the template is made of, and kept right (RFC 1624).
     *
     * @param offset of its two bytes in the frame
     * @param fieldOffsets the {@link Field#offset()} of each field that it covers; none for all
     * @throws IllegalArgumentException if it lies outside the frame
     */
    public Builder checksum(int offset, int... fieldOffsets) {
      return checksum(offset, false, fieldOffsets);
    }

    /**
     * The same for UDP, where 0 stands for "no checksum" and a result of 0 is stored as 0xffff (RFC
     * 768).
     *
     * @throws IllegalArgumentException if it lies outside the frame, or is 0 in it
     * @see #checksum(int, int...)
     */
    public Builder udpChecksum(int offset, int... fieldOffsets) {
      return checksum(offset, true, fieldOffsets);
    }

    private Builder checksum(int offset, boolean udp, int... fieldOffsets) {
      if (offset < 0 || offset > bytes.limit() - Short.BYTES) {
        throw new IllegalArgumentException("offset=" + offset + " length=" + bytes.limit());
      }
      if (udp && Bytes.getShort(bytes, offset) == 0) {
        throw new IllegalArgumentException("the frame has no UDP checksum: offset=" + offset);
      }
      final List<Integer> covered = new ArrayList<>();
      for (int fieldOffset : fieldOffsets) {
        covered.add(fieldOffset);
      }
      checksums.add(new PendingChecksum(offset, covered, udp));
      return this;
    }

    /**
     * The template.
     *
     * @throws IllegalArgumentException if fields and checksums overlap, a checksum names a field
     *     that does not vary, or a field holds bits of a cookie and there is no key
     */
    public FrameTemplate build() {
      checkOverlap();
      final boolean cookie = fields.stream().anyMatch(field -> field.source() == Source.COOKIE);
      if (cookie && cookieKey == null) {
        throw new IllegalArgumentException("a field holds bits of a cookie: set cookieKey");
      }
      final List<DependentChecksum> dependent = new ArrayList<>();
      for (PendingChecksum pending : checksums) {
        dependent.add(resolve(pending));
      }
      return new FrameTemplate(
          Frame.of(linkType, bytes.array()), fields, dependent, cookie ? cookieKey : null);
    }

    private DependentChecksum resolve(PendingChecksum pending) {
      final List<Integer> covered = new ArrayList<>();
      for (int i = 0; i < fields.size(); i++) {
        if (pending.fieldOffsets().isEmpty()
            || pending.fieldOffsets().contains(fields.get(i).offset())) {
          covered.add(i);
        }
      }
      if (covered.size() < pending.fieldOffsets().size()) {
        throw new IllegalArgumentException(
            "a checksum covers a field that does not vary: offset="
                + pending.offset()
                + " fieldOffsets="
                + pending.fieldOffsets());
      }
      // Equation 3 of RFC 1624, HC' = ~(~HC + ~m + m'): all of it but m' is the same every time.
      long sum = ~Bytes.getShort(bytes, pending.offset()) & 0xffff;
      for (int i : covered) {
        final Field field = fields.get(i);
        final boolean swapped = Checksum.isSwapped(pending.offset(), field.offset(), field.width());
        final long value = Bytes.get(bytes, field.offset(), field.width());
        sum += ~Checksum.term(value, field.width(), swapped) & 0xffff;
      }
      return new DependentChecksum(pending.offset(), covered, Checksum.fold(sum), pending.udp());
    }

    private void checkOverlap() {
      final boolean[] varies = new boolean[bytes.limit()];
      for (Field field : fields) {
        claim(varies, field.offset(), field.width());
      }
      for (PendingChecksum checksum : checksums) {
        claim(varies, checksum.offset(), Short.BYTES);
      }
    }

    private static void claim(boolean[] varies, int offset, int width) {
      for (int i = offset; i < offset + width; i++) {
        if (varies[i]) {
          throw new IllegalArgumentException(
              "fields or checksums overlap: offset=" + offset + " width=" + width);
        }
        varies[i] = true;
      }
    }
  }
}
