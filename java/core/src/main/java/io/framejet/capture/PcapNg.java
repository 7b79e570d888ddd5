package io.framejet.capture;

/**
 * The layout of a pcapng file (draft-ietf-opsawg-pcapng): sections of blocks, each section in the
 * byte order of the machine that wrote it. Every block:
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          Block type                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Total length, a multiple of 4, 12 at least          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * /                   Body, padded to 32 bits                     /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     Total length, again                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>Offsets below count from the start of the block, its type and length included. Option, at the
 * end of a body, any number, the last one of code 0 (which writers may leave out):
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |             Code              |   Length without padding      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * /                   Value, padded to 32 bits                    /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
final class PcapNg {
  static final int TYPE = 0;
  static final int LENGTH = 4;
  static final int BODY = 8;
  static final int TRAILER = 4;
  static final int MIN_BLOCK = 12;

  static final int OPTION_CODE = 0;
  static final int OPTION_LENGTH = 2;
  static final int OPTION_VALUE = 4;
  static final int OPTION_END = 0;

  private PcapNg() {}

  /** Bytes with their padding to 32 bits. */
  static int padded(int bytes) {
    return (bytes + 3) & ~3;
  }

  /**
   * Section Header Block (4.1). Its type reads the same in both byte orders.
   *
   * <pre>
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |          Byte-order magic (0x1a2b3c4d in that order)          |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |       Major version (1)       |    Minor version (0 or 2)     |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |       Section length, signed 64 bits, -1 when not known       |
   * |                                                               |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * /                            Options                            /
   * </pre>
   */
  static final class Section {
    static final int TYPE = 0x0a0d0d0a;
    static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    static final int MAJOR = 1;

    static final int MAGIC = 8;
    static final int MAJOR_VERSION = 12;
    static final int MINOR_VERSION = 14;
    static final int SECTION_LENGTH = 16;
    static final int OPTIONS = 24;

    static final int APPLICATION = 4;

    private Section() {}
  }

  /**
   * Interface Description Block (4.2).
   *
   * <pre>
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |           Link type           |           Reserved            |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |                  Snaplen, 0 for no limit                      |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * /                            Options                            /
   * </pre>
   */
  static final class Interface {
    static final int TYPE = 1;

    static final int LINK_TYPE = 8;
    static final int RESERVED = 10;
    static final int SNAPLEN = 12;
    static final int OPTIONS = 16;

    static final int NAME = 2;
    static final int DESCRIPTION = 3;
    static final int TIMESTAMP_RESOLUTION = 9;
    static final int FILTER = 11;
    static final int OPERATING_SYSTEM = 12;
    static final int FCS_LENGTH = 13;
    static final int TIMESTAMP_OFFSET = 14;
    static final int HARDWARE = 15;

    /** First byte of a filter that is an expression of libpcap. */
    static final int FILTER_EXPRESSION = 0;

    /** 10^-6 seconds, unless an option says otherwise. */
    static final int MICROSECONDS = 6;

    static final int NANOSECONDS = 9;

    private Interface() {}
  }

  /**
   * Enhanced Packet Block (4.3), and the obsolete Packet Block (appendix A), which differs in its
   * first word only.
   *
   * <pre>
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |   Interface (obsolete: 16 bits, then 16 bits of drop count)   |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |                  Timestamp, upper 32 bits                     |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |                  Timestamp, lower 32 bits                     |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |                       Captured length                         |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |                       Original length                         |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * /           Frame, padded to 32 bits, then options              /
   * </pre>
   */
  static final class Packet {
    static final int TYPE = 6;
    static final int OBSOLETE_TYPE = 2;

    static final int INTERFACE = 8;
    static final int TIMESTAMP_HIGH = 12;
    static final int TIMESTAMP_LOW = 16;
    static final int CAPTURED = 20;
    static final int ORIGINAL = 24;
    static final int FRAME = 28;

    private Packet() {}
  }

  /**
   * Simple Packet Block (4.4): of interface 0, cut at its snaplen, without a time.
   *
   * <pre>
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |                       Original length                         |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * /                   Frame, padded to 32 bits                    /
   * </pre>
   */
  static final class SimplePacket {
    static final int TYPE = 3;

    static final int ORIGINAL = 8;
    static final int FRAME = 12;

    private SimplePacket() {}
  }

  /**
   * Interface Statistics Block (4.6).
   *
   * <pre>
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |                           Interface                           |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |                  Timestamp, upper 32 bits                     |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * |                  Timestamp, lower 32 bits                     |
   * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   * /           Options: times as above, counts of 64 bits          /
   * </pre>
   */
  static final class Statistics {
    static final int TYPE = 5;

    static final int INTERFACE = 8;
    static final int TIMESTAMP_HIGH = 12;
    static final int TIMESTAMP_LOW = 16;
    static final int OPTIONS = 20;

    static final int START_TIME = 2;
    static final int END_TIME = 3;
    static final int RECEIVED = 4;
    static final int INTERFACE_DROPPED = 5;
    static final int SYSTEM_DROPPED = 7;

    /** The longest that we write: five options of 12 bytes and the end of options. */
    static final int MAX_BLOCK = OPTIONS + 5 * 12 + OPTION_VALUE + TRAILER;

    private Statistics() {}
  }
}
